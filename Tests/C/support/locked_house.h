/* SPDX-License-Identifier: Apache-2.0
 *
 * A CURVE server whose authenticator knows one guest, and that guest, who is in: for tests of what others do at the
 * door meanwhile. */
#ifndef LOCKED_HOUSE_H
#define LOCKED_HOUSE_H

#include "admission.h"

typedef struct locked_house {
    exz_context context;
    exz_authenticator door;
    key_pair keys, guest_keys;
    /* A PULL, bound over TCP, with heartbeats: they find out what libzmq has stopped to read without a word, as it does
     * when a message can not be unsealed. */
    exz_socket server;
    char endpoint[ENDPOINT_SIZE];
    /* A PUSH that is connected. Its context is another one. */
    exz_socket guest;
    uint64_t received;
} locked_house;

/* How long it takes until a peer counts as lost who answers no heartbeat. */
enum { HOUSE_HEARTBEAT_MS = 5000 };

locked_house open_house(void);
void close_house(locked_house *h);

/* A client with those keys, not connected. */
exz_socket open_visitor(const locked_house *h, const key_pair *keys);

/* The guest is in, is heard, and nobody else is. */
void check_undisturbed(locked_house *h);

/* The same, and that many peers have been rejected so far, the last of them with an event that says why. */
void check_rejected(locked_house *h, uint64_t rejected);

/* Nothing has come that could be received. */
void check_nothing_came(const locked_house *h);

#endif
