/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "monotonic.h"

enum { BATCH = 40 };

static uint32_t chance(account *a, uint32_t below) { return (uint32_t)rand_r(&a->seed) % below; }

/* A call with no time at all does not wait, so it is not one that ran into its deadline. */
static void note_timeout(account *a, int32_t timeout_ms) {
    if (timeout_ms > 0) a->timeouts++;
}

/* The first `count` messages of a call have been taken. */
static void note_taken(account *a, size_t count, exz_status status, int32_t timeout_ms) {
    for (char message[NUMBERED_MAX]; count > 0; count--, a->messages++)
        a->bytes += numbered_write(message, a->next++);
    if (status == EXZ_OK) return;
    a->refused++;
    if (status == EXZ_ERR_TIMEOUT) note_timeout(a, timeout_ms);
    if (status != EXZ_ERR_TIMEOUT && a->surprise == EXZ_OK) a->surprise = status;
}

void account_send(account *a) {
    char messages[BATCH * NUMBERED_MAX];
    size_t sizes[BATCH], sent = 0, bytes = 0;
    const int32_t timeout_ms = (int32_t)chance(a, 3);
    if (chance(a, 2) == 0) {
        exz_status status = exz_send(a->s, messages, numbered_write(messages, a->next), 0, timeout_ms);
        note_taken(a, status == EXZ_OK ? 1 : 0, status, timeout_ms);
        return;
    }
    const size_t count = 1 + chance(a, BATCH);
    for (size_t i = 0; i < count; i++) bytes += sizes[i] = numbered_write(messages + bytes, a->next + i);
    exz_status status = exz_send_many(&sent, a->s, messages, sizes, count, timeout_ms);
    note_taken(a, sent, status, timeout_ms);
}

void account_publish(account *a) {
    char message[NUMBERED_MAX];
    const size_t size = numbered_write(message, a->next);
    const int32_t timeout_ms = (int32_t)chance(a, 3);
    exz_status status = exz_publish(a->s, "", message, size, timeout_ms);
    note_taken(a, status == EXZ_OK ? 1 : 0, status, timeout_ms);
}

static void note_received(account *a, const char *message, size_t size) {
    uint64_t number = 0;
    check(numbered_read(message, size, &number));
    check_int(number, a->next);
    a->next++;
    a->messages++;
    a->bytes += size;
}

static void receive_message(account *a, int32_t timeout_ms) {
    exz_message message;
    const void *data = NULL;
    size_t count = 0, size = 0;
    exz_status status = exz_recv_message(&message, a->s, timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) note_timeout(a, timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) return;
    check_status(status, EXZ_OK);
    check_status(exz_message_count(&count, message), EXZ_OK);
    check_status(exz_message_part(&data, &size, message, count - 1), EXZ_OK);
    note_received(a, data, size);
    check_status(exz_message_free(message), EXZ_OK);
}

/* With room for a few messages at most, sometimes for none. */
static void receive_many(account *a, int32_t timeout_ms) {
    char messages[4 * NUMBERED_MAX], *place = messages;
    size_t sizes[BATCH], count = 0, capacity = chance(a, 4) == 0 ? NUMBERED_MIN - 1 : sizeof messages;
    exz_status status = exz_recv_many(&count, a->s, messages, capacity, sizes, 1 + chance(a, BATCH), timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) note_timeout(a, timeout_ms);
    if (capacity < NUMBERED_MIN) check(status == EXZ_ERR_TIMEOUT || status == EXZ_ERR_TOO_SMALL);
    if (capacity >= NUMBERED_MIN && status != EXZ_ERR_TIMEOUT) check_status(status, EXZ_OK);
    for (size_t i = 0; i < count; place += sizes[i++]) note_received(a, place, sizes[i]);
}

static void receive_one(account *a, int32_t timeout_ms) {
    char message[NUMBERED_MAX];
    size_t size = 0, capacity = chance(a, 4) == 0 ? NUMBERED_MIN - 1 : sizeof message;
    exz_status status = exz_recv(&size, a->s, message, capacity, timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) note_timeout(a, timeout_ms);
    if (status == EXZ_ERR_TIMEOUT) return;
    check_status(status, capacity < NUMBERED_MIN ? EXZ_ERR_TOO_SMALL : EXZ_OK);
    if (status == EXZ_OK) note_received(a, message, size);
}

void account_receive(account *a) {
    static void (*const ways[])(account *, int32_t) = {receive_message, receive_one, receive_many};
    ways[a->is_subscriber ? 0 : chance(a, COUNT_OF(ways))](a, (int32_t)chance(a, 3));
}

void account_receive_until(account *a, uint64_t next) {
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (a->next < next) {
        check(now_ns() < deadline);
        account_receive(a);
    }
    const uint64_t timeouts = a->timeouts;
    receive_message(a, 1);
    check_int(a->timeouts, timeouts + 1);
}

void check_sender(const account *a) {
    const exz_stats stats = stats_of(a->s);
    check_status(a->surprise, EXZ_OK);
    check_int(stats.messages_sent, a->messages);
    check_int(stats.bytes_sent, a->bytes);
    check_int(stats.sends_refused, a->refused);
    check_int(stats.timeouts, a->timeouts);
    check_int(stats.messages_received, 0);
}

void check_receiver(const account *a) {
    const exz_stats stats = stats_of(a->s);
    check_int(stats.messages_received, a->messages);
    check_int(stats.bytes_received, a->bytes);
    check_int(stats.timeouts, a->timeouts);
    check_int(stats.sends_refused, 0);
    check_int(stats.messages_sent, 0);
}
