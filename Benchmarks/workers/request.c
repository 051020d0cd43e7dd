/* SPDX-License-Identifier: Apache-2.0
 *
 * request SIZE COUNT: a REQ asks a REP of plain libzmq in another process, over tcp on the loopback, COUNT times with
 * SIZE bytes, which it sends back: with exz_request, or with zmq_send and zmq_recv. Prints the nanoseconds of each,
 * after a tenth of them as a warm-up.
 */
#include "cores.h"
#include "door.h"

#include <zmq.h>

enum { REQ = 3 };

static int64_t ask(door socket, char *message, size_t size)
{
    int64_t start = now_ns();
#ifdef PLAIN
    door_send(socket, message, size);
    size_t received = door_recv(socket, message, size);
#else
    size_t received;
    exz_must(exz_request(&received, socket, message, size, message, size, PATIENCE_MS, NULL), "exz_request");
#endif
    must(received == size, "request", "an answer of another size");
    return now_ns() - start;
}

static void answer(peer asker, size_t size, long count)
{
    char endpoint[ENDPOINT_SIZE] = "", *message = malloc(size);
    size_t room = sizeof endpoint;
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_REP);
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0 &&
             zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &room) == 0, "request", "zmq_bind");
    tell(asker, endpoint, sizeof endpoint);
    for (; count > 0; count--)
        must(zmq_recv(socket, message, size, 0) == (int)size && zmq_send(socket, message, size, 0) == (int)size,
             "request", "there is no question");
    hear(asker, endpoint, 1);
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SIZE COUNT");
    size_t size = (size_t)number_from(argv[1]);
    long count = number_from(argv[2]), warm_up = count / 10;
    must(size > 0 && count > 0, argv[0], "both are at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        answer(other, size, warm_up + count);
        return 0;
    }
    char endpoint[ENDPOINT_SIZE], *message = calloc(1, size);
    int64_t *times = malloc((size_t)count * sizeof *times);
    door socket = door_open(REQ);
    hear(other, endpoint, sizeof endpoint);
    door_connect(socket, endpoint);
    for (long round = 0; round < warm_up; round++)
        ask(socket, message, size);
    for (long round = 0; round < count; round++)
        times[round] = ask(socket, message, size);
    tell(other, "", 1);
    for (long round = 0; round < count; round++)
        printf("%" PRId64 "\n", times[round]);
    await_exit(other);
    return 0;
}
