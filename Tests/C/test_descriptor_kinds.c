/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors of sockets that do not hand over all that arrives: what it says is what a receive finds. */
#include <sched.h>

#include "monotonic.h"
#include "requests.h"
#include "watching.h"

/* Once it is readable there is a message, without waiting. */
static void take_text(int fd, exz_socket s, const char *text) {
    char buffer[128];
    size_t size = 0;
    await_readable(fd);
    check_status(exz_recv(&size, s, buffer, sizeof buffer - 1, 0), EXZ_OK);
    buffer[size] = '\0';
    check_text(buffer, text);
}

static void take_message(int fd, exz_socket s, const char *topic) {
    exz_message message;
    await_readable(fd);
    check_status(exz_recv_message(&message, s, 0), EXZ_OK);
    check_part(message, 0, topic);
    check_status(exz_message_free(message), EXZ_OK);
}

CASE(a_subscriber_hears_of_messages_and_not_of_its_questions) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_types(EXZ_PUB, EXZ_SUB, t);
        const int fd = descriptor_of(pair.connected);
        check_status(exz_subscribe(pair.connected, "topic"), EXZ_OK);
        check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
        check(!is_readable(fd));
        for (int round = 0; round < 60; round++) {
            in_row("%s, round %d", transport_name(t), round);
            /* An answer to a question that was given up may come any time. */
            exz_status status = exz_wait_subscribed(pair.connected, round % 3);
            check(status == EXZ_OK || status == EXZ_ERR_TIMEOUT);
            check_status(exz_publish(pair.bound, "other", "x", 1, 0), EXZ_OK);
            check_status(exz_publish(pair.bound, "topic", "x", 1, 0), EXZ_OK);
            take_message(fd, pair.connected, "topic");
        }
        close_linked(pair);
    }
}

CASE(what_a_wait_has_read_ahead_is_still_there) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    const int fd = descriptor_of(pair.connected);
    check_status(exz_subscribe(pair.connected, "topic"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "topic", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(pair.bound, "topic", "1", 1, 0), EXZ_OK);
    check_status(exz_publish(pair.bound, "topic", "2", 1, 0), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    check(is_readable(fd));
    take_message(fd, pair.connected, "topic");
    check(is_readable(fd));
    take_message(fd, pair.connected, "topic");
    check(!is_readable(fd));
    close_linked(pair);
}

CASE(an_xpub_hears_of_subscriptions) {
    linked pair = link_types(EXZ_XPUB, EXZ_SUB, TCP);
    const int fd = descriptor_of(pair.bound);
    check(!is_readable(fd));
    check_status(exz_subscribe(pair.connected, "topic"), EXZ_OK);
    take_text(fd, pair.bound, "\1topic");
    check(!is_readable(fd));
    /* Publishing works through what has arrived. */
    check_status(exz_unsubscribe(pair.connected, "topic"), EXZ_OK);
    for (int i = 0; i < 100; i++) check_status(exz_publish(pair.bound, "topic", "x", 1, 0), EXZ_OK);
    exz_message message;
    await_readable(fd);
    check_status(exz_recv_message(&message, pair.bound, 0), EXZ_OK);
    check_status(exz_message_free(message), EXZ_OK);
    check(!is_readable(fd));
    close_linked(pair);
}

CASE(a_rep_can_not_receive_before_it_has_answered) {
    exz_socket rep = open_socket(EXZ_REP), first = open_socket(EXZ_REQ), second = open_socket(EXZ_REQ);
    linked pair = link_sockets(rep, first, TCP);
    connect_to(second, pair.endpoint);
    const int fd = descriptor_of(rep);
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        send_text(first, "first");
        take_text(fd, rep, "first");
        send_text(second, "second");
        check(!is_readable(fd));
        send_text(rep, "answer");
        expect_text(first, "answer");
        take_text(fd, rep, "second");
        check(!is_readable(fd));
        send_text(rep, "answer");
        check(!is_readable(fd));
        expect_text(second, "answer");
    }
    close_socket(second);
    close_linked(pair);
}

CASE(a_rep_does_not_hear_of_what_is_no_request) {
    linked pair = link_types(EXZ_REP, EXZ_DEALER, TCP);
    const int fd = descriptor_of(pair.bound);
    const exz_part request[] = {{NULL, 0}, {"request", 7}};
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        send_text(pair.connected, "no request");
        /* Time for it to arrive alone. */
        for (int64_t end = after_ms(1); now_ns() < end && !is_readable(fd);) sched_yield();
        check(!is_readable(fd));
        check_status(exz_send_parts(pair.connected, request, 2, PATIENCE_MS), EXZ_OK);
        take_text(fd, pair.bound, "request");
        send_text(pair.bound, "answer");
    }
    close_linked(pair);
}

CASE(a_req_does_not_hear_of_former_answers) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    exz_socket client = open_socket(EXZ_REQ);
    connect_to(client, server.endpoint);
    const int fd = descriptor_of(client);
    char line[64];
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        send_text(client, "twice");
        take_text(fd, client, "re twice");
        check(!is_readable(fd));
        send_text(client, "hold");
        check_got(&server, "twice");
        check_got(&server, "hold");
        child_tell(&server.process, "release\n");
        child_expect_line(&server.process, line, sizeof line);
        take_text(fd, client, "re hold");
        check(!is_readable(fd));
    }
    close_socket(client);
    check_int(child_end(&server.process), 0);
}

CASE(answers_to_requests_show_only_when_they_can_be_received) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    exz_socket client = open_socket(EXZ_REQ);
    connect_to(client, server.endpoint);
    const int fd = descriptor_of(client);
    size_t size;
    char line[64];
    check_answered(client, "one");
    check(!is_readable(fd));
    check_status(exz_request(&size, client, "two", 3, NULL, 0, PATIENCE_MS, NULL), EXZ_ERR_TOO_SMALL);
    check(is_readable(fd));
    take_text(fd, client, "re two");
    check(!is_readable(fd));
    check_status(exz_request(&size, client, "parts", 5, NULL, 0, PATIENCE_MS, NULL), EXZ_ERR_STATE);
    check(is_readable(fd));
    check_answered(client, "three");
    check(!is_readable(fd));
    check_status(exz_request(&size, client, "hold", 4, NULL, 0, 0, NULL), EXZ_ERR_TIMEOUT);
    check(!is_readable(fd));
    for (const char *const *seen = (const char *const[]){"one", "two", "parts", "three", "hold", NULL}; *seen; seen++)
        check_got(&server, *seen);
    child_tell(&server.process, "release\n");
    child_expect_line(&server.process, line, sizeof line);
    take_text(fd, client, "re hold");
    check(!is_readable(fd));
    close_socket(client);
    check_int(child_end(&server.process), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_subscriber_hears_of_messages_and_not_of_its_questions),
        TEST(what_a_wait_has_read_ahead_is_still_there),
        TEST(an_xpub_hears_of_subscriptions),
        TEST(a_rep_can_not_receive_before_it_has_answered),
        TEST(a_rep_does_not_hear_of_what_is_no_request),
        TEST(a_req_does_not_hear_of_former_answers),
        TEST(answers_to_requests_show_only_when_they_can_be_received),
    };
    return cmocka_run_group_tests_name("descriptors of all kinds", tests, NULL, NULL);
}
