/* SPDX-License-Identifier: Apache-2.0
 *
 * What the calls of one input share: handles, and the choices they make among handles, time-outs and texts. */
#ifndef BENCH_H
#define BENCH_H

#include <semaphore.h>
#include <stdatomic.h>

#include "oracle.h"

#define SOCKETS 5
#define CONTEXTS 1
#define BACKOFFS 2
#define CANCELERS 2
#define PROXIES 2
#define FAULT_PROXIES 2
#define AUTHENTICATORS 2
#define MESSAGES 3
#define TEXT_SIZE 320

/* Handles by their numbers, used by all threads at once. 0 = none. */
typedef struct bench {
    _Atomic(uint64_t) sockets[SOCKETS], contexts[CONTEXTS], backoffs[BACKOFFS], cancelers[CANCELERS];
    _Atomic(uint64_t) proxies[PROXIES], fault_proxies[FAULT_PROXIES], authenticators[AUTHENTICATORS];
    atomic_int opened_contexts;
} bench;

extern bench shared;

/* One thread. Its messages are its own: their bytes are valid only until they are freed. */
typedef struct player {
    desk d;
    uint64_t messages[MESSAGES];
    /* Where a socket of this thread was bound last, or a fault proxy of its listens. */
    char bound[TEXT_SIZE];
    char text[TEXT_SIZE];
    /* Calls that may still wait: an execution has to be short. */
    int waits_left;
    /* There is somebody who cancels its long waits. */
    bool may_wait_long;
} player;

typedef void operation(player *p);

typedef struct operations {
    operation *const *all;
    size_t count;
} operations;

extern const operations socket_operations, message_operations, proxy_operations, other_operations, fault_operations;
extern const operations admission_operations;

/* What a program's calls are chosen from. */
extern const operations *const groups[];
extern const size_t group_count;

/* libFuzzer's alarm interrupts waits. */
static inline void await(sem_t *semaphore) {
    while (sem_wait(semaphore) != 0) continue;
}

/* A handle: mostly a live one, else zero, stale, of another kind, or invented. */
exz_socket take_socket(player *p);
exz_context take_context(player *p);
exz_backoff take_backoff(player *p);
exz_canceler take_canceler(player *p);
exz_proxy take_proxy(player *p);
exz_fault_proxy take_fault_proxy(player *p);
exz_authenticator take_authenticator(player *p);
exz_message take_message(player *p);

/* A time-out of a few milliseconds, or one that is refused. */
int32_t take_timeout(player *p);

/* The same for what has no time-out of its own, whose default is a second. */
int32_t take_short_timeout(player *p);

/* One that may be very long: then the socket's waits are cancelled until calm(). */
int32_t take_any_timeout(player *p, exz_socket s);
void calm(player *p);

/* Texts; NULL now and then. */
const char *take_endpoint(player *p);
const char *take_topic(player *p);

/* Bytes to send. The size may be one no memory has, with NULL now and then. */
size_t take_size(player *p);
const void *take_data(player *p);

/* The room in the buffer to offer. */
size_t take_capacity(player *p);

/* The details of an error are wanted, or not. */
exz_error *take_error(player *p);

/* After a call that was given `&d.out.error`: it is filled on failure. */
void check_error(player *p, exz_status status, const exz_error *error);

/* What was received is in the buffer and nothing behind it was touched. */
void check_received(player *p, size_t size);

/* Starts the helper that cancels. */
void start_canceller(void);

#endif
