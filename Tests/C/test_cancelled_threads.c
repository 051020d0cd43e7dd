/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that is cancelled with pthread_cancel() ends between two calls of the library and never within one: nothing
 * stays locked, and nothing is taken from a socket that nobody gets. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "monotonic.h"
#include "places.h"
#include "waiting_calls.h"

typedef struct victim {
    const waiting_call *call;
    exz_socket s;
    atomic_bool has_begun;
} victim;

static void *wait_for_ever(void *argument) {
    victim *v = argument;
    atomic_store(&v->has_begun, true);
    for (;;) v->call->call(v->s, 50);
    return NULL;
}

static void cancel_and_join(pthread_t thread) {
    void *result;
    check_int(pthread_cancel(thread), 0);
    check_int(pthread_join(thread, &result), 0);
    check(result == PTHREAD_CANCELED);
}

CASE(a_thread_in_any_wait_can_be_cancelled_and_the_socket_goes_on) {
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        const exz_socket_options options = waiting_options();
        victim v = {.call = &waiting_calls[i], .s = open_waiting(&waiting_calls[i], &options)};
        pthread_t thread;
        check_int(pthread_create(&thread, NULL, wait_for_ever, &v), 0);
        while (!atomic_load(&v.has_begun)) sched_yield();
        cancel_and_join(thread);
        (void)stats_of(v.s);
        close_socket(v.s);
        release_waiting();
    }
}

typedef struct traffic {
    linked pair;
    /* What the calls have answered with success, as far as their threads saw. */
    atomic_int sent, received;
} traffic;

static void *send_for_ever(void *argument) {
    traffic *t = argument;
    for (;;) {
        if (exz_send(t->pair.connected, "x", 1, 0, 0) == EXZ_OK) atomic_fetch_add(&t->sent, 1);
    }
    return NULL;
}

static void *send_parts_for_ever(void *argument) {
    traffic *t = argument;
    const exz_part part = {"x", 1};
    for (;;) {
        if (exz_send_parts(t->pair.connected, &part, 1, 0) == EXZ_OK) atomic_fetch_add(&t->sent, 1);
    }
    return NULL;
}

static void *receive_for_ever(void *argument) {
    traffic *t = argument;
    char byte;
    size_t size;
    for (;;) {
        if (exz_recv(&size, t->pair.bound, &byte, 1, 0) == EXZ_OK) atomic_fetch_add(&t->received, 1);
    }
    return NULL;
}

static void *receive_messages_for_ever(void *argument) {
    traffic *t = argument;
    exz_message message;
    for (;;) {
        if (exz_recv_message(&message, t->pair.bound, 0) == EXZ_OK) {
            atomic_fetch_add(&t->received, 1);
            exz_message_free(message);
        }
    }
    return NULL;
}

static void *poll_for_ever(void *argument) {
    traffic *t = argument;
    for (;;) {
        exz_poll_item item = {.socket = t->pair.bound, .events = EXZ_POLL_IN};
        exz_poll(&item, 1, 1);
    }
    return NULL;
}

/* Calls that succeed are not the last ones of their threads, so each is counted; those that fail take nothing. */
CASE(a_thread_in_traffic_can_be_cancelled_and_nothing_is_lost) {
    void *(*const bodies[])(void *) = {send_for_ever, send_parts_for_ever, receive_for_ever, receive_messages_for_ever,
                                       poll_for_ever};
    for (int round = 0; round < 30; round++) {
        in_row("round %d", round);
        traffic t = {.pair = link_types(EXZ_PULL, EXZ_PUSH, (transport)(round % TRANSPORT_COUNT))};
        pthread_t threads[COUNT_OF(bodies)];
        for (size_t i = 0; i < COUNT_OF(bodies); i++) check_int(pthread_create(&threads[i], NULL, bodies[i], &t), 0);
        while (atomic_load(&t.received) < 20) sched_yield();
        for (size_t i = 0; i < COUNT_OF(bodies); i++) cancel_and_join(threads[i]);
        char byte;
        size_t size;
        for (int left = t.sent - t.received; left > 0; left--) {
            check_status(exz_recv(&size, t.pair.bound, &byte, 1, PATIENCE_MS), EXZ_OK);
        }
        check_status(exz_recv(&size, t.pair.bound, &byte, 1, 0), EXZ_ERR_TIMEOUT);
        check_carries(t.pair.connected, t.pair.bound);
        close_linked(t.pair);
    }
}

static void *open_and_close_for_ever(void *rounds) {
    for (;;) {
        exz_socket push, pull;
        char endpoint[ENDPOINT_SIZE];
        int64_t number;
        if (exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL) != EXZ_OK) continue;
        exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
        exz_socket_bind(pull, "tcp://127.0.0.1:*", 1000, NULL);
        exz_socket_endpoint(pull, endpoint, sizeof endpoint);
        exz_socket_connect(push, endpoint, 0, 1000, NULL);
        exz_socket_get_int(&number, push, 17 /* ZMQ_LINGER */);
        exz_socket_disconnect(push, endpoint);
        exz_socket_unbind(pull, endpoint);
        exz_socket_close(push, 0);
        exz_socket_close(pull, 0);
        atomic_fetch_add((atomic_int *)rounds, 1);
    }
    return NULL;
}

CASE(a_thread_that_opens_and_closes_can_be_cancelled) {
    for (int round = 0; round < 30; round++) {
        in_row("round %d", round);
        atomic_int rounds = 0;
        pthread_t thread;
        check_int(pthread_create(&thread, NULL, open_and_close_for_ever, &rounds), 0);
        while (atomic_load(&rounds) < round % 3) sched_yield();
        cancel_and_join(thread);
        /* All locks are free, and what it left open can be closed. */
        check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_thread_in_any_wait_can_be_cancelled_and_the_socket_goes_on),
        TEST(a_thread_in_traffic_can_be_cancelled_and_nothing_is_lost),
        TEST(a_thread_that_opens_and_closes_can_be_cancelled),
    };
    return cmocka_run_group_tests_name("cancelled threads", tests, NULL, NULL);
}
