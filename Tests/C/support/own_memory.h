/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for a secret in all of the process's memory. */
#ifndef OWN_MEMORY_H
#define OWN_MEMORY_H

#include "harness.h"

enum { MOST_SOUGHT = 64 };

/* What is looked for, in a form that is not found itself: the second half of the bytes, as free(3) writes over the
 * beginning of what it is given. */
typedef struct sought {
    unsigned char masked[MOST_SOUGHT];
    size_t size;
} sought;

sought seek(const void *bytes, size_t size);

/* How often it is there now, in whatever this process can write to. */
size_t copies_in_memory(const sought *what);

#endif
