/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault proxies used wrongly: each mistake has its status, and nothing is written. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "slow_names.h"
#include "wires.h"
#include "worker.h"

static void refuse_open(const char *listen, const char *target, exz_status expected) {
    in_row("%s to %s", listen, target);
    exz_fault_proxy p = {77};
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_fault_proxy_open(&p, listen, target, 0, &error), expected);
    check_int(p.id, 77);
    check_int(error.status, expected);
    check(error.message[0] != '\0');
    check_status(exz_fault_proxy_open(&p, listen, target, 0, NULL), expected);
}

CASE(endpoints_that_are_none_are_refused) {
    static const char good[] = "tcp://127.0.0.1:*", there[] = "tcp://127.0.0.1:9";
    static const struct {
        const char *endpoint;
        exz_status to_listen, as_target;
    } rows[] = {
        {"", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"nothing", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"tcp://", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"tcp://127.0.0.1", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"tcp://127.0.0.1:65536", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"tcp://127.0.0.1:99999999999999999999", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"tcp://[::1:5", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"ipc://", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
        {"inproc://x", EXZ_ERR_NOT_SUPPORTED, EXZ_ERR_NOT_SUPPORTED},
        {"udp://127.0.0.1:5", EXZ_ERR_NOT_SUPPORTED, EXZ_ERR_NOT_SUPPORTED},
        {"tcp://\xff:5", EXZ_ERR_INVALID, EXZ_ERR_INVALID},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        refuse_open(rows[i].endpoint, there, rows[i].to_listen);
        refuse_open(good, rows[i].endpoint, rows[i].as_target);
    }
    refuse_open(good, "tcp://127.0.0.1:*", EXZ_ERR_INVALID);
    refuse_open(good, "tcp://127.0.0.1:0", EXZ_ERR_INVALID);
    refuse_open(good, "tcp://*:5", EXZ_ERR_INVALID);
    refuse_open("tcp://192.0.2.1:*", there, EXZ_ERR_ADDRESS_NOT_AVAILABLE);
    refuse_open("ipc:///no/such/directory/s", there, EXZ_ERR_ADDRESS_NOT_AVAILABLE);
    moving_name_is_at(0);
    refuse_open("tcp://" MOVING_NAME ":*", there, EXZ_ERR_RESOLVE);
    refuse_open("ipc://@exz-own-target", "ipc://@exz-own-target", EXZ_ERR_INVALID);
    exz_fault_proxy p = {77};
    check_status(exz_fault_proxy_open(&p, NULL, there, 0, NULL), EXZ_ERR_INVALID);
    check_status(exz_fault_proxy_open(&p, good, NULL, 0, NULL), EXZ_ERR_INVALID);
    check_status(exz_fault_proxy_open(NULL, good, there, 0, NULL), EXZ_ERR_INVALID);
    exz_error small = {.size = 3};
    check_status(exz_fault_proxy_open(&p, good, there, 0, &small), EXZ_ERR_INVALID);
    check_int(p.id, 77);
}

CASE(an_endpoint_that_somebody_has_is_in_use) {
    relayed r = open_relayed(TCP, TCP, 0);
    refuse_open(r.endpoint, r.target, EXZ_ERR_ADDRESS_IN_USE);
    refuse_open(r.target, r.endpoint, EXZ_ERR_ADDRESS_IN_USE);
    close_relayed(&r);
}

static void refuse_fault(exz_fault_proxy p, exz_fault fault, const char *field) {
    in_row("kind %d, %s", fault.kind, field);
    uint32_t id = 77;
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_fault_add(&id, p, &fault), EXZ_ERR_INVALID);
    check_int(id, 77);
    check_status(exz_fault_check(&fault, &error), EXZ_ERR_INVALID);
    if (strstr(error.message, field) == NULL) fail_msg("\"%s\" does not name %s", error.message, field);
    check_status(exz_fault_check(&fault, NULL), EXZ_ERR_INVALID);
}

/* The fault with what it needs to be good. */
static exz_fault good_fault(exz_fault_kind kind) {
    exz_fault fault = fault_of(kind);
    if (kind == EXZ_FAULT_LATENCY || kind == EXZ_FAULT_SLOW_CLOSE) fault.delay_ms = 5;
    if (kind == EXZ_FAULT_BANDWIDTH) fault.bytes_per_second = 5;
    if (kind == EXZ_FAULT_SLICE) fault.slice_bytes = 5;
    if (kind == EXZ_FAULT_CORRUPT) fault.flip_rate = 0.5;
    if (kind == EXZ_FAULT_HALF_OPEN) fault.direction = EXZ_FAULT_TO_TARGET;
    return fault;
}

CASE(faults_that_make_no_sense_are_refused) {
    relayed r = open_relayed(TCP, TCP, 0);
    static const exz_fault_kind unknown[] = {0, -1, EXZ_FAULT_HALF_OPEN + 1, 2147483647};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) refuse_fault(r.proxy, fault_of(unknown[i]), "kind");
    for (exz_fault_kind kind = EXZ_FAULT_DOWN; kind <= EXZ_FAULT_HALF_OPEN; kind++) {
        exz_fault fault = good_fault(kind);
        check_status(exz_fault_check(&fault, NULL), EXZ_OK);
        fault.direction = 3;
        refuse_fault(r.proxy, fault, "direction");
        fault = good_fault(kind);
        static const double shares[] = {-0.5, 1.5, NAN};
        for (size_t i = 0; i < COUNT_OF(shares); i++) {
            fault.share = shares[i];
            refuse_fault(r.proxy, fault, "share");
        }
        fault = good_fault(kind);
        fault.size -= 1;
        refuse_fault(r.proxy, fault, "size");
        /* What a kind does not look at has to be as it was. */
        fault = good_fault(kind);
        if (kind != EXZ_FAULT_RESET && kind != EXZ_FAULT_CLOSE) fault.after_ms = 1;
        if (fault.after_ms == 1) refuse_fault(r.proxy, fault, "after_ms");
        fault = good_fault(kind);
        fault.delay_ms = kind == EXZ_FAULT_LATENCY || kind == EXZ_FAULT_SLOW_CLOSE ? 0 : 1;
        refuse_fault(r.proxy, fault, "delay_ms");
        fault = good_fault(kind);
        fault.bytes_per_second = kind == EXZ_FAULT_BANDWIDTH ? 0 : 1;
        refuse_fault(r.proxy, fault, "bytes_per_second");
        fault = good_fault(kind);
        fault.slice_bytes = kind == EXZ_FAULT_SLICE ? 0 : 1;
        refuse_fault(r.proxy, fault, "slice_bytes");
        fault = good_fault(kind);
        fault.flip_rate = kind == EXZ_FAULT_CORRUPT ? 0 : 0.1;
        refuse_fault(r.proxy, fault, "flip_rate");
    }
    exz_fault fault = good_fault(EXZ_FAULT_LATENCY);
    fault.jitter_ms = 6;
    refuse_fault(r.proxy, fault, "jitter_ms");
    fault.jitter_ms = -1;
    refuse_fault(r.proxy, fault, "jitter_ms");
    fault = good_fault(EXZ_FAULT_RESET);
    fault.after_ms = -1;
    refuse_fault(r.proxy, fault, "after_ms");
    fault = good_fault(EXZ_FAULT_SLICE);
    fault.slice_spread = 5;
    refuse_fault(r.proxy, fault, "slice_spread");
    fault.slice_spread = 0;
    fault.pause_ms = -1;
    refuse_fault(r.proxy, fault, "pause_ms");
    fault = good_fault(EXZ_FAULT_DOWN);
    fault.count = 1;
    refuse_fault(r.proxy, fault, "count");
    fault = good_fault(EXZ_FAULT_HALF_OPEN);
    fault.direction = EXZ_FAULT_BOTH;
    refuse_fault(r.proxy, fault, "direction");
    check_int(proxy_stats(r.proxy).faults, 0);
    close_relayed(&r);
}

CASE(an_initializer_and_a_function_give_the_same_fault) {
    const exz_fault by_macro = EXZ_FAULT_INIT;
    exz_fault by_function;
    memset(&by_function, 0xA5, sizeof by_function);
    check_status(exz_fault_init(&by_function), EXZ_OK);
    check_int(memcmp(&by_function, &by_macro, sizeof by_macro), 0);
    check_status(exz_fault_init(NULL), EXZ_ERR_INVALID);
}

CASE(a_fault_of_which_only_the_kind_is_named_has_the_defaults) {
    relayed r = open_relayed(TCP, TCP, 0);
    uint32_t id, latency;
    check_status(exz_fault_check(EXZ_FAULT(.kind = EXZ_FAULT_SLICE), NULL), EXZ_ERR_INVALID);
    check_status(exz_fault_add(&id, r.proxy, EXZ_FAULT(.kind = EXZ_FAULT_SLICE, .slice_bytes = 2)), EXZ_OK);
    check_status(exz_fault_add(&latency, r.proxy, EXZ_FAULT(.kind = EXZ_FAULT_LATENCY, .delay_ms = 1)), EXZ_OK);
    /* All connections, both ways. */
    for (int connection = 1; connection <= 8; connection++) {
        in_row("connection %d", connection);
        wire w = open_wire(&r);
        say(w.client, "ask");
        hear_exactly(w.server, "ask");
        close_wire(&w);
        check_status(exz_fault_wait(r.proxy, id, connection, PATIENCE_MS), EXZ_OK);
        check_status(exz_fault_wait(r.proxy, latency, connection, PATIENCE_MS), EXZ_OK);
    }
    close_relayed(&r);
}

CASE(arguments_that_are_missing_or_out_of_range_are_refused) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_BLACKHOLE);
    uint32_t id;
    char text[4] = "abc";
    check_status(exz_fault_add(NULL, r.proxy, &fault), EXZ_ERR_INVALID);
    check_status(exz_fault_add(&id, r.proxy, NULL), EXZ_ERR_INVALID);
    check_status(exz_fault_check(NULL, NULL), EXZ_ERR_INVALID);
    check_status(exz_fault_proxy_endpoint(r.proxy, NULL, 10), EXZ_ERR_INVALID);
    check_status(exz_fault_proxy_endpoint(r.proxy, text, sizeof text), EXZ_ERR_TOO_SMALL);
    check_status(exz_fault_proxy_endpoint(r.proxy, text, 0), EXZ_ERR_TOO_SMALL);
    check_text(text, "abc");
    check_status(exz_fault_proxy_stats(NULL, r.proxy), EXZ_ERR_INVALID);
    exz_fault_stats stats = {.size = 1};
    check_status(exz_fault_proxy_stats(&stats, r.proxy), EXZ_ERR_INVALID);
    for (exz_fault_count count = EXZ_FAULT_COUNT_CONNECTIONS; count <= EXZ_FAULT_COUNT_STRUCK; count++) {
        check_status(exz_fault_proxy_wait(r.proxy, count, 0, 0), EXZ_OK);
        check_status(exz_fault_proxy_wait(r.proxy, count, 1, 0), EXZ_ERR_TIMEOUT);
        check_status(exz_fault_proxy_wait(r.proxy, count, UINT64_MAX, 1), EXZ_ERR_TIMEOUT);
        check_status(exz_fault_proxy_wait(r.proxy, count, 0, -2), EXZ_ERR_INVALID);
    }
    check_status(exz_fault_proxy_wait(r.proxy, 0, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_fault_proxy_wait(r.proxy, EXZ_FAULT_COUNT_STRUCK + 1, 0, 0), EXZ_ERR_INVALID);
    /* Numbers: never given, given, removed. */
    check_status(exz_fault_remove(r.proxy, 0), EXZ_ERR_INVALID);
    check_status(exz_fault_remove(r.proxy, 1), EXZ_ERR_INVALID);
    check_status(exz_fault_wait(r.proxy, 1, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_fault_add(&id, r.proxy, &fault), EXZ_OK);
    check_int(id, 1);
    check_status(exz_fault_wait(r.proxy, id, 0, 0), EXZ_OK);
    check_status(exz_fault_wait(r.proxy, id, 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_fault_wait(r.proxy, id, 1, -2), EXZ_ERR_INVALID);
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    check_status(exz_fault_wait(r.proxy, id, 0, 0), EXZ_ERR_CLOSED);
    close_relayed(&r);
}

CASE(there_are_at_most_a_thousand_faults) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_STALL);
    fault.after_bytes = 1000;
    uint32_t id;
    for (int i = 0; i < 1000; i++) check_status(exz_fault_add(&id, r.proxy, &fault), EXZ_OK);
    wire w = open_wire(&r);
    say(w.client, "early");
    hear_exactly(w.server, "early");
    check_status(exz_fault_add(&id, r.proxy, &fault), EXZ_ERR_LIMIT);
    check_status(exz_fault_remove(r.proxy, 500), EXZ_OK);
    check_status(exz_fault_add(&id, r.proxy, &fault), EXZ_OK);
    check_int(id, 1001);
    close_wire(&w);
    close_relayed(&r);
}

static void refuse_handle(exz_fault_proxy p, exz_status expected) {
    const exz_fault fault = fault_of(EXZ_FAULT_BLACKHOLE);
    uint32_t id;
    char text[ENDPOINT_SIZE];
    exz_fault_stats stats = EXZ_FAULT_STATS_INIT;
    check_status(exz_fault_proxy_endpoint(p, text, sizeof text), expected);
    check_status(exz_fault_add(&id, p, &fault), expected);
    check_status(exz_fault_remove(p, 1), expected);
    check_status(exz_fault_proxy_stats(&stats, p), expected);
    check_status(exz_fault_proxy_wait(p, EXZ_FAULT_COUNT_STRUCK, 0, 0), expected);
    check_status(exz_fault_wait(p, 1, 0, 0), expected);
    check_status(exz_fault_proxy_drop(p), expected);
    check_status(exz_fault_proxy_close(p), expected == EXZ_ERR_CLOSED ? EXZ_OK : expected);
}

CASE(handles_that_are_none_any_more_or_never_were) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_socket s = open_socket(EXZ_PUB);
    refuse_handle((exz_fault_proxy){0}, EXZ_ERR_HANDLE);
    refuse_handle((exz_fault_proxy){UINT64_MAX}, EXZ_ERR_HANDLE);
    refuse_handle((exz_fault_proxy){s.id}, EXZ_ERR_HANDLE);
    refuse_handle((exz_fault_proxy){r.proxy.id + (1U << 24)}, EXZ_ERR_HANDLE);
    check_status(exz_socket_close((exz_socket){r.proxy.id}, 0), EXZ_ERR_HANDLE);
    close_socket(s);
    const exz_fault_proxy closed = r.proxy;
    close_relayed(&r);
    refuse_handle(closed, EXZ_ERR_CLOSED);
    relayed next = open_relayed(TCP, TCP, 0);
    check(next.proxy.id != closed.id);
    refuse_handle(closed, EXZ_ERR_CLOSED);
    close_relayed(&next);
}

typedef struct waiting {
    exz_fault_proxy proxy;
    uint32_t id;
} waiting;

static exz_status wait_for_a_fault(void *argument) {
    const waiting *w = argument;
    return exz_fault_wait(w->proxy, w->id, 1, PATIENCE_MS);
}

static exz_status wait_for_a_count(void *argument) {
    const waiting *w = argument;
    return exz_fault_proxy_wait(w->proxy, EXZ_FAULT_COUNT_CONNECTIONS, 1, PATIENCE_MS);
}

CASE(a_wait_ends_with_what_it_waits_for) {
    relayed r = open_relayed(TCP, TCP, 0);
    waiting first = {r.proxy, add_fault(r.proxy, good_fault(EXZ_FAULT_LATENCY))};
    waiting second = {r.proxy, add_fault(r.proxy, good_fault(EXZ_FAULT_LATENCY))};
    worker removed, closed, counted;
    worker_start(&removed, wait_for_a_fault, &first);
    worker_start(&closed, wait_for_a_fault, &second);
    worker_start(&counted, wait_for_a_count, &second);
    worker_await_sleep(&removed);
    worker_await_sleep(&closed);
    worker_await_sleep(&counted);
    check_status(exz_fault_remove(r.proxy, first.id), EXZ_OK);
    check_status(worker_join(&removed), EXZ_ERR_CLOSED);
    close_relayed(&r);
    check_status(worker_join(&closed), EXZ_ERR_CLOSED);
    check_status(worker_join(&counted), EXZ_ERR_CLOSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(endpoints_that_are_none_are_refused),
        TEST(an_endpoint_that_somebody_has_is_in_use),
        TEST(faults_that_make_no_sense_are_refused),
        TEST(an_initializer_and_a_function_give_the_same_fault),
        TEST(a_fault_of_which_only_the_kind_is_named_has_the_defaults),
        TEST(arguments_that_are_missing_or_out_of_range_are_refused),
        TEST(there_are_at_most_a_thousand_faults),
        TEST(handles_that_are_none_any_more_or_never_were),
        TEST(a_wait_ends_with_what_it_waits_for),
    };
    return cmocka_run_group_tests_name("fault_misuse", tests, NULL, NULL);
}
