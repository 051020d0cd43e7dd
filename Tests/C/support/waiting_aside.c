/* SPDX-License-Identifier: Apache-2.0 */
#include "waiting_aside.h"

#include <semaphore.h>

#include "admission.h"

/* --- Authenticators ----------------------------------------------------------------------------------------------- */

static service visited;
static exz_authenticator keeper;
static exz_socket visitor;
static sem_t is_asked, may_answer;

static exz_status think(void *user, const exz_auth_request *request, char *user_id) {
    (void)user;
    (void)request;
    (void)user_id;
    sem_post(&is_asked);
    while (sem_wait(&may_answer) != 0) {}
    return EXZ_ERR_PERMISSION;
}

/* Somebody knocks, and the program does not make its mind up. */
static void have_the_program_think(void) {
    check_int(sem_init(&is_asked, 0, 0) + sem_init(&may_answer, 0, 0), 0);
    open_guarded_service(&visited, 0, TCP);
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.decide = think;
    options.decision_timeout_ms = 4000;
    check_status(exz_authenticator_open(&keeper, visited.context, &options), EXZ_OK);
    const key_pair keys = new_keys();
    visitor = open_guarded_client(&visited, &keys);
    connect_later(visitor, visited.endpoint);
    while (sem_wait(&is_asked) != 0) {}
}

static exz_status close_the_keeper(int32_t timeout_ms) { return exz_authenticator_close(keeper, timeout_ms); }

static exz_status wait_for_guests(int32_t timeout_ms) {
    return exz_authenticator_wait(keeper, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 1, timeout_ms);
}

static void let_the_program_answer(void) {
    sem_post(&may_answer);
    close_socket(visitor);
    close_authenticator(keeper);
    close_guarded_service(&visited);
    sem_destroy(&is_asked);
    sem_destroy(&may_answer);
}

/* --- Fault proxies ------------------------------------------------------------------------------------------------ */

static exz_fault_proxy proxy;
static uint32_t fault_id;

static void open_a_proxy(void) {
    check_status(exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", "tcp://127.0.0.1:9", 1, NULL), EXZ_OK);
    exz_fault fault = EXZ_FAULT_INIT;
    fault.kind = EXZ_FAULT_BLACKHOLE;
    check_status(exz_fault_add(&fault_id, proxy, &fault), EXZ_OK);
}

static exz_status wait_for_a_strike(int32_t timeout_ms) { return exz_fault_wait(proxy, fault_id, 1, timeout_ms); }

static exz_status wait_for_a_connection(int32_t timeout_ms) {
    return exz_fault_proxy_wait(proxy, EXZ_FAULT_COUNT_CONNECTIONS, 1, timeout_ms);
}

static void close_the_proxy(void) { check_status(exz_fault_proxy_close(proxy), EXZ_OK); }

const waiting_aside waiting_asides[] = {
    {"exz_authenticator_close", have_the_program_think, close_the_keeper, let_the_program_answer},
    {"exz_authenticator_wait", have_the_program_think, wait_for_guests, let_the_program_answer},
    {"exz_fault_wait", open_a_proxy, wait_for_a_strike, close_the_proxy},
    {"exz_fault_proxy_wait", open_a_proxy, wait_for_a_connection, close_the_proxy},
};

const size_t waiting_aside_count = COUNT_OF(waiting_asides);
