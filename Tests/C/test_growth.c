/* SPDX-License-Identifier: Apache-2.0
 *
 * A thousand rounds of opening, linking and closing leave no descriptor and no thread behind. */
#include <unistd.h>

#include "holdings.h"
#include "monotonic.h"
#include "places.h"

static void open_and_close(exz_context context, int round, const char *refusing) {
    static const exz_socket_type types[] = {EXZ_PUB, EXZ_SUB, EXZ_PUSH, EXZ_PULL};
    char endpoint[ENDPOINT_SIZE];
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, types[round % 4], NULL), EXZ_OK);
    if (round % 2 == 0) {
        bind_somewhere(s, (transport)(round / 2 % TRANSPORT_COUNT), endpoint);
    } else {
        connect_later(s, refusing);
    }
    close_socket(s);
}

CASE(a_thousand_sockets_bound_or_connecting) {
    char refusing[ENDPOINT_SIZE];
    int reservation = reserve_port(refusing);
    for (int round = 0; round < 12; round++) open_and_close(EXZ_DEFAULT_CONTEXT, round, refusing);
    holdings before = settle();
    for (int round = 0; round < 1000; round++) {
        in_row("round %d", round);
        open_and_close(EXZ_DEFAULT_CONTEXT, round, refusing);
    }
    check_held(before);
    close(reservation);
}

static void link_and_close(int round) {
    static const exz_socket_type types[][2] = {{EXZ_PULL, EXZ_PUSH}, {EXZ_PUB, EXZ_SUB}, {EXZ_SUB, EXZ_PUB}};
    transport t = (transport)(round % TRANSPORT_COUNT);
    const exz_socket_type *pair_types = types[round / TRANSPORT_COUNT % 3];
    linked pair = link_types(pair_types[0], pair_types[1], t);
    if (round % 2 == 0) {
        close_socket(pair.connected);
        close_socket(pair.bound);
    } else {
        close_socket(pair.bound);
        close_socket(pair.connected);
    }
}

CASE(a_thousand_links) {
    for (int round = 0; round < 18; round++) link_and_close(round);
    holdings before = settle();
    for (int round = 0; round < 1000; round++) {
        in_row("round %d", round);
        link_and_close(round);
    }
    check_held(before);
}

CASE(a_hundred_contexts_with_sockets) {
    close_socket(open_socket(EXZ_PULL));
    holdings before = settle();
    for (int round = 0; round < 100; round++) {
        in_row("round %d", round);
        exz_context context;
        exz_socket bound, connected;
        char endpoint[ENDPOINT_SIZE];
        check_status(exz_context_open(&context), EXZ_OK);
        check_status(exz_socket_open(&bound, context, EXZ_PULL, NULL), EXZ_OK);
        check_status(exz_socket_open(&connected, context, EXZ_PUSH, NULL), EXZ_OK);
        bind_somewhere(bound, (transport)(round % TRANSPORT_COUNT), endpoint);
        connect_to(connected, endpoint);
        check_carries(connected, bound);
        check_status(exz_context_close(context, 0), EXZ_OK);
    }
    check_held(before);
}

CASE(a_thousand_failed_connects) {
    char refusing[ENDPOINT_SIZE];
    int reservation = reserve_port(refusing);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket s = open_with(EXZ_SUB, &options);
    check_status(exz_socket_connect(s, refusing, 0, EXZ_DEFAULT_TIMEOUT, NULL), EXZ_ERR_REFUSED);
    holdings before = settle();
    for (int round = 0; round < 1000; round++) {
        in_row("round %d", round);
        check_status(exz_socket_connect(s, refusing, 0, EXZ_DEFAULT_TIMEOUT, NULL), EXZ_ERR_REFUSED);
    }
    check_held(before);
    close_socket(s);
    close(reservation);
}

CASE(a_close_that_is_back_in_time_has_given_the_address_back) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    for (int round = 0; round < 200; round++) {
        in_row("round %d", round);
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, (transport)(round % TRANSPORT_COUNT));
        check_status(exz_socket_close(pair.connected, PATIENCE_MS), EXZ_OK);
        check_status(exz_socket_close(pair.bound, PATIENCE_MS), EXZ_OK);
        exz_socket next = open_with(EXZ_PULL, &options);
        check_status(exz_socket_bind(next, pair.endpoint, 0, NULL), EXZ_OK);
        close_socket(next);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_close_that_is_back_in_time_has_given_the_address_back),
        TEST(a_thousand_sockets_bound_or_connecting),
        TEST(a_thousand_links),
        TEST(a_hundred_contexts_with_sockets),
        TEST(a_thousand_failed_connects),
    };
    return cmocka_run_group_tests_name("growth", tests, NULL, NULL);
}
