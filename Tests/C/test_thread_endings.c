/* SPDX-License-Identifier: Apache-2.0
 *
 * Several threads blocked in the same call on one socket, and another one that ends it: each comes back, and soon. */
#include <stdlib.h>

#include "monotonic.h"
#include "traffic.h"
#include "waiting_calls.h"

#define BLOCKED 3
#define SAMPLES 4096

typedef struct blocked {
    const waiting_call *call;
    exz_socket s;
    worker workers[BLOCKED];
} blocked;

static exz_status wait_long(void *argument) {
    blocked *b = argument;
    return b->call->call(b->s, 4 * PATIENCE_MS);
}

static void block(blocked *b, const waiting_call *call, exz_socket s) {
    b->call = call;
    b->s = s;
    for (size_t i = 0; i < BLOCKED; i++) worker_start(&b->workers[i], wait_long, b);
    for (size_t i = 0; i < BLOCKED; i++) worker_await_sleep(&b->workers[i]);
}

static int64_t samples[SAMPLES];
static size_t sample_count;

static int order(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void join_all(blocked *b, exz_status expected, int64_t since_ns) {
    for (size_t i = 0; i < BLOCKED; i++) {
        check_status(worker_join(&b->workers[i]), expected);
        const int64_t took = b->workers[i].ended_ns - since_ns;
        check(took < (int64_t)GENEROUS_MS * 1000000);
        if (sample_count < SAMPLES) samples[sample_count++] = took;
    }
}

/* On an idle machine they are back within 10 ms; a busy one gets a generous bound, and the numbers are printed. */
static void print_samples(const char *what) {
    qsort(samples, sample_count, sizeof *samples, order);
    print_message("%s: %zu calls, median %.3f ms, longest %.3f ms\n", what, sample_count,
                  (double)samples[sample_count / 2] / 1e6, (double)samples[sample_count - 1] / 1e6);
    sample_count = 0;
}

/* A thread may sleep for another reason than its wait: a cancel that comes before that does not count, and is
 * repeated. */
static void cancel_until_back(blocked *b) {
    for (size_t i = 0; i < BLOCKED; i++) {
        while (!atomic_load(&b->workers[i].is_done)) {
            check_status(exz_socket_cancel(b->s), EXZ_OK);
            sched_yield();
        }
    }
}

/* A bind or connect that is made twice at once is one: both wait for the same. */
static bool is_for_several(const waiting_call *call) { return call->call != waiting_call_named("exz_socket_bind")->call; }

static void close_it(blocked *b) { close_socket(b->s); }

/* What ends calls in all of their waits, again and again. */
static void end_blocked_calls(void (*end)(blocked *b), exz_status status) {
    const exz_socket_options options = waiting_options();
    const int64_t until = after_ms(combination_ms());
    do {
        for (size_t i = 0; i < waiting_call_count; i++) {
            if (!is_for_several(&waiting_calls[i])) continue;
            in_row("%s", waiting_calls[i].name);
            blocked b;
            exz_socket s = open_waiting(&waiting_calls[i], &options);
            block(&b, &waiting_calls[i], s);
            const int64_t since = now_ns();
            end(&b);
            join_all(&b, status, since);
            close_socket(s);
            release_waiting();
        }
    } while (now_ns() < until);
}

CASE(cancel_against_blocked_calls) {
    end_blocked_calls(cancel_until_back, EXZ_ERR_CANCELED);
    print_samples("cancelled");
}

CASE(close_against_blocked_calls) {
    end_blocked_calls(close_it, EXZ_ERR_CLOSED);
    print_samples("closed");
}

static exz_status poll_long(exz_socket s, uint16_t events) {
    exz_poll_item items[] = {{s, 0, 0, 0}, {s, 0, events, 0}};
    return exz_poll(items, COUNT_OF(items), 4 * PATIENCE_MS);
}

static exz_status poll_for_messages(exz_socket s, __attribute__((unused)) int32_t timeout_ms) {
    return poll_long(s, EXZ_POLL_IN);
}

static exz_status poll_for_events(exz_socket s, __attribute__((unused)) int32_t timeout_ms) {
    return poll_long(s, EXZ_POLL_EVENT);
}

/* Waits for nothing but the end. */
static exz_status poll_for_nothing(exz_socket s, __attribute__((unused)) int32_t timeout_ms) { return poll_long(s, 0); }

CASE(cancel_and_close_against_polls) {
    const waiting_call polls[] = {
        {"for messages", EXZ_PULL, poll_for_messages, NULL, EXZ_ERR_TIMEOUT},
        {"for events", EXZ_PULL, poll_for_events, NULL, EXZ_ERR_TIMEOUT},
        {"for nothing", EXZ_PULL, poll_for_nothing, NULL, EXZ_ERR_TIMEOUT},
    };
    const int64_t until = after_ms(combination_ms());
    do {
        for (size_t i = 0; i < COUNT_OF(polls); i++) {
            in_row("%s", polls[i].name);
            blocked b;
            exz_socket s = open_socket(EXZ_PULL);
            block(&b, &polls[i], s);
            int64_t since = now_ns();
            cancel_until_back(&b);
            join_all(&b, EXZ_ERR_CANCELED, since);
            block(&b, &polls[i], s);
            since = now_ns();
            close_socket(s);
            join_all(&b, EXZ_ERR_CLOSED, since);
        }
    } while (now_ns() < until);
    print_samples("polls ended");
}

static atomic_bool is_enough;

/* The zeroed handle leads to the first of all sockets, or did. */
static exz_status use_zero(__attribute__((unused)) void *unused) {
    const exz_socket zero = {0};
    while (!atomic_load(&is_enough)) {
        exz_state state;
        exz_stats stats = EXZ_STATS_INIT;
        if (exz_socket_state(&state, zero) != EXZ_ERR_HANDLE) return EXZ_OK;
        if (exz_socket_stats(&stats, zero) != EXZ_ERR_HANDLE) return EXZ_OK;
        if (exz_send(zero, "x", 1, 0, 0) != EXZ_ERR_HANDLE) return EXZ_OK;
    }
    return EXZ_ERR_HANDLE;
}

CASE(zero_is_no_handle_while_sockets_close_under_those_who_wait) {
    const waiting_call *receive = waiting_call_named("exz_recv");
    const int64_t until = after_ms(combination_ms());
    worker using_zero[2];
    atomic_store(&is_enough, false);
    for (size_t i = 0; i < COUNT_OF(using_zero); i++) worker_start(&using_zero[i], use_zero, NULL);
    do {
        blocked b;
        exz_socket s = open_socket(EXZ_PULL);
        block(&b, receive, s);
        const int64_t since = now_ns();
        close_socket(s);
        join_all(&b, EXZ_ERR_CLOSED, since);
    } while (now_ns() < until);
    atomic_store(&is_enough, true);
    for (size_t i = 0; i < COUNT_OF(using_zero); i++) check_status(worker_join(&using_zero[i]), EXZ_ERR_HANDLE);
    sample_count = 0;
}

typedef struct flow {
    exz_socket from, to;
    atomic_bool is_over;
    atomic_uint canceled;
} flow;

static exz_status cancel_often(void *argument) {
    flow *f = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !atomic_load(&f->is_over)) {
        status = exz_socket_cancel(f->from);
        if (status == EXZ_OK) status = exz_socket_cancel(f->to);
        sched_yield();
    }
    return status;
}

/* Sends the numbers from 0 until the time is over and some wait was cancelled; each again when that was its own. */
static exz_status send_in_spite(void *argument) {
    flow *f = argument;
    const int64_t until = after_ms(combination_ms()), patience = after_ms(combination_ms() + PATIENCE_MS);
    for (uint32_t number = 0;; number++) {
        const bool is_done = now_ns() >= until && (atomic_load(&f->canceled) > 0 || now_ns() >= patience);
        const uint32_t text = is_done ? UINT32_MAX : number;
        exz_status status;
        while ((status = exz_send(f->from, &text, sizeof text, 0, PATIENCE_MS)) == EXZ_ERR_CANCELED)
            atomic_fetch_add(&f->canceled, 1);
        if (status != EXZ_OK || text == UINT32_MAX) return status;
    }
}

CASE(cancels_in_the_middle_of_traffic_lose_and_double_nothing) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = traffic_link(t);
        flow f = {.from = pair.connected, .to = pair.bound};
        worker canceling, sending;
        worker_start(&canceling, cancel_often, &f);
        worker_start(&sending, send_in_spite, &f);
        for (uint32_t expected = 0;;) {
            uint32_t number = 0;
            size_t size;
            const exz_status status = exz_recv(&size, f.to, &number, sizeof number, PATIENCE_MS);
            if (status == EXZ_ERR_CANCELED) atomic_fetch_add(&f.canceled, 1);
            if (status == EXZ_ERR_CANCELED) continue;
            check_status(status, EXZ_OK);
            if (number == UINT32_MAX) break;
            check_int(number, expected++);
        }
        check_status(worker_join(&sending), EXZ_OK);
        atomic_store(&f.is_over, true);
        check_status(worker_join(&canceling), EXZ_OK);
        check(atomic_load(&f.canceled) > 0);
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(cancel_against_blocked_calls),
        TEST(close_against_blocked_calls),
        TEST(cancel_and_close_against_polls),
        TEST(zero_is_no_handle_while_sockets_close_under_those_who_wait),
        TEST(cancels_in_the_middle_of_traffic_lose_and_double_nothing),
    };
    return cmocka_run_group_tests_name("thread endings", tests, NULL, NULL);
}
