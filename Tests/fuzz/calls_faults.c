/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on fault proxies. One is put before what was bound last, and takes its place: so sockets connect to it. */
#include <stdio.h>

#include "bench.h"

static exz_fault take_fault(player *p) {
    input *in = &p->d.in;
    static const double shares[] = {0, 0.5, 1, 1e-300, -1, 2, 0.0 / 0.0};
    static const int32_t times[] = {0, 1, 3, 20, INT32_MAX, -1, INT32_MIN};
    static const uint64_t numbers[] = {0, 1, 7, 64, 4096, UINT32_MAX, UINT64_MAX};
    exz_fault fault = EXZ_FAULT_INIT;
    fault.kind = 1 + take_byte(in) % EXZ_FAULT_HALF_OPEN;
    switch (fault.kind) {
    case EXZ_FAULT_LATENCY:
    case EXZ_FAULT_SLOW_CLOSE: fault.delay_ms = 1 + take_byte(in) % 4; break;
    case EXZ_FAULT_BANDWIDTH: fault.bytes_per_second = 1 + take_byte(in) * 1000; break;
    case EXZ_FAULT_SLICE: fault.slice_bytes = 1 + take_byte(in) % 9; break;
    case EXZ_FAULT_CORRUPT: fault.flip_rate = 0.01; break;
    case EXZ_FAULT_RESET:
    case EXZ_FAULT_CLOSE:
    case EXZ_FAULT_STALL: fault.after_bytes = take_byte(in) % 96; break;
    case EXZ_FAULT_HALF_OPEN: fault.direction = 1 + take_byte(in) % 2; break;
    }
    for (uint8_t changes = take_byte(in) % 4; changes > 0; changes--) {
        switch (take_byte(in) % 14) {
        case 0: fault.kind = (exz_fault_kind)take_number(in); break;
        case 1: fault.direction = take_byte(in) % 4; break;
        case 2: fault.count = take_byte(in) % 4; break;
        case 3: fault.share = TAKE_ONE(in, shares); break;
        case 4: fault.after_bytes = TAKE_ONE(in, numbers); break;
        case 5: fault.after_ms = TAKE_ONE(in, times); break;
        case 6: fault.delay_ms = TAKE_ONE(in, times); break;
        case 7: fault.jitter_ms = TAKE_ONE(in, times); break;
        case 8: fault.pause_ms = TAKE_ONE(in, times); break;
        case 9: fault.bytes_per_second = TAKE_ONE(in, numbers); break;
        case 10: fault.slice_bytes = (uint32_t)TAKE_ONE(in, numbers); break;
        case 11: fault.slice_spread = (uint32_t)TAKE_ONE(in, numbers); break;
        case 12: fault.flip_rate = TAKE_ONE(in, shares); break;
        case 13: fault.size = take_byte(in); break;
        }
    }
    return fault;
}

/* Most have one of the first numbers. */
static uint32_t take_fault_number(player *p) {
    const uint8_t choice = take_byte(&p->d.in);
    return choice < 248 ? choice % 6 : (uint32_t)take_number(&p->d.in);
}

static void close_handle(player *p, uint64_t id) {
    if (id == 0) return;
    untouched_unless(&p->d, TRY(&p->d, 0, exz_fault_proxy_close((exz_fault_proxy){id})) == EXZ_OK);
}

static void open_proxy(player *p) {
    desk *d = &p->d;
    const size_t place = take_index(&d->in, FAULT_PROXIES);
    const char *listen = take_byte(&d->in) < 128 ? "tcp://127.0.0.1:*" : take_endpoint(p);
    const char *target = take_byte(&d->in) < 192 ? p->bound : take_endpoint(p);
    exz_error *error = take_error(p);
    const uint64_t seed = take_byte(&d->in) % 4;
    const exz_status status = TRY(d, 1000, exz_fault_proxy_open(&d->out.fault_proxy, listen, target, seed, error));
    check_error(p, status, error);
    uint64_t former = 0;
    if (status == EXZ_OK) {
        const exz_fault_proxy opened = d->out.fault_proxy;
        exz_fault_proxy_endpoint(opened, p->bound, sizeof p->bound);
        former = atomic_exchange(&shared.fault_proxies[place], opened.id);
    }
    untouched_unless(d, status == EXZ_OK);
    close_handle(p, former);
}

static void close_proxy(player *p) {
    const size_t place = take_index(&p->d.in, FAULT_PROXIES);
    if (take_byte(&p->d.in) < 192) close_handle(p, atomic_exchange(&shared.fault_proxies[place], 0));
    else close_handle(p, take_fault_proxy(p).id);
}

static void add_fault(player *p) {
    desk *d = &p->d;
    const exz_fault_proxy proxy = take_fault_proxy(p);
    const exz_fault fault = take_fault(p);
    exz_error *error = take_error(p);
    check_error(p, TRY(d, 0, exz_fault_check(&fault, error)), error);
    const exz_status opinion = TRY(d, 0, exz_fault_check(&fault, NULL));
    const exz_status status = TRY(d, 0, exz_fault_add(&d->out.fault, proxy, &fault));
    if (status == EXZ_OK) require(d, opinion == EXZ_OK && d->out.fault > 0, "it took what the check refuses");
    if (opinion == EXZ_OK) require(d, status != EXZ_ERR_INVALID, "it refused what the check takes");
    untouched_unless(d, status == EXZ_OK);
}

static void remove_fault(player *p) {
    const exz_fault_proxy proxy = take_fault_proxy(p);
    untouched_unless(&p->d, TRY(&p->d, 0, exz_fault_remove(proxy, take_fault_number(p))) == EXZ_OK);
}

static void ask_proxy(player *p) {
    desk *d = &p->d;
    const exz_fault_proxy proxy = take_fault_proxy(p);
    exz_status status;
    if (take_byte(&d->in) % 2 == 0) {
        const size_t capacity = take_capacity(p);
        status = TRY(d, 0, exz_fault_proxy_endpoint(proxy, d->out.buffer, capacity));
        if (status == EXZ_OK) require(d, memchr(d->out.buffer, '\0', capacity) != NULL, "the endpoint does not end");
    } else {
        if (take_byte(&d->in) > 250) d->out.fault_stats.size = d->before.fault_stats.size = 8;
        status = TRY(d, 0, exz_fault_proxy_stats(&d->out.fault_stats, proxy));
        const exz_fault_stats *stats = &d->out.fault_stats;
        if (status == EXZ_OK)
            require(d, stats->open <= stats->connections && stats->seed != 0, "the numbers make no sense");
    }
    untouched_unless(d, status == EXZ_OK);
}

static void await_proxy(player *p) {
    desk *d = &p->d;
    const exz_fault_proxy proxy = take_fault_proxy(p);
    const uint64_t at_least = take_byte(&d->in) < 250 ? take_byte(&d->in) % 4 : take_number(&d->in);
    const uint8_t choice = take_byte(&d->in);
    const int32_t t = take_short_timeout(p);
    exz_status status;
    if (choice < 128) status = TRY(d, t, exz_fault_wait(proxy, take_fault_number(p), at_least, t));
    else status = TRY(d, t, exz_fault_proxy_wait(proxy, (exz_fault_count)(choice % 9) - 1, at_least, t));
    untouched_unless(d, status == EXZ_OK);
}

static void drop_connections(player *p) {
    untouched_unless(&p->d, TRY(&p->d, 0, exz_fault_proxy_drop(take_fault_proxy(p))) == EXZ_OK);
}

static void call_with_null(player *p) {
    desk *d = &p->d;
    const exz_fault_proxy proxy = take_fault_proxy(p);
    const exz_fault fault = take_fault(p);
    exz_status status;
    switch (take_byte(&d->in) % 7) {
    case 0: status = TRY(d, 0, exz_fault_init(NULL)); break;
    case 1: status = TRY(d, 0, exz_fault_check(NULL, NULL)); break;
    case 2: status = TRY(d, 0, exz_fault_add(NULL, proxy, &fault)); break;
    case 3: status = TRY(d, 0, exz_fault_add(&d->out.fault, proxy, NULL)); break;
    case 4: status = TRY(d, 0, exz_fault_proxy_stats(NULL, proxy)); break;
    case 5: status = TRY(d, 0, exz_fault_proxy_endpoint(proxy, NULL, 16)); break;
    default: status = TRY(d, 0, exz_fault_proxy_open(NULL, "tcp://127.0.0.1:*", "ipc://a", 0, NULL)); break;
    }
    require(d, status != EXZ_OK, "NULL is fine with it");
    untouched_unless(d, false);
}

static operation *const all[] = {
    open_proxy, open_proxy, add_fault, add_fault, add_fault, remove_fault, ask_proxy, await_proxy, drop_connections,
    close_proxy, call_with_null,
};

const operations fault_operations = {all, sizeof all / sizeof *all};
