/* SPDX-License-Identifier: Apache-2.0
 *
 * What a signal handler may call does its work wherever the signal has met its thread, and what it had better not call
 * answers and does not hang. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "monotonic.h"
#include "sockets.h"
#include "storm.h"
#include "waiting_calls.h"
#include "worker.h"

/* Between two signals, in nanoseconds: a send or a receive is often met. */
#define INTERVAL_NS 60000
#define ENOUGH_SIGNALS 3000

static exz_canceler canceler;
static exz_socket handled_socket;
static volatile sig_atomic_t handled, refused, failed;

static void note(exz_status status) {
    if (status == EXZ_ERR_STATE) refused++;
    if (status != EXZ_OK && status != EXZ_ERR_STATE) failed++;
    handled++;
}

static void cancel_canceler(__attribute__((unused)) int number) { note(exz_canceler_cancel(canceler)); }
static void cancel_socket(__attribute__((unused)) int number) { note(exz_socket_cancel(handled_socket)); }

static void ask_socket(__attribute__((unused)) int number) {
    exz_state state;
    note(exz_socket_state(&state, handled_socket));
}

static int begin_count(__attribute__((unused)) void **state) {
    handled = refused = failed = 0;
    return 0;
}

/* Sends and receives until the handler has run often enough. What was sent comes, whatever was cancelled. */
static void exchange_in_storm(linked pair, void (*handler)(int number)) {
    begin_count(NULL);
    char byte;
    size_t size;
    int sent = 0, received = 0;
    timer_t timer = storm_begin(handler, INTERVAL_NS);
    while (handled < ENOUGH_SIGNALS) {
        exz_status status = exz_send(pair.connected, "x", 1, 0, 100);
        check(status == EXZ_OK || status == EXZ_ERR_CANCELED);
        sent += status == EXZ_OK;
        status = exz_recv(&size, pair.bound, &byte, 1, 1);
        check(status == EXZ_OK || status == EXZ_ERR_CANCELED || status == EXZ_ERR_TIMEOUT);
        received += status == EXZ_OK;
        check_status(exz_canceler_reset(canceler), EXZ_OK);
    }
    storm_end(timer);
    check_status(exz_canceler_reset(canceler), EXZ_OK);
    check_int(failed, 0);
    for (; received < sent; received++) check_status(exz_recv(&size, pair.bound, &byte, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pair.bound, &byte, 1, 0), EXZ_ERR_TIMEOUT);
}

CASE(a_handler_cancels_a_canceler_wherever_its_thread_is) {
    check_status(exz_canceler_open(&canceler), EXZ_OK);
    check_status(exz_canceler_attach(canceler), EXZ_OK);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        exchange_in_storm(pair, cancel_canceler);
        check_int(refused, 0);
        close_linked(pair);
    }
    check_status(exz_canceler_attach((exz_canceler){0}), EXZ_OK);
    check_status(exz_canceler_close(canceler), EXZ_OK);
}

CASE(a_handler_cancels_the_socket_its_thread_is_in) {
    check_status(exz_canceler_open(&canceler), EXZ_OK);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    handled_socket = pair.connected;
    exchange_in_storm(pair, cancel_socket);
    handled_socket = pair.bound;
    exchange_in_storm(pair, cancel_socket);
    check_int(refused, 0);
    close_linked(pair);
    check_status(exz_canceler_close(canceler), EXZ_OK);
}

CASE(other_calls_on_the_socket_its_thread_is_in_are_refused_at_once) {
    check_status(exz_canceler_open(&canceler), EXZ_OK);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    handled_socket = pair.connected;
    exchange_in_storm(pair, ask_socket);
    check(refused > 0);
    check(refused < handled);
    close_linked(pair);
    check_status(exz_canceler_close(canceler), EXZ_OK);
}

typedef struct waiting {
    const waiting_call *call;
    exz_socket s;
} waiting;

static exz_status wait_long(void *argument) {
    const waiting *w = argument;
    return w->call->call(w->s, PATIENCE_MS);
}

static exz_status wait_long_with_canceler(void *argument) {
    check_status(exz_canceler_attach(canceler), EXZ_OK);
    return wait_long(argument);
}

/* The handler runs on the thread that waits, and then on another one, which waits for nothing. */
static void check_ended_by(void (*handler)(int number), exz_status (*body)(void *argument)) {
    struct sigaction action = {.sa_handler = handler};
    check_int(sigaction(SIGUSR1, &action, NULL), 0);
    for (size_t i = 0; i < 2 * waiting_call_count; i++) {
        const waiting_call *call = &waiting_calls[i / 2];
        in_row("%s, %s", call->name, i % 2 ? "from another thread" : "from its own");
        const exz_socket_options options = waiting_options();
        check_status(exz_canceler_open(&canceler), EXZ_OK);
        waiting waits = {call, open_waiting(call, &options)};
        handled_socket = waits.s;
        worker w;
        worker_start(&w, body, &waits);
        worker_await_sleep(&w);
        check_int(pthread_kill(i % 2 ? pthread_self() : w.thread, SIGUSR1), 0);
        check_status(worker_join(&w), EXZ_ERR_CANCELED);
        close_socket(waits.s);
        release_waiting();
        check_status(exz_canceler_close(canceler), EXZ_OK);
    }
}

CASE(a_handler_ends_every_wait_on_a_socket) { check_ended_by(cancel_socket, wait_long); }
CASE(a_handler_ends_every_wait_of_a_canceler) { check_ended_by(cancel_canceler, wait_long_with_canceler); }

static exz_status wait_until_cancelled(void *s) {
    char byte;
    size_t size;
    return exz_recv(&size, *(exz_socket *)s, &byte, 1, PATIENCE_MS);
}

/* While this thread keeps taking the socket's lock, so that some cancels find it taken and are left to the library. */
CASE(no_cancel_of_a_handler_is_lost_on_the_others) {
    handled_socket = open_socket(EXZ_PULL);
    begin_count(NULL);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        worker workers[2];
        for (size_t i = 0; i < COUNT_OF(workers); i++) {
            worker_start(&workers[i], wait_until_cancelled, &handled_socket);
            worker_await_sleep(&workers[i]);
        }
        timer_t timer = storm_begin(cancel_socket, INTERVAL_NS);
        int before = handled;
        while (handled == before) (void)state_of(handled_socket);
        storm_end(timer);
        for (size_t i = 0; i < COUNT_OF(workers); i++) check_status(worker_join(&workers[i]), EXZ_ERR_CANCELED);
    }
    check_int(failed, 0);
    close_socket(handled_socket);
}

CASE(a_cancel_leaves_errno_alone) {
    check_status(exz_canceler_open(&canceler), EXZ_OK);
    exz_socket s = open_socket(EXZ_PULL);
    errno = EDOM;
    check_status(exz_socket_cancel(s), EXZ_OK);
    check_int(errno, EDOM);
    check_status(exz_canceler_cancel(canceler), EXZ_OK);
    check_int(errno, EDOM);
    close_socket(s);
    check_status(exz_canceler_close(canceler), EXZ_OK);
    errno = EDOM;
    check_status(exz_socket_cancel(s), EXZ_ERR_CLOSED);
    check_status(exz_canceler_cancel(canceler), EXZ_ERR_CLOSED);
    check_int(errno, EDOM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_handler_cancels_a_canceler_wherever_its_thread_is),
        TEST(a_handler_cancels_the_socket_its_thread_is_in),
        TEST(other_calls_on_the_socket_its_thread_is_in_are_refused_at_once),
        TEST(a_handler_ends_every_wait_on_a_socket),
        TEST(a_handler_ends_every_wait_of_a_canceler),
        TEST(no_cancel_of_a_handler_is_lost_on_the_others),
        TEST(a_cancel_leaves_errno_alone),
    };
    return cmocka_run_group_tests_name("signal handlers", tests, NULL, NULL);
}
