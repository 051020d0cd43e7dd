/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends a test that hangs: prints its name and aborts the program. A thread that takes no signals, so that tests of
 * signals are not disturbed. */
#ifndef WATCHDOG_H
#define WATCHDOG_H

/* Watches the test from now on, for 60 s or for EXZ_WATCHDOG_SECONDS of the environment. */
void watchdog_watch(const char *test);
void watchdog_rest(void);

#endif
