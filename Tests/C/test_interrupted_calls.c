/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for nothing do not know that there are signals: a timer of a profiler, say, whose handler does no
 * more than count. What they report is so, and nothing is done twice. */
#include <zmq.h>

#include "monotonic.h"
#include "places.h"
#include "storm.h"

/* Between two signals, in nanoseconds. */
#define INTERVAL_NS 150000
#define ROUNDS 400

static volatile sig_atomic_t handled;

static void count_signal(__attribute__((unused)) int number) { handled++; }

static void use_options(exz_socket s) {
    int64_t number;
    check_status(exz_socket_set_int(s, ZMQ_SNDHWM, 100), EXZ_OK);
    check_status(exz_socket_get_int(&number, s, ZMQ_SNDHWM), EXZ_OK);
    check_int(number, 100);
    check_status(exz_socket_get_int(&number, s, ZMQ_EVENTS), EXZ_OK);
}

/* Two sockets bound to and connected, told to part, and closed. */
static void live_through(transport t) {
    exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
    use_options(push);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pull, t, endpoint);
    connect_to(push, endpoint);
    /* One connection, not two: a PUSH would have made a second one for a second connect. */
    check_int(stats_of(push).peers, 1);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    check_int(stats_of(pull).peers, 1);
    check_carries(push, pull);
    check_status(exz_socket_disconnect(push, endpoint), EXZ_OK);
    check_status(exz_socket_unbind(pull, endpoint), EXZ_OK);
    /* And what an endpoint was given back for can be had again. */
    if (t == INPROC) bind_to(pull, endpoint);
    close_socket(push);
    close_socket(pull);
}

CASE(calls_that_do_not_wait_are_not_interrupted) {
    timer_t timer = storm_begin(count_signal, INTERVAL_NS);
    int before = handled;
    for (int round = 0; round < ROUNDS; round++) {
        in_row("round %d", round);
        live_through((transport)(round % TRANSPORT_COUNT));
    }
    storm_end(timer);
    check(handled - before > ROUNDS);
}

CASE(subscriptions_and_contexts_are_not_interrupted) {
    timer_t timer = storm_begin(count_signal, INTERVAL_NS);
    int before = handled;
    for (int round = 0; round < ROUNDS / 4; round++) {
        in_row("round %d", round);
        exz_context context;
        exz_socket pub, sub;
        char endpoint[ENDPOINT_SIZE];
        check_status(exz_context_open(&context), EXZ_OK);
        check_status(exz_socket_open(&pub, context, EXZ_PUB, NULL), EXZ_OK);
        check_status(exz_socket_open(&sub, context, EXZ_SUB, NULL), EXZ_OK);
        check_status(exz_subscribe(sub, "topic"), EXZ_OK);
        check_status(exz_subscribe(sub, "other"), EXZ_OK);
        bind_somewhere(pub, INPROC, endpoint);
        connect_to(sub, endpoint);
        check_status(exz_wait_subscribers(pub, "topic", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_unsubscribe(sub, "other"), EXZ_OK);
        check_status(exz_publish(pub, "topic", "x", 1, 0), EXZ_OK);
        exz_message message;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_free(message), EXZ_OK);
        check_status(exz_context_close(context, 0), EXZ_OK);
    }
    storm_end(timer);
    check(handled - before > ROUNDS / 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(calls_that_do_not_wait_are_not_interrupted),
        TEST(subscriptions_and_contexts_are_not_interrupted),
    };
    return cmocka_run_group_tests_name("interrupted calls", tests, NULL, NULL);
}
