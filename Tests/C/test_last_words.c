/* SPDX-License-Identifier: Apache-2.0
 *
 * What a socket had sent before it was closed or unbound is received, however late. */
#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

/* Within a process a queue is both sides' marks long, and the sender's end waits for nothing else. */
static int count_over(transport t) { return t == INPROC ? 1500 : 500; }

static exz_status close_patiently(void *argument) { return exz_socket_close(*(exz_socket *)argument, PATIENCE_MS); }

static void receive_all(exz_socket pull, int count) {
    char byte;
    size_t size;
    for (int n = 0; n < count; n++) check_status(exz_recv(&size, pull, &byte, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pull, &byte, 1, 0), EXZ_ERR_TIMEOUT);
}

CASE(a_close_leaves_what_was_sent) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int sender_binds = 0; sender_binds <= 1; sender_binds++) {
            in_row("%s, the %s binds", transport_name(t), sender_binds ? "sender" : "receiver");
            linked pair = link_types(sender_binds ? EXZ_PUSH : EXZ_PULL, sender_binds ? EXZ_PULL : EXZ_PUSH, t);
            exz_socket push = sender_binds ? pair.bound : pair.connected;
            exz_socket pull = sender_binds ? pair.connected : pair.bound;
            for (int n = 0; n < count_over(t); n++) send_text(push, "x");
            worker closing;
            worker_start(&closing, close_patiently, &push);
            expect_event(pull, EXZ_EVENT_LOST);
            receive_all(pull, count_over(t));
            check_status(worker_join(&closing), EXZ_OK);
            close_socket(pull);
        }
    }
}

CASE(a_name_that_is_bound_again_is_found_again) {
    linked pair = link_types(EXZ_PUSH, EXZ_PULL, INPROC);
    expect_event(pair.connected, EXZ_EVENT_HANDSHAKEN);
    for (int round = 0; round < 10; round++) {
        in_row("round %d", round);
        send_text(pair.bound, "last");
        close_socket(pair.bound);
        expect_event(pair.connected, EXZ_EVENT_LOST);
        pair.bound = open_socket(EXZ_PUSH);
        bind_to(pair.bound, pair.endpoint);
        expect_event(pair.connected, EXZ_EVENT_HANDSHAKEN);
        check_int(stats_of(pair.connected).peers, 1);
        send_text(pair.bound, "first");
        expect_text(pair.connected, "last");
        expect_text(pair.connected, "first");
    }
    close_linked(pair);
}

CASE(an_unbind_leaves_what_has_arrived) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PUSH, EXZ_PULL, t);
        for (int n = 0; n < 100; n++) send_text(pair.bound, "x");
        exz_poll_item item = {pair.connected, 0, EXZ_POLL_IN, 0};
        check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
        char byte;
        size_t size;
        int received = 0;
        check_status(exz_socket_unbind(pair.bound, pair.endpoint), EXZ_OK);
        expect_event(pair.connected, EXZ_EVENT_LOST);
        while (exz_recv(&size, pair.connected, &byte, 1, 0) == EXZ_OK) received++;
        /* Between processes some may be on their way when the connection ends. */
        if (t == INPROC) check_int(received, 100);
        check(received > 0);
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_close_leaves_what_was_sent),
        TEST(a_name_that_is_bound_again_is_found_again),
        TEST(an_unbind_leaves_what_has_arrived),
    };
    return cmocka_run_group_tests_name("last words", tests, NULL, NULL);
}
