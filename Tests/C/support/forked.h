/* SPDX-License-Identifier: Apache-2.0
 *
 * Children by fork(): this same program goes on in them, without cmocka. A child says on standard error what was wrong
 * and ends; the test that made it fails then. */
#ifndef FORKED_H
#define FORKED_H

#include <sys/types.h>

#include "harness.h"

/* As fork(); the child goes when the parent does. */
pid_t fork_child(void);

/* Waits for the end of the child, which has to be _exit(0). */
void check_child(pid_t pid);

/* In the child: the call answers that, or the child ends. */
#define must(call, expected) child_must((call), (expected), #call)

void child_must(exz_status status, exz_status expected, const char *what);

#endif
