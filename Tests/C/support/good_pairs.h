/* SPDX-License-Identifier: Apache-2.0
 *
 * A bound socket of each type that receives, with a peer that behaves, and one exchange between the two. For tests of
 * what others do to the bound one meanwhile. */
#ifndef GOOD_PAIRS_H
#define GOOD_PAIRS_H

#include "sockets.h"

typedef struct good_type {
    exz_socket_type bound, connected;
    /* As ZMTP names the connected type. */
    const char *peer_name;
} good_type;

extern const good_type good_types[];
extern const size_t good_type_count;

/* Both with a finished handshake and, for a subscriber, a subscription to everything in force. */
linked open_good_pair(const good_type *type, const exz_socket_options *options);

/* A message to the bound socket, which has to be the next it receives; and an answer where the type has one. */
void check_exchange(const good_type *type, linked pair);

#endif
