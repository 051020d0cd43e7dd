/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <sched.h>

#include "shim.h"

int clinux_run_on(const int32_t *processors, size_t count, int32_t *missing)
{
    cpu_set_t wanted, had;
    CPU_ZERO(&wanted);
    for (size_t i = 0; i < count; i++) {
        if (processors[i] < 0 || processors[i] >= CPU_SETSIZE) {
            *missing = processors[i];
            return EDOM;
        }
        CPU_SET(processors[i], &wanted);
    }
    /* The kernel takes those that there are, and refuses when there is none. */
    int status = sched_setaffinity(0, sizeof wanted, &wanted) == 0 ? 0 : errno;
    if (status != 0 && status != EINVAL)
        return status;
    if (sched_getaffinity(0, sizeof had, &had) != 0)
        return errno;
    for (size_t i = 0; i < count; i++) {
        if (status == 0 && CPU_ISSET(processors[i], &had))
            continue;
        *missing = processors[i];
        return EDOM;
    }
    return status;
}
