/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer that says in its handshake that it is somebody else. */
#ifndef IMPOSTOR_H
#define IMPOSTOR_H

#include "raw_peer.h"

enum { CLAIMS_SIZE = 512 };

/* The claims, in each property that says who a peer is; of a PUSH. Gives their size. */
size_t impostor_claims(uint8_t *metadata, const char *key);

/* A PUSH without security that claims so. To be closed with close(2). */
int impostor_connect(const char *endpoint);

/* READY with the claims. */
void impostor_say_ready(int descriptor);

void check_property(exz_message message, const char *name, const char *expected);

#endif
