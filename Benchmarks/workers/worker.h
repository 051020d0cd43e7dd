/* SPDX-License-Identifier: Apache-2.0
 *
 * What every measuring program needs: the clock, an end that is loud, and a second process with a pipe each way.
 */
#ifndef WORKER_H
#define WORKER_H

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ENDPOINT_SIZE = 256, WATCHDOG_S = 120 };

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void must(bool it_worked, const char *what, const char *reason)
{
    if (it_worked)
        return;
    fprintf(stderr, "%s: %s\n", what, reason);
    exit(EXIT_FAILURE);
}

static inline long number_from(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    must(end != text && *end == '\0' && number >= 0, text, "is not a number");
    return number;
}

/* The other process, seen from this one. */
typedef struct peer {
    pid_t process; /* 0 in the child */
    int from;
    int to;
} peer;

static inline void tell(peer other, const void *data, size_t size)
{
    must(write(other.to, data, size) == (ssize_t)size, "pipe", "the peer does not listen");
}

static inline void hear(peer other, void *data, size_t size)
{
    for (size_t have = 0; have < size;) {
        ssize_t count = read(other.from, (char *)data + have, size - have);
        must(count > 0, "pipe", "the peer is gone");
        have += (size_t)count;
    }
}

/* Splits the process in two, each with a pipe to the other. To be called before either uses a library: threads do not
 * survive a fork. */
static inline peer fork_peer(void)
{
    int down[2], up[2];
    must(pipe(down) == 0 && pipe(up) == 0, "pipe", "not to be had");
    pid_t child = fork();
    must(child >= 0, "fork", "failed");
    alarm(WATCHDOG_S);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(down[1]);
        close(up[0]);
        return (peer){0, down[0], up[1]};
    }
    close(down[0]);
    close(up[1]);
    return (peer){child, up[0], down[1]};
}

static inline void await_exit(peer other)
{
    int status;
    must(waitpid(other.process, &status, 0) == other.process && WIFEXITED(status) && WEXITSTATUS(status) == 0, "peer",
         "failed");
    close(other.from);
    close(other.to);
}

#endif
