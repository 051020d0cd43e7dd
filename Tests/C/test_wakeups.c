/* SPDX-License-Identifier: Apache-2.0
 *
 * Closing and cancelling end every call that waits, on whatever thread. */
#include "monotonic.h"
#include "waiting_calls.h"
#include "worker.h"

typedef struct waiter {
    const waiting_call *call;
    exz_socket s;
    worker worker;
} waiter;

static exz_status wait_long(void *argument) {
    waiter *w = argument;
    return w->call->call(w->s, 4 * PATIENCE_MS);
}

static void start(waiter *w, const waiting_call *call, exz_socket s) {
    w->call = call;
    w->s = s;
    worker_start(&w->worker, wait_long, w);
}

CASE(close_ends_every_wait) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        waiter w;
        exz_socket s = open_waiting(&waiting_calls[i], &options);
        start(&w, &waiting_calls[i], s);
        worker_await_sleep(&w.worker);
        check_status(exz_socket_close(s, 0), EXZ_OK);
        check_status(worker_join(&w.worker), EXZ_ERR_CLOSED);
        release_waiting();
    }
}

CASE(closing_the_context_ends_every_wait) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        exz_context context;
        waiter w;
        check_status(exz_context_open(&context), EXZ_OK);
        exz_socket s = open_waiting_in(context, &waiting_calls[i], &options);
        start(&w, &waiting_calls[i], s);
        worker_await_sleep(&w.worker);
        check_status(exz_context_close(context, 0), EXZ_OK);
        check_status(worker_join(&w.worker), EXZ_ERR_CLOSED);
        release_waiting();
    }
}

/* A cancel counts for calls that wait already, so it is repeated until the call is back. */
static void cancel_until_back(waiter *w) {
    while (!atomic_load(&w->worker.is_done)) {
        check_status(exz_socket_cancel(w->s), EXZ_OK);
        sched_yield();
    }
}

CASE(cancel_ends_every_wait_and_the_socket_stays) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        waiter w;
        exz_socket s = open_waiting(&waiting_calls[i], &options);
        for (int round = 0; round < 3; round++) {
            start(&w, &waiting_calls[i], s);
            if (round > 0) worker_await_sleep(&w.worker);
            cancel_until_back(&w);
            check_status(worker_join(&w.worker), EXZ_ERR_CANCELED);
        }
        check_status(waiting_calls[i].call(s, 1), waiting_calls[i].at_deadline);
        close_socket(s);
        release_waiting();
    }
}

CASE(cancel_does_not_reach_calls_that_begin_later) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        exz_socket s = open_waiting(&waiting_calls[i], &options);
        check_status(exz_socket_cancel(s), EXZ_OK);
        check_status(waiting_calls[i].call(s, 10), waiting_calls[i].at_deadline);
        close_socket(s);
        release_waiting();
    }
}

CASE(cancel_ends_all_the_waits_on_a_socket) {
    const char *const names[] = {"exz_recv", "exz_send", "exz_wait_peers", "exz_next_event"};
    waiter waiters[2 * COUNT_OF(names)];
    const size_t count = COUNT_OF(waiters);
    exz_socket s = open_socket(EXZ_DEALER);
    for (size_t i = 0; i < count; i++) start(&waiters[i], waiting_call_named(names[i % COUNT_OF(names)]), s);
    for (size_t i = 0; i < count; i++) worker_await_sleep(&waiters[i].worker);
    for (size_t i = 0; i < count; i++) cancel_until_back(&waiters[i]);
    for (size_t i = 0; i < count; i++) check_status(worker_join(&waiters[i].worker), EXZ_ERR_CANCELED);
    close_socket(s);
}

CASE(a_cancelled_connect_leaves_no_link) {
    const exz_socket_options options = waiting_options();
    const waiting_call *connect = waiting_call_named("exz_socket_connect");
    waiter w;
    exz_socket s = open_waiting(connect, &options);
    start(&w, connect, s);
    expect_event(s, EXZ_EVENT_CONNECTING);
    check_int(state_of(s), EXZ_STATE_CONNECTING);
    cancel_until_back(&w);
    check_status(worker_join(&w.worker), EXZ_ERR_CANCELED);
    check_int(state_of(s), EXZ_STATE_IDLE);
    release_waiting();
    linked pair = link_sockets(open_socket(EXZ_PUSH), s, TCP);
    check_carries(pair.bound, pair.connected);
    close_linked(pair);
}

CASE(a_receive_that_is_cancelled_loses_no_message) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    waiter w;
    start(&w, waiting_call_named("exz_recv"), pair.bound);
    worker_await_sleep(&w.worker);
    cancel_until_back(&w);
    check_status(worker_join(&w.worker), EXZ_ERR_CANCELED);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(close_ends_every_wait),
        TEST(closing_the_context_ends_every_wait),
        TEST(cancel_ends_every_wait_and_the_socket_stays),
        TEST(cancel_does_not_reach_calls_that_begin_later),
        TEST(cancel_ends_all_the_waits_on_a_socket),
        TEST(a_cancelled_connect_leaves_no_link),
        TEST(a_receive_that_is_cancelled_loses_no_message),
    };
    return cmocka_run_group_tests_name("wakeups", tests, NULL, NULL);
}
