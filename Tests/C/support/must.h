/* SPDX-License-Identifier: Apache-2.0
 *
 * For a program that a test starts: what fails ends it, with a word about it. */
#ifndef MUST_H
#define MUST_H

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "experimance_zmq.h"

/* At once: other threads may be anywhere. */
static inline void must(exz_status status, const char *what) {
    if (status == EXZ_OK) return;
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, exz_strerror(status));
    _exit(1);
}

#endif
