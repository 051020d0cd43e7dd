/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenario three, the other side: what a connect or a bind answers to everything that can be wrong there. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"

/* Long enough for an answer that comes of itself. */
#define ANSWER_MS 5000
/* For an answer that comes when the peer has been silent for a part of the time there is. */
#define PRODDED_MS 2000
/* Enough to see that the answer waits for the deadline. */
#define SILENCE_MS 400

static const struct {
    const char *name;
    exz_status status;
    int32_t timeout_ms;
} manners[] = {
    {"refuses", EXZ_ERR_REFUSED, ANSWER_MS},
    {"closes", EXZ_ERR_PEER_LOST, ANSWER_MS},
    {"resets", EXZ_ERR_PEER_LOST, ANSWER_MS},
    {"silent", EXZ_ERR_TIMEOUT, SILENCE_MS},
    {"drops", EXZ_ERR_TIMEOUT, SILENCE_MS},
    {"http", EXZ_ERR_PROTOCOL, ANSWER_MS},
    {"http-after-line", EXZ_ERR_PROTOCOL, PRODDED_MS},
    {"zmtp1", EXZ_ERR_PROTOCOL, ANSWER_MS},
    {"zmtp2", EXZ_ERR_PROTOCOL, ANSWER_MS},
    {"curve", EXZ_ERR_SECURITY, ANSWER_MS},
    {"garbage", EXZ_ERR_PROTOCOL, ANSWER_MS},
    {"stops-after-greeting", EXZ_ERR_TIMEOUT, SILENCE_MS},
};

static const exz_socket_type types[] = {EXZ_SUB, EXZ_PUSH};

static exz_socket_options of_two_attempts(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 10;
    return options;
}

static void check_failure(const exz_error *error, exz_status status, const char *endpoint) {
    check_status(error->status, status);
    check_text(error->endpoint, endpoint);
    check(error->attempts >= 1);
    check(strstr(error->message, endpoint) != NULL);
}

static void check_connect(exz_socket s, const char *endpoint, exz_status status, int32_t timeout_ms) {
    exz_error error = EXZ_ERROR_INIT;
    int64_t began = now_ns();
    exz_status answer = exz_socket_connect(s, endpoint, 0, timeout_ms, &error);
    int64_t took = now_ns() - began;
    if (answer != status) print_error("%s\n", error.message);
    check_status(answer, status);
    check_failure(&error, status, endpoint);
    check(took < (timeout_ms + GENEROUS_MS) * INT64_C(1000000));
    if (status == EXZ_ERR_TIMEOUT) check(took >= timeout_ms * INT64_C(1000000));
    check(error.elapsed_ms <= took / 1000000);
}

CASE(a_connect_says_what_is_wrong_with_the_peer) {
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        child peer;
        char endpoint[ENDPOINT_SIZE];
        misbehaving_peer_start(&peer, manners[i].name, endpoint, sizeof endpoint);
        for (size_t j = 0; j < COUNT_OF(types); j++) {
            in_row("%s, type %d", manners[i].name, types[j]);
            const exz_socket_options options = of_two_attempts();
            exz_socket s = open_with(types[j], &options);
            check_connect(s, endpoint, manners[i].status, manners[i].timeout_ms);
            check_int(state_of(s), EXZ_STATE_IDLE);
            check_int(stats_of(s).peers, 0);

            exz_socket_type other = types[j] == EXZ_SUB ? EXZ_PUB : EXZ_PULL;
            linked pair = link_sockets(open_socket(other), s, TCP);
            if (other == EXZ_PULL) check_carries(pair.connected, pair.bound);
            close_linked(pair);
        }
        check_int(child_end(&peer), 0);
    }
}

CASE(nothing_of_a_bad_peer_is_ever_received) {
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        in_row("%s", manners[i].name);
        if (manners[i].status == EXZ_ERR_TIMEOUT) continue;
        child peer;
        char endpoint[ENDPOINT_SIZE], buffer[512];
        misbehaving_peer_start(&peer, manners[i].name, endpoint, sizeof endpoint);
        exz_socket_options options = of_two_attempts();
        options.retry.max_backoff_ms = 20;
        options.retry.attempt_timeout_ms = manners[i].timeout_ms;
        exz_socket s = open_with(EXZ_DEALER, &options);
        connect_later(s, endpoint);
        for (int attempt = 1; attempt <= 2; attempt++)
            check_status(expect_event(s, EXZ_EVENT_FAILED).status, manners[i].status);
        size_t size;
        check_status(exz_recv(&size, s, buffer, sizeof buffer, 0), EXZ_ERR_TIMEOUT);
        check_int(stats_of(s).messages_received, 0);
        close_socket(s);
        check_int(child_end(&peer), 0);
    }
}

/* Whatever the peer does, whoever waits for it waits to the deadline and not longer. */
CASE(every_other_call_keeps_its_deadline_whatever_the_peer_does) {
    enum { WAIT_MS = 40 };
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        child peer;
        char endpoint[ENDPOINT_SIZE], buffer[512];
        misbehaving_peer_start(&peer, manners[i].name, endpoint, sizeof endpoint);
        const exz_part parts[] = {{"a", 1}, {"b", 1}};
        exz_socket s = open_socket(EXZ_DEALER), sub = open_socket(EXZ_SUB);
        connect_later(s, endpoint);
        connect_later(sub, endpoint);
        for (int call = 0; call < 7; call++) {
            in_row("%s, call %d", manners[i].name, call);
            exz_status status = EXZ_OK;
            exz_message message;
            size_t size;
            int64_t began = now_ns();
            switch (call) {
            case 0: status = exz_wait_peers(s, 1, WAIT_MS); break;
            case 1: status = exz_send(s, "x", 1, 0, WAIT_MS); break;
            case 2: status = exz_send_parts(s, parts, 2, WAIT_MS); break;
            case 3: status = exz_recv(&size, s, buffer, sizeof buffer, WAIT_MS); break;
            case 4: status = exz_recv_message(&message, s, WAIT_MS); break;
            case 5: status = exz_wait_subscribed(sub, WAIT_MS); break;
            case 6: status = exz_recv_message(&message, sub, WAIT_MS); break;
            }
            int64_t took = now_ns() - began;
            check_status(status, EXZ_ERR_TIMEOUT);
            check(took >= WAIT_MS * INT64_C(1000000));
            check(took < (WAIT_MS + GENEROUS_MS) * INT64_C(1000000));
        }
        check_int(stats_of(s).messages_received, 0);
        close_socket(s);
        close_socket(sub);
        check_int(child_end(&peer), 0);
    }
}

CASE(a_socket_type_that_does_not_fit_is_a_breach_of_protocol) {
    const struct {
        exz_socket_type bound, connecting;
    } pairs[] = {{EXZ_PULL, EXZ_SUB}, {EXZ_PULL, EXZ_PULL}, {EXZ_PUB, EXZ_PUSH}, {EXZ_PUSH, EXZ_PUB},
                 {EXZ_REP, EXZ_PUSH}, {EXZ_PAIR, EXZ_DEALER}};
    for (transport t = TCP; t <= IPC; t++) {
        for (size_t i = 0; i < COUNT_OF(pairs); i++) {
            in_row("%s, types %d and %d", transport_name(t), pairs[i].bound, pairs[i].connecting);
            const exz_socket_options options = of_two_attempts();
            exz_socket bound = open_socket(pairs[i].bound), s = open_with(pairs[i].connecting, &options);
            char endpoint[ENDPOINT_SIZE];
            bind_somewhere(bound, t, endpoint);
            check_connect(s, endpoint, EXZ_ERR_PROTOCOL, ANSWER_MS);
            check_int(stats_of(bound).peers, 0);
            close_socket(s);
            close_socket(bound);
        }
    }
}

CASE(an_address_that_leads_nowhere_says_why) {
    const struct {
        const char *endpoint;
        exz_status status;
    } rows[] = {
        {"tcp://name.invalid:5555", EXZ_ERR_RESOLVE},
        {"tcp://224.0.0.1:5555", EXZ_ERR_UNREACHABLE},
        {"ipc:///nowhere/at/all", EXZ_ERR_REFUSED},
        {"inproc://nobody", EXZ_ERR_REFUSED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("%s", rows[i].endpoint);
        const exz_socket_options options = of_two_attempts();
        exz_socket s = open_with(EXZ_SUB, &options);
        check_connect(s, rows[i].endpoint, rows[i].status, strncmp(rows[i].endpoint, "inproc", 6) == 0 ? 50 : ANSWER_MS);
        check_int(state_of(s), EXZ_STATE_IDLE);
        close_socket(s);
    }
}

static void check_bind(const char *endpoint, exz_status status) {
    in_row("%s", endpoint);
    const exz_socket_options options = of_two_attempts();
    exz_socket s = open_with(EXZ_PULL, &options);
    exz_error error = EXZ_ERROR_INIT;
    int64_t began = now_ns();
    check_status(exz_socket_bind(s, endpoint, ANSWER_MS, &error), status);
    check(now_ns() - began < (ANSWER_MS + GENEROUS_MS) * INT64_C(1000000));
    check_failure(&error, status, endpoint);
    check_int(state_of(s), EXZ_STATE_IDLE);
    linked pair = link_sockets(s, open_socket(EXZ_PUSH), TCP);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

CASE(a_bind_says_what_is_wrong_with_the_address) {
    char taken[ENDPOINT_SIZE];
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        exz_socket owner = open_socket(EXZ_PULL);
        bind_somewhere(owner, t, taken);
        check_bind(taken, EXZ_ERR_ADDRESS_IN_USE);
        close_socket(owner);
    }
    check_bind("tcp://192.0.2.1:0", EXZ_ERR_ADDRESS_NOT_AVAILABLE);
    check_bind("tcp://name.invalid:0", EXZ_ERR_RESOLVE);
}

CASE(what_is_not_permitted_is_not_tried_again) {
    char directory[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE + 8];
    temporary_path(directory);
    check_int(mkdir(directory, 0500), 0);
    check(snprintf(endpoint, ENDPOINT_SIZE, "ipc://%.200s/socket", directory) > 0);
    exz_socket s = open_socket(EXZ_PULL);
    exz_error error = EXZ_ERROR_INIT;
    bool is_root = geteuid() == 0;
    if (is_root) check_int(seteuid(65534), 0);
    exz_status status = exz_socket_bind(s, endpoint, ANSWER_MS, &error);
    if (is_root) check_int(seteuid(0), 0);
    check_status(status, EXZ_ERR_PERMISSION);
    check_failure(&error, EXZ_ERR_PERMISSION, endpoint);
    check_int(error.attempts, 1);
    close_socket(s);
}

CASE(a_peer_that_says_nothing_holds_up_what_goes_to_others_once) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.attempt_timeout_ms = 500;
    options.retry.initial_backoff_ms = 1;
    options.retry.max_backoff_ms = 1;
    linked pair = link_sockets(open_socket(EXZ_PULL), open_with(EXZ_PUSH, &options), TCP);
    child silent;
    char endpoint[ENDPOINT_SIZE];
    misbehaving_peer_start(&silent, "silent", endpoint, sizeof endpoint);
    connect_later(pair.connected, endpoint);
    expect_event(pair.connected, EXZ_EVENT_FAILED);
    for (int attempt = 0; attempt < 3; attempt++) {
        in_row("attempt %d", attempt);
        expect_event(pair.connected, EXZ_EVENT_CONNECTING);
        check_status(exz_send(pair.connected, "x", 1, 0, 0), EXZ_OK);
        expect_text(pair.bound, "x");
    }
    child_end(&silent);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_connect_says_what_is_wrong_with_the_peer),
        TEST(nothing_of_a_bad_peer_is_ever_received),
        TEST(every_other_call_keeps_its_deadline_whatever_the_peer_does),
        TEST(a_socket_type_that_does_not_fit_is_a_breach_of_protocol),
        TEST(an_address_that_leads_nowhere_says_why),
        TEST(a_bind_says_what_is_wrong_with_the_address),
        TEST(what_is_not_permitted_is_not_tried_again),
        TEST(a_peer_that_says_nothing_holds_up_what_goes_to_others_once),
    };
    return cmocka_run_group_tests_name("bad peers", tests, NULL, NULL);
}
