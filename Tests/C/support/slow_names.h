/* SPDX-License-Identifier: Apache-2.0
 *
 * A host name whose look-up takes as long as a test likes. The library finds this program's getaddrinfo(3), which hands
 * all other names on. */
#ifndef SLOW_NAMES_H
#define SLOW_NAMES_H

/* This name, and each that ends with it. */
#define SLOW_NAME "slow.test"

/* Waits until somebody looks the slow name up. */
void slow_name_await(void);

/* How many threads look slow names up. */
int slow_names_looked_up(void);

/* Has those look-ups fail, and waits until they have. */
void slow_name_fail(void);

/* A name that stands for the address 127.0.0.N, or for none with N = 0, as it does at first. */
#define MOVING_NAME "moving.test"

void moving_name_is_at(int number);

#endif
