/* SPDX-License-Identifier: Apache-2.0
 *
 * A network of the program's own, in which packets can be made to disappear: a network namespace with a loopback
 * interface and iptables. */
#ifndef NETWORK_H
#define NETWORK_H

/* Gives the whole program a network of its own; to be called before it has threads. NULL when it has it; otherwise the
 * program is as it was, and the text says why there is none: no right to make one, no ip(8), no iptables(8). */
const char *network_of_our_own(void);

/* From now on no packet goes to or from the port of a tcp endpoint, in either direction. */
void network_cut(const char *endpoint);

/* Takes all cuts back. */
void network_mend(void);

#endif
