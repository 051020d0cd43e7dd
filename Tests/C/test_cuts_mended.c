/* SPDX-License-Identifier: Apache-2.0
 *
 * Links that are cut in every way, until both sides have noticed, carry again when the cable is mended. And what
 * becomes of a request that is under way meanwhile. */
#include <stdio.h>
#include <string.h>

#include "cuts.h"
#include "monotonic.h"
#include "network.h"
#include "requests.h"
#include "services.h"

/* The least keep-alive there is. */
#define KEEPALIVE_MS 4000

static exz_socket_options watchful(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.keepalive_ms = KEEPALIVE_MS;
    options.retry.max_backoff_ms = 200;
    return options;
}

static linked link_over_cable(const service_kind *kind, int number) {
    const exz_socket_options options = watchful();
    linked pair;
    pair.bound = bind_over_there(kind->service, &options, number, pair.endpoint);
    pair.connected = open_client_of(kind, &options);
    connect_to(pair.connected, pair.endpoint);
    check_served(kind, pair.bound, pair.connected);
    return pair;
}

CASE(links_that_were_cut_carry_again_when_the_cable_is_mended) {
    need_network();
    linked pairs[CUT_COUNT][SERVICE_KINDS];
    for (int i = 0; i < CUT_COUNT; i++) {
        network_add_cable(i);
        for (int k = 0; k < SERVICE_KINDS; k++) pairs[i][k] = link_over_cable(&service_kinds[k], i);
    }
    for (int i = 0; i < CUT_COUNT; i++) {
        in_row("%s", cuts[i].name);
        cut_cable(i);
    }
    for (int i = 0; i < CUT_COUNT; i++) {
        for (int k = 0; k < SERVICE_KINDS; k++) {
            in_row("%s, %s", cuts[i].name, service_kinds[k].name);
            check_status(expect_event(pairs[i][k].connected, EXZ_EVENT_LOST).status, EXZ_ERR_PEER_LOST);
            check_status(expect_event(pairs[i][k].bound, EXZ_EVENT_LOST).status, EXZ_ERR_PEER_LOST);
        }
    }
    for (int i = 0; i < CUT_COUNT; i++) {
        in_row("%s, mended", cuts[i].name);
        mend_cable(i);
    }
    for (int i = 0; i < CUT_COUNT; i++) {
        for (int k = 0; k < SERVICE_KINDS; k++) {
            in_row("%s, mended, %s", cuts[i].name, service_kinds[k].name);
            expect_event(pairs[i][k].connected, EXZ_EVENT_HANDSHAKEN);
            check_served(&service_kinds[k], pairs[i][k].bound, pairs[i][k].connected);
            close_linked(pairs[i][k]);
        }
    }
}

/* A server over there, and a request that it has got and does not answer. */
typedef struct pending {
    exz_socket client;
    plain_server server;
    question question;
    worker worker;
} pending;

static void begin_request(pending *p, int number, bool is_idempotent) {
    const exz_socket_options options = watchful();
    char endpoint[ENDPOINT_SIZE];
    snprintf(endpoint, sizeof endpoint, "tcp://10.9.%d.2:*", number);
    network_go_to_the_other();
    p->server = plain_server_start("router", endpoint, NULL);
    network_come_back();
    p->client = open_with(EXZ_REQ, &options);
    connect_to(p->client, p->server.endpoint);
    p->question = question_of(p->client, "hold it");
    p->question.is_idempotent = is_idempotent;
    /* More than the watchdog has. */
    p->question.timeout_ms = 600000;
    worker_start(&p->worker, ask, &p->question);
    check_got(&p->server, "hold it");
}

CASE(a_request_whose_server_is_cut_off_ends_and_an_idempotent_one_is_answered_after_all) {
    need_network();
    static pending once[CUT_COUNT], again[CUT_COUNT];
    for (int i = 0; i < CUT_COUNT; i++) {
        begin_request(&once[i], i, false);
        begin_request(&again[i], i, true);
    }
    for (int i = 0; i < CUT_COUNT; i++) cut_cable(i);
    for (int i = 0; i < CUT_COUNT; i++) {
        in_row("%s", cuts[i].name);
        check_status(worker_join(&once[i].worker), EXZ_ERR_PEER_LOST);
        expect_event(again[i].client, EXZ_EVENT_LOST);
    }
    for (int i = 0; i < CUT_COUNT; i++) mend_cable(i);
    for (int i = 0; i < CUT_COUNT; i++) {
        in_row("%s, mended", cuts[i].name);
        check_got(&again[i].server, "hold it");
        child_tell(&again[i].server.process, "release\n");
        check_status(worker_join(&again[i].worker), EXZ_OK);
        check_answer(&again[i].question);
        check_answered(once[i].client, "what now");
        close_socket(once[i].client);
        close_socket(again[i].client);
        check_int(child_end(&once[i].server.process), 0);
        check_int(child_end(&again[i].server.process), 0);
    }
}

int main(void) {
    have_another_network();
    const struct CMUnitTest tests[] = {
        TEST(links_that_were_cut_carry_again_when_the_cable_is_mended),
        TEST(a_request_whose_server_is_cut_off_ends_and_an_idempotent_one_is_answered_after_all),
    };
    return cmocka_run_group_tests_name("cuts, mended", tests, NULL, NULL);
}
