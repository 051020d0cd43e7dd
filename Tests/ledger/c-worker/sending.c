/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends numbered messages, some at a time, and notes each before and after. */
#include <stdio.h>
#include <string.h>

#include "worker.h"

enum {
    BURSTS_A_SECOND = 50,
    /* One call for all messages of each so many-th burst. */
    A_BATCH_EVERY = 4,
    END_EVERY_MS = 200,
    BURST_MAX = 64
};

static unsigned char bytes[BURST_MAX][LEDGER_LARGEST];

static ledger_message message_with(uint32_t number, int is_end) {
    return (ledger_message){
        .number = number,
        .size = ledger_size(number),
        .flow = me.flow,
        .incarnation = me.incarnation,
        .direction = me.role->direction,
        .is_end = is_end,
    };
}

static exz_status send_one(const void *data, size_t size) {
    char name[32];
    switch (me.role->type) {
    case EXZ_PUB: return exz_publish(me.s, "ledger", data, size, SEND_MS);
    case EXZ_ROUTER: {
        /* What the dealer of a flow is called. */
        const int length = snprintf(name, sizeof name, "dealer-%u", me.flow);
        const exz_part parts[] = {{name, (size_t)length}, {data, size}};
        return exz_send_parts(me.s, parts, 2, SEND_MS);
    }
    default: return exz_send(me.s, data, size, 0, SEND_MS);
    }
}

static void send_each(const ledger_message *messages, size_t count) {
    for (size_t i = 0; i < count; i++) {
        note(LEDGER_ATTEMPT, me.role->direction, &messages[i], EXZ_OK);
        note(LEDGER_RESULT, me.role->direction, &messages[i], send_one(bytes[i], messages[i].size));
    }
}

/* In one call. */
static void send_batch(const ledger_message *messages, size_t count) {
    size_t sizes[BURST_MAX], sent = 0, all = 0;
    static unsigned char joined[BURST_MAX * LEDGER_LARGEST];
    for (size_t i = 0; i < count; i++) {
        sizes[i] = messages[i].size;
        memcpy(joined + all, bytes[i], sizes[i]);
        all += sizes[i];
        note(LEDGER_ATTEMPT, me.role->direction, &messages[i], EXZ_OK);
    }
    const exz_status status = exz_send_many(&sent, me.s, joined, sizes, count, SEND_MS);
    for (size_t i = 0; i < count; i++)
        note(LEDGER_RESULT, me.role->direction, &messages[i], i < sent ? EXZ_OK : status);
}

void *send_messages(void *nothing) {
    const uint64_t period = 1000000000u / BURSTS_A_SECOND;
    const int can_batch = me.role->type == EXZ_PUSH || me.role->type == EXZ_DEALER;
    uint64_t due = ledger_now();
    uint32_t number = 0;
    (void)nothing;
    for (phase is = RUN, burst = 0; (is = wait_until(due, is)) < HUSH; burst++) {
        ledger_message messages[BURST_MAX];
        const size_t count = is == FINISH ? 1 : (size_t)(me.rate / BURSTS_A_SECOND);
        for (size_t i = 0; i < count; i++) {
            messages[i] = message_with(number++, is == FINISH);
            ledger_write(bytes[i], &messages[i]);
        }
        if (can_batch && burst % A_BATCH_EVERY == 0)
            send_batch(messages, count);
        else
            send_each(messages, count);
        const uint64_t now = ledger_now();
        if (is == FINISH)
            due = now + END_EVERY_MS * UINT64_C(1000000);
        else
            due = due + period > now ? due + period : now;
    }
    say("hushed");
    return NULL;
}

static exz_status request(const ledger_message *question) {
    static unsigned char answer[LEDGER_LARGEST];
    ledger_message answered = {0};
    size_t size = 0;
    exz_status (*ask)(size_t *, exz_socket, const void *, size_t, void *, size_t, int32_t, exz_error *) =
        me.is_idempotent ? exz_request_idempotent : exz_request;
    const exz_status status = ask(&size, me.s, bytes[0], question->size, answer, sizeof answer, REQUEST_MS, NULL);
    if (status != EXZ_OK) return status;
    const int is_whole = ledger_read(&answered, answer, size);
    note(LEDGER_RECEIVED, 1, &answered, is_whole ? 0 : -1);
    return EXZ_OK;
}

void *make_requests(void *nothing) {
    uint64_t due = ledger_now();
    uint32_t number = 0;
    (void)nothing;
    for (phase is = RUN; (is = wait_until(due, is)) < HUSH;) {
        const ledger_message question = message_with(number++, is == FINISH);
        ledger_write(bytes[0], &question);
        note(LEDGER_ATTEMPT, 0, &question, EXZ_OK);
        const exz_status status = request(&question);
        note(LEDGER_RESULT, 0, &question, status);
        if (status == EXZ_OK && is == FINISH) say("ended %u", me.incarnation);
        due += UINT64_C(1000000000) / (uint64_t)me.rate;
        if (is == FINISH || due < ledger_now()) due = ledger_now() + (is == FINISH) * END_EVERY_MS * UINT64_C(1000000);
    }
    say("hushed");
    return NULL;
}
