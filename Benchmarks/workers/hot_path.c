/* SPDX-License-Identifier: Apache-2.0
 *
 * hot_path WHAT SIZE COUNT: pushes COUNT messages of SIZE bytes over inproc to a puller in the same thread, in batches
 * that never fill a queue, so that no call waits. Under callgrind with --instr-atstart=no, what is counted is the sends
 * if WHAT is 0, the receives if it is 1, and nothing but the loop around them.
 */
#include "door.h"

#include <valgrind/callgrind.h>

enum { PUSH = 8, PULL = 7, BATCH = 500 };
enum { SENDS, RECEIVES };

static void send_batch(door socket, const char *message, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        door_send(socket, message, size);
}

static void receive_batch(door socket, char *buffer, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        must(door_recv(socket, buffer, size) == size, "hot path", "a message of another size came out");
}

int main(int argc, char **argv)
{
    must(argc == 4, argv[0], "WHAT SIZE COUNT");
    long what = number_from(argv[1]), count = number_from(argv[3]);
    size_t size = (size_t)number_from(argv[2]);
    must((what == SENDS || what == RECEIVES) && count % BATCH == 0, argv[0], "WHAT is 0 or 1, COUNT a multiple of 500");
    char endpoint[ENDPOINT_SIZE];
    char *message = calloc(1, size);
    door puller = door_open(PULL), pusher = door_open(PUSH);
    door_bind(puller, "inproc://hot-path", endpoint);
    door_connect(pusher, "inproc://hot-path");
    for (long sent = 0; sent < count; sent += BATCH) {
        if (what == SENDS)
            CALLGRIND_START_INSTRUMENTATION;
        send_batch(pusher, message, size);
        if (what == SENDS)
            CALLGRIND_STOP_INSTRUMENTATION;
        else
            CALLGRIND_START_INSTRUMENTATION;
        receive_batch(puller, message, size);
        if (what == RECEIVES)
            CALLGRIND_STOP_INSTRUMENTATION;
    }
    door_close(pusher);
    door_close(puller);
    free(message);
    return 0;
}
