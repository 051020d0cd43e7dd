/* SPDX-License-Identifier: Apache-2.0
 *
 * The side of a round trip that sends back what it receives.
 */
#ifndef ECHO_H
#define ECHO_H

#include "door.h"

enum { DEALER = 5 };

static inline void echo(peer asker, size_t size, long count)
{
    char endpoint[ENDPOINT_SIZE];
    char *message = malloc(size);
    door socket = door_open(DEALER);
    hear(asker, endpoint, sizeof endpoint);
    door_connect(socket, endpoint);
    for (long round = 0; round < count; round++)
        door_send(socket, message, door_recv(socket, message, size));
    hear(asker, endpoint, 1);
    door_close(socket);
    free(message);
}

#endif
