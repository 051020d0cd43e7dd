/* SPDX-License-Identifier: Apache-2.0
 *
 * The door to this library, with its default options.
 */
#ifndef DOOR_OURS_H
#define DOOR_OURS_H

#include "keys.h"
#include "worker.h"

#include <experimance_zmq.h>

typedef exz_socket door;

enum { PATIENCE_MS = 60000 };

static inline void exz_must(exz_status status, const char *what)
{
    if (status != EXZ_OK)
        must(false, what, exz_strerror(status));
}

static inline door door_open(int type)
{
    door socket;
    exz_must(exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type, NULL), "exz_socket_open");
    return socket;
}

/* With CURVE, as the server or as its client. No authenticator: everybody with the server's key may come in. */
static inline door door_open_curve(int type, bool is_server)
{
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = is_server ? EXZ_SECURITY_CURVE_SERVER : EXZ_SECURITY_CURVE_CLIENT;
    security.public_key = is_server ? server_public : client_public;
    security.secret_key = is_server ? server_secret : client_secret;
    security.server_key = is_server ? NULL : server_public;
    security.flags = is_server ? EXZ_SECURITY_ANYBODY : 0;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    door socket;
    exz_must(exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type, &options), "exz_socket_open");
    return socket;
}

static inline void door_bind(door socket, const char *endpoint, char actual[ENDPOINT_SIZE])
{
    exz_must(exz_socket_bind(socket, endpoint, PATIENCE_MS, NULL), "exz_socket_bind");
    exz_must(exz_socket_endpoint(socket, actual, ENDPOINT_SIZE), "exz_socket_endpoint");
}

static inline void door_connect(door socket, const char *endpoint)
{
    exz_must(exz_socket_connect(socket, endpoint, 0, PATIENCE_MS, NULL), "exz_socket_connect");
}

static inline void door_send(door socket, const void *data, size_t size)
{
    exz_must(exz_send(socket, data, size, 0, PATIENCE_MS), "exz_send");
}

static inline size_t door_recv(door socket, void *buffer, size_t capacity)
{
    size_t size;
    exz_must(exz_recv(&size, socket, buffer, capacity, PATIENCE_MS), "exz_recv");
    return size;
}

static inline void door_close(door socket)
{
    exz_must(exz_socket_close(socket, PATIENCE_MS), "exz_socket_close");
}

#endif
