/* SPDX-License-Identifier: Apache-2.0
 *
 * What the threads of a worker share. */
#ifndef LEDGER_WORKER_H
#define LEDGER_WORKER_H

#include <stdint.h>

#include "experimance_zmq.h"
#include "ledger_records.h"

/* What the stage has said, the last of it: go on; send nothing but ends; send nothing any more; receive what is still
 * there, and close. */
typedef enum phase { RUN, FINISH, HUSH, STOP } phase;

/* How long calls wait that are made again and again. */
enum { SEND_MS = 500, RECEIVE_MS = 500, REQUEST_MS = 3000 };

typedef struct role {
    const char *name;
    exz_socket_type type;
    /* The direction of the messages that it sends, and whether it sends any of its own. */
    uint8_t direction;
    int sends, receives;
} role;

typedef struct worker {
    const role *role;
    exz_socket s;
    uint16_t flow, incarnation;
    int is_idempotent;
    /* Messages a second. */
    int rate;
    int journal;
} worker;

extern worker me;

/* Waits until it is so late, or the stage says something new; what it has said. */
phase wait_until(uint64_t time_ns, phase known);
phase said(void);

/* A line for the stage. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same as ledger_append(), with the time of now. */
void note(uint8_t kind, uint8_t direction, const ledger_message *message, exz_status status);

/* Bodies of threads. */
void *send_messages(void *nothing);
void *make_requests(void *nothing);
void *receive_messages(void *nothing);
void *note_events(void *nothing);

#endif
