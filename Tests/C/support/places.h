/* SPDX-License-Identifier: Apache-2.0
 *
 * Endpoints nobody else has: ports that are kept, paths in a directory of this process. */
#ifndef PLACES_H
#define PLACES_H

#include <netinet/in.h>

#include "sockets.h"

/* An endpoint to bind to for the first time. `endpoint` has ENDPOINT_SIZE bytes, here and below.
 *
 * TCP: at an address of the loopback network that only this process uses. Its ports can be given back and bound again,
 * and no other program that runs meanwhile is given one of them by the system in between. */
void unused_endpoint(transport t, char *endpoint);

/* What tcp://A.B.C.D:PORT names. */
struct sockaddr_in tcp_address(const char *endpoint);

/* A port of this machine that is kept for this test: connections to it are refused until a ZeroMQ socket binds to it,
 * which it can do, also again and again; nobody else gets it meanwhile. To be given back with close(2). */
int reserve_port(char *endpoint);

/* A port where connections are accepted by the kernel and nobody ever says a word. To be given back with close(2). */
int deaf_port(char *endpoint);

/* A path in a directory that goes with this process. `path` has ENDPOINT_SIZE bytes. */
void temporary_path(char *path);

#endif
