/* SPDX-License-Identifier: Apache-2.0
 *
 * A REQ socket with a request going on, and with an answer that could not be handed over. */
#include <string.h>

#include "monotonic.h"
#include "requests.h"

static plain_server server;
static exz_socket client;

static int begin(void **state) {
    const exz_socket_options options = quick_options();
    int failed = test_begins(state);
    server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    client = open_with(EXZ_REQ, &options);
    connect_to(client, server.endpoint);
    return failed;
}

static int finish(void **state) {
    close_socket(client);
    check_int(child_end(&server.process), 0);
    return test_ends(state);
}

#define SERVED(name) cmocka_unit_test_prestate_setup_teardown(name, begin, finish, (void *)#name)

static void release(void) {
    char line[64] = "";
    child_tell(&server.process, "release\n");
    while (strcmp(line, "released") != 0) child_expect_line(&server.process, line, sizeof line);
}

CASE(nothing_else_is_sent_or_received_during_a_request) {
    const exz_part parts[] = {{"x", 1}, {"y", 1}};
    const size_t one = 1;
    char buffer[64];
    size_t size = 99, sizes[2];
    exz_message message;
    question q = question_of(client, "hold");
    worker asking;
    worker_start(&asking, ask, &q);
    check_got(&server, "hold");
    check_status(exz_send(client, "x", 1, 0, PATIENCE_MS), EXZ_ERR_STATE);
    check_status(exz_send_parts(client, parts, 2, PATIENCE_MS), EXZ_ERR_STATE);
    check_status(exz_send_many(&size, client, "x", &one, 1, PATIENCE_MS), EXZ_ERR_STATE);
    check_status(exz_recv(&size, client, buffer, sizeof buffer, PATIENCE_MS), EXZ_ERR_STATE);
    check_status(exz_recv_many(&size, client, buffer, sizeof buffer, sizes, 2, PATIENCE_MS), EXZ_ERR_STATE);
    check_status(exz_recv_message(&message, client, PATIENCE_MS), EXZ_ERR_STATE);
    release();
    worker_join(&asking);
    check_answer(&q);
    check_answered(client, "next");
    check_got(&server, "next");
}

typedef struct plain_call {
    exz_socket s;
    char buffer[64];
    size_t size;
} plain_call;

static exz_status receive(void *argument) {
    plain_call *c = argument;
    return exz_recv(&c->size, c->s, c->buffer, sizeof c->buffer, 4 * PATIENCE_MS);
}

static exz_status send_x(void *argument) {
    plain_call *c = argument;
    return exz_send(c->s, "x", 1, 0, 4 * PATIENCE_MS);
}

/* Or it would take the answer away. */
CASE(a_receive_that_waits_already_ends_when_a_request_begins) {
    plain_call c = {.s = client};
    worker receiving;
    send_text(client, "never");
    worker_start(&receiving, receive, &c);
    worker_await_sleep(&receiving);
    for (int i = 0; i < 20; i++) check_answered(client, "x");
    check_status(worker_join(&receiving), EXZ_ERR_STATE);
}

/* Or it would give the request up that has just been made. */
CASE(a_send_that_waits_already_ends_when_a_request_begins) {
    exz_socket s = open_socket(EXZ_REQ);
    plain_call c = {.s = s};
    question q = question_of(s, "x");
    worker sending, asking;
    worker_start(&sending, send_x, &c);
    worker_await_sleep(&sending);
    worker_start(&asking, ask, &q);
    check_status(worker_join(&sending), EXZ_ERR_STATE);
    connect_to(s, server.endpoint);
    worker_join(&asking);
    check_answer(&q);
    close_socket(s);
}

CASE(an_answer_that_does_not_fit_is_kept_until_the_next_request) {
    char buffer[16] = "untouched";
    size_t size = 0;
    check_status(exz_request(&size, client, "long", 4, buffer, 6, PATIENCE_MS, NULL), EXZ_ERR_TOO_SMALL);
    check_int(size, 7);
    check_text(buffer, "untouched");
    check_int(stats_of(client).messages_received, 0);
    expect_text(client, "re long");
    check_int(stats_of(client).messages_received, 1);
    check_status(exz_recv(&size, client, buffer, sizeof buffer, 0), EXZ_ERR_STATE);

    check_status(exz_request(&size, client, "none", 4, NULL, 0, PATIENCE_MS, NULL), EXZ_ERR_TOO_SMALL);
    check_int(size, 7);
    check_answered(client, "next");
    check_status(exz_recv(&size, client, buffer, sizeof buffer, 0), EXZ_ERR_STATE);

    check_status(exz_request(&size, client, "none", 4, NULL, 0, PATIENCE_MS, NULL), EXZ_ERR_TOO_SMALL);
    send_text(client, "sent");
    expect_text(client, "re sent");

    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_request(&size, client, "none", 4, buffer, 1, PATIENCE_MS, &error), EXZ_ERR_TOO_SMALL);
    check_status(error.status, EXZ_ERR_TOO_SMALL);
    check(strlen(error.message) > 0);
    check_status(exz_request(&size, client, "fits", 4, buffer, 7, PATIENCE_MS, NULL), EXZ_OK);
    check_int(size, 7);
    check(memcmp(buffer, "re fits", 7) == 0);
}

CASE(an_answer_of_several_parts_is_kept_for_who_can_take_it) {
    question q = question_of(client, "parts");
    for (int is_idempotent = 0; is_idempotent <= 1; is_idempotent++) {
        size_t count = 0;
        exz_message message;
        q.is_idempotent = is_idempotent;
        q.size = 99;
        check_status(ask(&q), EXZ_ERR_STATE);
        check_int(q.size, 99);
        check_status(exz_recv(&count, client, q.answer, sizeof q.answer, 0), EXZ_ERR_STATE);
        check_status(exz_recv_message(&message, client, 0), EXZ_OK);
        check_status(exz_message_count(&count, message), EXZ_OK);
        check_int(count, 2);
        check_part(message, 0, "re");
        check_part(message, 1, "parts");
        check_status(exz_message_free(message), EXZ_OK);
    }
    check_status(ask(&q), EXZ_ERR_STATE);
    check_answered(client, "next");
    exz_message message;
    check_status(exz_recv_message(&message, client, 0), EXZ_ERR_STATE);
}

CASE(requests_of_several_threads_wait_for_their_turn) {
    question first = question_of(client, "hold"), second = question_of(client, "second"),
             third = question_of(client, "third");
    worker asking[2];
    worker_start(&asking[0], ask, &first);
    check_got(&server, "hold");
    worker_start(&asking[1], ask, &second);
    worker_await_sleep(&asking[1]);
    third.timeout_ms = 20;
    check_status(ask(&third), EXZ_ERR_TIMEOUT);
    check_int(third.error.attempts, 0);
    check(strstr(third.error.message, "no server") == NULL);
    release();
    for (size_t i = 0; i < COUNT_OF(asking); i++) worker_join(&asking[i]);
    check_answer(&first);
    check_answer(&second);
    check_got(&server, "second");
    check_answered(client, "last");
    check_got(&server, "last");
}

CASE(plain_sends_and_receives_work_between_requests) {
    for (int round = 0; round < 10; round++) {
        send_text(client, "plain");
        expect_text(client, "re plain");
        check_answered(client, "asked");
        send_text(client, "hold");
        check_answered(client, "asked again");
    }
    release();
    check_answered(client, "last");
}

CASE(an_answer_that_is_kept_tells_who_sent_it) {
    char small[1], text[64] = "";
    size_t size = 0;
    exz_message message = {0};
    check_status(exz_request(&size, client, "who", 3, small, sizeof small, PATIENCE_MS, NULL), EXZ_ERR_TOO_SMALL);
    check_int(size, 6);
    check_status(exz_recv_message(&message, client, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_property(text, sizeof text, message, "Socket-Type"), EXZ_OK);
    check_text(text, "ROUTER");
    check_status(exz_message_property(text, sizeof text, message, "Peer-Address"), EXZ_OK);
    check_text(text, "127.0.0.1");
    check_status(exz_message_free(message), EXZ_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SERVED(nothing_else_is_sent_or_received_during_a_request),
        SERVED(a_receive_that_waits_already_ends_when_a_request_begins),
        SERVED(a_send_that_waits_already_ends_when_a_request_begins),
        SERVED(an_answer_that_does_not_fit_is_kept_until_the_next_request),
        SERVED(an_answer_of_several_parts_is_kept_for_who_can_take_it),
        SERVED(an_answer_that_is_kept_tells_who_sent_it),
        SERVED(requests_of_several_threads_wait_for_their_turn),
        SERVED(plain_sends_and_receives_work_between_requests),
    };
    return cmocka_run_group_tests_name("requests and what is kept of them", tests, NULL, NULL);
}
