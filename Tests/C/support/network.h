/* SPDX-License-Identifier: Apache-2.0
 *
 * A network of the program's own, in which packets can be made to disappear: a network namespace with a loopback
 * interface and iptables. */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>

/* Gives the whole program a network of its own; to be called before it has threads. False where that is not permitted,
 * or without ip(8) and iptables(8); the reason goes to standard error. */
bool network_of_our_own(void);

/* From now on no packet goes to or from the port of a tcp endpoint, in either direction. */
void network_cut(const char *endpoint);

/* Takes all cuts back. */
void network_mend(void);

#endif
