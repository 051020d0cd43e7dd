/* SPDX-License-Identifier: Apache-2.0
 *
 * Time as the library measures it: CLOCK_MONOTONIC. */
#ifndef MONOTONIC_H
#define MONOTONIC_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The deadline so many milliseconds from now. */
static inline int64_t after_ms(int32_t milliseconds) { return now_ns() + (int64_t)milliseconds * 1000000; }

/* Milliseconds until then, rounded up; 0 when it has passed. */
static inline int32_t left_ms(int64_t deadline_ns) {
    int64_t left = deadline_ns - now_ns();
    return left > 0 ? (int32_t)((left + 999999) / 1000000) : 0;
}

/* What a busy machine may add to a time-out before a test calls the answer late. */
#define GENEROUS_MS 3000

/* How long a test waits for something that is bound to happen. */
#define PATIENCE_MS 20000

#endif
