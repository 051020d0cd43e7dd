/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process holds: descriptors, threads, memory. For tests of what is left behind. */
#ifndef HOLDINGS_H
#define HOLDINGS_H

#include <stddef.h>

typedef struct holdings {
    int descriptors, threads;
    /* Bytes handed out by malloc, and bytes of memory that are present. */
    size_t heap, resident;
} holdings;

holdings what_is_held(void);

/* Bytes of addresses in use: what RLIMIT_AS is about. */
size_t address_space(void);

/* What is held when nothing is on its way out any more: the same descriptors and threads for a while. */
holdings settle(void);

/* The library's own threads that are there at this moment, libzmq's aside. */
int library_threads(void);

/* No more descriptors and threads than before. A close without a linger does not wait for libzmq's last steps. */
void check_held(holdings before);

#endif
