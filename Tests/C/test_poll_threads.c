/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for several while other threads receive from, send to and wait for the same sockets: no wake-up is lost, and
 * nobody waits for ever. */
#include <sched.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

#define MESSAGES 10000u

/* Two pipelines that carry so many messages each. */
typedef struct traffic {
    linked pipelines[2];
    atomic_uint sent[2], received;
    /* Whose turn it is among those that serve one pipeline only, so that each has as many of them as the other. */
    atomic_uint next_sender, next_receiver;
} traffic;

static void open_traffic(traffic *all, transport t, int32_t hwm) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = hwm;
    for (size_t i = 0; i < 2; i++) {
        all->pipelines[i] = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), t);
        atomic_store(&all->sent[i], 0);
    }
    atomic_store(&all->received, 0);
    atomic_store(&all->next_sender, 0);
    atomic_store(&all->next_receiver, 0);
}

static void close_traffic(traffic *all) {
    for (size_t i = 0; i < 2; i++) close_linked(all->pipelines[i]);
}

static bool claim(atomic_uint *count) {
    if (atomic_fetch_add(count, 1) < MESSAGES) return true;
    atomic_fetch_sub(count, 1);
    return false;
}

static exz_status send_blocking(void *argument) {
    traffic *all = argument;
    const unsigned which = atomic_fetch_add(&all->next_sender, 1) % 2;
    while (claim(&all->sent[which])) {
        exz_status status = exz_send(all->pipelines[which].connected, "x", 1, 0, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

static exz_status send_polling(void *argument) {
    traffic *all = argument;
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (now_ns() < deadline) {
        exz_poll_item items[2];
        size_t count = 0, which[2];
        for (size_t i = 0; i < 2; i++) {
            if (atomic_load(&all->sent[i]) >= MESSAGES) continue;
            which[count] = i;
            items[count++] = (exz_poll_item){all->pipelines[i].connected, 0, EXZ_POLL_OUT, 0};
        }
        if (count == 0) return EXZ_OK;
        exz_status status = exz_poll(items, count, 20);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK) return status;
        for (size_t i = 0; i < count; i++) {
            if (items[i].revents == 0 || !claim(&all->sent[which[i]])) continue;
            status = exz_send(items[i].socket, "x", 1, 0, 0);
            /* Another thread was faster. */
            if (status == EXZ_ERR_TIMEOUT) atomic_fetch_sub(&all->sent[which[i]], 1);
            if (status != EXZ_OK && status != EXZ_ERR_TIMEOUT) return status;
        }
    }
    return EXZ_ERR_TIMEOUT;
}

static exz_status receive_from(traffic *all, exz_socket s, int32_t timeout_ms) {
    char byte;
    size_t size;
    exz_status status = exz_recv(&size, s, &byte, 1, timeout_ms);
    if (status == EXZ_OK) atomic_fetch_add(&all->received, 1);
    return status == EXZ_ERR_TIMEOUT ? EXZ_OK : status;
}

static exz_status receive_blocking(void *argument) {
    traffic *all = argument;
    const unsigned which = atomic_fetch_add(&all->next_receiver, 1) % 2;
    exz_status status = EXZ_OK;
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (status == EXZ_OK && atomic_load(&all->received) < 2 * MESSAGES && now_ns() < deadline)
        status = receive_from(all, all->pipelines[which].bound, 20);
    return status;
}

static exz_status receive_polling(void *argument) {
    traffic *all = argument;
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (atomic_load(&all->received) < 2 * MESSAGES && now_ns() < deadline) {
        exz_poll_item items[2];
        for (size_t i = 0; i < 2; i++) items[i] = (exz_poll_item){all->pipelines[i].bound, 0, EXZ_POLL_IN, 0};
        exz_status status = exz_poll(items, 2, 20);
        for (size_t i = 0; i < 2 && status == EXZ_OK; i++)
            if (items[i].revents != 0) status = receive_from(all, items[i].socket, 0);
        if (status != EXZ_OK && status != EXZ_ERR_TIMEOUT) return status;
    }
    return EXZ_OK;
}

typedef exz_status (*body)(void *);

static void run(transport t, int32_t hwm, const body *bodies, size_t count) {
    traffic all;
    worker workers[8];
    open_traffic(&all, t, hwm);
    for (size_t i = 0; i < count; i++) worker_start(&workers[i], bodies[i], &all);
    for (size_t i = 0; i < count; i++) check_status(worker_join(&workers[i]), EXZ_OK);
    check_int(atomic_load(&all.received), 2 * MESSAGES);
    close_traffic(&all);
}

CASE(pollers_and_receivers_share_the_messages) {
    const body bodies[] = {receive_polling, receive_polling,  send_blocking, send_blocking,
                           receive_polling, receive_blocking, receive_blocking};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        run(t, 1000, bodies, COUNT_OF(bodies));
    }
}

CASE(pollers_and_senders_share_the_room) {
    const body bodies[] = {send_polling, send_polling, receive_polling, receive_polling, send_blocking, send_blocking};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        run(t, 4, bodies, COUNT_OF(bodies));
    }
}

static exz_status poll_long(void *argument) { return exz_poll(argument, 2, 4 * PATIENCE_MS); }

typedef struct receiving {
    exz_socket s;
    char buffer[16];
    size_t size;
} receiving;

static exz_status receive_long(void *argument) {
    receiving *r = argument;
    return exz_recv(&r->size, r->s, r->buffer, sizeof r->buffer, 4 * PATIENCE_MS);
}

/* A poll takes nothing: whoever waits to receive gets the message, whichever of them came first. */
CASE(a_poll_does_not_keep_a_message_from_a_receive) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        exz_socket other = open_socket(EXZ_PULL);
        for (int round = 0; round < 40; round++) {
            in_row("%s, round %d", transport_name(t), round);
            exz_poll_item items[2] = {{pair.bound, 0, EXZ_POLL_IN, 0}, {other, 0, EXZ_POLL_IN, 0}};
            receiving r = {.s = pair.bound};
            worker polling, taking;
            for (int i = 0; i < 2; i++) {
                const bool polls = (i + round) % 2 == 0;
                worker_start(polls ? &polling : &taking, polls ? poll_long : receive_long, polls ? (void *)items : &r);
                worker_await_sleep(polls ? &polling : &taking);
            }
            send_text(pair.connected, "first");
            check_status(worker_join(&taking), EXZ_OK);
            check_int(r.size, 5);
            /* It may have seen the first one, or been too late for it. */
            send_text(pair.connected, "second");
            check_status(worker_join(&polling), EXZ_OK);
            check_int(items[0].revents, EXZ_POLL_IN);
            check_int(items[1].revents, 0);
            expect_text(pair.bound, "second");
        }
        close_socket(other);
        close_linked(pair);
    }
}

CASE(a_cancel_of_one_socket_ends_a_poll_of_several) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    exz_socket other = open_socket(EXZ_SUB);
    exz_poll_item items[2] = {{pair.bound, 0, EXZ_POLL_IN, 0}, {other, 0, EXZ_POLL_IN, 0}};
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        worker polling;
        worker_start(&polling, poll_long, items);
        if (round % 2 == 0) worker_await_sleep(&polling);
        while (!atomic_load(&polling.is_done)) {
            check_status(exz_socket_cancel(round % 4 < 2 ? other : pair.bound), EXZ_OK);
            sched_yield();
        }
        check_status(worker_join(&polling), EXZ_ERR_CANCELED);
        check_carries(pair.connected, pair.bound);
    }
    close_socket(other);
    close_linked(pair);
}

CASE(a_close_of_one_socket_ends_every_poll_of_it) {
    for (int round = 0; round < 30; round++) {
        in_row("round %d", round);
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, (transport)(round % TRANSPORT_COUNT));
        exz_socket closing = open_socket(EXZ_DEALER);
        exz_poll_item items[3][2];
        worker polling[3];
        for (size_t i = 0; i < 3; i++) {
            items[i][0] = (exz_poll_item){pair.bound, 0, EXZ_POLL_IN, 0};
            items[i][1] = (exz_poll_item){closing, 0, i == 2 ? EXZ_POLL_EVENT : EXZ_POLL_IN | EXZ_POLL_OUT, 0};
            worker_start(&polling[i], poll_long, items[i]);
        }
        if (round % 2 == 0)
            for (size_t i = 0; i < 3; i++) worker_await_sleep(&polling[i]);
        check_status(exz_socket_close(closing, 0), EXZ_OK);
        for (size_t i = 0; i < 3; i++) check_status(worker_join(&polling[i]), EXZ_ERR_CLOSED);
        /* Its place is taken by another one at once. */
        exz_socket heir = open_socket(EXZ_DEALER);
        check_carries(pair.connected, pair.bound);
        close_socket(heir);
        close_linked(pair);
    }
}

CASE(the_same_socket_twice_is_ready_twice_and_closed_once) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    exz_poll_item items[2] = {{pair.bound, 0, EXZ_POLL_IN, 0}, {pair.bound, 0, EXZ_POLL_IN, 0}};
    worker polling;
    worker_start(&polling, poll_long, items);
    worker_await_sleep(&polling);
    send_text(pair.connected, "x");
    check_status(worker_join(&polling), EXZ_OK);
    for (size_t i = 0; i < 2; i++) check_int(items[i].revents, EXZ_POLL_IN);
    expect_text(pair.bound, "x");
    worker_start(&polling, poll_long, items);
    worker_await_sleep(&polling);
    close_linked(pair);
    check_status(worker_join(&polling), EXZ_ERR_CLOSED);
}

CASE(a_peer_that_comes_wakes_a_poll_for_room) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
        char endpoint[ENDPOINT_SIZE];
        exz_poll_item items[2] = {{push, 0, EXZ_POLL_OUT, 0}, {pull, 0, EXZ_POLL_IN, 0}};
        worker polling;
        bind_somewhere(pull, t, endpoint);
        worker_start(&polling, poll_long, items);
        worker_await_sleep(&polling);
        connect_to(push, endpoint);
        check_status(worker_join(&polling), EXZ_OK);
        check_int(items[0].revents, EXZ_POLL_OUT);
        check_status(exz_send(push, "x", 1, 0, 0), EXZ_OK);
        expect_text(pull, "x");
        close_socket(push);
        close_socket(pull);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(pollers_and_receivers_share_the_messages),
        TEST(pollers_and_senders_share_the_room),
        TEST(a_poll_does_not_keep_a_message_from_a_receive),
        TEST(a_cancel_of_one_socket_ends_a_poll_of_several),
        TEST(a_close_of_one_socket_ends_every_poll_of_it),
        TEST(the_same_socket_twice_is_ready_twice_and_closed_once),
        TEST(a_peer_that_comes_wakes_a_poll_for_room),
    };
    return cmocka_run_group_tests_name("poll on several threads", tests, NULL, NULL);
}
