/* SPDX-License-Identifier: Apache-2.0
 *
 * The client of a CURVE handshake (RFC 26), step by step and byte by byte, so that a test can say each step wrongly,
 * cut or twice. The cryptography is libsodium's. */
#ifndef RAW_CURVE_H
#define RAW_CURVE_H

#include "raw_peer.h"

/* What a client says, in this order. Before INITIATE it hears WELCOME, and before MESSAGE it hears READY. */
typedef enum raw_step { RAW_GREETING, RAW_HELLO, RAW_INITIATE, RAW_MESSAGE } raw_step;
#define RAW_STEP_COUNT 4

enum { RAW_KEY_SIZE = 32, RAW_COOKIE_SIZE = 96 };

typedef struct raw_curve {
    int descriptor;
    uint8_t server_key[RAW_KEY_SIZE];
    /* Its own keys, and those it makes for this one connection. */
    uint8_t public_key[RAW_KEY_SIZE], secret_key[RAW_KEY_SIZE];
    uint8_t passing_public[RAW_KEY_SIZE], passing_secret[RAW_KEY_SIZE];
    /* What the server's WELCOME has brought. */
    uint8_t server_passing[RAW_KEY_SIZE], cookie[RAW_COOKIE_SIZE];
    uint64_t nonce;
    /* The properties in INITIATE; NULL is a Socket-Type of PUSH. */
    const uint8_t *metadata;
    size_t metadata_size;
    /* What it says in MESSAGE. */
    const char *text;
    /* The frame of the step that was made last. */
    uint8_t *frame;
    size_t frame_size;
} raw_curve;

/* A connection, on which nothing has been said; keys as text. */
raw_curve raw_curve_connect(const char *endpoint, const char *server_key, const char *public_key, const char *secret_key);

/* Makes the frame of a step, and hears what has to come before it. False if the server closes instead. */
bool raw_curve_make(raw_curve *c, raw_step step);

/* Makes one more MESSAGE, with that text. */
void raw_curve_make_next(raw_curve *c, const char *text);

/* Makes and says each step before that one. False if the server closes meanwhile. */
bool raw_curve_go_to(raw_curve *c, raw_step step);

/* The same with that step. */
bool raw_curve_go_through(raw_curve *c, raw_step step);

/* Says the frame as it is. */
void raw_curve_say(const raw_curve *c);

/* Appends a property to metadata of that size; gives the new size. */
size_t raw_property(uint8_t *metadata, size_t size, const char *name, const void *value, size_t value_size);

/* Reads to the end and closes; the end has to come. */
void raw_curve_await_end(raw_curve *c);

/* Closes without having heard of an end. */
void raw_curve_close(raw_curve *c);

#endif
