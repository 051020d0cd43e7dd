/* SPDX-License-Identifier: Apache-2.0
 *
 * Many threads on one socket: every message exactly once, and each sender's in its order. */
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

#define SENDERS 4
#define RECEIVERS 4
#define EACH 3000

typedef struct slip {
    uint32_t sender, number;
} slip;

/* What the receivers have seen. */
typedef struct ledger {
    exz_socket from, to;
    bool several_parts;
    atomic_uint next_sender;
    atomic_uint left;
    atomic_uchar seen[SENDERS][EACH];
    atomic_bool has_flaw;
} ledger;

static exz_status send_share(void *argument) {
    ledger *l = argument;
    uint32_t sender = atomic_fetch_add(&l->next_sender, 1);
    for (uint32_t number = 0; number < EACH; number++) {
        const slip s = {sender, number};
        const exz_part parts[] = {{&s, sizeof s}, {"part", 4}};
        exz_status status = l->several_parts ? exz_send_parts(l->from, parts, 2, PATIENCE_MS)
                                             : exz_send(l->from, &s, sizeof s, 0, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

static exz_status take(const ledger *l, slip *s, int32_t timeout_ms) {
    size_t size = 0;
    if (!l->several_parts) {
        exz_status status = exz_recv(&size, l->to, s, sizeof *s, timeout_ms);
        return status == EXZ_OK && size != sizeof *s ? EXZ_ERR_INTERNAL : status;
    }
    exz_message message;
    const void *data;
    exz_status status = exz_recv_message(&message, l->to, timeout_ms);
    if (status != EXZ_OK) return status;
    status = exz_message_part(&data, &size, message, 0);
    if (status == EXZ_OK && size == sizeof *s) memcpy(s, data, sizeof *s);
    if (exz_message_count(&size, message) != EXZ_OK || size != 2) status = EXZ_ERR_INTERNAL;
    exz_message_free(message);
    return status;
}

static exz_status receive_share(void *argument) {
    ledger *l = argument;
    int64_t last[SENDERS] = {-1, -1, -1, -1};
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (atomic_load(&l->left) > 0) {
        slip s = {SENDERS, 0};
        exz_status status = take(l, &s, 20);
        if (status == EXZ_ERR_TIMEOUT && now_ns() < deadline) continue;
        if (status != EXZ_OK) return status;
        /* One receiver sees what it gets of a sender in the order it was sent. */
        if (s.sender >= SENDERS || s.number >= EACH || (int64_t)s.number <= last[s.sender]) {
            atomic_store(&l->has_flaw, true);
            continue;
        }
        last[s.sender] = s.number;
        if (atomic_fetch_add(&l->seen[s.sender][s.number], 1) != 0) atomic_store(&l->has_flaw, true);
        atomic_fetch_sub(&l->left, 1);
    }
    return EXZ_OK;
}

/* Several senders and receivers for each direction that is asked for, all at once. */
static void exchange(ledger *ledgers, size_t count) {
    worker senders[2 * SENDERS], receivers[2 * RECEIVERS];
    for (size_t i = 0; i < count; i++) {
        atomic_store(&ledgers[i].left, SENDERS * EACH);
        for (size_t j = 0; j < RECEIVERS; j++)
            worker_start(&receivers[i * RECEIVERS + j], receive_share, &ledgers[i]);
        for (size_t j = 0; j < SENDERS; j++) worker_start(&senders[i * SENDERS + j], send_share, &ledgers[i]);
    }
    for (size_t j = 0; j < count * SENDERS; j++) check_status(worker_join(&senders[j]), EXZ_OK);
    for (size_t j = 0; j < count * RECEIVERS; j++) check_status(worker_join(&receivers[j]), EXZ_OK);
    for (size_t i = 0; i < count; i++) {
        check(!ledgers[i].has_flaw);
        check_int(stats_of(ledgers[i].from).messages_sent, SENDERS * EACH);
        check_int(stats_of(ledgers[i].to).messages_received, SENDERS * EACH);
        for (size_t sender = 0; sender < SENDERS; sender++)
            for (size_t number = 0; number < EACH; number++) check_int(ledgers[i].seen[sender][number], 1);
    }
}

static ledger *new_ledgers(size_t count) {
    ledger *ledgers = calloc(count, sizeof *ledgers);
    check(ledgers != NULL);
    return ledgers;
}

CASE(four_senders_and_four_receivers_share_a_pipeline) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int several_parts = 0; several_parts <= 1; several_parts++) {
            in_row("%s, %s", transport_name(t), several_parts ? "two parts" : "one part");
            linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
            ledger *l = new_ledgers(1);
            l->from = pair.connected;
            l->to = pair.bound;
            l->several_parts = several_parts;
            exchange(l, 1);
            free(l);
            close_linked(pair);
        }
    }
}

CASE(senders_and_receivers_share_both_ends_of_both_directions) {
    const exz_socket_type types[] = {EXZ_PAIR, EXZ_DEALER};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        linked pair = link_types(types[i], types[i], TCP);
        ledger *l = new_ledgers(2);
        l[0].from = l[1].to = pair.bound;
        l[0].to = l[1].from = pair.connected;
        exchange(l, 2);
        free(l);
        close_linked(pair);
    }
}

CASE(short_queues_make_senders_wait_for_receivers) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 2;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), INPROC);
    ledger *l = new_ledgers(1);
    l->from = pair.connected;
    l->to = pair.bound;
    exchange(l, 1);
    free(l);
    close_linked(pair);
}

static atomic_bool is_enough;

static exz_status ask_about(void *argument) {
    exz_socket *s = argument;
    while (!atomic_load(&is_enough)) {
        exz_stats stats = EXZ_STATS_INIT;
        exz_event event = EXZ_EVENT_INIT;
        exz_state link_state;
        char endpoint[ENDPOINT_SIZE];
        exz_status status = exz_socket_stats(&stats, *s);
        if (status == EXZ_OK) status = exz_socket_state(&link_state, *s);
        if (status == EXZ_OK) status = exz_socket_endpoint(*s, endpoint, sizeof endpoint);
        if (status == EXZ_OK) status = exz_wait_peers(*s, 1, 0);
        if (status != EXZ_OK) return status;
        status = exz_next_event(&event, *s, 1);
        if (status != EXZ_OK && status != EXZ_ERR_TIMEOUT) return status;
    }
    return EXZ_OK;
}

CASE(questions_do_not_disturb_the_traffic) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    worker asking[2];
    atomic_store(&is_enough, false);
    worker_start(&asking[0], ask_about, &pair.bound);
    worker_start(&asking[1], ask_about, &pair.connected);
    ledger *l = new_ledgers(1);
    l->from = pair.connected;
    l->to = pair.bound;
    exchange(l, 1);
    atomic_store(&is_enough, true);
    for (size_t i = 0; i < COUNT_OF(asking); i++) check_status(worker_join(&asking[i]), EXZ_OK);
    free(l);
    close_linked(pair);
}

/* Uses a socket until it is closed under its feet. */
static exz_status send_until_closed(void *argument) {
    exz_socket *s = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) status = exz_send(*s, "x", 1, 0, 5);
    return status;
}

static exz_status receive_until_closed(void *argument) {
    exz_socket *s = argument;
    exz_status status = EXZ_OK;
    char buffer[8];
    size_t size;
    while (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) status = exz_recv(&size, *s, buffer, sizeof buffer, 5);
    return status;
}

CASE(a_close_in_the_middle_of_traffic_ends_all_of_it) {
    for (int round = 0; round < 30; round++) {
        in_row("round %d", round);
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, (transport)(round % TRANSPORT_COUNT));
        worker senders[3], receivers[3];
        for (size_t i = 0; i < 3; i++) {
            worker_start(&senders[i], send_until_closed, &pair.connected);
            worker_start(&receivers[i], receive_until_closed, &pair.bound);
        }
        while (stats_of(pair.bound).messages_received < 100) sched_yield();
        close_socket(round % 2 == 0 ? pair.connected : pair.bound);
        close_socket(round % 2 == 0 ? pair.bound : pair.connected);
        for (size_t i = 0; i < 3; i++) {
            check_status(worker_join(&senders[i]), EXZ_ERR_CLOSED);
            check_status(worker_join(&receivers[i]), EXZ_ERR_CLOSED);
        }
    }
}

static exz_status close_it(void *argument) {
    exz_socket *s = argument;
    return exz_socket_close(*s, 0);
}

CASE(a_socket_closed_by_several_threads_is_closed_once) {
    for (int round = 0; round < 100; round++) {
        exz_socket s = open_socket(EXZ_PULL);
        worker closing[3];
        for (size_t i = 0; i < COUNT_OF(closing); i++) worker_start(&closing[i], close_it, &s);
        for (size_t i = 0; i < COUNT_OF(closing); i++) check_status(worker_join(&closing[i]), EXZ_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(four_senders_and_four_receivers_share_a_pipeline),
        TEST(senders_and_receivers_share_both_ends_of_both_directions),
        TEST(short_queues_make_senders_wait_for_receivers),
        TEST(questions_do_not_disturb_the_traffic),
        TEST(a_close_in_the_middle_of_traffic_ends_all_of_it),
        TEST(a_socket_closed_by_several_threads_is_closed_once),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
