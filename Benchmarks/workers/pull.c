/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain libzmq's fastest receive, as a yardstick for languages: the loop is C's, and all around it is done by whoever
 * loads this (bench_python/plain_c.py).
 */
#include <stddef.h>

#include <zmq.h>

int pull(void *socket, void *buffer, size_t capacity, long count);

/* Receives so many messages. 0, or -1 with errno. */
int pull(void *socket, void *buffer, size_t capacity, long count)
{
    while (count > 0) {
        if (zmq_recv(socket, buffer, capacity, 0) < 0)
            return -1;
        count--;
    }
    return 0;
}
