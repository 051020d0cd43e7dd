/* SPDX-License-Identifier: Apache-2.0
 *
 * A fault proxy between two raw sockets, so that a test sees what the proxy does to bytes and to the ends of
 * connections: who has connected on one side, the target on the other. */
#ifndef WIRES_H
#define WIRES_H

#include "sockets.h"

/* A proxy and the target it has. */
typedef struct relayed {
    exz_fault_proxy proxy;
    char endpoint[ENDPOINT_SIZE];
    /* What listens where the connections go; -1 if that is nobody. */
    int listener;
    char target[ENDPOINT_SIZE];
} relayed;

/* A connection, both of its ends. */
typedef struct wire {
    int client, server;
} wire;

/* Each side over that transport, TCP or IPC. */
relayed open_relayed(transport from, transport to, uint64_t seed);
void close_relayed(relayed *r);

/* A target that is there or not, for a proxy of the test's own. `endpoint` has ENDPOINT_SIZE bytes. */
int listen_raw(transport t, char *endpoint);

exz_fault_proxy open_proxy(const char *listen, const char *target, uint64_t seed);
void close_proxy(exz_fault_proxy p);

/* Connects without waiting for an answer: -1 with errno. */
int dial(const char *endpoint);

/* A connection through the proxy that both ends have. */
wire open_wire(const relayed *r);
void close_wire(wire *w);

/* The same with the client's end alone. */
int open_client(const relayed *r);

/* A fault of that kind, with the defaults. */
exz_fault fault_of(exz_fault_kind kind);
uint32_t add_fault(exz_fault_proxy p, exz_fault fault);
void await_strikes(exz_fault_proxy p, uint32_t id, uint64_t at_least);
void await_count(exz_fault_proxy p, exz_fault_count what, uint64_t at_least);
exz_fault_stats proxy_stats(exz_fault_proxy p);

/* Sends all of a text. */
void say(int descriptor, const char *text);

/* Exactly these bytes come next. */
void hear_exactly(int descriptor, const char *text);

/* Nothing has come so far. */
void hear_nothing(int descriptor);

/* What comes next is the end: an orderly one, or a reset (of a local socket the end alone). */
void hear_end(int descriptor);
void hear_reset(int descriptor, transport t);

#endif
