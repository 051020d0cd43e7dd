/* SPDX-License-Identifier: Apache-2.0
 *
 * A message proxy that comes to rest again and again: what comes just then goes on, too. */
#include <pthread.h>

#include "monotonic.h"
#include "proxied.h"

#define CLIENTS 3
#define ROUNDS 8000

/* Sends back what comes, until the socket is closed. */
static void *answer(void *socket) {
    const exz_socket s = *(const exz_socket *)socket;
    exz_message message = {0};
    while (exz_recv_message(&message, s, PATIENCE_MS) == EXZ_OK) {
        if (exz_send_message(s, message, PATIENCE_MS) != EXZ_OK) exz_message_free(message);
    }
    return NULL;
}

/* All clients ask and wait for their answers, so nothing else wakes the proxy. */
static void check_none_is_left_behind(transport t) {
    proxied p = open_proxied(EXZ_ROUTER, EXZ_DEALER, t, NULL);
    exz_socket server = at_back(&p, EXZ_DEALER), clients[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++) clients[i] = at_front(&p, EXZ_DEALER);
    pthread_t thread;
    check_int(pthread_create(&thread, NULL, answer, &server), 0);
    for (int round = 0; round < ROUNDS; round++) {
        in_row("round %d", round);
        for (size_t i = 0; i < CLIENTS; i++) check_status(exz_send(clients[i], "", 0, 0, PATIENCE_MS), EXZ_OK);
        for (size_t i = 0; i < CLIENTS; i++) {
            size_t size = 0;
            check_status(exz_recv(&size, clients[i], NULL, 0, PATIENCE_MS), EXZ_OK);
        }
    }
    close_socket(server);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < CLIENTS; i++) close_socket(clients[i]);
    close_proxied(&p);
}

CASE(requests_that_come_as_the_proxy_goes_to_sleep_are_passed_on) { check_none_is_left_behind(TCP); }

CASE(so_they_are_in_process) { check_none_is_left_behind(INPROC); }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(requests_that_come_as_the_proxy_goes_to_sleep_are_passed_on),
        TEST(so_they_are_in_process),
    };
    return cmocka_run_group_tests_name("quiet proxy", tests, NULL, NULL);
}
