/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections that end when libzmq does not read them: their queue is full, or another one has their identity or their
 * place. libzmq keeps such an end to itself, and with heartbeats on it ended the process. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "places.h"
#include "sockets.h"
#include "wires.h"

enum { LARGE = 500, FLOOD = 2000, HEARTBEAT_MS = 50 };

/* With a short queue, and heartbeats that come soon. */
static exz_socket_options short_queue(int32_t heartbeat_ms) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.receive_hwm = 5;
    options.receive_buffer = 4096;
    options.heartbeat_interval_ms = heartbeat_ms;
    /* None is to be missed here. */
    options.heartbeat_timeout_ms = PATIENCE_MS;
    return options;
}

static exz_socket open_sender(exz_socket_type type, const char *name) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = 20;
    options.send_buffer = 4096;
    options.identity = name;
    options.identity_size = strlen(name);
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 50;
    return open_with(type, &options);
}

/* Sends until nothing goes any more, or so much that a short queue is long full. A REP expects an envelope. */
static void flood(exz_socket s, bool has_envelope) {
    static const char text[LARGE];
    const exz_part parts[] = {{"", 0}, {text, sizeof text}};
    exz_status status = EXZ_OK;
    for (int i = 0; i < FLOOD && status == EXZ_OK; i++)
        status = exz_send_parts(s, parts + !has_envelope, 1 + has_envelope, 200);
    check(status == EXZ_OK || status == EXZ_ERR_TIMEOUT);
}

/* For several heartbeats. */
static void let_heartbeats_pass(exz_socket s) { check_status(exz_wait_peers(s, 100, 6 * HEARTBEAT_MS), EXZ_ERR_TIMEOUT); }

CASE(a_peer_that_floods_a_socket_with_heartbeats_and_resets_does_not_end_the_process) {
    static const struct {
        const char *name;
        exz_socket_type receiver, sender;
    } pairs[] = {
        {"pull", EXZ_PULL, EXZ_PUSH},       {"rep", EXZ_REP, EXZ_DEALER},  {"dealer", EXZ_DEALER, EXZ_DEALER},
        {"router", EXZ_ROUTER, EXZ_DEALER}, {"pair", EXZ_PAIR, EXZ_PAIR},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        in_row("%s", pairs[i].name);
        const exz_socket_options options = short_queue(HEARTBEAT_MS);
        exz_socket receiver = open_with(pairs[i].receiver, &options), sender = open_sender(pairs[i].sender, "");
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(receiver, TCP, endpoint);
        exz_fault_proxy proxy = open_proxy("tcp://127.0.0.1:*", endpoint, 1);
        check_status(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint), EXZ_OK);
        connect_to(sender, endpoint);
        flood(sender, pairs[i].receiver == EXZ_REP);
        close_proxy(proxy);
        let_heartbeats_pass(receiver);
        check_status(exz_socket_close(sender, 0), EXZ_OK);
        close_socket(receiver);
    }
}

/* By default the one has heartbeats; the other one is told by them that it is to be dropped when it is silent. */
CASE(a_replier_whose_queue_is_full_outlives_a_peer_that_resets) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.receive_hwm = 5;
    options.receive_buffer = 4096;
    exz_socket replier = open_with(EXZ_REP, &options), sender = open_sender(EXZ_DEALER, "");
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(replier, TCP, endpoint);
    exz_fault_proxy proxy = open_proxy("tcp://127.0.0.1:*", endpoint, 1);
    check_status(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint), EXZ_OK);
    connect_to(sender, endpoint);
    flood(sender, true);
    close_proxy(proxy);
    /* Longer than libzmq's own second. */
    check_status(exz_wait_peers(replier, 100, 1500), EXZ_ERR_TIMEOUT);
    check_status(exz_socket_close(sender, 0), EXZ_OK);
    close_socket(replier);
}

/* Receives what there is, until the socket has been told of a loss. */
static void drain_until_lost(exz_socket router) {
    exz_event event = EXZ_EVENT_INIT;
    for (int64_t deadline = after_ms(PATIENCE_MS); left_ms(deadline) > 0;) {
        exz_message message;
        if (exz_recv_message(&message, router, 50) == EXZ_OK) check_status(exz_message_free(message), EXZ_OK);
        if (next_event_of(&event, router, EXZ_EVENT_LOST, 0)) return;
    }
    fail_msg("no loss is told");
}

CASE(a_peer_that_comes_again_under_its_name_is_one_peer_however_full_the_queue_was) {
    static const transport remote[] = {TCP, IPC};
    for (size_t i = 0; i < COUNT_OF(remote); i++) {
        in_row("%s", transport_name(remote[i]));
        const exz_socket_options options = short_queue(0);
        exz_socket router = open_with(EXZ_ROUTER, &options), worker = open_sender(EXZ_DEALER, "worker");
        char endpoint[ENDPOINT_SIZE], listen[ENDPOINT_SIZE] = "tcp://127.0.0.1:*";
        bind_somewhere(router, remote[i], endpoint);
        if (remote[i] == IPC) unused_endpoint(IPC, listen);
        exz_fault_proxy proxy = open_proxy(listen, endpoint, 1);
        check_status(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint), EXZ_OK);
        connect_to(worker, endpoint);
        for (int life = 0; life < 3; life++) {
            flood(worker, false);
            check_status(exz_fault_proxy_drop(proxy), EXZ_OK);
            expect_event(worker, EXZ_EVENT_LOST);
            check_status(exz_wait_peers(worker, 1, PATIENCE_MS), EXZ_OK);
            drain_until_lost(router);
            check_int(stats_of(router).links_lost, life + 1);
        }
        check_status(exz_wait_peers(router, 1, PATIENCE_MS), EXZ_OK);
        check_int(stats_of(router).peers, 1);
        close_proxy(proxy);
        check_status(exz_socket_close(worker, 0), EXZ_OK);
        close_socket(router);
    }
}

CASE(the_end_of_a_peer_whose_identity_another_one_has_is_told) {
    for (int32_t heartbeat_ms = 0; heartbeat_ms <= HEARTBEAT_MS; heartbeat_ms += HEARTBEAT_MS) {
        in_row("a heartbeat every %d ms", heartbeat_ms);
        const exz_socket_options options = short_queue(heartbeat_ms);
        exz_socket router = open_with(EXZ_ROUTER, &options);
        exz_socket older = open_sender(EXZ_DEALER, "worker"), newer = open_sender(EXZ_DEALER, "worker");
        char direct[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        bind_somewhere(router, TCP, direct);
        exz_fault_proxy proxy = open_proxy("tcp://127.0.0.1:*", direct, 1);
        check_status(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint), EXZ_OK);
        exz_socket senders[] = {older, newer};
        for (int i = 0; i < 2; i++) {
            exz_message message;
            connect_to(senders[i], i == 0 ? endpoint : direct);
            send_text(senders[i], "here");
            check_status(exz_recv_message(&message, router, PATIENCE_MS), EXZ_OK);
            check_status(exz_message_free(message), EXZ_OK);
        }
        expect_event(router, EXZ_EVENT_PEER_REJECTED);
        /* libzmq reads the first of these, and then no more. */
        for (int i = 0; i < 3; i++) send_text(older, "unheard");
        const uint64_t passed = proxy_stats(proxy).bytes_to_target;
        send_text(older, "unheard");
        await_count(proxy, EXZ_FAULT_COUNT_BYTES_TO_TARGET, passed + 1);
        close_proxy(proxy);
        check_int(expect_event(router, EXZ_EVENT_LOST).count, 1);
        let_heartbeats_pass(router);
        check_int(stats_of(router).peers, 1);
        check_status(exz_socket_close(older, 0), EXZ_OK);
        close_socket(newer);
        close_socket(router);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_floods_a_socket_with_heartbeats_and_resets_does_not_end_the_process),
        TEST(a_replier_whose_queue_is_full_outlives_a_peer_that_resets),
        TEST(a_peer_that_comes_again_under_its_name_is_one_peer_however_full_the_queue_was),
        TEST(the_end_of_a_peer_whose_identity_another_one_has_is_told),
    };
    return cmocka_run_group_tests_name("untold ends", tests, NULL, NULL);
}
