/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the two processes of a measurement apart. Where the scheduler puts four threads on two cores decides more than
 * what is to be measured; with half of the cores for each process, runs of the same program differ by a few per cent.
 * The environment variable BENCH_UNPINNED leaves it to the scheduler.
 */
#ifndef CORES_H
#define CORES_H

#include "worker.h"

#include <sched.h>

/* The child of fork_peer() takes the lower half of the cores, its parent the upper one. */
static inline void take_half_of_the_cores(peer other)
{
    cpu_set_t all, half;
    if (getenv("BENCH_UNPINNED") || sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2)
        return;
    int seen = 0;
    CPU_ZERO(&half);
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &all))
            continue;
        bool is_lower = seen++ < CPU_COUNT(&all) / 2;
        if (is_lower == (other.process == 0))
            CPU_SET(core, &half);
    }
    must(sched_setaffinity(0, sizeof half, &half) == 0, "cores", "can not be chosen");
}

#endif
