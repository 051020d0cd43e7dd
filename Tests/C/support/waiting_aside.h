/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call that waits and is on no socket, where it waits until its deadline. */
#ifndef WAITING_ASIDE_H
#define WAITING_ASIDE_H

#include "sockets.h"

typedef struct waiting_aside {
    const char *name;
    /* Brings about what it waits for in vain. */
    void (*prepare)(void);
    /* At its deadline it answers EXZ_ERR_TIMEOUT. */
    exz_status (*call)(int32_t timeout_ms);
    /* Gives back what was needed. */
    void (*release)(void);
} waiting_aside;

extern const waiting_aside waiting_asides[];
extern const size_t waiting_aside_count;

#endif
