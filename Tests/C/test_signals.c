/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals during a wait: survived by default, told when the socket was opened so. */
#include <signal.h>

#include "monotonic.h"
#include "places.h"
#include "waiting_aside.h"
#include "waiting_calls.h"
#include "worker.h"

static atomic_int handled;

static void count_signal(__attribute__((unused)) int number) { atomic_fetch_add(&handled, 1); }

static int handle_signals(__attribute__((unused)) void **group) {
    struct sigaction action = {.sa_handler = count_signal};
    return sigaction(SIGUSR1, &action, NULL);
}

typedef struct timed_call {
    const waiting_call *call;
    exz_socket s;
    int32_t timeout_ms;
} timed_call;

static exz_status run(void *argument) {
    timed_call *c = argument;
    return c->call->call(c->s, c->timeout_ms);
}

/* Sends a signal whenever the thread sleeps, until its call is back. Says how many were handled. */
static int disturb(worker *w) {
    int before = atomic_load(&handled);
    for (;;) {
        worker_await_sleep(w);
        if (atomic_load(&w->is_done)) break;
        int seen = atomic_load(&handled);
        check_int(pthread_kill(w->thread, SIGUSR1), 0);
        while (atomic_load(&handled) == seen && !atomic_load(&w->is_done)) sched_yield();
    }
    return atomic_load(&handled) - before;
}

CASE(every_wait_survives_signals_and_keeps_its_deadline) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        timed_call c = {&waiting_calls[i], open_waiting(&waiting_calls[i], &options), 100};
        worker w;
        worker_start(&w, run, &c);
        check(disturb(&w) > 0);
        check_status(worker_join(&w), waiting_calls[i].at_deadline);
        check(w.ended_ns - w.began_ns >= INT64_C(100000000));
        check(w.ended_ns - w.began_ns < (100 + GENEROUS_MS) * INT64_C(1000000));
        close_socket(c.s);
        release_waiting();
    }
}

static exz_status run_aside(void *argument) {
    const waiting_aside *const *call = argument;
    return (*call)->call(100);
}

CASE(a_wait_on_no_socket_survives_signals_too) {
    for (size_t i = 0; i < waiting_aside_count; i++) {
        in_row("%s", waiting_asides[i].name);
        const waiting_aside *call = &waiting_asides[i];
        call->prepare();
        worker w;
        worker_start(&w, run_aside, &call);
        check(disturb(&w) > 0);
        check_status(worker_join(&w), EXZ_ERR_TIMEOUT);
        check(w.ended_ns - w.began_ns >= INT64_C(100000000));
        check(w.ended_ns - w.began_ns < (100 + GENEROUS_MS) * INT64_C(1000000));
        call->release();
    }
}

CASE(every_wait_of_an_interruptible_socket_ends_with_a_signal) {
    exz_socket_options options = waiting_options();
    options.interruptible = 1;
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        timed_call c = {&waiting_calls[i], open_waiting(&waiting_calls[i], &options), 4 * PATIENCE_MS};
        worker w;
        worker_start(&w, run, &c);
        check(disturb(&w) > 0);
        check_status(worker_join(&w), EXZ_ERR_INTERRUPTED);
        check_status(waiting_calls[i].call(c.s, 1), waiting_calls[i].at_deadline);
        close_socket(c.s);
        release_waiting();
    }
}

typedef struct receiving {
    exz_socket s;
    size_t size;
    char buffer[16];
} receiving;

static exz_status receive(void *argument) {
    receiving *r = argument;
    return exz_recv(&r->size, r->s, r->buffer, sizeof r->buffer, PATIENCE_MS);
}

CASE(a_receive_takes_its_message_after_signals) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    receiving r = {.s = pair.bound};
    worker w;
    worker_start(&w, receive, &r);
    for (int i = 0; i < 10; i++) {
        worker_await_sleep(&w);
        int seen = atomic_load(&handled);
        check_int(pthread_kill(w.thread, SIGUSR1), 0);
        while (atomic_load(&handled) == seen) sched_yield();
    }
    check(!atomic_load(&w.is_done));
    send_text(pair.connected, "at last");
    check_status(worker_join(&w), EXZ_OK);
    check_int(r.size, 7);
    close_linked(pair);
}

CASE(an_interrupted_receive_loses_nothing) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.interruptible = 1;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_socket(EXZ_PUSH), TCP);
    receiving r = {.s = pair.bound};
    worker w;
    worker_start(&w, receive, &r);
    check(disturb(&w) > 0);
    check_status(worker_join(&w), EXZ_ERR_INTERRUPTED);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

/* As connect(2) does: it goes on, whoever calls again waits for the same one. */
CASE(an_interrupted_connect_goes_on_until_it_is_disconnected) {
    exz_socket_options options = waiting_options();
    options.interruptible = 1;
    const waiting_call *connect = waiting_call_named("exz_socket_connect");
    timed_call c = {connect, open_waiting(connect, &options), 4 * PATIENCE_MS};
    worker w;
    worker_start(&w, run, &c);
    check(disturb(&w) > 0);
    check_status(worker_join(&w), EXZ_ERR_INTERRUPTED);
    check_int(state_of(c.s), EXZ_STATE_CONNECTING);
    char endpoint[ENDPOINT_SIZE];
    check_status(exz_socket_endpoint(c.s, endpoint, sizeof endpoint), EXZ_OK);
    check_status(exz_socket_disconnect(c.s, endpoint), EXZ_OK);
    check_int(state_of(c.s), EXZ_STATE_IDLE);
    close_socket(c.s);
    release_waiting();
}

typedef struct reconnecting {
    exz_socket s;
    char endpoint[ENDPOINT_SIZE];
    int interruptions;
    exz_error error;
} reconnecting;

static exz_status connect_again(void *argument) {
    reconnecting *r = argument;
    exz_status status;
    do {
        r->error = (exz_error)EXZ_ERROR_INIT;
        status = exz_socket_connect(r->s, r->endpoint, 0, PATIENCE_MS, &r->error);
        r->interruptions += status == EXZ_ERR_INTERRUPTED;
    } while (status == EXZ_ERR_INTERRUPTED);
    return status;
}

CASE(interruptions_add_no_attempts_to_a_connect) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.interruptible = 1;
    options.retry.max_attempts = 3;
    options.retry.initial_backoff_ms = 100;
    options.retry.jitter = EXZ_JITTER_NONE;
    reconnecting r = {.s = open_with(EXZ_PULL, &options)};
    int reservation = reserve_port(r.endpoint);
    worker w;
    worker_start(&w, connect_again, &r);
    check(disturb(&w) > 0);
    check_status(worker_join(&w), EXZ_ERR_REFUSED);
    check(r.interruptions > 0);
    check_int(r.error.attempts, 3);
    check_int(stats_of(r.s).connect_attempts, 3);
    check_int(state_of(r.s), EXZ_STATE_IDLE);
    close_socket(r.s);
    close(reservation);
}

static exz_status fail_always(void *user, __attribute__((unused)) uint32_t n) {
    atomic_fetch_add((atomic_int *)user, 1);
    return EXZ_ERR_REFUSED;
}

static exz_status retry(void *argument) {
    exz_retry_policy policy = EXZ_RETRY_POLICY_INIT;
    policy.initial_backoff_ms = 100;
    policy.max_attempts = 2;
    policy.jitter = EXZ_JITTER_NONE;
    return exz_retry(&policy, PATIENCE_MS, fail_always, argument, NULL);
}

CASE(signals_do_not_shorten_a_back_off) {
    atomic_int calls = 0;
    worker w;
    worker_start(&w, retry, &calls);
    check(disturb(&w) > 0);
    check_status(worker_join(&w), EXZ_ERR_EXHAUSTED);
    check_int(calls, 2);
    check(w.ended_ns - w.began_ns >= INT64_C(100000000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_wait_survives_signals_and_keeps_its_deadline),
        TEST(a_wait_on_no_socket_survives_signals_too),
        TEST(every_wait_of_an_interruptible_socket_ends_with_a_signal),
        TEST(a_receive_takes_its_message_after_signals),
        TEST(an_interrupted_receive_loses_nothing),
        TEST(an_interrupted_connect_goes_on_until_it_is_disconnected),
        TEST(interruptions_add_no_attempts_to_a_connect),
        TEST(signals_do_not_shorten_a_back_off),
    };
    return cmocka_run_group_tests_name("signals", tests, handle_signals, NULL);
}
