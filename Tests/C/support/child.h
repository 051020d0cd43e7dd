/* SPDX-License-Identifier: Apache-2.0
 *
 * Other programs as peers: they report in lines on their standard output and end when their standard input does, so
 * none outlives its test program. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct child {
    pid_t pid;
    int input;
    int output;
    size_t filled;
    char unread[4096];
} child;

/* Starts a program with arguments, the last of which is NULL. `program` is a path. */
void child_start(child *c, const char *program, const char *const arguments[]);

/* The next line without its end; false when there is none within that time. */
bool child_line(child *c, char *line, size_t capacity, int32_t timeout_ms);

/* A line that has to come: fails the test otherwise. */
void child_expect_line(child *c, char *line, size_t capacity);

void child_tell(child *c, const char *text);

/* Ends the program at once with SIGKILL. */
void child_kill(child *c);

/* Stops the program, and is back when it has stopped; has it go on. */
void child_stop(child *c);
void child_continue(child *c);

/* Closes the program's standard input, waits for its end, and gives its exit status. */
int child_end(child *c);

/* The path of a program that is built beside this one. */
const char *sibling_program(const char *name);

/* Starts the server that misbehaves in that manner; `endpoint` receives where it is. */
void misbehaving_peer_start(child *c, const char *manner, char *endpoint, size_t capacity);

#endif
