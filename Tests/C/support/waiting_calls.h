/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call on a socket that can wait, on a socket where it waits until its deadline. */
#ifndef WAITING_CALLS_H
#define WAITING_CALLS_H

#include "sockets.h"

typedef struct waiting_call {
    const char *name;
    exz_socket_type type;
    exz_status (*call)(exz_socket s, int32_t timeout_ms);
    /* Brings a new socket of the context to where the call has to wait; NULL if it is there already. */
    void (*prepare)(exz_socket s, exz_context context);
    /* What the call answers when its time is up. */
    exz_status at_deadline;
} waiting_call;

extern const waiting_call waiting_calls[];
extern const size_t waiting_call_count;

const waiting_call *waiting_call_named(const char *name);

/* Options of a socket for these calls: attempts without a number, short queues. */
exz_socket_options waiting_options(void);

/* A socket on which the call waits. */
exz_socket open_waiting(const waiting_call *w, const exz_socket_options *options);
exz_socket open_waiting_in(exz_context context, const waiting_call *w, const exz_socket_options *options);

/* Gives back what the socket needed besides itself. */
void release_waiting(void);

#endif
