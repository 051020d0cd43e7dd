/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer that speaks, byte by byte, whatever a test wants: connections of plain TCP, and as much of ZMTP 3.0 with the
 * NULL mechanism as it takes to be let in. */
#ifndef RAW_PEER_H
#define RAW_PEER_H

#include "harness.h"

/* Flags of a frame. */
enum { FRAME_MORE = 1, FRAME_LONG = 2, FRAME_COMMAND = 4 };

/* A connection to tcp://A.B.C.D:PORT. To be closed with close(2), as those below. */
int raw_connect(const char *endpoint);

/* The next connection to a listening port, waited for. */
int raw_accept(int listener);

/* Sends all of it, unless the other side has closed: that ends it in silence. */
void raw_say(int descriptor, const void *data, size_t size);

/* Reads that many bytes; false if the other side closes before. */
bool raw_hear(int descriptor, void *data, size_t size);

/* The greeting of ZMTP 3.0, complete. */
void raw_greet(int descriptor);

/* Greeting and READY both ways, as a socket of that type, such as "PUSH". False if the other side closes instead. */
bool raw_handshake(int descriptor, const char *socket_type);

/* A frame that says it has `claimed` bytes, and the `size` bytes that really follow. */
void raw_frame(int descriptor, uint8_t flags, uint64_t claimed, const void *data, size_t size);

/* A notice as a subscriber sends it: a subscription, or the end of one. */
void raw_notice(int descriptor, bool is_subscription, const char *topic);

/* Reads and drops what comes until the other side closes; false if it has not after PATIENCE_MS. */
bool raw_await_end(int descriptor);

/* Closes with a reset, which leaves nothing behind in the kernel. */
void raw_reset(int descriptor);

#endif
