/* SPDX-License-Identifier: Apache-2.0
 *
 * A fault proxy used by many threads at once: connections come and go, faults of every kind are added and removed,
 * everything is dropped now and then. Afterwards it is a wire again. */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "holdings.h"
#include "monotonic.h"
#include "wires.h"
#include "worker.h"

enum { ROUNDS = 150, CLIENTS = 3, SPOILERS = 2 };

typedef struct part {
    relayed *relayed;
    atomic_bool *is_over;
    unsigned seed;
} part;

/* The target: takes whoever comes, sends back what it gets, and forgets it. */
static exz_status serve(void *argument) {
    const part *p = argument;
    char data[512];
    while (!*p->is_over) {
        struct pollfd readable = {p->relayed->listener, POLLIN, 0};
        if (poll(&readable, 1, 20) <= 0) continue;
        const int server = accept(p->relayed->listener, NULL, NULL);
        if (server < 0) continue;
        readable.fd = server;
        if (poll(&readable, 1, 20) > 0) {
            const ssize_t count = recv(server, data, sizeof data, MSG_DONTWAIT);
            if (count > 0) send(server, data, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        close(server);
    }
    return EXZ_OK;
}

/* Some are refused, some hear nothing, some are reset. */
static exz_status come_and_go(void *argument) {
    const part *p = argument;
    const struct timeval moment = {0, 10000};
    char data[512] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        const int client = dial(p->relayed->endpoint);
        if (client < 0) continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
        if (send(client, data, sizeof data, MSG_NOSIGNAL) > 0) recv(client, data, sizeof data, 0);
        close(client);
    }
    return EXZ_OK;
}

static exz_fault any_fault(unsigned *seed) {
    exz_fault fault = fault_of((exz_fault_kind)(1 + rand_r(seed) % EXZ_FAULT_HALF_OPEN));
    switch (fault.kind) {
    case EXZ_FAULT_RESET:
    case EXZ_FAULT_CLOSE: fault.after_bytes = (uint64_t)(rand_r(seed) % 300); fault.after_ms = rand_r(seed) % 5; break;
    case EXZ_FAULT_LATENCY: fault.delay_ms = 3; fault.jitter_ms = rand_r(seed) % 4; break;
    case EXZ_FAULT_BANDWIDTH: fault.bytes_per_second = 20000; break;
    case EXZ_FAULT_SLICE: fault.slice_bytes = 50; fault.slice_spread = 20; fault.pause_ms = rand_r(seed) % 2; break;
    case EXZ_FAULT_SLOW_CLOSE: fault.delay_ms = 3; break;
    case EXZ_FAULT_CORRUPT: fault.flip_rate = 0.1; break;
    case EXZ_FAULT_STALL: fault.after_bytes = 100; break;
    case EXZ_FAULT_HALF_OPEN: fault.direction = EXZ_FAULT_TO_CLIENT; break;
    default: break;
    }
    if (fault.kind != EXZ_FAULT_DOWN) fault.share = 0.5;
    return fault;
}

static exz_status spoil(void *argument) {
    part *p = argument;
    for (int i = 0; i < ROUNDS; i++) {
        const exz_fault fault = any_fault(&p->seed);
        uint32_t id;
        exz_fault_stats stats = EXZ_FAULT_STATS_INIT;
        exz_status status = exz_fault_add(&id, p->relayed->proxy, &fault);
        if (status != EXZ_OK) return status;
        exz_fault_wait(p->relayed->proxy, id, 1, 3);
        if (rand_r(&p->seed) % 10 == 0) exz_fault_proxy_drop(p->relayed->proxy);
        if (exz_fault_proxy_stats(&stats, p->relayed->proxy) != EXZ_OK || stats.faults == 0) return EXZ_ERR_INTERNAL;
        if ((status = exz_fault_remove(p->relayed->proxy, id)) != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* Whoever has connected before has been accepted, too, once the target answers this one, or ends it. */
static void come_last(const relayed *r) {
    const int client = open_client(r);
    struct pollfd readable = {client, POLLIN, 0};
    say(client, "the last");
    check_int(poll(&readable, 1, PATIENCE_MS), 1);
    close(client);
}

CASE(all_at_once) {
    const transport transports[] = {TCP, IPC};
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], transports[i], 5);
        atomic_bool is_over = false;
        part parts[1 + CLIENTS + SPOILERS];
        worker workers[COUNT_OF(parts)];
        for (size_t each = 0; each < COUNT_OF(parts); each++) {
            parts[each] = (part){&r, &is_over, (unsigned)each};
            exz_status (*body)(void *) = each == 0 ? serve : each <= CLIENTS ? come_and_go : spoil;
            worker_start(&workers[each], body, &parts[each]);
        }
        for (size_t each = 1; each < COUNT_OF(parts); each++) check_status(worker_join(&workers[each]), EXZ_OK);
        come_last(&r);
        check_status(exz_fault_proxy_drop(r.proxy), EXZ_OK);
        is_over = true;
        check_status(worker_join(&workers[0]), EXZ_OK);
        const exz_fault_stats stats = proxy_stats(r.proxy);
        check_int(stats.faults, 0);
        check_int(stats.open, 0);
        check(stats.struck > 0);
        /* Connections to the target that nobody has accepted are reset; behind them there is a wire. */
        int strangers;
        do {
            struct pollfd readable = {r.listener, POLLIN, 0};
            strangers = poll(&readable, 1, 0);
            if (strangers > 0) close(accept(r.listener, NULL, NULL));
        } while (strangers > 0);
        wire w = open_wire(&r);
        say(w.client, "as if nothing had been");
        hear_exactly(w.server, "as if nothing had been");
        close_wire(&w);
        close_relayed(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(all_at_once)};
    return cmocka_run_group_tests_name("fault_storm", tests, NULL, NULL);
}
