/* SPDX-License-Identifier: Apache-2.0
 *
 * A call on a thread of its own, for tests in which one call waits while another happens. */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "harness.h"

typedef struct worker {
    pthread_t thread;
    exz_status (*body)(void *argument);
    void *argument;
    _Atomic(pid_t) id;
    atomic_bool is_done;
    exz_status status;
    int64_t began_ns;
    int64_t ended_ns;
} worker;

void worker_start(worker *w, exz_status (*body)(void *argument), void *argument);

/* Waits until the thread sleeps in its call, or has come back from it. */
void worker_await_sleep(worker *w);

/* Waits for the end of the call and gives what it answered. */
exz_status worker_join(worker *w);

/* Bodies for links that take time. */
typedef struct link_call {
    exz_socket s;
    const char *endpoint;
} link_call;

exz_status bind_patiently(void *call);
exz_status connect_patiently(void *call);

#endif
