/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, binding, connecting and asking, over every transport. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "places.h"

CASE(every_type_opens_idle_and_closes) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        exz_socket s = open_socket(type);
        check(s.id != 0);
        check_int(state_of(s), EXZ_STATE_IDLE);
        check_status(exz_socket_close(s, 0), EXZ_OK);
    }
}

CASE(the_state_follows_the_links) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        bind_somewhere(pull, t, endpoint);
        check_int(state_of(pull), EXZ_STATE_LISTENING);
        connect_to(push, endpoint);
        check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
        check_int(state_of(pull), EXZ_STATE_READY);
        check_int(state_of(push), EXZ_STATE_READY);
        close_socket(pull);
        expect_event(push, EXZ_EVENT_LOST);
        check_int(state_of(push), EXZ_STATE_RECONNECTING);
        check_status(exz_socket_disconnect(push, endpoint), EXZ_OK);
        check_int(state_of(push), EXZ_STATE_IDLE);
        connect_later(push, endpoint);
        check_int(state_of(push), EXZ_STATE_CONNECTING);
        close_socket(push);
    }
}

CASE(the_endpoint_is_the_one_bound_else_the_one_connected) {
    exz_socket s = open_socket(EXZ_PULL);
    char endpoint[ENDPOINT_SIZE] = "untouched", actual[ENDPOINT_SIZE], path[ENDPOINT_SIZE];
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_ERR_STATE);
    check_text(endpoint, "untouched");

    connect_later(s, "tcp://127.0.0.1:9");
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_OK);
    check_text(endpoint, "tcp://127.0.0.1:9");

    bind_to(s, "tcp://127.0.0.1:0");
    check_status(exz_socket_endpoint(s, actual, sizeof actual), EXZ_OK);
    unsigned port = 0;
    check_int(sscanf(actual, "tcp://127.0.0.1:%u", &port), 1);
    check(port > 0);

    unused_endpoint(IPC, path);
    bind_to(s, path);
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_OK);
    check_text(endpoint, path);

    check_status(exz_socket_unbind(s, path), EXZ_OK);
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_OK);
    check_text(endpoint, actual);
    close_socket(s);
}

CASE(an_endpoint_needs_room_for_its_nul) {
    exz_socket s = open_socket(EXZ_PULL);
    bind_to(s, "inproc://twelve");
    const size_t length = strlen("inproc://twelve");
    char buffer[32] = "untouched";
    check_status(exz_socket_endpoint(s, buffer, 0), EXZ_ERR_TOO_SMALL);
    check_status(exz_socket_endpoint(s, buffer, length), EXZ_ERR_TOO_SMALL);
    check_text(buffer, "untouched");
    check_status(exz_socket_endpoint(s, buffer, length + 1), EXZ_OK);
    check_text(buffer, "inproc://twelve");
    close_socket(s);
}

CASE(a_port_can_be_left_to_the_system_in_several_ways) {
    const char *const wildcards[] = {"tcp://127.0.0.1:0", "tcp://127.0.0.1:*", "tcp://*:*", "tcp://*:0",
                                     "tcp://localhost:0", "tcp://lo:0"};
    for (size_t i = 0; i < COUNT_OF(wildcards); i++) {
        in_row("%s", wildcards[i]);
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        char endpoint[ENDPOINT_SIZE], there[ENDPOINT_SIZE];
        bind_to(pull, wildcards[i]);
        check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
        unsigned port = 0;
        check_int(sscanf(strrchr(endpoint, ':'), ":%u", &port), 1);
        check(port > 0);
        snprintf(there, sizeof there, "tcp://127.0.0.1:%u", port);
        connect_to(push, there);
        check_carries(push, pull);
        close_socket(push);
        close_socket(pull);
    }
}

CASE(a_name_can_be_connected_to) {
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE], named[ENDPOINT_SIZE];
    bind_to(pull, "tcp://127.0.0.1:0");
    check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
    snprintf(named, sizeof named, "tcp://localhost%.16s", strrchr(endpoint, ':'));
    connect_to(push, named);
    check_carries(push, pull);
    check_status(exz_socket_disconnect(push, named), EXZ_OK);
    close_socket(push);
    close_socket(pull);
}

CASE(unbinding_ends_listening_and_links) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        check_status(exz_socket_unbind(pair.bound, pair.endpoint), EXZ_OK);
        check_status(exz_socket_unbind(pair.bound, pair.endpoint), EXZ_ERR_STATE);
        check_int(state_of(pair.bound), EXZ_STATE_IDLE);
        expect_event(pair.connected, EXZ_EVENT_LOST);
        exz_event closed = expect_event(pair.bound, EXZ_EVENT_CLOSED);
        check_text(closed.endpoint, pair.endpoint);
        bind_to(pair.bound, pair.endpoint);
        check_status(exz_wait_peers(pair.bound, 1, PATIENCE_MS), EXZ_OK);
        check_carries(pair.connected, pair.bound);
        close_linked(pair);
    }
}

CASE(disconnecting_ends_the_link_for_good) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        check_status(exz_socket_disconnect(pair.connected, pair.endpoint), EXZ_OK);
        check_status(exz_socket_disconnect(pair.connected, pair.endpoint), EXZ_ERR_STATE);
        check_text(expect_event(pair.connected, EXZ_EVENT_CLOSED).endpoint, pair.endpoint);
        expect_event(pair.bound, EXZ_EVENT_LOST);
        check_int(state_of(pair.bound), EXZ_STATE_LISTENING);
        check_status(exz_send(pair.connected, "x", 1, 0, 0), EXZ_ERR_TIMEOUT);
        connect_to(pair.connected, pair.endpoint);
        check_carries(pair.connected, pair.bound);
        close_linked(pair);
    }
}

CASE(what_is_not_linked_can_not_be_unlinked) {
    exz_socket s = open_socket(EXZ_PULL);
    check_status(exz_socket_unbind(s, "tcp://127.0.0.1:5555"), EXZ_ERR_STATE);
    check_status(exz_socket_disconnect(s, "tcp://127.0.0.1:5555"), EXZ_ERR_STATE);
    close_socket(s);
}

CASE(connecting_again_does_not_add_a_link) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_SUB, EXZ_PUB, t);
        connect_to(pair.connected, pair.endpoint);
        connect_later(pair.connected, pair.endpoint);
        check_int(stats_of(pair.connected).peers, 1);
        check_int(stats_of(pair.bound).peers, 1);
        check_status(exz_subscribe(pair.bound, ""), EXZ_OK);
        check_status(exz_wait_subscribers(pair.connected, "", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pair.connected, "a", NULL, 0, 0), EXZ_OK);
        check_status(exz_publish(pair.connected, "b", NULL, 0, 0), EXZ_OK);
        for (const char *topic = "ab"; *topic != '\0'; topic++) {
            exz_message message;
            const void *data;
            size_t size;
            check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
            check_status(exz_message_part(&data, &size, message, 0), EXZ_OK);
            check_int(size, 1);
            check_int(*(const char *)data, *topic);
            check_status(exz_message_free(message), EXZ_OK);
        }
        close_linked(pair);
    }
}

CASE(one_socket_takes_several_endpoints_of_every_transport) {
    exz_socket pull = open_socket(EXZ_PULL), push[TRANSPORT_COUNT];
    char endpoint[ENDPOINT_SIZE];
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        bind_somewhere(pull, t, endpoint);
        push[t] = open_socket(EXZ_PUSH);
        connect_to(push[t], endpoint);
    }
    check_status(exz_wait_peers(pull, TRANSPORT_COUNT, PATIENCE_MS), EXZ_OK);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) check_carries(push[t], pull);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) close_socket(push[t]);
    close_socket(pull);
}

CASE(contexts_do_not_share_inproc_names) {
    exz_context first, second;
    exz_socket pull = open_socket(EXZ_PULL), here, there, push;
    check_status(exz_context_open(&first), EXZ_OK);
    check_status(exz_context_open(&second), EXZ_OK);
    check_status(exz_socket_open(&here, first, EXZ_PULL, NULL), EXZ_OK);
    check_status(exz_socket_open(&there, second, EXZ_PULL, NULL), EXZ_OK);
    check_status(exz_socket_open(&push, second, EXZ_PUSH, NULL), EXZ_OK);
    bind_to(pull, "inproc://same");
    bind_to(here, "inproc://same");
    bind_to(there, "inproc://same");
    connect_to(push, "inproc://same");
    check_carries(push, there);
    check_int(stats_of(here).peers, 0);
    check_int(stats_of(pull).peers, 0);
    close_socket(pull);
    check_status(exz_context_close(first, 0), EXZ_OK);
    check_status(exz_context_close(second, 0), EXZ_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_type_opens_idle_and_closes),
        TEST(the_state_follows_the_links),
        TEST(the_endpoint_is_the_one_bound_else_the_one_connected),
        TEST(an_endpoint_needs_room_for_its_nul),
        TEST(a_port_can_be_left_to_the_system_in_several_ways),
        TEST(a_name_can_be_connected_to),
        TEST(unbinding_ends_listening_and_links),
        TEST(disconnecting_ends_the_link_for_good),
        TEST(what_is_not_linked_can_not_be_unlinked),
        TEST(connecting_again_does_not_add_a_link),
        TEST(one_socket_takes_several_endpoints_of_every_transport),
        TEST(contexts_do_not_share_inproc_names),
    };
    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
