/* SPDX-License-Identifier: Apache-2.0
 *
 * lateness TIMEOUT_MS THREADS ROUNDS: receives that have nothing to receive, each thread on a socket of its own. Prints
 * by how many nanoseconds each was late; negative is early, which must not be.
 */
#include "door_ours.h"

#include <pthread.h>

typedef struct series {
    pthread_t thread;
    int32_t timeout_ms;
    int32_t offset_ms;
    long rounds;
    int64_t *late_ns;
} series;

static int64_t time_out(door socket, int32_t timeout_ms)
{
    char buffer[8];
    size_t size;
    int64_t start = now_ns();
    exz_status status = exz_recv(&size, socket, buffer, sizeof buffer, timeout_ms);
    int64_t late_ns = now_ns() - start - timeout_ms * INT64_C(1000000);
    must(status == EXZ_ERR_TIMEOUT, "exz_recv", exz_strerror(status));
    return late_ns;
}

static void *run(void *argument)
{
    series *self = argument;
    char endpoint[ENDPOINT_SIZE];
    door socket = door_open(EXZ_PULL);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    /* Sets the threads apart, so that they do not all want the processor in the same instant. */
    time_out(socket, self->offset_ms);
    for (long round = 0; round < self->rounds; round++)
        self->late_ns[round] = time_out(socket, self->timeout_ms);
    door_close(socket);
    return NULL;
}

int main(int argc, char **argv)
{
    must(argc == 4, argv[0], "TIMEOUT_MS THREADS ROUNDS");
    alarm(WATCHDOG_S);
    int32_t timeout_ms = (int32_t)number_from(argv[1]);
    long threads = number_from(argv[2]), rounds = number_from(argv[3]);
    series *all = calloc((size_t)threads, sizeof *all);
    for (long i = 0; i < threads; i++) {
        int64_t *late_ns = calloc((size_t)rounds, sizeof *late_ns);
        all[i] = (series){.timeout_ms = timeout_ms,
                          .offset_ms = (int32_t)(timeout_ms * i / threads),
                          .rounds = rounds,
                          .late_ns = late_ns};
        must(pthread_create(&all[i].thread, NULL, run, &all[i]) == 0, "thread", "not to be had");
    }
    for (long i = 0; i < threads; i++) {
        pthread_join(all[i].thread, NULL);
        for (long round = 0; round < rounds; round++)
            printf("%" PRId64 "\n", all[i].late_ns[round]);
        free(all[i].late_ns);
    }
    free(all);
    return 0;
}
