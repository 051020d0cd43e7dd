/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits for peers, subscribers and events beside traffic on the same socket. */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "monotonic.h"
#include "traffic.h"

typedef struct channel {
    exz_socket publisher, subscriber;
    atomic_bool is_over;
    /* Messages that were published, and that arrived. */
    uint32_t published, arrived;
    /* Topics from 0 that are asked for one by one; SUBSCRIBER_JOINED events that were read. */
    atomic_uint wanted, joined;
} channel;

static void topic_of(uint32_t number, char *topic) { snprintf(topic, 16, "w%08u.", number); }

static exz_status publish_numbers(void *argument) {
    channel *c = argument;
    for (; !atomic_load(&c->is_over); c->published++) {
        const exz_status status =
            exz_publish(c->publisher, "traffic", &c->published, sizeof c->published, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return exz_publish(c->publisher, "traffic", NULL, 0, PATIENCE_MS);
}

static exz_status receive_numbers(void *argument) {
    channel *c = argument;
    for (;; c->arrived++) {
        exz_message m;
        const void *data = NULL;
        size_t size = 0;
        exz_status status = exz_recv_message(&m, c->subscriber, PATIENCE_MS);
        if (status != EXZ_OK) return status;
        status = exz_message_part(&data, &size, m, 1);
        uint32_t number = UINT32_MAX;
        if (size == sizeof number) memcpy(&number, data, size);
        exz_message_free(m);
        if (status != EXZ_OK || size == 0) return status;
        if (number != c->arrived) return EXZ_ERR_INTERNAL;
    }
}

/* Waits for subscriptions that another thread is about to make, one after the other. */
static exz_status wait_for_topics(void *argument) {
    channel *c = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !atomic_load(&c->is_over)) {
        char topic[16];
        topic_of(atomic_fetch_add(&c->wanted, 1), topic);
        status = exz_wait_subscribers(c->publisher, topic, 1, PATIENCE_MS);
    }
    return status;
}

static exz_status count_events(void *argument) {
    channel *c = argument;
    for (;;) {
        exz_event event = EXZ_EVENT_INIT;
        const exz_status status = exz_next_event(&event, c->publisher, 2 * PATIENCE_MS);
        if (status == EXZ_ERR_CANCELED) return EXZ_OK;
        if (status != EXZ_OK) return status;
        if (event.kind == EXZ_EVENT_SUBSCRIBER_JOINED && event.topic[0] == 'w') atomic_fetch_add(&c->joined, 1);
    }
}

CASE(a_publisher_that_sends_is_waited_on) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.send_hwm = options.receive_hwm = 5;
        options.on_full = EXZ_ON_FULL_WAIT;
        options.event_capacity = 1000000;
        linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), t);
        channel c = {.publisher = pair.bound, .subscriber = pair.connected};
        check_status(exz_subscribe(c.subscriber, "traffic"), EXZ_OK);
        check_status(exz_wait_subscribers(c.publisher, "traffic", 1, PATIENCE_MS), EXZ_OK);

        worker publishing, receiving, waiting[2], reading;
        worker_start(&reading, count_events, &c);
        worker_start(&receiving, receive_numbers, &c);
        worker_start(&publishing, publish_numbers, &c);
        for (size_t i = 0; i < COUNT_OF(waiting); i++) worker_start(&waiting[i], wait_for_topics, &c);
        const int64_t until = after_ms(combination_ms());
        uint32_t made = 0;
        bool is_ending = false;
        /* One more subscription whenever it is waited for; those that are waited for last are made, too. */
        while (!is_ending || made < atomic_load(&c.wanted) || !atomic_load(&waiting[0].is_done) ||
               !atomic_load(&waiting[1].is_done)) {
            if (!is_ending && now_ns() >= until) {
                is_ending = true;
                atomic_store(&c.is_over, true);
            }
            if (made >= atomic_load(&c.wanted)) {
                sched_yield();
                continue;
            }
            char topic[16];
            topic_of(made++, topic);
            check_status(exz_subscribe(c.subscriber, topic), EXZ_OK);
        }
        for (size_t i = 0; i < COUNT_OF(waiting); i++) check_status(worker_join(&waiting[i]), EXZ_OK);
        check_status(worker_join(&publishing), EXZ_OK);
        check_status(worker_join(&receiving), EXZ_OK);
        check(made > 1);
        check_int(c.arrived, c.published);
        /* Events come in their order, so the reader has all when it has counted as many. */
        const int64_t deadline = after_ms(PATIENCE_MS);
        while (atomic_load(&c.joined) < made && now_ns() < deadline) sched_yield();
        check_int(c.joined, made);
        check_int(stats_of(c.publisher).events_dropped, 0);
        while (!atomic_load(&reading.is_done)) {
            check_status(exz_socket_cancel(c.publisher), EXZ_OK);
            sched_yield();
        }
        check_status(worker_join(&reading), EXZ_OK);
        close_linked(pair);
    }
}

/* A waiter for peers, each time a new one comes. */
typedef struct arrivals {
    exz_socket s;
    /* Arrivals the waiter has seen, and departures after which it waits again. */
    atomic_uint seen, gone;
    atomic_bool is_over;
} arrivals;

static exz_status wait_for_second(void *argument) {
    arrivals *a = argument;
    for (;;) {
        const exz_status status = exz_wait_peers(a->s, 2, 2 * PATIENCE_MS);
        if (status == EXZ_ERR_CANCELED && atomic_load(&a->is_over)) return EXZ_OK;
        if (status != EXZ_OK) return status;
        const unsigned seen = atomic_fetch_add(&a->seen, 1) + 1;
        while (atomic_load(&a->gone) < seen && !atomic_load(&a->is_over)) sched_yield();
    }
}

CASE(a_receiver_that_is_waited_on_for_peers) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        arrivals a = {.s = pair.bound};
        worker waiting;
        worker_start(&waiting, wait_for_second, &a);
        const int64_t until = after_ms(combination_ms());
        unsigned came = 0;
        do {
            exz_socket other = open_socket(EXZ_PUSH);
            connect_to(other, pair.endpoint);
            came++;
            const int64_t deadline = after_ms(PATIENCE_MS);
            while (atomic_load(&a.seen) < came && now_ns() < deadline) check_carries(pair.connected, pair.bound);
            check_int(a.seen, came);
            close_socket(other);
            while (stats_of(pair.bound).peers > 1) sched_yield();
            atomic_store(&a.gone, came);
        } while (now_ns() < until);
        atomic_store(&a.is_over, true);
        while (!atomic_load(&waiting.is_done)) {
            check_status(exz_socket_cancel(a.s), EXZ_OK);
            sched_yield();
        }
        check_status(worker_join(&waiting), EXZ_OK);
        close_linked(pair);
    }
}

static exz_status receive_one(void *argument) {
    const exz_socket *s = argument;
    char byte;
    size_t size;
    return exz_recv(&size, *s, &byte, 1, PATIENCE_MS);
}

/* Whoever asks libzmq what there is uses up its signal, in either form of the question. */
CASE(a_receiver_beside_somebody_who_looks_is_woken) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    for (int round = 0; round < 400; round++) {
        in_row("round %d", round);
        worker receiving;
        worker_start(&receiving, receive_one, &pair.bound);
        worker_await_sleep(&receiving);
        send_text(pair.connected, "x");
        const int64_t end = after_ms(PATIENCE_MS);
        while (!atomic_load(&receiving.is_done) && now_ns() < end) {
            int32_t events = 0;
            int64_t value = 0;
            size_t size = 0;
            const exz_status status =
                round % 2 == 0 ? exz_socket_get_bytes(&size, pair.bound, ZMQ_EVENTS, &events, sizeof events)
                               : exz_socket_get_int(&value, pair.bound, ZMQ_EVENTS);
            check_status(status, EXZ_OK);
        }
        check_status(worker_join(&receiving), EXZ_OK);
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_publisher_that_sends_is_waited_on),
        TEST(a_receiver_that_is_waited_on_for_peers),
        TEST(a_receiver_beside_somebody_who_looks_is_woken),
    };
    return cmocka_run_group_tests_name("thread waits", tests, NULL, NULL);
}
