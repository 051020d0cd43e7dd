/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals for the calling thread, one soon after the other, as a profiler's timer sends them. */
#ifndef STORM_H
#define STORM_H

#include <signal.h>
#include <stdint.h>
#include <time.h>

/* Installs the handler for SIGUSR2, without SA_RESTART, and sends that signal so often. */
timer_t storm_begin(void (*handler)(int number), int64_t interval_ns);

/* None comes once it has returned. */
void storm_end(timer_t timer);

#endif
