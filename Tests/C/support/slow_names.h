/* SPDX-License-Identifier: Apache-2.0
 *
 * A host name whose look-up takes as long as a test likes. The library finds this program's getaddrinfo(3), which hands
 * all other names on. */
#ifndef SLOW_NAMES_H
#define SLOW_NAMES_H

#define SLOW_NAME "slow.test"

/* Waits until somebody looks the slow name up. */
void slow_name_await(void);

/* Has those look-ups fail, and waits until they have. */
void slow_name_fail(void);

#endif
