/* SPDX-License-Identifier: Apache-2.0
 *
 * Identities that another peer has, or had a moment ago: whoever brings one last is heard under it. */
#include <string.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

static exz_socket open_named(exz_socket_type type, const char *name) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.identity = name;
    options.identity_size = strlen(name);
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 100;
    return open_with(type, &options);
}

/* The next message of a ROUTER comes from that name. */
static void expect_from(exz_socket router, const char *name, const char *text) {
    exz_message message;
    check_status(exz_recv_message(&message, router, PATIENCE_MS), EXZ_OK);
    check_part(message, 0, name);
    check_part(message, 1, text);
    check_status(exz_message_free(message), EXZ_OK);
}

static void answer(exz_socket router, const char *name, const char *text) {
    const exz_part parts[] = {{name, strlen(name)}, {text, strlen(text)}};
    check_status(exz_send_parts(router, parts, 2, PATIENCE_MS), EXZ_OK);
}

static const transport remote[] = {TCP, IPC};

CASE(a_restarted_peer_is_answered_although_nobody_noticed_its_end) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket router = open_socket(EXZ_ROUTER);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(router, t, endpoint);
        for (int life = 0; life < 3; life++) {
            exz_socket worker = open_named(EXZ_DEALER, "worker");
            connect_to(worker, endpoint);
            send_text(worker, "ready");
            expect_from(router, "worker", "ready");
            answer(router, "worker", "work");
            expect_text(worker, "work");
            check_status(exz_socket_close(worker, 0), EXZ_OK);
        }
        close_socket(router);
    }
}

CASE(what_a_peer_had_sent_before_it_was_restarted_comes_under_its_name) {
    for (size_t i = 0; i < COUNT_OF(remote); i++) {
        in_row("%s", transport_name(remote[i]));
        exz_socket router = open_socket(EXZ_ROUTER);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(router, remote[i], endpoint);
        exz_socket first = open_named(EXZ_DEALER, "worker");
        connect_to(first, endpoint);
        send_text(first, "done");
        close_socket(first);
        expect_event(router, EXZ_EVENT_LOST);
        exz_socket second = open_named(EXZ_DEALER, "worker");
        connect_to(second, endpoint);
        expect_event(router, EXZ_EVENT_HANDSHAKEN);
        expect_from(router, "worker", "done");
        answer(router, "worker", "thank you");
        expect_text(second, "thank you");
        close_socket(second);
        close_socket(router);
    }
}

CASE(of_two_with_one_identity_the_newer_is_heard_and_the_router_is_told) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket router = open_socket(EXZ_ROUTER);
        exz_socket older = open_named(EXZ_DEALER, "cam"), newer = open_named(EXZ_DEALER, "cam");
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(router, t, endpoint);
        connect_to(older, endpoint);
        send_text(older, "from the older");
        expect_from(router, "cam", "from the older");
        connect_to(newer, endpoint);
        send_text(newer, "from the newer");
        expect_from(router, "cam", "from the newer");
        exz_event event = expect_event(router, EXZ_EVENT_PEER_REJECTED);
        check_status(event.status, EXZ_ERR_STATE);
        check(strstr(event.message, "identity") != NULL);
        answer(router, "cam", "to the newer");
        expect_text(newer, "to the newer");
        check_int(stats_of(router).peers_rejected, 1);
        /* When the newer one is gone the older one is made to come again, and is heard again; within the process it
         * has been told before. */
        close_socket(newer);
        expect_event(older, EXZ_EVENT_LOST);
        expect_event(older, EXZ_EVENT_HANDSHAKEN);
        send_text(older, "back");
        expect_from(router, "cam", "back");
        answer(router, "cam", "welcome");
        expect_text(older, "welcome");
        close_socket(older);
        close_socket(router);
    }
}

typedef struct server {
    exz_socket s;
    int requests;
} server;

static exz_status serve(void *argument) {
    const server *serving = argument;
    for (int i = 0; i < serving->requests; i++) {
        exz_message request;
        exz_status status = exz_recv_message(&request, serving->s, PATIENCE_MS);
        if (status != EXZ_OK) return status;
        exz_part parts[8];
        size_t count = 0;
        if (exz_message_count(&count, request) != EXZ_OK || count > COUNT_OF(parts)) return EXZ_ERR_INTERNAL;
        for (size_t n = 0; n < count; n++) exz_message_part(&parts[n].data, &parts[n].size, request, n);
        status = exz_send_parts(serving->s, parts, count, PATIENCE_MS);
        exz_message_free(request);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

CASE(a_requester_whose_identity_another_one_has_gets_its_answer) {
    const exz_socket_type servers[] = {EXZ_ROUTER, EXZ_REP};
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        in_row("type %d", servers[i]);
        server serving = {open_socket(servers[i]), 2};
        exz_socket older = open_named(EXZ_REQ, "client"), newer = open_named(EXZ_REQ, "client");
        char endpoint[ENDPOINT_SIZE], reply[16];
        size_t size = 0;
        bind_somewhere(serving.s, TCP, endpoint);
        worker w;
        worker_start(&w, serve, &serving);
        connect_to(older, endpoint);
        check_status(exz_request(&size, older, "1", 1, reply, sizeof reply, PATIENCE_MS, NULL), EXZ_OK);
        connect_to(newer, endpoint);
        check_status(exz_request(&size, newer, "2", 1, reply, sizeof reply, PATIENCE_MS, NULL), EXZ_OK);
        check_status(worker_join(&w), EXZ_OK);
        /* Of the older one nothing is known, and nothing is made up. */
        exz_error error = {.size = sizeof error};
        check_status(exz_request(&size, older, "3", 1, reply, sizeof reply, 50, &error), EXZ_ERR_TIMEOUT);
        check(strstr(error.message, "no answer has come") != NULL);
        check(strstr(error.message, "has the request") == NULL);
        close_socket(older);
        close_socket(newer);
        close_socket(serving.s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_restarted_peer_is_answered_although_nobody_noticed_its_end),
        TEST(what_a_peer_had_sent_before_it_was_restarted_comes_under_its_name),
        TEST(of_two_with_one_identity_the_newer_is_heard_and_the_router_is_told),
        TEST(a_requester_whose_identity_another_one_has_gets_its_answer),
    };
    return cmocka_run_group_tests_name("identities", tests, NULL, NULL);
}
