/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that end connections, silence them, or have nobody there: on new ones and on those that are there. Nothing
 * is measured but that nothing comes too early: a busy machine may be late. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "raw_peer.h"
#include "wires.h"

static const transport transports[] = {TCP, IPC};

/* --- nobody there ------------------------------------------------------------------------------------------------- */

CASE(down_refuses_and_keeps_the_endpoint) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], TCP, 0);
        wire w = open_wire(&r);
        const uint32_t id = add_fault(r.proxy, fault_of(EXZ_FAULT_DOWN));
        hear_reset(w.client, transports[i]);
        hear_reset(w.server, TCP);
        close_wire(&w);
        for (int round = 0; round < 3; round++) {
            check_int(dial(r.endpoint), -1);
            check_int(errno, ECONNREFUSED);
        }
        /* Nobody else gets it meanwhile. */
        exz_socket other = open_socket(EXZ_PULL);
        check_status(exz_socket_bind(other, r.endpoint, 0, NULL), EXZ_ERR_ADDRESS_IN_USE);
        close_socket(other);
        check_int(proxy_stats(r.proxy).struck, 1);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
        char endpoint[ENDPOINT_SIZE];
        check_status(exz_fault_proxy_endpoint(r.proxy, endpoint, sizeof endpoint), EXZ_OK);
        check_text(endpoint, r.endpoint);
        w = open_wire(&r);
        say(w.client, "again");
        hear_exactly(w.server, "again");
        close_wire(&w);
        close_relayed(&r);
    }
}

/* What is left of connections whose proxy closed them first holds their port for a minute, but not from it. */
CASE(down_comes_back_beside_what_is_left_of_its_connections) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault close_at_once = fault_of(EXZ_FAULT_CLOSE);
    const uint32_t closing = add_fault(r.proxy, close_at_once);
    for (int i = 0; i < 5; i++) {
        const int client = open_client(&r);
        hear_end(client);
        close(client);
    }
    check_status(exz_fault_remove(r.proxy, closing), EXZ_OK);
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        const uint32_t first = add_fault(r.proxy, fault_of(EXZ_FAULT_DOWN));
        const uint32_t second = add_fault(r.proxy, fault_of(EXZ_FAULT_DOWN));
        check_status(exz_fault_remove(r.proxy, first), EXZ_OK);
        check_int(dial(r.endpoint), -1);
        check_status(exz_fault_remove(r.proxy, second), EXZ_OK);
        wire w = open_wire(&r);
        close(w.server);
        hear_end(w.client);
        close(w.client);
    }
    close_relayed(&r);
}

/* --- silence ------------------------------------------------------------------------------------------------------ */

CASE(a_blackhole_accepts_and_says_nothing_until_it_is_gone) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], transports[i], 0);
        wire old = open_wire(&r);
        const uint32_t id = add_fault(r.proxy, fault_of(EXZ_FAULT_BLACKHOLE));
        await_strikes(r.proxy, id, 1);
        say(old.client, "kept");
        say(old.server, "too");
        const int new = open_client(&r);
        say(new, "first words");
        await_strikes(r.proxy, id, 2);
        hear_nothing(old.server);
        hear_nothing(old.client);
        hear_nothing(new);
        /* The target has not heard of the new one. */
        struct pollfd somebody = {r.listener, POLLIN, 0};
        check_int(poll(&somebody, 1, 0), 0);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
        hear_exactly(old.server, "kept");
        hear_exactly(old.client, "too");
        wire w = {new, raw_accept(r.listener)};
        hear_exactly(w.server, "first words");
        close_wire(&w);
        close_wire(&old);
        close_relayed(&r);
    }
}

CASE(who_leaves_a_blackhole_is_forgotten) {
    relayed r = open_relayed(TCP, TCP, 0);
    const uint32_t id = add_fault(r.proxy, fault_of(EXZ_FAULT_BLACKHOLE));
    for (uint64_t i = 1; i <= 50; i++) {
        const int client = open_client(&r);
        await_strikes(r.proxy, id, i);
        close(client);
    }
    await_count(r.proxy, EXZ_FAULT_COUNT_ENDED, 50);
    check_int(proxy_stats(r.proxy).open, 0);
    close_relayed(&r);
}

CASE(a_stall_passes_the_first_bytes_and_then_nothing) {
    for (uint32_t direction = EXZ_FAULT_TO_TARGET; direction <= EXZ_FAULT_TO_CLIENT; direction++) {
        in_row("direction %u", direction);
        relayed r = open_relayed(TCP, TCP, 0);
        exz_fault fault = fault_of(EXZ_FAULT_STALL);
        fault.direction = direction;
        fault.after_bytes = 10;
        const uint32_t id = add_fault(r.proxy, fault);
        wire w = open_wire(&r);
        const int from = direction == EXZ_FAULT_TO_TARGET ? w.client : w.server;
        const int to = direction == EXZ_FAULT_TO_TARGET ? w.server : w.client;
        say(from, "0123456789abcdef");
        hear_exactly(to, "0123456789");
        await_strikes(r.proxy, id, 1);
        shutdown(from, SHUT_WR);
        say(to, "the other way");
        hear_exactly(from, "the other way");
        hear_nothing(to);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
        hear_exactly(to, "abcdef");
        hear_end(to);
        close_wire(&w);
        close_relayed(&r);
    }
}

CASE(half_open_stops_one_direction_with_its_end) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r), other = open_wire(&r);
    exz_fault fault = fault_of(EXZ_FAULT_HALF_OPEN);
    fault.direction = EXZ_FAULT_TO_CLIENT;
    const uint32_t id = add_fault(r.proxy, fault);
    await_strikes(r.proxy, id, 1);
    say(w.server, "unheard");
    say(w.client, "heard");
    hear_exactly(w.server, "heard");
    /* That the target is gone is news, and goes the way that is stopped. */
    raw_reset(w.server);
    say(w.client, "to nobody");
    /* What comes later on another connection is dealt with later. */
    say(other.client, "x");
    hear_exactly(other.server, "x");
    hear_nothing(w.client);
    check_int(proxy_stats(r.proxy).open, 2);
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    /* What the target had said may come before, if the proxy has it from before that. */
    check(raw_await_end(w.client));
    close(w.client);
    await_count(r.proxy, EXZ_FAULT_COUNT_ENDED, 1);
    close_wire(&other);
    close_relayed(&r);
}

/* --- ends --------------------------------------------------------------------------------------------------------- */

CASE(a_reset_and_a_close_at_once_after_bytes_and_after_a_time) {
    for (size_t i = 0; i < 2 * COUNT_OF(transports); i++) {
        const transport t = transports[i / 2];
        const exz_fault_kind kind = i % 2 == 0 ? EXZ_FAULT_RESET : EXZ_FAULT_CLOSE;
        in_row("%s, kind %d", transport_name(t), kind);
        relayed r = open_relayed(t, t, 0);
        exz_fault fault = fault_of(kind);
        uint32_t id = add_fault(r.proxy, fault);
        int client = open_client(&r);
        if (kind == EXZ_FAULT_RESET) {
            hear_reset(client, t);
        } else {
            hear_end(client);
        }
        close(client);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);

        fault.after_bytes = 5;
        fault.direction = EXZ_FAULT_TO_TARGET;
        id = add_fault(r.proxy, fault);
        wire w = open_wire(&r);
        say(w.server, "does not count");
        hear_exactly(w.client, "does not count");
        say(w.client, "123456789");
        hear_exactly(w.server, "12345");
        if (kind == EXZ_FAULT_RESET) {
            hear_reset(w.server, t);
            hear_reset(w.client, t);
        } else {
            hear_end(w.server);
            hear_end(w.client);
        }
        close_wire(&w);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);

        fault.after_bytes = 0;
        fault.after_ms = 40;
        fault.direction = EXZ_FAULT_BOTH;
        w = open_wire(&r);
        const int64_t began = now_ns();
        add_fault(r.proxy, fault);
        say(w.client, "in time");
        hear_exactly(w.server, "in time");
        if (kind == EXZ_FAULT_RESET) {
            hear_reset(w.client, t);
        } else {
            hear_end(w.client);
        }
        check(now_ns() - began >= INT64_C(40000000));
        close_wire(&w);
        close_relayed(&r);
    }
}

CASE(a_removed_fault_ends_nothing_any_more) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_RESET);
    fault.after_ms = 60;
    fault.after_bytes = 1;
    wire w;
    uint64_t struck;
    /* Until it is removed in time. */
    do {
        struck = proxy_stats(r.proxy).struck;
        w = open_wire(&r);
        check_status(exz_fault_remove(r.proxy, add_fault(r.proxy, fault)), EXZ_OK);
        if (proxy_stats(r.proxy).struck == struck) break;
        close_wire(&w);
    } while (true);
    /* As late as its end would have been, and later. */
    fault = fault_of(EXZ_FAULT_LATENCY);
    fault.delay_ms = 80;
    add_fault(r.proxy, fault);
    say(w.client, "as if it had not been");
    hear_exactly(w.server, "as if it had not been");
    check_int(proxy_stats(r.proxy).open, 1);
    close_wire(&w);
    close_relayed(&r);
}

CASE(a_slow_close_passes_the_end_on_late) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_SLOW_CLOSE);
    fault.delay_ms = 60;
    const uint32_t id = add_fault(r.proxy, fault);
    wire w = open_wire(&r);
    const int64_t began = now_ns();
    say(w.client, "at once");
    shutdown(w.client, SHUT_WR);
    hear_exactly(w.server, "at once");
    await_strikes(r.proxy, id, 1);
    hear_end(w.server);
    check(now_ns() - began >= INT64_C(60000000));
    close_wire(&w);
    /* Removed it holds back no longer. */
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    fault.delay_ms = 2147483647;
    const uint32_t forever = add_fault(r.proxy, fault);
    w = open_wire(&r);
    shutdown(w.client, SHUT_WR);
    await_strikes(r.proxy, forever, 1);
    hear_nothing(w.server);
    check_status(exz_fault_remove(r.proxy, forever), EXZ_OK);
    hear_end(w.server);
    close_wire(&w);
    close_relayed(&r);
}

/* The end of a connection, whichever. */
static void hear_any_end(int descriptor) {
    char byte;
    struct pollfd readable = {descriptor, POLLIN, 0};
    check_int(poll(&readable, 1, PATIENCE_MS), 1);
    check(recv(descriptor, &byte, 1, 0) <= 0);
}

CASE(a_reset_is_passed_on_as_late_as_any_end) {
    static const exz_fault_kind kinds[] = {EXZ_FAULT_SLOW_CLOSE, EXZ_FAULT_LATENCY};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        in_row("kind %d", kinds[i]);
        relayed r = open_relayed(TCP, TCP, 0);
        exz_fault fault = fault_of(kinds[i]);
        fault.delay_ms = 60;
        wire w = open_wire(&r);
        say(w.client, "at once");
        hear_exactly(w.server, "at once");
        const uint32_t id = add_fault(r.proxy, fault);
        int64_t began = now_ns();
        raw_reset(w.client);
        await_strikes(r.proxy, id, 1);
        hear_reset(w.server, TCP);
        check(now_ns() - began >= INT64_C(60000000));
        close(w.server);
        /* An end that becomes a reset, as there is nobody to read what is sent back. */
        w = open_wire(&r);
        began = now_ns();
        close(w.client);
        await_strikes(r.proxy, id, 2);
        say(w.server, "to nobody");
        hear_any_end(w.server);
        check(now_ns() - began >= INT64_C(60000000));
        close(w.server);
        check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
        /* Removed it holds back no longer. */
        fault.delay_ms = 2147483647;
        w = open_wire(&r);
        const uint32_t forever = add_fault(r.proxy, fault);
        raw_reset(w.client);
        await_strikes(r.proxy, forever, 1);
        hear_nothing(w.server);
        check_status(exz_fault_remove(r.proxy, forever), EXZ_OK);
        hear_reset(w.server, TCP);
        close(w.server);
        close_relayed(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(down_refuses_and_keeps_the_endpoint),
        TEST(down_comes_back_beside_what_is_left_of_its_connections),
        TEST(a_blackhole_accepts_and_says_nothing_until_it_is_gone),
        TEST(who_leaves_a_blackhole_is_forgotten),
        TEST(a_stall_passes_the_first_bytes_and_then_nothing),
        TEST(half_open_stops_one_direction_with_its_end),
        TEST(a_reset_and_a_close_at_once_after_bytes_and_after_a_time),
        TEST(a_removed_fault_ends_nothing_any_more),
        TEST(a_slow_close_passes_the_end_on_late),
        TEST(a_reset_is_passed_on_as_late_as_any_end),
    };
    return cmocka_run_group_tests_name("fault_kinds", tests, NULL, NULL);
}
