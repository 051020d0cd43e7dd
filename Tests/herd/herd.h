/* SPDX-License-Identifier: Apache-2.0
 *
 * A herd of clients, each a process of its own as clients are: libzmq draws the same delays in every process, and other
 * ones for each socket of one. What happens to a client is a line "NUMBER WHAT TIME" on standard output, with WHAT one
 * of up, lost and attempt, and TIME in nanoseconds of CLOCK_MONOTONIC. The herd ends when standard input does. */
#ifndef HERD_H
#define HERD_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In one write, so that no other client's line comes between. */
static inline void tell(int number, const char *what, int64_t time_ns) {
    if (dprintf(STDOUT_FILENO, "%d %s %lld\n", number, what, (long long)time_ns) < 0) _exit(1);
}

/* Runs the body in so many children, and ends them in the end. */
static inline int run_herd(int count, void (*body)(int number, char **arguments), char **arguments) {
    pid_t *children = calloc((size_t)count, sizeof *children), parent = getpid();
    if (children == NULL) return 1;
    for (int i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] < 0) perror("fork");
        if (children[i] != 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        body(i, arguments);
        _exit(1);
    }
    while (getchar() != EOF) continue;
    for (int i = 0; i < count; i++)
        if (children[i] > 0) kill(children[i], SIGKILL);
    for (int i = 0; i < count; i++)
        if (children[i] > 0) waitpid(children[i], NULL, 0);
    free(children);
    return 0;
}

#endif
