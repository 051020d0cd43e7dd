/* SPDX-License-Identifier: Apache-2.0
 *
 * Several callers, one link: who waits for it, who wants it in the background, and other names for the same address. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "sockets.h"
#include "worker.h"

/* The same port under another name. */
static void name_otherwise(char *alias, const char *endpoint) {
    snprintf(alias, ENDPOINT_SIZE, "tcp://localhost%.16s", strrchr(endpoint, ':'));
}

CASE(a_link_of_another_caller_is_no_handshake) {
    char endpoint[ENDPOINT_SIZE], alias[ENDPOINT_SIZE];
    int deaf = deaf_port(endpoint);
    name_otherwise(alias, endpoint);
    const char *names[] = {endpoint, alias};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        in_row("%s", names[i]);
        exz_socket s = open_socket(EXZ_PULL);
        connect_later(s, endpoint);
        int64_t began = now_ns();
        check_status(exz_socket_connect(s, names[i], 0, 100, NULL), EXZ_ERR_TIMEOUT);
        check(now_ns() - began >= INT64_C(100000000));
        check_int(state_of(s), EXZ_STATE_CONNECTING);
        close_socket(s);
    }
    close(deaf);
}

typedef struct impatient {
    exz_socket s;
    const char *endpoint;
    int32_t timeout_ms;
} impatient;

static exz_status connect_impatiently(void *argument) {
    impatient *i = argument;
    return exz_socket_connect(i->s, i->endpoint, 0, i->timeout_ms, NULL);
}

CASE(the_patience_of_one_caller_is_not_that_of_another) {
    char endpoint[ENDPOINT_SIZE];
    int deaf = deaf_port(endpoint);
    impatient first = {open_socket(EXZ_PULL), endpoint, 200};
    worker w;
    worker_start(&w, connect_impatiently, &first);
    expect_event(first.s, EXZ_EVENT_CONNECTING);
    int64_t began = now_ns();
    check_status(exz_socket_connect(first.s, endpoint, 0, 600, NULL), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= INT64_C(600000000));
    check_status(worker_join(&w), EXZ_ERR_TIMEOUT);
    check_int(state_of(first.s), EXZ_STATE_IDLE);
    close_socket(first.s);
    close(deaf);
}

CASE(what_is_wanted_in_the_background_stays) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    impatient first = {open_socket(EXZ_PUSH), endpoint, 300};
    worker w;
    worker_start(&w, connect_impatiently, &first);
    expect_event(first.s, EXZ_EVENT_CONNECTING);
    connect_later(first.s, endpoint);
    exz_status status = worker_join(&w);
    check(status == EXZ_ERR_REFUSED || status == EXZ_ERR_TIMEOUT);
    check_int(state_of(first.s), EXZ_STATE_CONNECTING);
    exz_socket pull = open_socket(EXZ_PULL);
    bind_to(pull, endpoint);
    check_status(exz_wait_peers(first.s, 1, PATIENCE_MS), EXZ_OK);
    check_carries(first.s, pull);
    close_socket(first.s);
    close_socket(pull);
    close(reservation);
}

CASE(a_socket_does_not_connect_to_itself) {
    char endpoint[ENDPOINT_SIZE], alias[ENDPOINT_SIZE];
    exz_socket s = open_socket(EXZ_DEALER);
    bind_to(s, "tcp://127.0.0.1:0");
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_OK);
    name_otherwise(alias, endpoint);
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_INVALID);
    check_status(exz_socket_connect(s, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_ERR_INVALID);
    check_int(state_of(s), EXZ_STATE_LISTENING);
    exz_socket other = open_socket(EXZ_DEALER);
    connect_to(other, alias);
    check_carries(other, s);
    close_socket(other);
    close_socket(s);
}

CASE(a_peer_of_an_endpoint_that_is_unbound_is_none) {
    for (int round = 0; round < 100; round++) {
        in_row("round %d", round);
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
        check_status(exz_socket_unbind(pair.bound, pair.endpoint), EXZ_OK);
        expect_event(pair.connected, EXZ_EVENT_LOST);
        check_int(stats_of(pair.bound).peers, 0);
        check_int(state_of(pair.bound), EXZ_STATE_IDLE);
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_link_of_another_caller_is_no_handshake),
        TEST(the_patience_of_one_caller_is_not_that_of_another),
        TEST(what_is_wanted_in_the_background_stays),
        TEST(a_socket_does_not_connect_to_itself),
        TEST(a_peer_of_an_endpoint_that_is_unbound_is_none),
    };
    return cmocka_run_group_tests_name("shared links", tests, NULL, NULL);
}
