/* SPDX-License-Identifier: Apache-2.0
 *
 * Names within the process that are bound and given up while others connect to them. */
#include "monotonic.h"
#include "traffic.h"

#define NAME "inproc://contended"

typedef struct contender {
    exz_socket s;
    int64_t until_ns;
} contender;

static exz_status bind_and_unbind(void *argument) {
    contender *c = argument;
    while (now_ns() < c->until_ns) {
        exz_status status = exz_socket_bind(c->s, NAME, PATIENCE_MS, NULL);
        if (status == EXZ_OK) status = exz_socket_unbind(c->s, NAME);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

static exz_status connect_and_disconnect(void *argument) {
    contender *c = argument;
    while (now_ns() < c->until_ns) {
        exz_status status = exz_socket_connect(c->s, NAME, EXZ_CONNECT_BACKGROUND, 0, NULL);
        if (status == EXZ_OK) status = exz_socket_disconnect(c->s, NAME);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* libzmq keeps a connect to a name nobody is bound to, and aborted in the next bind when it had been taken back: for
 * types that are told the names of their peers, such as ROUTER. */
static void contend(exz_socket_type bound, exz_socket_type connected) {
    in_row("types %d and %d", bound, connected);
    const int64_t until = after_ms(combination_ms());
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    /* The name is somebody else's half of the time. */
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = options.retry.max_backoff_ms = 1;
    contender binding[2], connecting[2];
    worker binders[2], connectors[2];
    for (size_t i = 0; i < 2; i++) {
        binding[i] = (contender){open_with(bound, &options), until};
        connecting[i] = (contender){open_socket(connected), until};
        worker_start(&binders[i], bind_and_unbind, &binding[i]);
        worker_start(&connectors[i], connect_and_disconnect, &connecting[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        check_status(worker_join(&binders[i]), EXZ_OK);
        check_status(worker_join(&connectors[i]), EXZ_OK);
        close_socket(connecting[i].s);
    }
    /* The books are still right. */
    exz_socket last = open_socket(connected);
    bind_to(binding[0].s, NAME);
    connect_to(last, NAME);
    check_status(exz_wait_peers(binding[0].s, 1, PATIENCE_MS), EXZ_OK);
    check_int(stats_of(binding[0].s).peers, 1);
    close_socket(last);
    for (size_t i = 0; i < 2; i++) close_socket(binding[i].s);
}

CASE(binds_and_connects_that_come_and_go) {
    contend(EXZ_DEALER, EXZ_ROUTER);
    contend(EXZ_REQ, EXZ_REP);
    contend(EXZ_PUB, EXZ_SUB);
}

CASE(a_name_that_is_given_up_and_taken_again_counts_its_peers_anew) {
    const int64_t until = after_ms(combination_ms());
    do {
        exz_socket bound = open_socket(EXZ_PULL), connected = open_socket(EXZ_PUSH);
        bind_to(bound, NAME);
        connect_to(connected, NAME);
        check_status(exz_socket_unbind(bound, NAME), EXZ_OK);
        bind_to(bound, NAME);
        /* The other side hears of all that, and says so. */
        while (stats_of(connected).reconnects == 0) (void)expect_event(connected, EXZ_EVENT_HANDSHAKEN);
        check_carries(connected, bound);
        check_status(exz_wait_peers(bound, 1, PATIENCE_MS), EXZ_OK);
        check_int(stats_of(bound).peers, 1);
        close_socket(connected);
        const int64_t deadline = after_ms(PATIENCE_MS);
        while (stats_of(bound).peers > 0 && now_ns() < deadline) sched_yield();
        check_int(stats_of(bound).peers, 0);
        check_int(state_of(bound), EXZ_STATE_LISTENING);
        close_socket(bound);
    } while (now_ns() < until);
}

CASE(a_socket_is_no_peer_of_its_own) {
    exz_error error = EXZ_ERROR_INIT;
    exz_socket s = open_socket(EXZ_ROUTER), other = open_socket(EXZ_ROUTER), dealer = open_socket(EXZ_DEALER);
    connect_later(s, NAME);
    check_status(exz_socket_bind(s, NAME, PATIENCE_MS, &error), EXZ_ERR_INVALID);
    check_int(error.attempts, 1);
    check_status(exz_socket_disconnect(s, NAME), EXZ_OK);
    /* It did not take the name, so nobody connects to it. */
    connect_later(other, NAME);
    check_status(exz_wait_peers(other, 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_socket_disconnect(other, NAME), EXZ_OK);
    bind_to(dealer, NAME);
    connect_to(s, NAME);
    check_status(exz_wait_peers(dealer, 1, PATIENCE_MS), EXZ_OK);
    close_socket(s);
    close_socket(other);
    close_socket(dealer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(binds_and_connects_that_come_and_go),
        TEST(a_socket_is_no_peer_of_its_own),
        TEST(a_name_that_is_given_up_and_taken_again_counts_its_peers_anew),
    };
    return cmocka_run_group_tests_name("inproc names", tests, NULL, NULL);
}
