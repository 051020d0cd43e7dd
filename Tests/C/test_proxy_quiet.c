/* SPDX-License-Identifier: Apache-2.0
 *
 * A message proxy that comes to rest again and again: what comes just then goes on, too, and it keeps nothing. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

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

static void note_release(void *data, void *count) {
    (void)data;
    atomic_fetch_add((atomic_int *)count, 1);
}

CASE(lent_memory_whose_copy_a_capture_refuses_comes_back) {
    static char memory[100000];
    atomic_int released = 0;
    exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH), capture = open_socket(EXZ_PUSH);
    linked in = link_sockets(front, open_socket(EXZ_PUSH), INPROC);
    linked out = link_sockets(back, open_socket(EXZ_PULL), INPROC);
    /* Nobody is there to have what is captured. */
    exz_proxy proxy = forward(front, back, capture);
    check_status(exz_send_owned(in.connected, memory, sizeof memory, note_release, &released, PATIENCE_MS), EXZ_OK);
    exz_message message = {0};
    check_status(exz_recv_message(&message, out.connected, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_free(message), EXZ_OK);
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (forwarded(proxy).capture_refused == 0 && left_ms(deadline) > 0) sched_yield();
    check_int(forwarded(proxy).capture_refused, 1);
    /* Our own copy may end on another thread a moment later. */
    while (atomic_load(&released) == 0 && left_ms(deadline) > 0) sched_yield();
    check_int(atomic_load(&released), 1);
    end_forwarding(proxy);
    close_linked(in);
    close_linked(out);
    close_socket(capture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(requests_that_come_as_the_proxy_goes_to_sleep_are_passed_on),
        TEST(so_they_are_in_process),
        TEST(lent_memory_whose_copy_a_capture_refuses_comes_back),
    };
    return cmocka_run_group_tests_name("quiet proxy", tests, NULL, NULL);
}
