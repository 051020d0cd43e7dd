/* SPDX-License-Identifier: Apache-2.0
 *
 * A fault proxy without faults is a wire: what goes in comes out, both ways and over both transports, and so do the
 * ends of connections. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "slow_names.h"
#include "wires.h"
#include "worker.h"

static const transport transports[] = {TCP, IPC};

CASE(it_passes_everything_on_over_each_pair_of_transports) {
    for (size_t from = 0; from < COUNT_OF(transports); from++) {
        for (size_t to = 0; to < COUNT_OF(transports); to++) {
            in_row("%s to %s", transport_name(transports[from]), transport_name(transports[to]));
            relayed r = open_relayed(transports[from], transports[to], 0);
            wire w = open_wire(&r);
            say(w.client, "there");
            hear_exactly(w.server, "there");
            say(w.server, "and back");
            hear_exactly(w.client, "and back");
            /* One direction ends, the other one goes on. */
            shutdown(w.client, SHUT_WR);
            hear_end(w.server);
            say(w.server, "still");
            hear_exactly(w.client, "still");
            close(w.server);
            hear_end(w.client);
            close(w.client);
            await_count(r.proxy, EXZ_FAULT_COUNT_ENDED, 1);
            const exz_fault_stats stats = proxy_stats(r.proxy);
            check_int(stats.connections, 1);
            check_int(stats.open, 0);
            check_int(stats.bytes_to_target, 5);
            check_int(stats.bytes_to_client, 13);
            check_int(stats.struck, 0);
            check(stats.seed != 0);
            close_relayed(&r);
        }
    }
}

CASE(a_reset_goes_through) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    say(w.client, "x");
    hear_exactly(w.server, "x");
    raw_reset(w.server);
    hear_reset(w.client, TCP);
    close(w.client);
    close_relayed(&r);
}

typedef struct stream {
    int descriptor;
    size_t size;
} stream;

/* A byte for each place, so that a missing or an exchanged piece shows. */
static uint8_t byte_at(size_t place) { return (uint8_t)((place * 2654435761U) >> 13); }

static exz_status send_stream(void *argument) {
    const stream *s = argument;
    uint8_t piece[10007];
    for (size_t sent = 0; sent < s->size;) {
        size_t count = s->size - sent < sizeof piece ? s->size - sent : sizeof piece;
        for (size_t i = 0; i < count; i++) piece[i] = byte_at(sent + i);
        raw_say(s->descriptor, piece, count);
        sent += count;
    }
    return shutdown(s->descriptor, SHUT_WR) == 0 ? EXZ_OK : EXZ_ERR_INTERNAL;
}

/* What comes until the end; EXZ_ERR_INTERNAL if it is not what was sent. */
static exz_status receive_stream(void *argument) {
    const stream *s = argument;
    uint8_t piece[65536];
    size_t received = 0;
    for (;;) {
        const ssize_t count = recv(s->descriptor, piece, sizeof piece, 0);
        if (count <= 0) return count == 0 && received == s->size ? EXZ_OK : EXZ_ERR_INTERNAL;
        for (ssize_t i = 0; i < count; i++)
            if (piece[i] != byte_at(received + (size_t)i)) return EXZ_ERR_INTERNAL;
        received += (size_t)count;
    }
}

CASE(much_in_both_directions_at_once_arrives_as_it_was) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], transports[i], 0);
        wire w = open_wire(&r);
        stream ends[] = {{w.client, 20000003}, {w.server, 20000003}};
        worker workers[4];
        for (size_t end = 0; end < COUNT_OF(ends); end++) {
            worker_start(&workers[end], send_stream, &ends[end]);
            worker_start(&workers[2 + end], receive_stream, &ends[end]);
        }
        for (size_t each = 0; each < COUNT_OF(workers); each++) check_status(worker_join(&workers[each]), EXZ_OK);
        close_wire(&w);
        await_count(r.proxy, EXZ_FAULT_COUNT_ENDED, 1);
        check_int(proxy_stats(r.proxy).bytes_to_target, 20000003);
        check_int(proxy_stats(r.proxy).bytes_to_client, 20000003);
        close_relayed(&r);
    }
}

CASE(who_does_not_read_holds_up_its_own_sender_alone) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire stuck = open_wire(&r), other = open_wire(&r);
    char block[65536] = {0};
    size_t sent = 0;
    /* The kernel's buffers on both sides and the proxy's are full some time. */
    for (;;) {
        const ssize_t count = send(stuck.client, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) {
            sent += (size_t)count;
            check(sent < (size_t)256 << 20);
            continue;
        }
        check_int(errno, EAGAIN);
        say(other.client, "x");
        hear_exactly(other.server, "x");
        if (send(stuck.client, block, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) break;
        sent++;
    }
    say(stuck.server, "the other way");
    hear_exactly(stuck.client, "the other way");
    /* And nothing of it is lost. */
    shutdown(stuck.client, SHUT_WR);
    size_t received = 0;
    for (ssize_t count; (count = recv(stuck.server, block, sizeof block, 0)) > 0;) received += (size_t)count;
    check_int(received, sent);
    close_wire(&stuck);
    close_wire(&other);
    close_relayed(&r);
}

CASE(an_absent_target_resets_the_client_and_is_told) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        char target[ENDPOINT_SIZE];
        int kept = -1;
        if (transports[i] == TCP) {
            kept = reserve_port(target);
        } else {
            unused_endpoint(IPC, target);
        }
        relayed r = {.proxy = open_proxy("tcp://127.0.0.1:*", target, 0), .listener = -1};
        check_status(exz_fault_proxy_endpoint(r.proxy, r.endpoint, sizeof r.endpoint), EXZ_OK);
        const int client = open_client(&r);
        hear_reset(client, TCP);
        await_count(r.proxy, EXZ_FAULT_COUNT_FAILED, 1);
        const exz_fault_stats stats = proxy_stats(r.proxy);
        check_int(stats.target_status, EXZ_ERR_REFUSED);
        check_int(stats.target_errno, transports[i] == TCP ? ECONNREFUSED : ENOENT);
        check_int(stats.open, 0);
        close(client);
        close_relayed(&r);
        if (kept >= 0) close(kept);
    }
}

CASE(sockets_of_the_library_talk_through_it) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        char bound[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        bind_somewhere(pull, transports[i], bound);
        exz_fault_proxy p = open_proxy("ipc://*", bound, 0);
        check_status(exz_fault_proxy_endpoint(p, endpoint, sizeof endpoint), EXZ_OK);
        connect_to(push, endpoint);
        check_carries(push, pull);
        /* When it drops them they come back through it. */
        check_status(exz_fault_proxy_drop(p), EXZ_OK);
        await_count(p, EXZ_FAULT_COUNT_CONNECTIONS, 2);
        check_carries(push, pull);
        close_proxy(p);
        close_socket(push);
        close_socket(pull);
    }
}

CASE(a_target_by_name_is_looked_up_for_each_connection) {
    char bound[ENDPOINT_SIZE], target[ENDPOINT_SIZE];
    relayed r = {.listener = listen_raw(TCP, bound)};
    snprintf(target, sizeof target, "tcp://%s%s", MOVING_NAME, strrchr(bound, ':'));
    moving_name_is_at(0);
    r.proxy = open_proxy("tcp://127.0.0.1:*", target, 0);
    check_status(exz_fault_proxy_endpoint(r.proxy, r.endpoint, sizeof r.endpoint), EXZ_OK);
    int client = open_client(&r);
    hear_reset(client, TCP);
    close(client);
    check_int(proxy_stats(r.proxy).target_status, EXZ_ERR_RESOLVE);
    moving_name_is_at(1);
    wire w = open_wire(&r);
    say(w.client, "found");
    hear_exactly(w.server, "found");
    close_wire(&w);
    close_relayed(&r);
}

CASE(a_name_that_takes_long_stops_nobody_else) {
    char endpoint[ENDPOINT_SIZE];
    exz_fault_proxy slow = open_proxy("tcp://127.0.0.1:*", "tcp://" SLOW_NAME ":1", 0);
    check_status(exz_fault_proxy_endpoint(slow, endpoint, sizeof endpoint), EXZ_OK);
    const int waiting = dial(endpoint);
    check(waiting >= 0);
    slow_name_await();
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    say(w.client, "x");
    hear_exactly(w.server, "x");
    close_wire(&w);
    close_relayed(&r);
    slow_name_fail();
    hear_reset(waiting, TCP);
    close(waiting);
    close_proxy(slow);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_passes_everything_on_over_each_pair_of_transports),
        TEST(a_reset_goes_through),
        TEST(much_in_both_directions_at_once_arrives_as_it_was),
        TEST(who_does_not_read_holds_up_its_own_sender_alone),
        TEST(an_absent_target_resets_the_client_and_is_told),
        TEST(sockets_of_the_library_talk_through_it),
        TEST(a_target_by_name_is_looked_up_for_each_connection),
        TEST(a_name_that_takes_long_stops_nobody_else),
    };
    return cmocka_run_group_tests_name("fault_proxy", tests, NULL, NULL);
}
