/* SPDX-License-Identifier: Apache-2.0
 *
 * Both ends of a one-way stream of numbered messages. Whoever pulls checks them and takes the time.
 */
#ifndef FLOW_H
#define FLOW_H

#include "door.h"

enum { PUSH = 8, PULL = 7 };

/* Whoever pulls is the server then. */
static bool flow_is_encrypted;

static inline door flow_open(int type)
{
    return flow_is_encrypted ? door_open_curve(type, type == PULL) : door_open(type);
}

static inline void flow_push(peer puller, size_t size, int64_t count)
{
    char endpoint[ENDPOINT_SIZE];
    char *message = calloc(1, size);
    door socket = flow_open(PUSH);
    hear(puller, endpoint, sizeof endpoint);
    door_connect(socket, endpoint);
    for (int64_t number = 0; number < count; number++) {
        memcpy(message, &number, sizeof number);
        door_send(socket, message, size);
    }
    hear(puller, endpoint, 1);
    door_close(socket);
    free(message);
}

static inline void flow_pull_until(door socket, char *buffer, size_t size, int64_t from, int64_t to)
{
    for (int64_t number = from; number < to; number++) {
        size_t received = door_recv(socket, buffer, size);
        must(received == size && memcmp(buffer, &number, sizeof number) == 0, "stream", "a message is missing");
    }
}

/* The nanoseconds of all messages after the warm-up. */
static inline int64_t flow_pull(peer pusher, size_t size, int64_t warm_up, int64_t count)
{
    char endpoint[ENDPOINT_SIZE] = "";
    char *buffer = malloc(size);
    door socket = flow_open(PULL);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(pusher, endpoint, sizeof endpoint);
    flow_pull_until(socket, buffer, size, 0, warm_up);
    int64_t start = now_ns();
    flow_pull_until(socket, buffer, size, warm_up, warm_up + count);
    int64_t duration = now_ns() - start;
    tell(pusher, "", 1);
    door_close(socket);
    free(buffer);
    return duration;
}

#endif
