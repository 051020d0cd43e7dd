/* SPDX-License-Identifier: Apache-2.0
 *
 * What strangers say to a bound socket before any handshake is done: nothing of it is received, it is counted and told,
 * and a peer that behaves does not notice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "good_pairs.h"
#include "holdings.h"
#include "monotonic.h"
#include "raw_peer.h"

enum { GARBAGE_SIZE = 5000, MAX_GROWTH = 32 << 20 };

static unsigned seed;

static void say_garbage(int descriptor) {
    uint8_t garbage[GARBAGE_SIZE];
    for (size_t i = 0; i < sizeof garbage; i++) garbage[i] = (uint8_t)(rand_r(&seed) >> 8);
    raw_say(descriptor, garbage, sizeof garbage);
}

static void say_http(int descriptor) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n";
    raw_say(descriptor, request, sizeof request - 1);
}

/* An anonymous peer and a message, in the frames of ZMTP 1. */
static void say_zmtp1(int descriptor) { raw_say(descriptor, "\1\0\6\0hello", 9); }

/* The same with an identity, whose long length looks like the signature of a later version. */
static void say_zmtp1_with_identity(int descriptor) {
    raw_say(descriptor, "\xFF\0\0\0\0\0\0\0\4\0abc\6\0hello", 19);
}

static void say_zmtp2(int descriptor) {
    raw_say(descriptor, "\xFF\0\0\0\0\0\0\0\1\x7F\1\x05\0\0\0\5hello", 21);
}

static void greet_and_say_garbage(int descriptor) {
    raw_greet(descriptor);
    say_garbage(descriptor);
}

static void greet_as_curve(int descriptor) {
    uint8_t greeting[64] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, 'C', 'U', 'R', 'V', 'E'};
    raw_say(descriptor, greeting, sizeof greeting);
}

static void greet_and_send_at_once(int descriptor) {
    raw_greet(descriptor);
    raw_frame(descriptor, 0, 5, "hello", 5);
}

static void greet_and_claim_the_impossible(int descriptor) {
    raw_greet(descriptor);
    raw_frame(descriptor, FRAME_COMMAND, UINT64_C(1) << 63, "\5READY", 6);
}

/* A property whose length leads beyond the end of the command. */
static void greet_and_lie_about_a_length(int descriptor) {
    static const uint8_t ready[] = "\5READY\13Socket-Type\xFF\xFF\xFF\xF0PUSH";
    raw_greet(descriptor);
    raw_frame(descriptor, FRAME_COMMAND, sizeof ready - 1, ready, sizeof ready - 1);
}

static void greet_as_another_type(int descriptor) {
    static const uint8_t ready[] = "\5READY\13Socket-Type\0\0\0\4XSUB";
    raw_greet(descriptor);
    raw_frame(descriptor, FRAME_COMMAND, sizeof ready - 1, ready, sizeof ready - 1);
}

static void greet_half(int descriptor) { raw_say(descriptor, "\xFF\0\0\0\0\0\0\0\1\x7F\3", 11); }

static const struct {
    const char *name;
    void (*say)(int descriptor);
    /* Whether libzmq ends the connection by itself, or waits for more. */
    bool is_cut;
} speeches[] = {
    {"an HTTP request", say_http, true},
    {"ZMTP 1", say_zmtp1, true},
    {"ZMTP 1 with an identity", say_zmtp1_with_identity, true},
    {"ZMTP 2", say_zmtp2, true},
    {"garbage", say_garbage, true},
    {"a greeting, then garbage", greet_and_say_garbage, true},
    {"CURVE", greet_as_curve, true},
    {"a message before the handshake", greet_and_send_at_once, true},
    {"a command of 2^63 bytes", greet_and_claim_the_impossible, true},
    {"a length that is a lie", greet_and_lie_about_a_length, true},
    {"a socket type that does not fit", greet_as_another_type, true},
    {"half a greeting", greet_half, false},
};

CASE(nothing_that_strangers_say_is_received) {
    seed = 1;
    for (size_t i = 0; i < good_type_count; i++) {
        linked pair = open_good_pair(&good_types[i], NULL);
        uint64_t rejected = 0, received = 0;
        for (size_t j = 0; j < COUNT_OF(speeches) * 3; j++) {
            const size_t k = j % COUNT_OF(speeches);
            in_row("type %d, %s", good_types[i].bound, speeches[k].name);
            int descriptor = raw_connect(pair.endpoint);
            speeches[k].say(descriptor);
            if (speeches[k].is_cut) check(raw_await_end(descriptor));
            close(descriptor);
            exz_event event = expect_event(pair.bound, EXZ_EVENT_PEER_REJECTED);
            check(event.status != EXZ_OK);
            check(event.message[0] != '\0');
            check_text(event.endpoint, pair.endpoint);
            exz_message message;
            check_status(exz_recv_message(&message, pair.bound, 0), EXZ_ERR_TIMEOUT);
            check_exchange(&good_types[i], pair);
            const exz_stats stats = stats_of(pair.bound);
            check_int(stats.peers_rejected, ++rejected);
            check_int(stats.messages_received, ++received);
            check_int(stats.peers, 1);
            check_int(stats.links_lost, 0);
        }
        close_linked(pair);
    }
}

/* A stranger among others whose handshakes are not done is the one that is rejected. */
CASE(strangers_are_told_from_peers_while_handshakes_are_pending) {
    for (size_t i = 0; i < COUNT_OF(speeches); i++) {
        in_row("%s", speeches[i].name);
        char endpoint[ENDPOINT_SIZE];
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        bind_somewhere(pull, TCP, endpoint);
        int pending = raw_connect(endpoint), stranger = raw_connect(endpoint);
        raw_greet(pending);
        connect_to(push, endpoint);
        check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
        speeches[i].say(stranger);
        if (speeches[i].is_cut) check(raw_await_end(stranger));
        close(stranger);
        expect_event(pull, EXZ_EVENT_PEER_REJECTED);
        check_int(stats_of(pull).peers, 1);
        check_int(stats_of(pull).links_lost, 0);
        check_carries(push, pull);
        close(pending);
        expect_event(pull, EXZ_EVENT_PEER_REJECTED);
        check_int(stats_of(pull).peers_rejected, 2);
        check_int(stats_of(pull).peers, 1);
        close_socket(push);
        expect_event(pull, EXZ_EVENT_LOST);
        check_int(stats_of(pull).peers, 0);
        close_socket(pull);
    }
}

/* A READY that is longer than most, of a socket type that fits nothing here, and the part of it that is said first. */
static const char long_ready[] =
    "\5READY\13Socket-Type\0\0\0\4XPUB\1X\0\0\0\50yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
enum { READY_SIZE = sizeof long_ready - 1, FIRST_PART = READY_SIZE - 5 };

static int say_most_of_a_handshake(const char *endpoint) {
    int descriptor = raw_connect(endpoint);
    raw_greet(descriptor);
    raw_frame(descriptor, FRAME_COMMAND, READY_SIZE, long_ready, FIRST_PART);
    return descriptor;
}

/* A peer that works stays in the books, whoever stops in the middle of a handshake beside it and whoever knocks
 * then. */
CASE(strangers_do_not_take_a_peer_out_of_the_books) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_somewhere(pull, TCP, endpoint);
    int half = say_most_of_a_handshake(endpoint);
    connect_to(push, endpoint);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    int stranger = raw_connect(endpoint);
    greet_as_another_type(stranger);
    check(raw_await_end(stranger));
    close(stranger);
    expect_event(pull, EXZ_EVENT_PEER_REJECTED);
    check_int(stats_of(pull).peers, 1);
    check_int(stats_of(pull).links_lost, 0);
    check_carries(push, pull);
    close(half);
    expect_event(pull, EXZ_EVENT_PEER_REJECTED);
    check_int(stats_of(pull).peers, 1);
    close_socket(push);
    expect_event(pull, EXZ_EVENT_LOST);
    check_int(stats_of(pull).peers, 0);
    check_int(stats_of(pull).peers_rejected, 2);
    close_socket(pull);
}

/* Says the rest of it. An XPUB fits nothing here: libzmq ends that without a word of a handshake. */
static void finish_wrongly(int descriptor) {
    raw_say(descriptor, long_ready + FIRST_PART, READY_SIZE - FIRST_PART);
    check(raw_await_end(descriptor));
    close(descriptor);
}

/* When one of two ends without a word it is not always known which of them had finished its handshake. It shows when
 * the time for a handshake is over. */
CASE(a_peer_that_was_taken_for_gone_is_found) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_somewhere(pull, TCP, endpoint);
    int half = say_most_of_a_handshake(endpoint);
    connect_to(push, endpoint);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    finish_wrongly(half);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    check_carries(push, pull);
    close_socket(push);
    expect_event(pull, EXZ_EVENT_LOST);
    close_socket(pull);
}

CASE(a_subscriber_is_known_for_a_peer) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pub = open_socket(EXZ_PUB), sub = open_socket(EXZ_SUB);
    bind_somewhere(pub, TCP, endpoint);
    int half = say_most_of_a_handshake(endpoint);
    check_status(exz_subscribe(sub, "topic"), EXZ_OK);
    connect_to(sub, endpoint);
    check_status(exz_wait_peers(pub, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "topic", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_subscribe(sub, "another"), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "another", 1, PATIENCE_MS), EXZ_OK);
    finish_wrongly(half);
    expect_event(pub, EXZ_EVENT_PEER_REJECTED);
    check_int(stats_of(pub).peers, 1);
    check_int(stats_of(pub).links_lost, 0);
    close_socket(sub);
    expect_event(pub, EXZ_EVENT_LOST);
    check_int(stats_of(pub).peers, 0);
    close_socket(pub);
}

CASE(hundreds_of_silent_connections_disturb_nobody) {
    enum { CONNECTIONS = 300 };
    int descriptors[CONNECTIONS];
    linked pair = open_good_pair(&good_types[0], NULL);
    exz_message none;
    /* The first wait for a message takes a descriptor. */
    check_status(exz_recv_message(&none, pair.bound, 1), EXZ_ERR_TIMEOUT);
    const holdings before = settle();
    for (int i = 0; i < CONNECTIONS; i++) {
        descriptors[i] = raw_connect(pair.endpoint);
        if (i % 3 == 1) raw_greet(descriptors[i]);
        if (i % 3 == 2) greet_half(descriptors[i]);
    }
    exz_socket push = open_socket(EXZ_PUSH);
    connect_to(push, pair.endpoint);
    check_status(exz_wait_peers(pair.bound, 2, PATIENCE_MS), EXZ_OK);
    check_carries(push, pair.bound);
    check_exchange(&good_types[0], pair);
    check(what_is_held().resident < before.resident + MAX_GROWTH);

    /* The time that a handshake may take ends them all. */
    for (int i = 0; i < CONNECTIONS; i++) {
        check(raw_await_end(descriptors[i]));
        close(descriptors[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) expect_event(pair.bound, EXZ_EVENT_PEER_REJECTED);
    check_int(stats_of(pair.bound).peers_rejected, CONNECTIONS);
    check_int(stats_of(pair.bound).peers, 2);
    check_carries(push, pair.bound);
    check_exchange(&good_types[0], pair);
    close_socket(push);
    check_held(before);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_that_strangers_say_is_received),
        TEST(strangers_are_told_from_peers_while_handshakes_are_pending),
        TEST(strangers_do_not_take_a_peer_out_of_the_books),
        TEST(a_subscriber_is_known_for_a_peer),
        TEST(a_peer_that_was_taken_for_gone_is_found),
        TEST(hundreds_of_silent_connections_disturb_nobody),
    };
    return cmocka_run_group_tests_name("hostile clients", tests, NULL, NULL);
}
