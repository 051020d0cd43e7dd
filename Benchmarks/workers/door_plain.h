/* SPDX-License-Identifier: Apache-2.0
 *
 * The door to libzmq, with blocking calls, the way a plain C program uses it. The options are those this library sets
 * by default and that have a part in carrying messages.
 */
#ifndef DOOR_PLAIN_H
#define DOOR_PLAIN_H

#include "keys.h"
#include "worker.h"

#include <zmq.h>

typedef void *door;

static inline void zmq_must(bool it_worked, const char *what)
{
    if (!it_worked) /* the text costs more than a send; not to be asked for before it is needed */
        must(false, what, zmq_strerror(zmq_errno()));
}

static void *plain_context;

static inline door door_open(int type)
{
    if (!plain_context)
        plain_context = zmq_ctx_new();
    door socket = zmq_socket(plain_context, type);
    zmq_must(socket, "zmq_socket");
    const int mark = 1000, linger = 1000, on = 1;
    const int64_t largest = INT64_C(64) << 20;
    zmq_must(zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark) == 0, "ZMQ_SNDHWM");
    zmq_must(zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark) == 0, "ZMQ_RCVHWM");
    zmq_must(zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) == 0, "ZMQ_LINGER");
    zmq_must(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0, "ZMQ_MAXMSGSIZE");
    zmq_must(zmq_setsockopt(socket, ZMQ_TCP_KEEPALIVE, &on, sizeof on) == 0, "ZMQ_TCP_KEEPALIVE");
    return socket;
}

static inline void door_set_key(door socket, int option, const char *key)
{
    zmq_must(zmq_setsockopt(socket, option, key, strlen(key)) == 0, "a key");
}

/* With CURVE, as the server or as its client. No handler: everybody with the server's key may come in. */
static inline door door_open_curve(int type, bool is_server)
{
    door socket = door_open(type);
    const int on = 1;
    door_set_key(socket, ZMQ_CURVE_PUBLICKEY, is_server ? server_public : client_public);
    door_set_key(socket, ZMQ_CURVE_SECRETKEY, is_server ? server_secret : client_secret);
    if (is_server)
        zmq_must(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0, "ZMQ_CURVE_SERVER");
    else
        door_set_key(socket, ZMQ_CURVE_SERVERKEY, server_public);
    return socket;
}

static inline void door_bind(door socket, const char *endpoint, char actual[ENDPOINT_SIZE])
{
    size_t size = ENDPOINT_SIZE;
    zmq_must(zmq_bind(socket, endpoint) == 0, "zmq_bind");
    zmq_must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, actual, &size) == 0, "ZMQ_LAST_ENDPOINT");
}

static inline void door_connect(door socket, const char *endpoint)
{
    zmq_must(zmq_connect(socket, endpoint) == 0, "zmq_connect");
}

static inline void door_send(door socket, const void *data, size_t size)
{
    zmq_must(zmq_send(socket, data, size, 0) == (int)size, "zmq_send");
}

static inline size_t door_recv(door socket, void *buffer, size_t capacity)
{
    int size = zmq_recv(socket, buffer, capacity, 0);
    zmq_must(size >= 0, "zmq_recv");
    return (size_t)size;
}

static inline void door_close(door socket)
{
    zmq_must(zmq_close(socket) == 0, "zmq_close");
}

#endif
