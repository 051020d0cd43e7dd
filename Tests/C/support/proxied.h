/* SPDX-License-Identifier: Apache-2.0
 *
 * A message proxy with its two sockets bound, for tests of what goes through it. */
#ifndef PROXIED_H
#define PROXIED_H

#include "sockets.h"

typedef struct proxied {
    exz_socket front, back;
    exz_proxy proxy;
    /* What to connect to on either side. */
    char front_endpoint[ENDPOINT_SIZE], back_endpoint[ENDPOINT_SIZE];
} proxied;

/* `options` are those of both sockets; NULL for the defaults. */
proxied open_proxied(exz_socket_type front, exz_socket_type back, transport t, const exz_socket_options *options);

/* Starts to forward between sockets that are there. */
exz_proxy forward(exz_socket front, exz_socket back, exz_socket capture);

/* Ends the forwarding, and the sockets. */
void close_proxied(proxied *p);

/* Another socket, linked with one side. */
exz_socket at_front(const proxied *p, exz_socket_type type);
exz_socket at_back(const proxied *p, exz_socket_type type);

void end_forwarding(exz_proxy p);

exz_proxy_statistics forwarded(exz_proxy p);

/* Waits until the proxy is in that state. */
void await_proxy_state(exz_proxy p, exz_proxy_state state);

/* Waits until it has messages in its hands for which there is no room. */
void await_full(exz_proxy p);

#endif
