/* SPDX-License-Identifier: Apache-2.0
 *
 * Peers whose process is stopped, as by a debugger, and goes on later. The kernel answers for them meanwhile, so
 * without heartbeats nothing is lost, and nothing is noticed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "places.h"
#include "requests.h"

enum { COUNT = 100 };

static child start_peer(const char *role, const char *how, const char *endpoint, char *own_endpoint) {
    child c;
    char line[ENDPOINT_SIZE + 8];
    child_start(&c, sibling_program("plain_peer"), (const char *const[]){role, how, endpoint, "0", NULL});
    child_expect_line(&c, line, sizeof line);
    check_int(sscanf(line, "ready %255s", own_endpoint), 1);
    return c;
}

static void expect_line(child *c, const char *expected) {
    char line[64];
    child_expect_line(c, line, sizeof line);
    check_text(line, expected);
}

CASE(a_receiver_that_was_stopped_gets_all_that_was_sent_meanwhile) {
    char endpoint[ENDPOINT_SIZE], text[16];
    child peer = start_peer("pull", "bind", "tcp://127.0.0.1:*", endpoint);
    exz_socket s = open_socket(EXZ_PUSH);
    connect_to(s, endpoint);
    child_stop(&peer);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%d", i);
        send_text(s, text);
    }
    child_continue(&peer);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%d", i);
        expect_line(&peer, text);
    }
    check_int(stats_of(s).links_lost, 0);
    close_socket(s);
    check_int(child_end(&peer), 0);
}

CASE(a_subscriber_that_was_stopped_gets_all_that_was_published_meanwhile) {
    char endpoint[ENDPOINT_SIZE], unused[ENDPOINT_SIZE], text[16], expected[32];
    exz_socket s = open_socket(EXZ_PUB);
    bind_somewhere(s, TCP, endpoint);
    child peer = start_peer("sub", "connect", endpoint, unused);
    check_status(exz_wait_subscribers(s, "topic", 1, PATIENCE_MS), EXZ_OK);
    child_stop(&peer);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%d", i);
        check_status(exz_publish(s, "topic", text, strlen(text), PATIENCE_MS), EXZ_OK);
    }
    child_continue(&peer);
    for (int i = 0; i < COUNT; i++) {
        snprintf(expected, sizeof expected, "topic %d", i);
        expect_line(&peer, expected);
    }
    check_int(stats_of(s).links_lost, 0);
    close_socket(s);
    check_int(child_end(&peer), 0);
}

/* The number in "PID NUMBER", the next message of the stream; -1 if none comes in that time. */
static long next_number(exz_socket s, int32_t timeout_ms) {
    exz_message message;
    const void *data;
    size_t size;
    char text[64] = "";
    exz_status status = exz_recv_message(&message, s, timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) return -1;
    check_status(status, EXZ_OK);
    check_status(exz_message_part(&data, &size, message, 1), EXZ_OK);
    check(size < sizeof text);
    memcpy(text, data, size);
    check_status(exz_message_free(message), EXZ_OK);
    check(strchr(text, ' ') != NULL);
    return strtol(strchr(text, ' '), NULL, 10);
}

CASE(a_stream_goes_on_where_its_publisher_was_stopped) {
    char endpoint[ENDPOINT_SIZE];
    child peer = start_peer("pub", "bind", "tcp://127.0.0.1:*", endpoint);
    exz_socket s = open_socket(EXZ_SUB);
    check_status(exz_subscribe(s, "topic"), EXZ_OK);
    connect_to(s, endpoint);
    long last = next_number(s, PATIENCE_MS);
    check(last > 0);
    child_stop(&peer);
    for (long next; (next = next_number(s, 300)) >= 0; last = next) check_int(next, last + 1);
    child_continue(&peer);
    for (int i = 0; i < COUNT; i++) check_int(next_number(s, PATIENCE_MS), ++last);
    check_int(stats_of(s).links_lost, 0);
    close_socket(s);
    check_int(child_end(&peer), 0);
}

CASE(a_request_to_a_stopped_server_ends_and_the_next_one_is_answered_when_it_goes_on) {
    plain_server server = plain_server_start("rep", "tcp://127.0.0.1:*", NULL);
    exz_socket s = open_socket(EXZ_REQ);
    connect_to(s, server.endpoint);
    check_answered(s, "first");
    child_stop(&server.process);
    question q = question_of(s, "second");
    q.timeout_ms = 300;
    check_status(ask(&q), EXZ_ERR_TIMEOUT);
    child_continue(&server.process);
    check_answered(s, "third");
    close_socket(s);
    check_int(child_end(&server.process), 0);
}

/* With time enough a request hears that its server is gone: a REQ has heartbeats unless they are turned off. */
CASE(a_request_to_a_server_that_stays_stopped_is_told_of_it) {
    plain_server server = plain_server_start("rep", "tcp://127.0.0.1:*", NULL);
    exz_socket_options options = quick_options();
    options.heartbeat_interval_ms = 200;
    options.heartbeat_timeout_ms = 600;
    exz_socket s = open_with(EXZ_REQ, &options);
    connect_to(s, server.endpoint);
    child_stop(&server.process);
    question q = question_of(s, "is anybody there");
    check_status(ask(&q), EXZ_ERR_PEER_LOST);
    child_continue(&server.process);
    check_answered(s, "now");
    close_socket(s);
    check_int(child_end(&server.process), 0);
}

CASE(a_connect_to_a_stopped_service_times_out_and_the_link_is_there_when_it_goes_on) {
    static const struct {
        const char *role;
        exz_socket_type client;
    } patterns[] = {{"pull", EXZ_PUSH}, {"pub", EXZ_SUB}, {"rep", EXZ_REQ}};
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        in_row("%s", patterns[i].role);
        char endpoint[ENDPOINT_SIZE];
        plain_server server;
        if (patterns[i].client == EXZ_REQ) {
            server = plain_server_start("rep", "tcp://127.0.0.1:*", NULL);
            strcpy(endpoint, server.endpoint);
        } else {
            server.process = start_peer(patterns[i].role, "bind", "tcp://127.0.0.1:*", endpoint);
        }
        child_stop(&server.process);
        const exz_socket_options options = quick_options();
        exz_socket s = open_with(patterns[i].client, &options);
        if (patterns[i].client == EXZ_SUB) check_status(exz_subscribe(s, "topic"), EXZ_OK);
        check_status(exz_socket_connect(s, endpoint, 0, 400, NULL), EXZ_ERR_TIMEOUT);
        connect_later(s, endpoint);
        expect_event(s, EXZ_EVENT_CONNECTING);
        child_continue(&server.process);
        expect_event(s, EXZ_EVENT_HANDSHAKEN);
        if (patterns[i].client == EXZ_REQ) check_answered(s, "hello");
        if (patterns[i].client == EXZ_SUB) check(next_number(s, PATIENCE_MS) > 0);
        if (patterns[i].client == EXZ_PUSH) {
            send_text(s, "hello");
            expect_line(&server.process, "hello");
        }
        close_socket(s);
        check_int(child_end(&server.process), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_receiver_that_was_stopped_gets_all_that_was_sent_meanwhile),
        TEST(a_subscriber_that_was_stopped_gets_all_that_was_published_meanwhile),
        TEST(a_stream_goes_on_where_its_publisher_was_stopped),
        TEST(a_request_to_a_stopped_server_ends_and_the_next_one_is_answered_when_it_goes_on),
        TEST(a_request_to_a_server_that_stays_stopped_is_told_of_it),
        TEST(a_connect_to_a_stopped_service_times_out_and_the_link_is_there_when_it_goes_on),
    };
    return cmocka_run_group_tests_name("stopped peers", tests, NULL, NULL);
}
