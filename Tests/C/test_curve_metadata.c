/* SPDX-License-Identifier: Apache-2.0
 *
 * What a peer says of itself in its handshake: neither too much of it nor anything untrue about who it is does harm. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "holdings.h"
#include "impostor.h"
#include "locked_house.h"
#include "monotonic.h"
#include "raw_curve.h"

enum { MOST_METADATA = 8 << 20, MAX_GROWTH = 32 << 20 };

static raw_curve come_with(const locked_house *h, const key_pair *keys, const uint8_t *metadata, size_t size) {
    raw_curve c = raw_curve_connect(h->endpoint, h->keys.public_key, keys->public_key, keys->secret_key);
    c.metadata = metadata;
    c.metadata_size = size;
    return c;
}

CASE(who_a_peer_is_is_not_for_the_peer_to_say) {
    locked_house h = open_house();
    uint8_t metadata[CLAIMS_SIZE];
    const key_pair somebody = new_keys();
    raw_curve c = come_with(&h, &h.guest_keys, metadata, impostor_claims(metadata, somebody.public_key));
    check(raw_curve_go_through(&c, RAW_MESSAGE));
    exz_message message;
    check_status(exz_recv_message(&message, h.server, PATIENCE_MS), EXZ_OK);
    check_property(message, "User-Id", "the guest");
    check_property(message, "Public-Key", h.guest_keys.public_key);
    check_property(message, "Peer-Address", "127.0.0.1");
    check_property(message, "Socket-Type", "PUSH");
    exz_message_free(message);
    raw_curve_close(&c);
    expect_event(h.server, EXZ_EVENT_LOST);
    h.received++;
    check_undisturbed(&h);
    close_house(&h);
}

/* Where nobody has looked at a peer, nobody knows who it is. */
CASE(a_peer_without_security_has_no_name) {
    for (int has_authenticator = 0; has_authenticator < 2; has_authenticator++) {
        exz_context context;
        exz_authenticator door = {0};
        check_status(exz_context_open(&context), EXZ_OK);
        if (has_authenticator) check_status(exz_authenticator_open(&door, context, NULL), EXZ_OK);
        char endpoint[ENDPOINT_SIZE];
        exz_socket server = open_secured(context, EXZ_PULL, NULL);
        bind_somewhere(server, TCP, endpoint);
        const int descriptor = impostor_connect(endpoint);
        check_status(exz_wait_peers(server, 1, PATIENCE_MS), EXZ_OK);
        raw_frame(descriptor, 0, 5, "hello", 5);
        exz_message message;
        check_status(exz_recv_message(&message, server, PATIENCE_MS), EXZ_OK);
        check_property(message, "User-Id", "");
        check_property(message, "Public-Key", "");
        check_property(message, "Peer-Address", "127.0.0.1");
        exz_message_free(message);
        close(descriptor);
        close_socket(server);
        check_status(exz_context_close(context, 0), EXZ_OK);
    }
}

/* Properties that are no properties, and more of them than anybody needs. */
static size_t many(uint8_t *metadata) {
    static uint8_t value[1000];
    size_t size = raw_property(metadata, 0, "Socket-Type", "PUSH", 4);
    for (int i = 0; size + 1100 < MOST_METADATA; i++) {
        const char name[] = {'X', '-', (char)('a' + i % 26), (char)('a' + i / 26 % 26), (char)('a' + i / 676 % 26), 0};
        size = raw_property(metadata, size, name, value, sizeof value);
    }
    return size;
}

static size_t one_large(uint8_t *metadata) {
    size_t size = raw_property(metadata, 0, "Socket-Type", "PUSH", 4);
    uint8_t *value = calloc(1, MOST_METADATA / 2);
    check(value != NULL);
    size = raw_property(metadata, size, "X-Large", value, MOST_METADATA / 2);
    free(value);
    return size;
}

static size_t long_identity(uint8_t *metadata) {
    static uint8_t identity[70000];
    memset(identity, 'i', sizeof identity);
    return raw_property(metadata, raw_property(metadata, 0, "Socket-Type", "PUSH", 4), "Identity", identity,
                        sizeof identity);
}

static size_t length_that_is_a_lie(uint8_t *metadata) {
    const size_t size = raw_property(metadata, 0, "Socket-Type", "PUSH", 4);
    metadata[12] = 0xFF;
    return size;
}

static size_t name_that_is_a_lie(uint8_t *metadata) {
    metadata[0] = 255;
    return 1;
}

static size_t nothing(uint8_t *metadata) {
    metadata[0] = 0;
    return 0;
}

static size_t zeros(uint8_t *metadata) {
    memset(metadata, 0, 100000);
    return 100000;
}

static size_t wrong_type(uint8_t *metadata) { return raw_property(metadata, 0, "Socket-Type", "PULL", 4); }

static const struct {
    const char *name;
    size_t (*make)(uint8_t *metadata);
    bool is_welcome;
} floods[] = {
    {"thousands of properties", many, true},
    {"a property of 4 MiB", one_large, true},
    {"an identity of 70,000 bytes", long_identity, true},
    {"a length that is a lie", length_that_is_a_lie, false},
    {"a name that is a lie", name_that_is_a_lie, false},
    {"no properties", nothing, true},
    {"100,000 zeros", zeros, true},
    {"a socket type that does not fit", wrong_type, false},
};

CASE(a_flood_of_properties_is_no_harm) {
    locked_house h = open_house();
    uint8_t *metadata = malloc(MOST_METADATA);
    check(metadata != NULL);
    const key_pair stranger = new_keys();
    uint64_t rejected = 0;
    holdings before = what_is_held();
    for (int round = 0; round < 4; round++) {
        /* The first round shows what all of it takes once. */
        if (round == 1) before = what_is_held();
        for (size_t i = 0; i < COUNT_OF(floods); i++) {
            const size_t size = floods[i].make(metadata);
            in_row("round %d, %s, from a stranger", round, floods[i].name);
            raw_curve c = come_with(&h, &stranger, metadata, size);
            check(!raw_curve_go_through(&c, RAW_MESSAGE));
            raw_curve_close(&c);
            check_rejected(&h, ++rejected);

            in_row("round %d, %s, from the guest", round, floods[i].name);
            c = come_with(&h, &h.guest_keys, metadata, size);
            check_int(raw_curve_go_through(&c, RAW_MESSAGE), floods[i].is_welcome);
            if (floods[i].is_welcome) {
                expect_text(h.server, "hello");
                h.received++;
                raw_curve_close(&c);
                expect_event(h.server, EXZ_EVENT_LOST);
            } else {
                raw_curve_close(&c);
                check_rejected(&h, ++rejected);
            }
            check_undisturbed(&h);
        }
    }
    free(metadata);
    check(what_is_held().heap < before.heap + MAX_GROWTH);
    close_house(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(who_a_peer_is_is_not_for_the_peer_to_say),
        TEST(a_peer_without_security_has_no_name),
        TEST(a_flood_of_properties_is_no_harm),
    };
    return cmocka_run_group_tests_name("metadata in handshakes", tests, NULL, NULL);
}
