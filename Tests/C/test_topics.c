/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten thousand topics on one subscriber: all of them arrive, also after the publisher was killed and came back. And
 * what a subscriber may ask a publisher. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"

#define TOPICS 10000

/* All of one length: none is the beginning of another, whose subscription would stand in for its own. */
static const char *topic_of(int number) {
    static char topic[32];
    snprintf(topic, sizeof topic, "topic/%05d", number);
    return topic;
}

static void start_publisher(child *c, const char *endpoint, const char *round) {
    char count[16], line[ENDPOINT_SIZE + 8];
    snprintf(count, sizeof count, "%d", TOPICS);
    child_start(c, sibling_program("topic_publisher"), (const char *const[]){endpoint, count, round, NULL});
    child_expect_line(c, line, sizeof line);
    check(strncmp(line, "ready ", 6) == 0);
}

/* Receives one message under each topic, all of this round. */
static void expect_every_topic(exz_socket sub, const char *round) {
    static bool has_come[TOPICS];
    memset(has_come, 0, sizeof has_come);
    for (int i = 0; i < TOPICS; i++) {
        exz_message message;
        const void *data;
        size_t size;
        char topic[32] = "";
        int number = -1;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_part(&data, &size, message, 0), EXZ_OK);
        check(size < sizeof topic);
        memcpy(topic, data, size);
        check_part(message, 1, round);
        check_status(exz_message_free(message), EXZ_OK);
        check_int(sscanf(topic, "topic/%05d", &number), 1);
        check(number >= 0 && number < TOPICS);
        check(!has_come[number]);
        has_come[number] = true;
    }
}

static void expect_published(child *publisher) {
    char line[32];
    child_expect_line(publisher, line, sizeof line);
    check_text(line, "published");
}

CASE(all_topics_arrive_before_and_after_a_restart_of_the_publisher) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 20;
    exz_socket sub = open_with(EXZ_SUB, &options);
    for (int i = 0; i < TOPICS; i++) {
        check_status(exz_subscribe(sub, topic_of(i)), EXZ_OK);
    }
    connect_later(sub, endpoint);
    child publisher;
    const char *const rounds[] = {"first", "second", "third"};
    for (size_t i = 0; i < COUNT_OF(rounds); i++) {
        in_row("%s", rounds[i]);
        start_publisher(&publisher, endpoint, rounds[i]);
        expect_event(sub, EXZ_EVENT_HANDSHAKEN);
        check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
        expect_every_topic(sub, rounds[i]);
        expect_published(&publisher);
        if (i + 1 == COUNT_OF(rounds)) break;
        child_kill(&publisher);
        expect_event(sub, EXZ_EVENT_LOST);
    }
    check_int(child_end(&publisher), 0);
    close_socket(sub);
    close(reservation);
}

CASE(topics_subscribed_while_linked_arrive) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    exz_socket sub = open_socket(EXZ_SUB);
    child publisher;
    start_publisher(&publisher, endpoint, "only");
    connect_to(sub, endpoint);
    for (int i = 0; i < TOPICS; i++) {
        check_status(exz_subscribe(sub, topic_of(i)), EXZ_OK);
    }
    check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    expect_every_topic(sub, "only");
    expect_published(&publisher);
    check_int(child_end(&publisher), 0);
    close_socket(sub);
    close(reservation);
}

/* What a subscriber asks a publisher with comes back to all who have subscribed to it, so it can not carry anything. */
CASE(only_what_has_the_form_of_a_question_is_answered) {
    const char *const topics[] = {
        "experimance-zmq-probe:",  "experimance-zmq-probe:0123456789abcdef0",
        "experimance-zmq-probe:g", "experimance-zmq-probe:EVIL",
        "experimance-zmq-probe:1 and whatever somebody would like to say",
    };
    exz_socket publisher = open_socket(EXZ_PUB), curious = open_socket(EXZ_XSUB), other = open_socket(EXZ_XSUB);
    char endpoint[ENDPOINT_SIZE], subscription[128];
    bind_somewhere(publisher, TCP, endpoint);
    connect_to(curious, endpoint);
    connect_to(other, endpoint);
    check_status(exz_send(curious, "\1", 1, 0, PATIENCE_MS), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        const size_t size = strlen(topics[i]);
        subscription[0] = 1;
        subscription[1] = 0;
        memcpy(subscription + 2, topics[i], size);
        check_status(exz_send(other, subscription, size + 2, 0, PATIENCE_MS), EXZ_OK);
    }
    check_status(exz_send(other, "\1end", 4, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(publisher, "end", 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(publisher, "end", "", 0, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < 2; i++) {
        exz_message m;
        check_status(exz_recv_message(&m, i == 0 ? curious : other, PATIENCE_MS), EXZ_OK);
        check_part(m, 0, "end");
        check_status(exz_message_free(m), EXZ_OK);
    }
    close_socket(other);
    close_socket(curious);
    close_socket(publisher);
}

/* A subscriber keeps no message back that only looks like an answer to its question. */
CASE(messages_that_look_like_an_answer_arrive) {
    linked pair = link_types(EXZ_XPUB, EXZ_SUB, TCP);
    const exz_part parts[] = {{"\0experimance-zmq-probe:1f", 25}, {"payload", 7}};
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    exz_message m;
    check_status(exz_recv_message(&m, pair.bound, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_free(m), EXZ_OK);
    check_status(exz_send_parts(pair.bound, parts, 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_send(pair.bound, "\0experimance-zmq-probe:no", 25, 0, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < 2; i++) {
        size_t count = 0;
        check_status(exz_recv_message(&m, pair.connected, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&count, m), EXZ_OK);
        check_int(count, 2 - i);
        check_status(exz_message_free(m), EXZ_OK);
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(all_topics_arrive_before_and_after_a_restart_of_the_publisher),
        TEST(topics_subscribed_while_linked_arrive),
        TEST(only_what_has_the_form_of_a_question_is_answered),
        TEST(messages_that_look_like_an_answer_arrive),
    };
    return cmocka_run_group_tests_name("topics", tests, NULL, NULL);
}
