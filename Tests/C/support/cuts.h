/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways in which two hosts are cut off from each other, on this side or on the other. */
#ifndef CUTS_H
#define CUTS_H

#include <stdbool.h>

#include "sockets.h"

/* Commands of ip(8) and iptables(8), with the number of the cable. */
typedef struct cut {
    const char *name;
    bool is_over_there;
    const char *command;
    /* What puts it right again; NULL: another cable. */
    const char *mending;
    /* What a connect answers meanwhile: whether the kernel knows that it has no way. */
    exz_status status;
} cut;

#define CUT_COUNT 10
extern const cut cuts[CUT_COUNT];

/* Gives the program a network and another one beside it, if it can have that (need_network()); to be called before it
 * has threads. */
void have_another_network(void);

/* A socket in the other network. */
exz_socket open_over_there(exz_socket_type type, const exz_socket_options *options);

/* The same, bound at the other end of a cable. `endpoint` has ENDPOINT_SIZE bytes. */
exz_socket bind_over_there(exz_socket_type type, const exz_socket_options *options, int number, char *endpoint);

void cut_cable(int number);
void mend_cable(int number);

#endif
