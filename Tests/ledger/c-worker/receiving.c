/* SPDX-License-Identifier: Apache-2.0
 *
 * Receives numbered messages, and notes each; a replier answers them with messages of the same number. */
#include "worker.h"

/* Messages in one call. */
enum { MANY = 50 };

/* The parts of a message of this role: what comes with an address or a topic has one more. */
static size_t parts_of_a_message(void) { return me.role->type == EXZ_SUB || me.role->type == EXZ_ROUTER ? 2 : 1; }

static int read_message(ledger_message *out, exz_message m) {
    size_t parts = 0, size = 0;
    const void *data = NULL;
    if (exz_message_count(&parts, m) != EXZ_OK || parts != parts_of_a_message()) return 0;
    if (exz_message_part(&data, &size, m, parts - 1) != EXZ_OK) return 0;
    return ledger_read(out, data, size);
}

/* What can not be read is answered with nothing, so that the next request can come. */
static void answer(const ledger_message *question) {
    static unsigned char bytes[LEDGER_LARGEST];
    if (question == NULL) {
        exz_send(me.s, NULL, 0, 0, SEND_MS);
        return;
    }
    ledger_message message = *question;
    message.direction = 1;
    ledger_write(bytes, &message);
    note(LEDGER_ATTEMPT, 1, &message, EXZ_OK);
    note(LEDGER_RESULT, 1, &message, exz_send(me.s, bytes, message.size, 0, SEND_MS));
}

/* What is to be done with a message; NULL is one that is not as it was written. */
static void take(const ledger_message *message) {
    const ledger_message nothing = {.direction = me.role->type == EXZ_DEALER ? 1 : 0};
    note(LEDGER_RECEIVED, message ? message->direction : nothing.direction, message ? message : &nothing,
         message ? 0 : -1);
    if (me.role->type == EXZ_REP)
        answer(message);
    else if (message != NULL && message->is_end)
        say("ended %u", message->incarnation);
}

static exz_status receive_one(void) {
    exz_message m;
    ledger_message message;
    const exz_status status = exz_recv_message(&m, me.s, RECEIVE_MS);
    if (status != EXZ_OK) return status;
    take(read_message(&message, m) ? &message : NULL);
    return exz_message_free(m);
}

/* In one call, without their topics. */
static exz_status receive_many(void) {
    static unsigned char buffer[10 * LEDGER_LARGEST];
    size_t sizes[2 * MANY], count = 0, at = 0;
    const int is_sub = me.role->type == EXZ_SUB;
    const exz_status status = (is_sub ? exz_recv_published : exz_recv_many)(&count, me.s, buffer, sizeof buffer, sizes,
                                                                            MANY, RECEIVE_MS);
    for (size_t i = 0; i < count; i++) {
        ledger_message message;
        const size_t topic = is_sub ? sizes[2 * i] : 0, size = is_sub ? sizes[2 * i + 1] : sizes[i];
        take(ledger_read(&message, buffer + at + topic, size) ? &message : NULL);
        at += topic + size;
    }
    return status;
}

void *receive_messages(void *nothing) {
    const int can_many = me.role->type == EXZ_PULL || me.role->type == EXZ_SUB;
    (void)nothing;
    /* Until nothing has come for a while, once it is to stop. */
    for (unsigned call = 0;; call++) {
        const phase is = said();
        exz_status status = can_many && call % 2 == 0 ? receive_many() : receive_one();
        /* Of several parts, where one was expected. */
        if (status == EXZ_ERR_STATE && can_many) status = receive_one();
        if (status == EXZ_ERR_TIMEOUT && is == STOP) return NULL;
        if (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) continue;
        const ledger_message none = {.direction = me.role->type == EXZ_DEALER ? 1 : 0};
        note(LEDGER_RECEIVED, none.direction, &none, status);
    }
}
