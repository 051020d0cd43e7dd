/* SPDX-License-Identifier: Apache-2.0
 *
 * A weather service for the tests. */
#ifndef SERVICE_H
#define SERVICE_H

#include <experimance_zmq.h>
#include <pthread.h>

typedef struct service {
    exz_socket replier;
    /** Where it is bound, with its real port. */
    char endpoint[256];
    pthread_t thread;
} service;

/** Binds, and answers each question on a thread of its own. */
void service_start(service *it, const char *endpoint);

void service_stop(service *it);

#endif
