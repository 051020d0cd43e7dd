/* SPDX-License-Identifier: Apache-2.0
 *
 * The three patterns as a service that binds and a client that connects. */
#ifndef SERVICES_H
#define SERVICES_H

#include "sockets.h"

typedef struct service_kind {
    const char *name;
    exz_socket_type service, client;
} service_kind;

#define SERVICE_KINDS 3
extern const service_kind service_kinds[SERVICE_KINDS];

/* The client's socket; a subscriber wants everything. */
exz_socket open_client_of(const service_kind *kind, const exz_socket_options *options);

/* What the pattern is for, once: a message, or a request and its answer. The service has no other client. */
void check_served(const service_kind *kind, exz_socket service, exz_socket client);

#endif
