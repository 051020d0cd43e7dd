/* SPDX-License-Identifier: Apache-2.0
 *
 * Links that are made while two hosts are cut off from each other, in every way: what a connect answers, and that the
 * link is there when the cable is mended. And an interface that comes up late, on the side of either. */
#include <stdio.h>
#include <string.h>

#include "cuts.h"
#include "monotonic.h"
#include "network.h"
#include "places.h"
#include "services.h"
#include "worker.h"

/* Where nothing comes back: less than the three seconds after which the kernel says that a neighbour is not there. */
#define SILENCE_MS 1500

static exz_socket_options eager(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 0;
    options.retry.max_backoff_ms = 200;
    return options;
}

static exz_socket service_over_there(exz_socket_type type, int number, char *endpoint) {
    const exz_socket_options options = eager();
    return bind_over_there(type, &options, number, endpoint);
}

typedef struct attempt {
    exz_socket service, client;
    char endpoint[ENDPOINT_SIZE];
    worker worker;
    int32_t timeout_ms;
    int64_t took_ns;
} attempt;

static exz_status connect_in_vain(void *argument) {
    attempt *a = argument;
    const int64_t began = now_ns();
    exz_status status = exz_socket_connect(a->client, a->endpoint, 0, a->timeout_ms, NULL);
    a->took_ns = now_ns() - began;
    return status;
}

static void check_said(const cut *c, const attempt *a, exz_status status) {
    /* On a busy machine the kernel may have said it before the connect is back. */
    if (c->is_over_there && status == EXZ_ERR_UNREACHABLE) return;
    check_status(status, c->status);
    if (status == EXZ_ERR_TIMEOUT) check(a->took_ns >= a->timeout_ms * INT64_C(1000000));
}

CASE(a_connect_over_a_cut_cable_says_why_and_the_link_is_there_when_it_is_mended) {
    need_network();
    exz_socket_options options = eager();
    options.retry.max_attempts = 2;
    static attempt attempts[CUT_COUNT][SERVICE_KINDS];
    for (int i = 0; i < CUT_COUNT; i++) {
        network_add_cable(i);
        for (int k = 0; k < SERVICE_KINDS; k++) {
            attempt *a = &attempts[i][k];
            a->service = service_over_there(service_kinds[k].service, i, a->endpoint);
            a->client = open_client_of(&service_kinds[k], &options);
            a->timeout_ms = cuts[i].status == EXZ_ERR_TIMEOUT ? SILENCE_MS : PATIENCE_MS;
        }
        in_row("%s", cuts[i].name);
        cut_cable(i);
    }
    for (int i = 0; i < CUT_COUNT; i++)
        for (int k = 0; k < SERVICE_KINDS; k++) worker_start(&attempts[i][k].worker, connect_in_vain, &attempts[i][k]);
    for (int i = 0; i < CUT_COUNT; i++) {
        for (int k = 0; k < SERVICE_KINDS; k++) {
            in_row("%s, %s", cuts[i].name, service_kinds[k].name);
            check_said(&cuts[i], &attempts[i][k], worker_join(&attempts[i][k].worker));
            check_int(state_of(attempts[i][k].client), EXZ_STATE_IDLE);
            connect_later(attempts[i][k].client, attempts[i][k].endpoint);
            /* The kernel knows at once, or has not been heard of yet. */
            if (cuts[i].status == EXZ_ERR_UNREACHABLE)
                check_status(expect_event(attempts[i][k].client, EXZ_EVENT_FAILED).status, cuts[i].status);
        }
    }
    for (int i = 0; i < CUT_COUNT; i++) mend_cable(i);
    for (int i = 0; i < CUT_COUNT; i++) {
        for (int k = 0; k < SERVICE_KINDS; k++) {
            in_row("%s, mended, %s", cuts[i].name, service_kinds[k].name);
            expect_event(attempts[i][k].client, EXZ_EVENT_HANDSHAKEN);
            check_served(&service_kinds[k], attempts[i][k].service, attempts[i][k].client);
            close_socket(attempts[i][k].client);
            close_socket(attempts[i][k].service);
        }
    }
}

/* An interface and its address, which is down. */
static void add_interface_that_is_down(int number) {
    network_add_cable(number);
    network_change("ip link set va%d down", number);
}

CASE(a_bind_waits_for_an_interface_that_comes_up_late) {
    need_network();
    const exz_socket_options options = eager();
    for (int k = 0; k < SERVICE_KINDS; k++) {
        const int number = 20 + k;
        in_row("%s", service_kinds[k].name);
        char endpoint[ENDPOINT_SIZE];
        snprintf(endpoint, sizeof endpoint, "tcp://10.9.%d.1:*", number);
        exz_socket service = open_with(service_kinds[k].service, &options);
        /* First there is none, then it is down, then it is up. */
        link_call call = {service, endpoint};
        worker binding;
        worker_start(&binding, bind_patiently, &call);
        check_status(expect_event(service, EXZ_EVENT_FAILED).status, EXZ_ERR_ADDRESS_NOT_AVAILABLE);
        add_interface_that_is_down(number);
        network_change("ip link set va%d up", number);
        check_status(worker_join(&binding), EXZ_OK);
        check_status(exz_socket_endpoint(service, endpoint, sizeof endpoint), EXZ_OK);
        exz_socket client = open_over_there(service_kinds[k].client, &options);
        if (service_kinds[k].client == EXZ_SUB) check_status(exz_subscribe(client, ""), EXZ_OK);
        connect_to(client, endpoint);
        check_served(&service_kinds[k], service, client);
        close_socket(client);
        close_socket(service);
    }
}

CASE(a_connect_waits_for_an_interface_that_comes_up_late) {
    need_network();
    const exz_socket_options options = eager();
    for (int k = 0; k < SERVICE_KINDS; k++) {
        const int number = 30 + k;
        in_row("%s", service_kinds[k].name);
        add_interface_that_is_down(number);
        char endpoint[ENDPOINT_SIZE];
        exz_socket service = service_over_there(service_kinds[k].service, number, endpoint);
        exz_socket client = open_client_of(&service_kinds[k], &options);
        link_call call = {client, endpoint};
        worker connecting;
        worker_start(&connecting, connect_patiently, &call);
        check_status(expect_event(client, EXZ_EVENT_FAILED).status, EXZ_ERR_UNREACHABLE);
        network_change("ip link set va%d up", number);
        check_status(worker_join(&connecting), EXZ_OK);
        check_served(&service_kinds[k], service, client);
        close_socket(client);
        close_socket(service);
    }
}

int main(void) {
    have_another_network();
    const struct CMUnitTest tests[] = {
        TEST(a_connect_over_a_cut_cable_says_why_and_the_link_is_there_when_it_is_mended),
        TEST(a_bind_waits_for_an_interface_that_comes_up_late),
        TEST(a_connect_waits_for_an_interface_that_comes_up_late),
    };
    return cmocka_run_group_tests_name("cuts, connecting", tests, NULL, NULL);
}
