/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to servers of this library: over every transport, from several threads and clients. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "requests.h"

CASE(requests_are_answered_over_every_transport_whoever_binds) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int server_binds = 0; server_binds <= 1; server_binds++) {
            in_row("%s, the %s binds", transport_name(t), server_binds ? "server" : "client");
            linked pair = link_types(server_binds ? EXZ_REP : EXZ_REQ, server_binds ? EXZ_REQ : EXZ_REP, t);
            exz_socket client = server_binds ? pair.connected : pair.bound;
            own_server server;
            own_server_start(&server, server_binds ? pair.bound : pair.connected);
            check_answered(client, "first");
            check_answered(client, "");
            check_answered(client, "third");
            check_int(atomic_load(&server.served), 3);
            exz_stats stats = stats_of(client);
            check_int(stats.messages_sent, 3);
            check_int(stats.bytes_sent, 10);
            check_int(stats.messages_received, 3);
            check_int(stats.bytes_received, 19);
            check_int(stats.sends_refused, 0);
            check_int(stats.timeouts, 0);
            own_server_end(&server);
            close_socket(client);
        }
    }
}

CASE(sizes_from_nothing_to_megabytes_go_there_and_back) {
    const size_t sizes[] = {0, 1, 255, 256, 70000, 3 << 20};
    char *sent = malloc(3 << 20), *received = malloc(3 << 20);
    for (size_t i = 0; i < 3 << 20; i++) sent[i] = (char)(i * 31 >> 3);
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        in_row("%zu bytes", sizes[i]);
        size_t size = 99;
        exz_status status = exz_request(&size, pair.connected, sizes[i] > 0 ? sent : NULL, sizes[i], NULL, 0, 0, NULL);
        check_status(status, EXZ_ERR_TIMEOUT);
        check_int(size, 99);
        check_status(exz_recv(&size, pair.bound, received, 3 << 20, PATIENCE_MS), EXZ_OK);
        check_int(size, sizes[i]);
        check(memcmp(sent, received, size) == 0);
        check_status(exz_send(pair.bound, size > 0 ? received : NULL, size, 0, PATIENCE_MS), EXZ_OK);
        /* Nobody asked for that answer any more, but it is still the last request's. */
        check_status(exz_recv(&size, pair.connected, received, 3 << 20, PATIENCE_MS), EXZ_OK);
        check_int(size, sizes[i]);
    }
    free(sent);
    free(received);
    close_linked(pair);
}

typedef struct crowd {
    exz_socket client;
    atomic_uint next;
    unsigned each;
} crowd;

static exz_status ask_many(void *argument) {
    crowd *c = argument;
    unsigned who = atomic_fetch_add(&c->next, 1);
    for (unsigned i = 0; i < c->each; i++) {
        question q = {.s = c->client, .timeout_ms = PATIENCE_MS, .is_idempotent = i % 2 != 0};
        char expected[sizeof q.answer];
        snprintf(q.text, sizeof q.text, "%u of %u", i, who);
        snprintf(expected, sizeof expected, "re %s", q.text);
        exz_status status = ask(&q);
        if (status != EXZ_OK) return status;
        if (strcmp(q.answer, expected) != 0) return EXZ_ERR_INTERNAL;
    }
    return EXZ_OK;
}

CASE(threads_on_one_socket_get_their_own_answers) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_REP, EXZ_REQ, t);
        own_server server;
        own_server_start(&server, pair.bound);
        worker asking[6];
        crowd c = {.client = pair.connected, .each = 100};
        for (size_t i = 0; i < COUNT_OF(asking); i++) worker_start(&asking[i], ask_many, &c);
        for (size_t i = 0; i < COUNT_OF(asking); i++) check_status(worker_join(&asking[i]), EXZ_OK);
        check_int(atomic_load(&server.served), COUNT_OF(asking) * c.each);
        own_server_end(&server);
        close_socket(pair.connected);
    }
}

CASE(clients_of_one_server_get_their_own_answers) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket rep = open_socket(EXZ_REP);
    bind_somewhere(rep, TCP, endpoint);
    own_server server;
    own_server_start(&server, rep);
    worker asking[4];
    crowd crowds[COUNT_OF(asking)];
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        crowds[i] = (crowd){.client = open_socket(EXZ_REQ), .next = (unsigned)i, .each = 200};
        connect_to(crowds[i].client, endpoint);
        worker_start(&asking[i], ask_many, &crowds[i]);
    }
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        check_status(worker_join(&asking[i]), EXZ_OK);
        close_socket(crowds[i].client);
    }
    own_server_end(&server);
}

/* The answer is on its way when the server goes: it counts, and the loss does not. */
CASE(an_answer_that_comes_with_the_servers_last_breath_counts) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int round = 0; round < 10; round++) {
            in_row("%s, round %d", transport_name(t), round);
            linked pair = link_types(EXZ_REP, EXZ_REQ, t);
            question q = question_of(pair.connected, "last");
            worker asking;
            worker_start(&asking, ask, &q);
            expect_text(pair.bound, "last");
            send_text(pair.bound, "re last");
            /* Within a process the answer is at its place already, and libzmq may take all the time it is given. */
            check_status(exz_socket_close(pair.bound, t == INPROC ? 50 : PATIENCE_MS), EXZ_OK);
            worker_join(&asking);
            check_answer(&q);
            close_socket(pair.connected);
        }
    }
}

CASE(only_a_req_makes_requests) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        question q = question_of(open_socket(type), "no");
        q.timeout_ms = 0;
        check_status(ask(&q), type == EXZ_REQ ? EXZ_ERR_TIMEOUT : EXZ_ERR_NOT_SUPPORTED);
        q.is_idempotent = true;
        check_status(ask(&q), type == EXZ_REQ ? EXZ_ERR_TIMEOUT : EXZ_ERR_NOT_SUPPORTED);
        close_socket(q.s);
    }
}

CASE(a_request_over_the_limit_is_refused) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = 10;
    linked pair = link_sockets(open_socket(EXZ_REP), open_with(EXZ_REQ, &options), TCP);
    own_server server;
    own_server_start(&server, pair.bound);
    question q = question_of(pair.connected, "eleven byte");
    check_status(ask(&q), EXZ_ERR_TOO_LARGE);
    check_answered(pair.connected, "ten bytes.");
    check_int(atomic_load(&server.served), 1);
    own_server_end(&server);
    close_socket(pair.connected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(requests_are_answered_over_every_transport_whoever_binds),
        TEST(sizes_from_nothing_to_megabytes_go_there_and_back),
        TEST(threads_on_one_socket_get_their_own_answers),
        TEST(clients_of_one_server_get_their_own_answers),
        TEST(an_answer_that_comes_with_the_servers_last_breath_counts),
        TEST(only_a_req_makes_requests),
        TEST(a_request_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
