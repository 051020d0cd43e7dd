/* SPDX-License-Identifier: Apache-2.0
 *
 * What the workers of the ledger in C and Swift have in common: how a message looks, and how a journal of them is
 * kept. records.py is the same for Python. */
#ifndef LEDGER_RECORDS_H
#define LEDGER_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- messages --- */

enum {
    /* "LEDG", number, size, sender's incarnation, direction, kind, flow, 0, checksum of all but itself. */
    LEDGER_HEADER = 28,
    LEDGER_LARGEST = 100 * 1024
};

/* What a message says of itself. The incarnation is that of who has given it its number. */
typedef struct ledger_message {
    uint32_t number;
    uint32_t size;
    uint16_t flow;
    uint16_t incarnation;
    uint8_t direction;
    /* The last of its sender, as far as the sender knows. */
    bool is_end;
} ledger_message;

/* How large the message with that number is: most are small, some have LEDGER_LARGEST bytes. */
uint32_t ledger_size(uint32_t number);

/* Writes it; `bytes` has room for its size. */
void ledger_write(void *bytes, const ledger_message *message);

/* Whether these bytes are a message as it was written, and which. */
bool ledger_read(ledger_message *out, const void *bytes, size_t size);

/* --- journals --- */

/* What a record tells. */
enum {
    /* A call to send it begins. */
    LEDGER_ATTEMPT = 1,
    /* How that call ended: the status. */
    LEDGER_RESULT = 2,
    /* It was received; the status is 0, or -1 for bytes that are no message. */
    LEDGER_RECEIVED = 3,
    /* Something happened to a link: the status is the kind of the event, the number its count. */
    LEDGER_EVENT = 4,
    /* At the end: one of LEDGER_SENT …; the number is what the socket's statistics say. */
    LEDGER_STATISTIC = 5
};

enum { LEDGER_SENT = 1, LEDGER_GOT, LEDGER_REFUSED, LEDGER_LINKS_LOST, LEDGER_QUEUES_DROPPED, LEDGER_EVENTS_DROPPED };

/* Of 24 bytes, in the order of this machine's. */
typedef struct ledger_record {
    /* CLOCK_MONOTONIC, which all processes share. */
    uint64_t time_ns;
    uint32_t number;
    uint32_t size;
    uint16_t incarnation;
    uint8_t kind;
    uint8_t direction;
    int16_t status;
    uint16_t flow;
} ledger_record;

uint64_t ledger_now(void);

/* A worker does not outlive its stage. */
void ledger_end_with_parent(void);

/* Opens a journal, made if there is none; -1 if that fails. */
int ledger_open(const char *path);

/* Appends a record, at once and as a whole, from any thread: it is the kernel's then, and outlives this process. Ends
 * the process if that fails, as a book with gaps proves nothing. */
void ledger_append(int journal, ledger_record record);

#endif
