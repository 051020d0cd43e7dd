/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers that let a connecting socket in and misbehave then. libzmq never comes back to some of them; the socket does,
 * and a server that is put right is used again. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "holdings.h"
#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "worker.h"

enum { LIMIT = 2000 };

static const char block[2 * LIMIT];

static void send_too_much(int descriptor) { raw_frame(descriptor, 0, sizeof block, block, sizeof block); }

static void claim_the_impossible(int descriptor) { raw_frame(descriptor, 0, UINT64_C(1) << 63, block, 100); }

/* A message that is not whole must not be received either. */
static void stop_in_a_message(int descriptor) { raw_frame(descriptor, 0, 1000, block, 999); }

static void stop_between_parts(int descriptor) { raw_frame(descriptor, FRAME_MORE, 5, "hello", 5); }

static const struct {
    const char *name;
    void (*misbehave)(int descriptor);
    bool is_cut;
} offences[] = {
    {"a message over the limit", send_too_much, true},
    {"2^63 bytes", claim_the_impossible, true},
    {"half a message", stop_in_a_message, false},
    {"half the parts", stop_between_parts, false},
};

static const struct {
    exz_socket_type type;
    const char *server;
} types[] = {{EXZ_PULL, "PUSH"}, {EXZ_SUB, "PUB"}, {EXZ_DEALER, "ROUTER"}};

/* The next connection that gets through its handshake: probes greet and leave. */
static int let_in(int listener, const char *type) {
    for (;;) {
        int descriptor = raw_accept(listener);
        if (raw_handshake(descriptor, type)) return descriptor;
        close(descriptor);
    }
}

CASE(a_server_that_misbehaves_is_left_and_found_again) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        char endpoint[ENDPOINT_SIZE];
        int listener = deaf_port(endpoint);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.max_message_size = LIMIT;
        options.retry.initial_backoff_ms = 1;
        options.retry.max_backoff_ms = 20;
        exz_socket s = open_with(types[i].type, &options);
        if (types[i].type == EXZ_SUB) check_status(exz_subscribe(s, ""), EXZ_OK);
        connect_later(s, endpoint);
        for (size_t j = 0; j < COUNT_OF(offences); j++) {
            in_row("type %d, %s", types[i].type, offences[j].name);
            int descriptor = let_in(listener, types[i].server);
            expect_event(s, EXZ_EVENT_HANDSHAKEN);
            offences[j].misbehave(descriptor);
            if (offences[j].is_cut) check(raw_await_end(descriptor));
            close(descriptor);
            exz_event event = expect_event(s, EXZ_EVENT_LOST);
            check_text(event.endpoint, endpoint);
            check(event.status != EXZ_OK);
            check_int(stats_of(s).links_lost, j + 1);
        }
        int descriptor = let_in(listener, types[i].server);
        expect_event(s, EXZ_EVENT_HANDSHAKEN);
        raw_frame(descriptor, 0, 9, "put right", 9);
        expect_text(s, "put right");
        check_int(stats_of(s).messages_received, 1);
        check_int(stats_of(s).reconnects, COUNT_OF(offences));
        close_socket(s);
        close(descriptor);
        close(listener);
    }
}

enum { LARGE = 1 << 20, FLOOD = 300, ROOM = 40 << 20 };

static char large[LARGE];

static exz_status flood(void *descriptor) {
    for (int i = 0; i < FLOOD; i++) raw_frame(*(int *)descriptor, 0, LARGE, large, LARGE);
    return EXZ_OK;
}

/* Such a wait looks for an answer among the messages, and keeps them for the receives that follow. */
CASE(a_wait_for_subscriptions_keeps_few_messages_that_are_large) {
    char endpoint[ENDPOINT_SIZE];
    int listener = deaf_port(endpoint);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.receive_hwm = 2;
    exz_socket s = open_with(EXZ_SUB, &options);
    check_status(exz_subscribe(s, ""), EXZ_OK);
    connect_later(s, endpoint);
    int descriptor = let_in(listener, "PUB");
    expect_event(s, EXZ_EVENT_HANDSHAKEN);
    const size_t before = what_is_held().heap;
    worker w;
    worker_start(&w, flood, &descriptor);
    check(exz_wait_subscribed(s, 1000) != EXZ_OK);
    check(what_is_held().heap < before + ROOM);
    size_t size = 0;
    check_status(exz_recv(&size, s, large, sizeof large, PATIENCE_MS), EXZ_OK);
    check_int(size, LARGE);
    close_socket(s);
    check_status(worker_join(&w), EXZ_OK);
    close(descriptor);
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_server_that_misbehaves_is_left_and_found_again),
        TEST(a_wait_for_subscriptions_keeps_few_messages_that_are_large),
    };
    return cmocka_run_group_tests_name("hostile servers", tests, NULL, NULL);
}
