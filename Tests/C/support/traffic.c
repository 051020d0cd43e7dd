/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "monotonic.h"

#define BURST 64
#define BATCH 5

/* Tells a receiver that it is done. */
#define THE_END UINT32_MAX

int32_t combination_ms(void) {
    const char *text = getenv("EXZ_COMBINATION_MS");
    return text != NULL && atoi(text) > 0 ? atoi(text) : 200;
}

linked traffic_link(transport t) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 3;
    return link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), t);
}

/* --- Senders ------------------------------------------------------------------------------------------------------ */

/* Takes numbers to send; false when the time is over. Numbers go out in bursts: the next one begins when all of the
 * last has arrived. */
static bool take_numbers(traffic *t, uint32_t *first, uint32_t count) {
    const uint32_t next = atomic_load(&t->next);
    /* A busy machine may need all of the time to start the threads. */
    if ((now_ns() >= t->until_ns && next >= 4 * BURST) || next + TRAFFIC_THREADS * BATCH > TRAFFIC_LIMIT) return false;
    *first = atomic_fetch_add(&t->next, count);
    while (atomic_load(&t->arrived) < *first / BURST * BURST && now_ns() < t->until_ns) sched_yield();
    return true;
}

exz_status send_singly(void *argument) {
    traffic *t = argument;
    uint32_t number;
    while (take_numbers(t, &number, 1)) {
        const exz_status status = exz_send(t->from, &number, sizeof number, 0, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

exz_status send_in_batches(void *argument) {
    static const size_t sizes[BATCH] = {4, 4, 4, 4, 4};
    traffic *t = argument;
    uint32_t numbers[BATCH], first;
    while (take_numbers(t, &first, BATCH)) {
        for (uint32_t i = 0; i < BATCH; i++) numbers[i] = first + i;
        size_t sent = 0;
        const exz_status status = exz_send_many(&sent, t->from, numbers, sizes, BATCH, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* Waits until there is something to do; whether it is still there then is another question. */
static exz_status poll_for(exz_socket s, uint16_t events) {
    exz_poll_item item = {s, 0, events, 0};
    const exz_status status = exz_poll(&item, 1, PATIENCE_MS);
    return status == EXZ_OK && item.revents != events ? EXZ_ERR_INTERNAL : status;
}

exz_status send_with_poll(void *argument) {
    traffic *t = argument;
    uint32_t number;
    while (take_numbers(t, &number, 1)) {
        exz_status status = EXZ_ERR_TIMEOUT;
        while (status == EXZ_ERR_TIMEOUT) {
            status = poll_for(t->from, EXZ_POLL_OUT);
            if (status != EXZ_OK) return status;
            status = exz_send(t->from, &number, sizeof number, 0, 0);
        }
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* --- Receivers ---------------------------------------------------------------------------------------------------- */

/* False for the last one a receiver gets. */
static bool note(traffic *t, const void *data, size_t size) {
    uint32_t number = 0;
    if (size == sizeof number) memcpy(&number, data, size);
    if (size == sizeof number && number == THE_END) return false;
    if (size != sizeof number || number >= TRAFFIC_LIMIT || atomic_fetch_add(&t->seen[number], 1) != 0)
        atomic_store(&t->has_flaw, true);
    atomic_fetch_add(&t->arrived, 1);
    return true;
}

exz_status receive_singly(void *argument) {
    traffic *t = argument;
    uint32_t number;
    size_t size;
    for (;;) {
        const exz_status status = exz_recv(&size, t->to, &number, sizeof number, PATIENCE_MS);
        if (status != EXZ_OK || !note(t, &number, size)) return status;
    }
}

exz_status receive_messages(void *argument) {
    traffic *t = argument;
    for (;;) {
        exz_message message;
        const void *data = NULL;
        size_t size = 0;
        exz_status status = exz_recv_message(&message, t->to, PATIENCE_MS);
        if (status != EXZ_OK) return status;
        status = exz_message_part(&data, &size, message, 0);
        const bool goes_on = note(t, data, size);
        exz_message_free(message);
        if (status != EXZ_OK || !goes_on) return status;
    }
}

/* Two at most: the end of another receiver is passed on. */
exz_status receive_in_batches(void *argument) {
    traffic *t = argument;
    uint32_t numbers[2];
    size_t sizes[2], count;
    for (;;) {
        exz_status status = exz_recv_many(&count, t->to, numbers, sizeof numbers, sizes, 2, PATIENCE_MS);
        if (status != EXZ_OK) return status;
        const bool is_end = !note(t, &numbers[0], sizes[0]);
        const bool is_another = count == 2 && !note(t, &numbers[1], sizes[1]);
        if (is_end && is_another) return exz_send(t->from, &numbers[1], sizes[1], 0, PATIENCE_MS);
        if (is_end || is_another) return EXZ_OK;
    }
}

exz_status receive_with_poll(void *argument) {
    traffic *t = argument;
    for (;;) {
        uint32_t number;
        size_t size;
        exz_status status = poll_for(t->to, EXZ_POLL_IN);
        if (status == EXZ_OK) status = exz_recv(&size, t->to, &number, sizeof number, 0);
        else return status;
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK || !note(t, &number, size)) return status;
    }
}

exz_status receive_with_descriptor(void *argument) {
    traffic *t = argument;
    struct pollfd watched = {.events = POLLIN};
    exz_status status = exz_socket_fd(&watched.fd, t->to);
    while (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) {
        uint32_t number;
        size_t size;
        if (poll(&watched, 1, PATIENCE_MS) <= 0) return EXZ_ERR_INTERNAL;
        status = exz_recv(&size, t->to, &number, sizeof number, 0);
        if (status == EXZ_OK && !note(t, &number, size)) return EXZ_OK;
    }
    return status;
}

/* --- Others ------------------------------------------------------------------------------------------------------- */

exz_status ask_for_numbers(void *argument) {
    traffic *t = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !atomic_load(&t->is_over)) {
        exz_stats stats = EXZ_STATS_INIT;
        exz_state state = EXZ_STATE_IDLE;
        char endpoint[ENDPOINT_SIZE];
        status = exz_socket_stats(&stats, t->from);
        if (status == EXZ_OK) status = exz_socket_stats(&stats, t->to);
        if (status == EXZ_OK) status = exz_socket_state(&state, t->to);
        if (status == EXZ_OK) status = exz_socket_endpoint(t->to, endpoint, sizeof endpoint);
        if (status == EXZ_OK && state != EXZ_STATE_READY) status = EXZ_ERR_STATE;
    }
    return status;
}

/* ZMQ_EVENTS works through libzmq's commands, and so may use up what others wait for. */
exz_status change_options(void *argument) {
    traffic *t = argument;
    exz_status status = EXZ_OK;
    for (int64_t value = 1; status == EXZ_OK && !atomic_load(&t->is_over); value = value % 1000 + 1) {
        int64_t events;
        status = exz_socket_get_int(&events, t->to, ZMQ_EVENTS);
        if (status == EXZ_OK) status = exz_socket_get_int(&events, t->from, ZMQ_EVENTS);
        if (status == EXZ_OK) status = exz_socket_set_int(t->to, ZMQ_LINGER, value);
        if (status == EXZ_OK) status = exz_socket_set_int(t->from, ZMQ_LINGER, value);
    }
    return status;
}

exz_status await_peers(void *argument) {
    traffic *t = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !atomic_load(&t->is_over)) {
        status = exz_wait_peers(t->from, 1, PATIENCE_MS);
        if (status == EXZ_OK) status = exz_wait_peers(t->to, 1, PATIENCE_MS);
        /* One that has to wait, in the queue of those who wait for messages. */
        if (status == EXZ_OK) status = exz_wait_peers(t->to, 2, 1);
        if (status == EXZ_ERR_TIMEOUT) status = EXZ_OK;
    }
    return status;
}

exz_status read_events(void *argument) {
    traffic *t = argument;
    exz_status status = EXZ_ERR_TIMEOUT;
    while ((status == EXZ_OK || status == EXZ_ERR_TIMEOUT) && !atomic_load(&t->is_over)) {
        exz_event event = EXZ_EVENT_INIT;
        status = exz_next_event(&event, t->to, 1);
        if (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) status = exz_next_event(&event, t->from, 0);
    }
    return status == EXZ_ERR_TIMEOUT ? EXZ_OK : status;
}

/* --- All together ------------------------------------------------------------------------------------------------- */

static size_t start_all(worker *workers, traffic *t, traffic_part *const parts[]) {
    size_t count = 0;
    for (; parts[count] != NULL; count++) {
        check(count < TRAFFIC_THREADS);
        worker_start(&workers[count], parts[count], t);
    }
    return count;
}

static void join_all(worker *workers, size_t count, const char *who) {
    for (size_t i = 0; i < count; i++) {
        const exz_status status = worker_join(&workers[i]);
        if (status != EXZ_OK) fail_msg("%s %zu: %s", who, i, exz_status_name(status));
    }
}

void run_traffic(linked link, traffic_part *const senders[], traffic_part *const receivers[],
                 traffic_part *const others[]) {
    static worker sending[TRAFFIC_THREADS], receiving[TRAFFIC_THREADS], doing[TRAFFIC_THREADS];
    traffic t = {.from = link.connected, .to = link.bound, .until_ns = after_ms(combination_ms())};
    t.seen = calloc(TRAFFIC_LIMIT, 1);
    check(t.seen != NULL);
    const size_t receiver_count = start_all(receiving, &t, receivers);
    const size_t other_count = start_all(doing, &t, others);
    join_all(sending, start_all(sending, &t, senders), "sender");
    for (size_t i = 0; i < receiver_count; i++) {
        const uint32_t number = THE_END;
        check_status(exz_send(t.from, &number, sizeof number, 0, PATIENCE_MS), EXZ_OK);
    }
    join_all(receiving, receiver_count, "receiver");
    atomic_store(&t.is_over, true);
    join_all(doing, other_count, "other");
    check(!t.has_flaw);
    const uint32_t arrived = atomic_load(&t.arrived);
    check(arrived >= 4 * BURST);
    for (uint32_t i = 0; i < arrived; i++) check_int(t.seen[i], 1);
    const uint64_t all = arrived + receiver_count;
    check(stats_of(t.to).messages_received >= all);
    check_int(stats_of(t.from).messages_sent, stats_of(t.to).messages_received);
    free(t.seen);
}
