/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer that is cut off or frozen is noticed in time; one that is slow keeps its link and loses nothing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "forked.h"
#include "monotonic.h"
#include "network.h"
#include "sockets.h"
#include "worker.h"

/* The least keep-alive there is. */
#define KEEPALIVE_MS 4000

static exz_socket open_watchful(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.keepalive_ms = KEEPALIVE_MS;
    return open_with(type, &options);
}

/* The links's end is noticed within the time that is promised, on a machine that may be busy. */
static exz_event expect_loss(exz_socket s, int64_t since) {
    exz_event event = expect_event(s, EXZ_EVENT_LOST);
    check_status(event.status, EXZ_ERR_PEER_LOST);
    check(event.time_ns - since < INT64_C(1000000) * (KEEPALIVE_MS + GENEROUS_MS));
    return event;
}

CASE(a_peer_that_is_cut_off_is_noticed_on_a_quiet_link) {
    need_network();
    linked pair = link_sockets(open_watchful(EXZ_PULL), open_watchful(EXZ_PUSH), TCP);
    check_carries(pair.connected, pair.bound);
    int64_t since = now_ns();
    network_cut(pair.endpoint);
    expect_loss(pair.connected, since);
    expect_loss(pair.bound, since);
    network_mend();
    check_status(exz_wait_peers(pair.connected, 1, PATIENCE_MS), EXZ_OK);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

static void is_noticed_with_data_under_way(exz_socket bound, exz_socket connected, bool bound_sends) {
    linked pair = link_sockets(bound, connected, TCP);
    exz_socket from = bound_sends ? pair.bound : pair.connected;
    check_carries(from, bound_sends ? pair.connected : pair.bound);
    int64_t since = now_ns();
    network_cut(pair.endpoint);
    for (int i = 0; i < 10; i++) send_text(from, "into the dark");
    exz_event event = expect_loss(from, since);
    check_text(event.message, "the peer's host does not answer any more");
    network_mend();
    check_status(exz_wait_peers(pair.connected, 1, PATIENCE_MS), EXZ_OK);
    close_linked(pair);
}

CASE(a_peer_that_is_cut_off_is_noticed_by_who_connected_and_sends) {
    need_network();
    is_noticed_with_data_under_way(open_watchful(EXZ_PULL), open_watchful(EXZ_PUSH), false);
}

CASE(a_peer_that_is_cut_off_is_noticed_by_who_is_bound_and_sends) {
    need_network();
    is_noticed_with_data_under_way(open_watchful(EXZ_PUSH), open_watchful(EXZ_PULL), true);
}

static void receive_text(exz_socket s, char *text, size_t capacity) {
    size_t size = 0;
    check_status(exz_recv(&size, s, text, capacity - 1, PATIENCE_MS), EXZ_OK);
    text[size] = '\0';
}

/* What was queued, and not under way, when a link was cut arrives when it is back. What was under way may arrive as
 * well, at any time: the kernel goes on with the old connection for as long as the other side has it. */
CASE(what_is_queued_during_a_cut_arrives_afterwards) {
    need_network();
    linked pair = link_sockets(open_watchful(EXZ_PULL), open_watchful(EXZ_PUSH), TCP);
    check_carries(pair.connected, pair.bound);
    int64_t since = now_ns();
    network_cut(pair.endpoint);
    send_text(pair.connected, "under way");
    expect_loss(pair.connected, since);
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        send_text(pair.connected, text);
    }
    network_mend();
    bool late = false;
    for (int i = 0; i < 100; i++) {
        char text[16], expected[16];
        snprintf(expected, sizeof expected, "%d", i);
        receive_text(pair.bound, text, sizeof text);
        if (!late && strcmp(text, "under way") == 0) {
            late = true;
            receive_text(pair.bound, text, sizeof text);
        }
        check_text(text, expected);
    }
    close_linked(pair);
}

CASE(a_frozen_peer_is_noticed_with_heartbeats) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.heartbeat_interval_ms = 200;
    options.heartbeat_timeout_ms = 600;
    exz_socket s = open_with(EXZ_PULL, &options);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(s, TCP, endpoint);
    child peer;
    child_start(&peer, sibling_program("plain_peer"), (const char *const[]){"push", "connect", endpoint, "1", NULL});
    check_status(exz_wait_peers(s, 1, PATIENCE_MS), EXZ_OK);
    int64_t since = now_ns();
    check_int(kill(peer.pid, SIGSTOP), 0);
    exz_event event = expect_event(s, EXZ_EVENT_LOST);
    check(event.time_ns - since < INT64_C(1000000) * (800 + GENEROUS_MS));
    check_int(kill(peer.pid, SIGCONT), 0);
    check_status(exz_wait_peers(s, 1, PATIENCE_MS), EXZ_OK);
    check_int(child_end(&peer), 0);
    close_socket(s);
}

CASE(a_killed_peer_is_noticed_at_once) {
    exz_socket s = open_socket(EXZ_PULL);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(s, TCP, endpoint);
    child peer;
    child_start(&peer, sibling_program("plain_peer"), (const char *const[]){"push", "connect", endpoint, "0", NULL});
    check_status(exz_wait_peers(s, 1, PATIENCE_MS), EXZ_OK);
    int64_t since = now_ns();
    child_kill(&peer);
    exz_event event = expect_event(s, EXZ_EVENT_LOST);
    check(event.time_ns - since < INT64_C(1000000) * GENEROUS_MS);
    close_socket(s);
}

enum { SLOW_COUNT = 20000, SLOW_SIZE = 1024 };

static exz_status send_to_a_slow_consumer(void *argument) {
    exz_socket s = *(exz_socket *)argument;
    char message[SLOW_SIZE] = {0};
    for (int i = 0; i < SLOW_COUNT; i++) {
        memcpy(message, &i, sizeof i);
        exz_status status = exz_send(s, message, sizeof message, 0, 2 * PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* Its queue is full and its window closed while all that might notice a dead peer passes three times. */
CASE(a_slow_consumer_keeps_its_link_and_loses_nothing) {
    linked pair = link_sockets(open_watchful(EXZ_PULL), open_watchful(EXZ_PUSH), TCP);
    worker sender;
    worker_start(&sender, send_to_a_slow_consumer, &pair.connected);
    worker_await_sleep(&sender);
    exz_event event = EXZ_EVENT_INIT;
    check(!next_event_of(&event, pair.connected, EXZ_EVENT_LOST, 3 * KEEPALIVE_MS));
    for (int i = 0; i < SLOW_COUNT; i++) {
        char message[SLOW_SIZE];
        size_t size = 0;
        int number = -1;
        check_status(exz_recv(&size, pair.bound, message, sizeof message, PATIENCE_MS), EXZ_OK);
        memcpy(&number, message, sizeof number);
        if (number != i) check_int(number, i);
    }
    check_status(worker_join(&sender), EXZ_OK);
    check_int(stats_of(pair.connected).links_lost, 0);
    check_int(stats_of(pair.bound).links_lost, 0);
    close_linked(pair);
}

/* Nothing finds ip(8) here, wherever it is. */
static void ask_in_vain_for_a_network(void) {
    char before[64] = "", after[64] = "";
    if (readlink("/proc/self/ns/net", before, sizeof before - 1) <= 0) _exit(1);
    if (setenv("PATH", "/nowhere", 1) != 0 || network_of_our_own() == NULL) _exit(1);
    if (readlink("/proc/self/ns/net", after, sizeof after - 1) <= 0) _exit(1);
    _exit(strcmp(before, after) == 0 ? 0 : 1);
}

CASE(who_can_not_have_a_network_to_cut_keeps_the_one_it_has) {
    pid_t pid = fork_child();
    if (pid == 0) ask_in_vain_for_a_network();
    check_child(pid);
}

int main(void) {
    network_of_our_own();
    const struct CMUnitTest tests[] = {
        TEST(who_can_not_have_a_network_to_cut_keeps_the_one_it_has),
        TEST(a_killed_peer_is_noticed_at_once),
        TEST(a_frozen_peer_is_noticed_with_heartbeats),
        TEST(a_peer_that_is_cut_off_is_noticed_on_a_quiet_link),
        TEST(a_peer_that_is_cut_off_is_noticed_by_who_connected_and_sends),
        TEST(a_peer_that_is_cut_off_is_noticed_by_who_is_bound_and_sends),
        TEST(what_is_queued_during_a_cut_arrives_afterwards),
        TEST(a_slow_consumer_keeps_its_link_and_loses_nothing),
    };
    return cmocka_run_group_tests_name("liveness", tests, NULL, NULL);
}
