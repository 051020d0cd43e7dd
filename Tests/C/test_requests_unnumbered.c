/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests without a number in front (ZMQ_REQ_CORRELATE at 0), for a ROUTER that expects none. */
#include <zmq.h>

#include "sockets.h"

#define TIME 5000

static size_t parts_of(exz_message message) {
    size_t count = 0;
    check_status(exz_message_count(&count, message), EXZ_OK);
    return count;
}

/* What a ROUTER gets of a request: who, the number if there is one, nothing, the request. */
static exz_message request_at(linked pair) {
    exz_message message = {0};
    send_text(pair.connected, "request");
    check_status(exz_recv_message(&message, pair.bound, TIME), EXZ_OK);
    return message;
}

static exz_socket unnumbered(void) {
    exz_socket s = open_socket(EXZ_REQ);
    check_status(exz_socket_set_int(s, ZMQ_REQ_CORRELATE, 0), EXZ_OK);
    return s;
}

CASE(a_router_gets_no_number) {
    linked pair = link_sockets(open_socket(EXZ_ROUTER), unnumbered(), TCP);
    exz_message message = request_at(pair);
    check_int(parts_of(message), 3);
    check_part(message, 1, "");
    check_part(message, 2, "request");
    const void *who = NULL;
    size_t size = 0;
    check_status(exz_message_part(&who, &size, message, 0), EXZ_OK);
    const exz_part answer[] = {{who, size}, {"", 0}, {"answer", 6}};
    check_status(exz_send_parts(pair.bound, answer, COUNT_OF(answer), TIME), EXZ_OK);
    expect_text(pair.connected, "answer");
    exz_message_free(message);
    close_linked(pair);
}

CASE(a_router_gets_one_as_long_as_nobody_says_otherwise) {
    linked pair = link_types(EXZ_ROUTER, EXZ_REQ, TCP);
    exz_message message = request_at(pair);
    check_int(parts_of(message), 4);
    exz_message_free(message);
    close_linked(pair);
}

CASE(it_makes_no_requests_that_wait_for_their_answers) {
    char answer[8];
    size_t size = 0;
    exz_error error = EXZ_ERROR_INIT;
    linked pair = link_sockets(open_socket(EXZ_REP), unnumbered(), TCP);
    check_status(exz_request(&size, pair.connected, "x", 1, answer, sizeof answer, TIME, &error),
                 EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_request_idempotent(&size, pair.connected, "x", 1, answer, sizeof answer, TIME, &error),
                 EXZ_ERR_NOT_SUPPORTED);
    send_text(pair.connected, "request");
    expect_text(pair.bound, "request");
    close_linked(pair);
}

CASE(it_is_chosen_before_the_first_link_and_is_a_number) {
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    check_status(exz_socket_set_int(pair.connected, ZMQ_REQ_CORRELATE, 0), EXZ_ERR_STATE);
    close_linked(pair);
    exz_socket s = open_socket(EXZ_REQ);
    check_status(exz_socket_set_int(s, ZMQ_REQ_CORRELATE, 2), EXZ_ERR_INVALID);
    check_status(exz_socket_set_int(s, ZMQ_REQ_CORRELATE, -1), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_REQ_CORRELATE, "\1\0\0\0", 4), EXZ_ERR_INVALID);
    close_socket(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_router_gets_no_number),
        TEST(a_router_gets_one_as_long_as_nobody_says_otherwise),
        TEST(it_makes_no_requests_that_wait_for_their_answers),
        TEST(it_is_chosen_before_the_first_link_and_is_a_number),
    };
    return cmocka_run_group_tests_name("requests without numbers", tests, NULL, NULL);
}
