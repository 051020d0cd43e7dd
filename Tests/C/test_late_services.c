/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenario two: services that come later than those who want them, in every arrangement, and come again. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "worker.h"

static const struct {
    const char *name;
    exz_socket_type early, late;
} arrangements[] = {
    {"the publisher binds later", EXZ_SUB, EXZ_PUB},
    {"the subscriber binds later", EXZ_PUB, EXZ_SUB},
    {"the pusher binds later", EXZ_PULL, EXZ_PUSH},
    {"the puller binds later", EXZ_PUSH, EXZ_PULL},
};

static exz_socket open_quick(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = 10;
    options.retry.max_backoff_ms = 50;
    exz_socket s = open_with(type, &options);
    if (type == EXZ_SUB) check_status(exz_subscribe(s, "topic"), EXZ_OK);
    return s;
}

/* The first message through a new link arrives: no sleep, no loss. */
static void check_first_message(exz_socket_type type, exz_socket s, exz_socket peer) {
    exz_socket pub = type == EXZ_PUB ? s : peer, sub = type == EXZ_PUB ? peer : s;
    switch (type) {
    case EXZ_PUSH:
        check_carries(s, peer);
        break;
    case EXZ_PULL:
        check_carries(peer, s);
        break;
    default:
        check_status(exz_wait_subscribers(pub, "topic", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pub, "topic", "payload", 7, 0), EXZ_OK);
        exz_message message;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_part(message, 1, "payload");
        check_status(exz_message_free(message), EXZ_OK);
    }
}

/* An endpoint that stays ours while nobody is bound to it. */
static int keep_endpoint(transport t, char *endpoint) {
    if (t == TCP) return reserve_port(endpoint);
    unused_endpoint(t, endpoint);
    return -1;
}

static void let_go(int reservation) {
    if (reservation >= 0) close(reservation);
}

CASE(a_background_connect_finds_the_late_service) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
            in_row("%s, %s", transport_name(t), arrangements[i].name);
            char endpoint[ENDPOINT_SIZE];
            int reservation = keep_endpoint(t, endpoint);
            exz_socket early = open_quick(arrangements[i].early);
            connect_later(early, endpoint);
            if (t != INPROC) check_status(expect_event(early, EXZ_EVENT_FAILED).status, EXZ_ERR_REFUSED);
            check_int(state_of(early), EXZ_STATE_CONNECTING);
            exz_socket late = open_quick(arrangements[i].late);
            bind_to(late, endpoint);
            check_status(exz_wait_peers(early, 1, PATIENCE_MS), EXZ_OK);
            check_first_message(arrangements[i].early, early, late);
            close_socket(early);
            close_socket(late);
            let_go(reservation);
        }
    }
}

CASE(a_verified_connect_waits_for_the_late_service) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
            in_row("%s, %s", transport_name(t), arrangements[i].name);
            char endpoint[ENDPOINT_SIZE];
            int reservation = keep_endpoint(t, endpoint);
            exz_socket early = open_quick(arrangements[i].early), late = open_quick(arrangements[i].late);
            link_call call = {early, endpoint};
            worker connecting;
            worker_start(&connecting, connect_patiently, &call);
            expect_event(early, t == INPROC ? EXZ_EVENT_CONNECTING : EXZ_EVENT_FAILED);
            bind_to(late, endpoint);
            check_status(worker_join(&connecting), EXZ_OK);
            check_int(state_of(early), EXZ_STATE_READY);
            check_first_message(arrangements[i].early, early, late);
            close_socket(early);
            close_socket(late);
            let_go(reservation);
        }
    }
}

CASE(a_service_that_comes_again_is_found_again) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
            char endpoint[ENDPOINT_SIZE];
            int reservation = keep_endpoint(t, endpoint);
            exz_socket staying = open_quick(arrangements[i].early);
            connect_later(staying, endpoint);
            for (int life = 1; life <= 3; life++) {
                in_row("%s, %s, life %d", transport_name(t), arrangements[i].name, life);
                exz_socket service = open_quick(arrangements[i].late);
                bind_to(service, endpoint);
                expect_event(staying, EXZ_EVENT_HANDSHAKEN);
                check_first_message(arrangements[i].early, staying, service);
                close_socket(service);
                check_status(expect_event(staying, EXZ_EVENT_LOST).status, EXZ_ERR_PEER_LOST);
            }
            close_socket(staying);
            let_go(reservation);
        }
    }
}

static exz_status send_patiently(void *argument) {
    exz_socket *s = argument;
    return exz_send(*s, "early", 5, 0, PATIENCE_MS);
}

CASE(a_send_waits_for_the_late_service) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        int reservation = keep_endpoint(t, endpoint);
        exz_socket push = open_quick(EXZ_PUSH), pull = open_quick(EXZ_PULL);
        worker sending;
        connect_later(push, endpoint);
        worker_start(&sending, send_patiently, &push);
        worker_await_sleep(&sending);
        bind_to(pull, endpoint);
        check_status(worker_join(&sending), EXZ_OK);
        expect_text(pull, "early");
        close_socket(push);
        close_socket(pull);
        let_go(reservation);
    }
}

CASE(one_waits_for_several_services_and_takes_each_as_it_comes) {
    exz_socket sub = open_quick(EXZ_SUB), pubs[4];
    char endpoints[COUNT_OF(pubs)][ENDPOINT_SIZE];
    int reservations[COUNT_OF(pubs)];
    for (size_t i = 0; i < COUNT_OF(pubs); i++) {
        reservations[i] = reserve_port(endpoints[i]);
        connect_later(sub, endpoints[i]);
    }
    for (size_t i = COUNT_OF(pubs); i-- > 0;) {
        pubs[i] = open_quick(EXZ_PUB);
        bind_to(pubs[i], endpoints[i]);
        check_status(exz_wait_peers(sub, (uint32_t)(COUNT_OF(pubs) - i), PATIENCE_MS), EXZ_OK);
        check_first_message(EXZ_PUB, pubs[i], sub);
    }
    check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(pubs); i++) {
        close_socket(pubs[i]);
        close(reservations[i]);
    }
    close_socket(sub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_background_connect_finds_the_late_service),
        TEST(a_verified_connect_waits_for_the_late_service),
        TEST(a_service_that_comes_again_is_found_again),
        TEST(a_send_waits_for_the_late_service),
        TEST(one_waits_for_several_services_and_takes_each_as_it_comes),
    };
    return cmocka_run_group_tests_name("late services", tests, NULL, NULL);
}
