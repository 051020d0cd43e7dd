/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_curve.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    GREETING_SIZE = 64,
    HELLO_SIZE = 200,
    WELCOME_SIZE = 168,
    VOUCH_SIZE = crypto_box_MACBYTES + 2 * RAW_KEY_SIZE,
    /* Name, cookie and nonce, in front of the box. */
    INITIATE_HEAD = 9 + RAW_COOKIE_SIZE + 8,
    /* The client's key and its vouch, in front of the properties. */
    INITIATE_PROOF = RAW_KEY_SIZE + 16 + VOUCH_SIZE,
};

static void read_key(uint8_t *key, const char *text) {
    size_t size = 0;
    check_status(exz_curve_decode(&size, key, RAW_KEY_SIZE, text), EXZ_OK);
    check_int(size, RAW_KEY_SIZE);
}

raw_curve raw_curve_connect(const char *endpoint, const char *server_key, const char *public_key,
                            const char *secret_key) {
    check(sodium_init() >= 0);
    raw_curve c = {.nonce = 1, .text = "hello"};
    read_key(c.server_key, server_key);
    read_key(c.public_key, public_key);
    read_key(c.secret_key, secret_key);
    check_int(crypto_box_keypair(c.passing_public, c.passing_secret), 0);
    c.descriptor = raw_connect(endpoint);
    return c;
}

/* A nonce that is counted: a name of 16 bytes, and the count, which also goes over the wire. */
static void count_nonce(raw_curve *c, uint8_t *nonce, const char *name, uint8_t *on_the_wire) {
    for (int i = 0; i < 8; i++) on_the_wire[i] = (uint8_t)(c->nonce >> (56 - 8 * i));
    c->nonce++;
    memcpy(nonce, name, 16);
    memcpy(nonce + 16, on_the_wire, 8);
}

/* A nonce of chance, behind a name of 8 bytes; 16 bytes of it go over the wire. */
static void draw_nonce(uint8_t *nonce, const char *name, uint8_t *on_the_wire) {
    randombytes_buf(on_the_wire, 16);
    memcpy(nonce, name, 8);
    memcpy(nonce + 8, on_the_wire, 16);
}

static void box(uint8_t *sealed, const uint8_t *open, size_t size, const uint8_t *nonce, const uint8_t *theirs,
                const uint8_t *ours) {
    check_int(crypto_box_easy(sealed, open, size, nonce, theirs, ours), 0);
}

/* Room for a frame with that many bytes in it; gives the place behind its head. */
static uint8_t *begin_frame(raw_curve *c, uint8_t flags, size_t size) {
    const size_t head = size > 255 ? 9 : 2;
    c->frame_size = head + size;
    c->frame = realloc(c->frame, c->frame_size);
    check(c->frame != NULL);
    c->frame[0] = size > 255 ? flags | FRAME_LONG : flags;
    if (size > 255) {
        for (int i = 0; i < 8; i++) c->frame[1 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    } else {
        c->frame[1] = (uint8_t)size;
    }
    return c->frame + head;
}

static void make_greeting(raw_curve *c) {
    static const uint8_t greeting[GREETING_SIZE] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, 'C', 'U', 'R', 'V', 'E'};
    c->frame_size = sizeof greeting;
    c->frame = realloc(c->frame, c->frame_size);
    check(c->frame != NULL);
    memcpy(c->frame, greeting, sizeof greeting);
}

static void make_hello(raw_curve *c) {
    static const uint8_t zeros[2 * RAW_KEY_SIZE];
    uint8_t nonce[crypto_box_NONCEBYTES], *hello = begin_frame(c, FRAME_COMMAND, HELLO_SIZE);
    memset(hello, 0, HELLO_SIZE);
    memcpy(hello, "\5HELLO\1\0", 8);
    memcpy(hello + 80, c->passing_public, RAW_KEY_SIZE);
    count_nonce(c, nonce, "CurveZMQHELLO---", hello + 112);
    box(hello + 120, zeros, sizeof zeros, nonce, c->server_key, c->passing_secret);
}

static bool hear_welcome(raw_curve *c) {
    uint8_t greeting[GREETING_SIZE], welcome[2 + WELCOME_SIZE], nonce[crypto_box_NONCEBYTES];
    uint8_t open[RAW_KEY_SIZE + RAW_COOKIE_SIZE];
    if (!raw_hear(c->descriptor, greeting, sizeof greeting)) return false;
    if (!raw_hear(c->descriptor, welcome, sizeof welcome)) return false;
    check(memcmp(welcome + 2, "\7WELCOME", 8) == 0);
    memcpy(nonce, "WELCOME-", 8);
    memcpy(nonce + 8, welcome + 10, 16);
    check_int(crypto_box_open_easy(open, welcome + 26, WELCOME_SIZE - 24, nonce, c->server_key, c->passing_secret), 0);
    memcpy(c->server_passing, open, RAW_KEY_SIZE);
    memcpy(c->cookie, open + RAW_KEY_SIZE, RAW_COOKIE_SIZE);
    return true;
}

static void make_initiate(raw_curve *c) {
    uint8_t nonce[crypto_box_NONCEBYTES], usual[64];
    const uint8_t *metadata = c->metadata != NULL ? c->metadata : usual;
    const size_t metadata_size =
        c->metadata != NULL ? c->metadata_size : raw_property(usual, 0, "Socket-Type", "PUSH", 4);
    const size_t proof_and_more = INITIATE_PROOF + metadata_size;
    uint8_t *proof = malloc(proof_and_more), vouched[2 * RAW_KEY_SIZE];
    check(proof != NULL);

    memcpy(proof, c->public_key, RAW_KEY_SIZE);
    memcpy(vouched, c->passing_public, RAW_KEY_SIZE);
    memcpy(vouched + RAW_KEY_SIZE, c->server_key, RAW_KEY_SIZE);
    draw_nonce(nonce, "VOUCH---", proof + RAW_KEY_SIZE);
    box(proof + RAW_KEY_SIZE + 16, vouched, sizeof vouched, nonce, c->server_passing, c->secret_key);
    memcpy(proof + INITIATE_PROOF, metadata, metadata_size);

    uint8_t *initiate = begin_frame(c, FRAME_COMMAND, INITIATE_HEAD + crypto_box_MACBYTES + proof_and_more);
    memcpy(initiate, "\10INITIATE", 9);
    memcpy(initiate + 9, c->cookie, RAW_COOKIE_SIZE);
    count_nonce(c, nonce, "CurveZMQINITIATE", initiate + 9 + RAW_COOKIE_SIZE);
    box(initiate + INITIATE_HEAD, proof, proof_and_more, nonce, c->server_passing, c->passing_secret);
    free(proof);
}

static bool hear_ready(raw_curve *c) {
    uint8_t head[2], body[256], open[256], nonce[crypto_box_NONCEBYTES];
    if (!raw_hear(c->descriptor, head, sizeof head) || !raw_hear(c->descriptor, body, head[1])) return false;
    /* ERROR: the server has refused. */
    if (memcmp(body, "\5READY", 6) != 0) return false;
    memcpy(nonce, "CurveZMQREADY---", 16);
    memcpy(nonce + 16, body + 6, 8);
    check_int(crypto_box_open_easy(open, body + 14, head[1] - 14u, nonce, c->server_passing, c->passing_secret), 0);
    return true;
}

static void make_message(raw_curve *c) {
    uint8_t nonce[crypto_box_NONCEBYTES], open[256] = {0};
    const size_t size = 1 + strlen(c->text);
    check(size <= sizeof open);
    memcpy(open + 1, c->text, size - 1);
    uint8_t *message = begin_frame(c, 0, 16 + crypto_box_MACBYTES + size);
    memcpy(message, "\7MESSAGE", 8);
    count_nonce(c, nonce, "CurveZMQMESSAGEC", message + 8);
    box(message + 16, open, size, nonce, c->server_passing, c->passing_secret);
}

bool raw_curve_make(raw_curve *c, raw_step step) {
    switch (step) {
    case RAW_GREETING: make_greeting(c); return true;
    case RAW_HELLO: make_hello(c); return true;
    case RAW_INITIATE:
        if (!hear_welcome(c)) return false;
        make_initiate(c);
        return true;
    case RAW_MESSAGE:
        if (!hear_ready(c)) return false;
        make_message(c);
        return true;
    }
    return false;
}

void raw_curve_make_next(raw_curve *c, const char *text) {
    c->text = text;
    make_message(c);
}

bool raw_curve_go_to(raw_curve *c, raw_step step) {
    for (raw_step at = RAW_GREETING; at < step; at++) {
        if (!raw_curve_make(c, at)) return false;
        raw_curve_say(c);
    }
    return true;
}

bool raw_curve_go_through(raw_curve *c, raw_step step) {
    if (!raw_curve_go_to(c, step) || !raw_curve_make(c, step)) return false;
    raw_curve_say(c);
    return true;
}

void raw_curve_say(const raw_curve *c) { raw_say(c->descriptor, c->frame, c->frame_size); }

size_t raw_property(uint8_t *metadata, size_t size, const char *name, const void *value, size_t value_size) {
    const size_t name_size = strlen(name);
    metadata[size++] = (uint8_t)name_size;
    memcpy(metadata + size, name, name_size);
    size += name_size;
    for (int i = 0; i < 4; i++) metadata[size++] = (uint8_t)(value_size >> (24 - 8 * i));
    memcpy(metadata + size, value, value_size);
    return size + value_size;
}

void raw_curve_await_end(raw_curve *c) {
    check(raw_await_end(c->descriptor));
    raw_curve_close(c);
}

void raw_curve_close(raw_curve *c) {
    close(c->descriptor);
    free(c->frame);
    c->frame = NULL;
}
