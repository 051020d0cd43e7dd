/* SPDX-License-Identifier: Apache-2.0
 *
 * round_trip SIZE COUNT: a DEALER sends a message of SIZE bytes to a DEALER in another process, over tcp on the
 * loopback, which sends it back; COUNT times. Prints the nanoseconds of each, after a tenth of them as a warm-up.
 * Under callgrind with --instr-atstart=no, the round trips after the warm-up are what is counted.
 */
#include "cores.h"
#include "echo.h"

#include <valgrind/callgrind.h>

static int64_t ask(door socket, char *message, size_t size)
{
    int64_t start = now_ns();
    door_send(socket, message, size);
    must(door_recv(socket, message, size) == size, "round trip", "a message of another size came back");
    return now_ns() - start;
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SIZE COUNT");
    size_t size = (size_t)number_from(argv[1]);
    long count = number_from(argv[2]), warm_up = count / 10;
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        echo(other, size, warm_up + count);
        return 0;
    }
    char endpoint[ENDPOINT_SIZE] = "";
    char *message = calloc(1, size);
    int64_t *times = malloc((size_t)count * sizeof *times);
    door socket = door_open(DEALER);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(other, endpoint, sizeof endpoint);
    for (long round = 0; round < warm_up; round++)
        ask(socket, message, size);
    CALLGRIND_START_INSTRUMENTATION;
    for (long round = 0; round < count; round++)
        times[round] = ask(socket, message, size);
    CALLGRIND_STOP_INSTRUMENTATION;
    tell(other, "", 1);
    door_close(socket);
    for (long round = 0; round < count; round++)
        printf("%" PRId64 "\n", times[round]);
    await_exit(other);
    free(times);
    free(message);
    return 0;
}
