/* SPDX-License-Identifier: Apache-2.0
 *
 * stream SIZE COUNT: one process pushes COUNT messages of SIZE bytes, another pulls them, over tcp on the loopback.
 * Prints the seconds they took at the puller, after a tenth of them as a warm-up. Every message is numbered and
 * checked.
 */
#include "cores.h"
#include "door.h"

enum { PUSH = 8, PULL = 7 };

static void push(peer puller, size_t size, int64_t count)
{
    char endpoint[ENDPOINT_SIZE];
    char *message = calloc(1, size);
    door socket = door_open(PUSH);
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

static void pull_until(door socket, char *buffer, size_t size, int64_t from, int64_t to)
{
    for (int64_t number = from; number < to; number++) {
        size_t received = door_recv(socket, buffer, size);
        must(received == size && memcmp(buffer, &number, sizeof number) == 0, "stream", "a message is missing");
    }
}

static int64_t pull(peer pusher, size_t size, int64_t warm_up, int64_t count)
{
    char endpoint[ENDPOINT_SIZE] = "";
    char *buffer = malloc(size);
    door socket = door_open(PULL);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(pusher, endpoint, sizeof endpoint);
    pull_until(socket, buffer, size, 0, warm_up);
    int64_t start = now_ns();
    pull_until(socket, buffer, size, warm_up, warm_up + count);
    int64_t duration = now_ns() - start;
    tell(pusher, "", 1);
    door_close(socket);
    free(buffer);
    return duration;
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SIZE COUNT");
    size_t size = (size_t)number_from(argv[1]);
    int64_t count = number_from(argv[2]), warm_up = count / 10;
    must(size >= sizeof(int64_t) && count > 0, argv[0], "SIZE is at least 8, COUNT at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        push(other, size, warm_up + count);
        return 0;
    }
    printf("%.9f\n", (double)pull(other, size, warm_up, count) / 1e9);
    await_exit(other);
    return 0;
}
