/* SPDX-License-Identifier: Apache-2.0
 *
 * Every socket type with its partner, over every transport, whichever side binds. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

/* A pattern: what one side sends to the other, and back. */
static const struct {
    exz_socket_type asks;
    exz_socket_type answers;
    bool is_two_way;
} patterns[] = {
    {EXZ_PUSH, EXZ_PULL, false},    {EXZ_PAIR, EXZ_PAIR, true}, {EXZ_REQ, EXZ_REP, true},
    {EXZ_DEALER, EXZ_DEALER, true}, {EXZ_DEALER, EXZ_REP, true},
};

typedef struct sides {
    linked pair;
    exz_socket asking, answering;
} sides;

static sides link_sides(exz_socket_type asks, exz_socket_type answers, transport t, bool asking_binds) {
    sides s;
    s.asking = open_socket(asks);
    s.answering = open_socket(answers);
    s.pair = asking_binds ? link_sockets(s.asking, s.answering, t) : link_sockets(s.answering, s.asking, t);
    check_status(exz_wait_peers(s.asking, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_peers(s.answering, 1, PATIENCE_MS), EXZ_OK);
    return s;
}

static void send_parts(exz_socket s, const char *const *texts, size_t count) {
    exz_part parts[4];
    for (size_t i = 0; i < count; i++) parts[i] = (exz_part){texts[i], strlen(texts[i])};
    check_status(exz_send_parts(s, parts, count, PATIENCE_MS), EXZ_OK);
}

static exz_message receive_parts(exz_socket s, size_t count) {
    exz_message message;
    size_t found;
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_count(&found, message), EXZ_OK);
    check_int(found, count);
    return message;
}

static void exchange(exz_socket_type asks, exz_socket_type answers, bool is_two_way, transport t, bool asking_binds) {
    sides s = link_sides(asks, answers, t, asking_binds);
    /* A REP takes its envelope, up to an empty part, off; a DEALER has to put one on. */
    bool has_envelope = asks == EXZ_DEALER && answers == EXZ_REP;
    const char *const question[] = {"", "first", "", "third"};
    const char *const *parts = has_envelope ? question : question + 1;
    size_t count = has_envelope ? 4 : 3;
    send_parts(s.asking, parts, count);
    exz_message received = receive_parts(s.answering, 3);
    check_part(received, 0, "first");
    check_part(received, 1, "");
    check_part(received, 2, "third");
    check_status(exz_message_free(received), EXZ_OK);
    if (is_two_way) {
        send_text(s.answering, "answer");
        received = receive_parts(s.asking, has_envelope ? 2 : 1);
        check_part(received, has_envelope ? 1 : 0, "answer");
        check_status(exz_message_free(received), EXZ_OK);
    }
    close_linked(s.pair);
}

CASE(messages_of_several_parts_go_there_and_back) {
    for (size_t p = 0; p < COUNT_OF(patterns); p++) {
        for (int row = 0; row < 2 * TRANSPORT_COUNT; row++) {
            transport t = (transport)(row / 2);
            bool asking_binds = row % 2;
            in_row("%d and %d over %s, %s binds", patterns[p].asks, patterns[p].answers, transport_name(t),
                   asking_binds ? "the first" : "the second");
            exchange(patterns[p].asks, patterns[p].answers, patterns[p].is_two_way, t, asking_binds);
        }
    }
}

CASE(a_router_answers_whom_it_heard) {
    static const exz_socket_type clients[] = {EXZ_DEALER, EXZ_REQ};
    for (int row = 0; row < 2 * TRANSPORT_COUNT * 2; row++) {
        transport t = (transport)(row / 4);
        exz_socket_type client = clients[row % 2];
        in_row("%d over %s", client, transport_name(t));
        sides s = link_sides(client, EXZ_ROUTER, t, row / 2 % 2);
        send_text(s.asking, "question");
        /* The name, for a REQ its number and an empty part, the question. */
        size_t count = client == EXZ_REQ ? 4 : 2;
        exz_message received = receive_parts(s.answering, count);
        check_part(received, count - 1, "question");
        exz_part answer[4];
        for (size_t i = 0; i + 1 < count; i++)
            check_status(exz_message_part(&answer[i].data, &answer[i].size, received, i), EXZ_OK);
        /* The name alone says nothing to anybody. */
        check_status(exz_send_parts(s.answering, answer, 1, PATIENCE_MS), EXZ_ERR_NOT_SUPPORTED);
        answer[count - 1] = (exz_part){"answer", 6};
        check_status(exz_send_parts(s.answering, answer, count, PATIENCE_MS), EXZ_OK);
        expect_text(s.asking, "answer");
        check_status(exz_message_free(received), EXZ_OK);
        close_linked(s.pair);
    }
}

CASE(an_xpub_sees_subscriptions_and_an_xsub_makes_them) {
    static const exz_socket_type publishers[] = {EXZ_PUB, EXZ_XPUB}, subscribers[] = {EXZ_SUB, EXZ_XSUB};
    for (int row = 0; row < 8 * TRANSPORT_COUNT; row++) {
        transport t = (transport)(row / 8);
        exz_socket_type pub = publishers[row % 2], sub = subscribers[row / 2 % 2];
        in_row("%d and %d over %s, %s binds", pub, sub, transport_name(t), row / 4 % 2 ? "the first" : "the second");
        sides s = link_sides(pub, sub, t, row / 4 % 2);
        if (sub == EXZ_SUB)
            check_status(exz_subscribe(s.answering, "topic"), EXZ_OK);
        else
            send_text(s.answering, "\1topic");
        if (pub == EXZ_XPUB)
            expect_text(s.asking, "\1topic");
        else
            check_status(exz_wait_subscribers(s.asking, "topic", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(s.asking, "other", "x", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(s.asking, "topic/1", "news", 4, PATIENCE_MS), EXZ_OK);
        exz_message received = receive_parts(s.answering, 2);
        check_part(received, 0, "topic/1");
        check_part(received, 1, "news");
        check_status(exz_message_free(received), EXZ_OK);
        if (pub == EXZ_XPUB) {
            if (sub == EXZ_SUB)
                check_status(exz_unsubscribe(s.answering, "topic"), EXZ_OK);
            else
                check_status(exz_send(s.answering, "\0topic", 6, 0, PATIENCE_MS), EXZ_OK);
            char notice[8];
            size_t size;
            check_status(exz_recv(&size, s.asking, notice, sizeof notice, PATIENCE_MS), EXZ_OK);
            check(size == 6 && memcmp(notice, "\0topic", 6) == 0);
        }
        close_linked(s.pair);
    }
}

/* An XSUB's subscriptions are messages, and a high-water mark would drop them in silence. */
CASE(thousands_of_subscriptions_of_an_xsub_arrive) {
    enum { TOPICS = 5000 };
    linked pair = link_types(EXZ_XPUB, EXZ_XSUB, TCP);
    char text[16] = "\1";
    for (int i = 0; i < TOPICS; i++) {
        size_t size = 1 + (size_t)snprintf(text + 1, sizeof text - 1, "%05d", i);
        check_status(exz_send(pair.connected, text, size, 0, PATIENCE_MS), EXZ_OK);
    }
    for (int i = 0; i < TOPICS; i++) {
        char notice[16] = "";
        size_t size;
        check_status(exz_recv(&size, pair.bound, notice, sizeof notice, PATIENCE_MS), EXZ_OK);
        snprintf(text + 1, sizeof text - 1, "%05d", i);
        check_text(notice, text);
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_of_several_parts_go_there_and_back),
        TEST(a_router_answers_whom_it_heard),
        TEST(an_xpub_sees_subscriptions_and_an_xsub_makes_them),
        TEST(thousands_of_subscriptions_of_an_xsub_arrive),
    };
    return cmocka_run_group_tests_name("patterns", tests, NULL, NULL);
}
