/* SPDX-License-Identifier: Apache-2.0
 *
 * A PAIR has a place for one peer: who comes while it is taken is told, and gets it when it is free. */
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

static exz_socket open_pair(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 100;
    return open_with(EXZ_PAIR, &options);
}

static void expect_refusal(exz_socket bound) {
    exz_event event = expect_event(bound, EXZ_EVENT_PEER_REJECTED);
    check_status(event.status, EXZ_ERR_STATE);
    check(strstr(event.message, "one peer") != NULL);
}

/* A message of the newcomer's gets through, once it has the place: what it sends to a link that is about to be refused
 * is lost with it. */
static void check_has_the_place(exz_socket bound, exz_socket newcomer) {
    exz_event event = expect_event(bound, EXZ_EVENT_HANDSHAKEN);
    check_int(event.count, 1);
    send_text(bound, "welcome");
    expect_text(newcomer, "welcome");
    send_text(newcomer, "thank you");
    expect_text(bound, "thank you");
}

CASE(a_third_one_is_refused_and_told_and_gets_the_place_when_it_is_free) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket third = open_pair();
        linked pair = link_sockets(open_pair(), open_pair(), t);
        expect_event(pair.bound, EXZ_EVENT_HANDSHAKEN);
        connect_later(third, pair.endpoint);
        expect_refusal(pair.bound);
        expect_event(third, EXZ_EVENT_LOST);
        expect_refusal(pair.bound);
        check_int(stats_of(pair.bound).peers, 1);
        check_carries(pair.connected, pair.bound);
        check_carries(pair.bound, pair.connected);
        close_socket(pair.connected);
        check_has_the_place(pair.bound, third);
        close_socket(third);
        close_socket(pair.bound);
    }
}

CASE(a_restarted_peer_gets_the_place_when_what_it_had_sent_has_been_received) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_sockets(open_pair(), open_pair(), t);
        expect_event(pair.bound, EXZ_EVENT_HANDSHAKEN);
        send_text(pair.connected, "one");
        send_text(pair.connected, "two");
        close_socket(pair.connected);
        expect_event(pair.bound, EXZ_EVENT_LOST);
        exz_socket again = open_pair();
        connect_later(again, pair.endpoint);
        expect_refusal(pair.bound);
        check_int(stats_of(pair.bound).peers, 0);
        expect_text(pair.bound, "one");
        expect_text(pair.bound, "two");
        check_has_the_place(pair.bound, again);
        close_socket(again);
        close_socket(pair.bound);
    }
}

CASE(a_pair_that_has_a_peer_connects_to_no_other) {
    char endpoint[ENDPOINT_SIZE];
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket other = open_pair();
        linked pair = link_sockets(open_pair(), open_pair(), t);
        bind_somewhere(other, t, endpoint);
        exz_error error = {.size = sizeof error};
        check_status(exz_socket_connect(pair.connected, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_STATE);
        check_status(exz_socket_connect(pair.bound, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_STATE);
        check_carries(pair.connected, pair.bound);
        check_carries(pair.bound, pair.connected);
        close_socket(other);
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_third_one_is_refused_and_told_and_gets_the_place_when_it_is_free),
        TEST(a_restarted_peer_gets_the_place_when_what_it_had_sent_has_been_received),
        TEST(a_pair_that_has_a_peer_connects_to_no_other),
    };
    return cmocka_run_group_tests_name("pair places", tests, NULL, NULL);
}
