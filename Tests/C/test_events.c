/* SPDX-License-Identifier: Apache-2.0
 *
 * What a socket tells about itself: events in order, and counters. */
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"

CASE(a_link_tells_its_life) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        int64_t began = now_ns();
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);

        exz_event listening = expect_next_event(pair.bound, EXZ_EVENT_LISTENING);
        check_text(listening.endpoint, pair.endpoint);
        exz_event connecting = expect_next_event(pair.connected, EXZ_EVENT_CONNECTING);
        check_text(connecting.endpoint, pair.endpoint);
        check_int(connecting.attempt, 1);
        exz_event handshaken = expect_next_event(pair.connected, EXZ_EVENT_HANDSHAKEN);
        check_int(handshaken.count, 1);
        check_int(handshaken.attempt, 1);
        check_text(handshaken.endpoint, pair.endpoint);
        exz_event accepted = expect_next_event(pair.bound, EXZ_EVENT_HANDSHAKEN);
        check_int(accepted.count, 1);
        check_text(accepted.endpoint, pair.endpoint);

        check(listening.time_ns >= began && listening.time_ns <= connecting.time_ns);
        check(connecting.time_ns <= handshaken.time_ns && handshaken.time_ns <= now_ns());
        check_no_event(pair.bound);
        check_no_event(pair.connected);

        close_socket(pair.bound);
        exz_event lost = expect_next_event(pair.connected, EXZ_EVENT_LOST);
        check_int(lost.status, EXZ_ERR_PEER_LOST);
        check_text(lost.endpoint, pair.endpoint);
        check(strlen(lost.message) > 0);
        close_socket(pair.connected);
    }
}

CASE(the_bound_side_is_told_that_a_peer_left) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        close_socket(pair.connected);
        exz_event lost = expect_event(pair.bound, EXZ_EVENT_LOST);
        check_int(lost.status, EXZ_ERR_PEER_LOST);
        check_int(lost.count, 0);
        check_int(stats_of(pair.bound).links_lost, 1);
        check_int(state_of(pair.bound), EXZ_STATE_LISTENING);
        close_socket(pair.bound);
    }
}

CASE(a_link_that_this_side_ends_is_not_lost) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int connected_ends = 0; connected_ends <= 1; connected_ends++) {
            in_row("%s, the %s side ends it", transport_name(t), connected_ends ? "connected" : "bound");
            linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
            exz_socket ends = connected_ends ? pair.connected : pair.bound;
            exz_socket other = connected_ends ? pair.bound : pair.connected;
            check_status(connected_ends ? exz_socket_disconnect(ends, pair.endpoint)
                                        : exz_socket_unbind(ends, pair.endpoint),
                         EXZ_OK);
            expect_event(ends, EXZ_EVENT_CLOSED);
            expect_event(other, EXZ_EVENT_LOST);
            check_int(stats_of(ends).links_lost, 0);
            check_int(stats_of(ends).peers, 0);
            check_int(stats_of(other).links_lost, 1);
            close_linked(pair);
        }
    }
}

CASE(waiting_for_peers_counts_both_sides_links) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    exz_socket second = open_socket(EXZ_PUSH);
    check_status(exz_wait_peers(pair.bound, 0, 0), EXZ_OK);
    check_status(exz_wait_peers(pair.bound, 1, 0), EXZ_OK);
    check_status(exz_wait_peers(pair.connected, 1, 0), EXZ_OK);
    check_status(exz_wait_peers(pair.bound, 2, 1), EXZ_ERR_TIMEOUT);
    connect_later(second, pair.endpoint);
    check_status(exz_wait_peers(pair.bound, 2, PATIENCE_MS), EXZ_OK);
    check_int(stats_of(pair.bound).peers, 2);
    close_socket(second);
    close_linked(pair);
}

CASE(unread_events_are_bounded_and_the_dropped_ones_counted) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.event_capacity = 10;
    exz_socket s = open_with(EXZ_PULL, &options);
    for (int i = 0; i < 100; i++) {
        bind_to(s, "inproc://again");
        check_status(exz_socket_unbind(s, "inproc://again"), EXZ_OK);
    }
    check_int(stats_of(s).events_dropped, 190);
    int64_t last = 0;
    for (int i = 0; i < 10; i++) {
        exz_event event = expect_next_event(s, i % 2 == 0 ? EXZ_EVENT_LISTENING : EXZ_EVENT_CLOSED);
        check(event.time_ns >= last);
        last = event.time_ns;
    }
    check_no_event(s);
    check_int(stats_of(s).events_dropped, 190);
    close_socket(s);
}

/* Our own look at a listener that does not fit is none. */
CASE(a_peer_of_a_type_that_does_not_fit_is_rejected_once) {
    for (int i = 0; i < 5; i++) {
        exz_socket pull = open_socket(EXZ_PULL), sub = open_socket(EXZ_SUB), push = open_socket(EXZ_PUSH);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(pull, TCP, endpoint);
        check_status(exz_socket_connect(sub, endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_PROTOCOL);
        /* What came before it has been heard of by then. */
        connect_to(push, endpoint);
        check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
        check_int(stats_of(pull).peers_rejected, 1);
        close_socket(push);
        close_socket(sub);
        close_socket(pull);
    }
}

CASE(a_stranger_at_the_door_is_rejected_and_counted) {
    exz_socket pull = open_socket(EXZ_PULL), sub = open_socket(EXZ_SUB);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pull, TCP, endpoint);
    connect_later(sub, endpoint);
    exz_event rejected = expect_event(pull, EXZ_EVENT_PEER_REJECTED);
    check(rejected.status != EXZ_OK);
    check(strlen(rejected.message) > 0);
    check(stats_of(pull).peers_rejected >= 1);
    check_int(stats_of(pull).peers, 0);
    close_socket(sub);
    close_socket(pull);
}

CASE(the_counters_count) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    check_int(stats_of(pair.connected).last_error, EXZ_OK);
    for (int i = 0; i < 10; i++) send_text(pair.connected, "12345");
    for (int i = 0; i < 10; i++) expect_text(pair.bound, "12345");
    size_t size;
    check_status(exz_recv(&size, pair.bound, NULL, 0, 0), EXZ_ERR_TIMEOUT);
    check_int(stats_of(pair.bound).timeouts, 0);
    check_int(stats_of(pair.bound).last_error, EXZ_OK);
    check_status(exz_recv(&size, pair.bound, NULL, 0, 1), EXZ_ERR_TIMEOUT);

    exz_stats sent = stats_of(pair.connected), received = stats_of(pair.bound);
    check_int(sent.messages_sent, 10);
    check_int(sent.bytes_sent, 50);
    check_int(sent.messages_received, 0);
    check_int(sent.connect_attempts, 1);
    check_int(sent.peers, 1);
    check_int(sent.state, EXZ_STATE_READY);
    check_int(received.messages_received, 10);
    check_int(received.bytes_received, 50);
    check_int(received.timeouts, 1);
    check_int(received.last_error, EXZ_ERR_TIMEOUT);
    check_int(received.connect_attempts, 0);
    close_linked(pair);
}

CASE(reconnections_are_counted_over_every_transport) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        int reservation = t == TCP ? reserve_port(endpoint) : -1;
        if (t != TCP) unused_endpoint(t, endpoint);
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        bind_to(pull, endpoint);
        connect_to(push, endpoint);
        for (unsigned round = 1; round <= 3; round++) {
            close_socket(pull);
            expect_event(push, EXZ_EVENT_LOST);
            pull = open_socket(EXZ_PULL);
            bind_to(pull, endpoint);
            expect_event(push, EXZ_EVENT_HANDSHAKEN);
            check_carries(push, pull);
            check_int(stats_of(push).reconnects, round);
            check_int(stats_of(push).links_lost, round);
        }
        close_socket(push);
        close_socket(pull);
        if (reservation >= 0) close(reservation);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_link_tells_its_life),
        TEST(the_bound_side_is_told_that_a_peer_left),
        TEST(a_link_that_this_side_ends_is_not_lost),
        TEST(waiting_for_peers_counts_both_sides_links),
        TEST(unread_events_are_bounded_and_the_dropped_ones_counted),
        TEST(a_peer_of_a_type_that_does_not_fit_is_rejected_once),
        TEST(a_stranger_at_the_door_is_rejected_and_counted),
        TEST(the_counters_count),
        TEST(reconnections_are_counted_over_every_transport),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
