/* SPDX-License-Identifier: Apache-2.0
 *
 * A network of the program's own, in which packets can be made to disappear: a network namespace with a loopback
 * interface and iptables. */
#ifndef NETWORK_H
#define NETWORK_H

/* Gives the whole program a network of its own; to be called before it has threads. NULL when it has it; otherwise the
 * program is as it was, and the text says why there is none: no right to make one, no ip(8), no iptables(8). */
const char *network_of_our_own(void);

/* Skips the test where there is none, with the reason. */
void need_network(void);

/* From now on no packet goes to or from the port of a tcp endpoint, in either direction. */
void network_cut(const char *endpoint);

/* Takes all cuts back. */
void network_mend(void);

/* Runs a command of ip(8) or iptables(8) in the network that the calling thread is in, which has to succeed. */
__attribute__((format(printf, 1, 2))) void network_change(const char *format, ...);

/* A second network beside the program's own, for threads and sockets that are made by a thread that is there. */
void network_add_another(void);
void network_go_to_the_other(void);
void network_come_back(void);

/* Joins the two with a cable: here it is vaN with the address 10.9.N.1, over there vbN with 10.9.N.2. */
void network_add_cable(int number);

#endif
