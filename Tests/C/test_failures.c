/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenario one: attempts that fail. How often, with which delays, and what is told of it. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "denied.h"
#include "forked.h"
#include "monotonic.h"
#include "places.h"
#include "worker.h"

static exz_socket_options with_policy(uint32_t attempts, int32_t initial, uint32_t jitter, uint64_t seed) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = attempts;
    options.retry.initial_backoff_ms = initial;
    options.retry.jitter = jitter;
    options.retry.seed = seed;
    return options;
}

/* A schedule with the same policy says which delays are due. */
static exz_backoff schedule_of(const exz_socket_options *options) {
    exz_backoff b = {0};
    check_status(exz_backoff_open(&b, &options->retry), EXZ_OK);
    return b;
}

/* Reads the events of attempts that all failed, and compares them with the policy. */
static void check_attempts(exz_socket s, const exz_socket_options *options, const char *endpoint,
                           exz_status reason, bool has_connecting) {
    exz_backoff b = schedule_of(options);
    int64_t due = 0;
    for (uint32_t n = 1; n <= options->retry.max_attempts; n++) {
        if (has_connecting) {
            exz_event connecting = expect_next_event(s, EXZ_EVENT_CONNECTING);
            check_int(connecting.attempt, n);
            check_text(connecting.endpoint, endpoint);
            check(connecting.time_ns >= due);
        }
        exz_event failed = expect_next_event(s, EXZ_EVENT_FAILED);
        check_int(failed.attempt, n);
        check_int(failed.status, reason);
        check_text(failed.endpoint, endpoint);
        check(failed.sys_errno != 0);
        check(strlen(failed.message) > 0);
        check(failed.time_ns >= due);
        int32_t delay = 0;
        exz_status status = exz_backoff_next(&delay, b);
        if (n == options->retry.max_attempts) {
            check_status(status, EXZ_ERR_EXHAUSTED);
            break;
        }
        check_status(status, EXZ_OK);
        exz_event retry = expect_next_event(s, EXZ_EVENT_RETRY_IN);
        check_int(retry.attempt, n + 1);
        check_int(retry.delay_ms, delay);
        /* The event's milliseconds are rounded up. */
        due = failed.time_ns + (delay - 1) * INT64_C(1000000);
    }
    check_no_event(s);
    check_status(exz_backoff_close(b), EXZ_OK);
}

static const uint32_t jitters[] = {EXZ_JITTER_NONE, EXZ_JITTER_FULL, EXZ_JITTER_EQUAL, EXZ_JITTER_DECORRELATED,
                                   EXZ_JITTER_PROPORTIONAL};

CASE(refused_connects_follow_the_policy) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    for (size_t i = 0; i < COUNT_OF(jitters); i++) {
        in_row("jitter %u", jitters[i]);
        const exz_socket_options options = with_policy(5, 10, jitters[i], 1234);
        exz_socket s = open_with(EXZ_SUB, &options);
        exz_error error = EXZ_ERROR_INIT;
        int64_t began = now_ns();
        check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
        int64_t took_ms = (now_ns() - began) / 1000000;
        check_int(error.status, EXZ_ERR_REFUSED);
        check_int(error.attempts, 5);
        check_text(error.endpoint, endpoint);
        check(error.sys_errno != 0);
        check(strlen(error.message) > 0);
        check(error.elapsed_ms <= took_ms);
        if (jitters[i] == EXZ_JITTER_NONE) check(error.elapsed_ms >= 10 + 20 + 40 + 80);
        check_attempts(s, &options, endpoint, EXZ_ERR_REFUSED, true);
        check_int(stats_of(s).connect_attempts, 5);
        check_int(state_of(s), EXZ_STATE_IDLE);
        close_socket(s);
    }
    close(reservation);
}

CASE(a_missing_path_is_refused_under_the_policy) {
    char endpoint[ENDPOINT_SIZE];
    unused_endpoint(IPC, endpoint);
    const exz_socket_options options = with_policy(4, 10, EXZ_JITTER_NONE, 0);
    exz_socket s = open_with(EXZ_PUSH, &options);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
    check_int(error.attempts, 4);
    check_attempts(s, &options, endpoint, EXZ_ERR_REFUSED, true);
    close_socket(s);
}

CASE(a_bind_to_an_address_in_use_follows_the_policy) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket owner = open_socket(EXZ_PULL);
    bind_somewhere(owner, TCP, endpoint);
    for (size_t i = 0; i < COUNT_OF(jitters); i++) {
        in_row("jitter %u", jitters[i]);
        const exz_socket_options options = with_policy(5, 10, jitters[i], 1234);
        exz_socket s = open_with(EXZ_PULL, &options);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_socket_bind(s, endpoint, PATIENCE_MS, &error), EXZ_ERR_ADDRESS_IN_USE);
        check_int(error.attempts, 5);
        check_text(error.endpoint, endpoint);
        if (jitters[i] == EXZ_JITTER_NONE) check(error.elapsed_ms >= 10 + 20 + 40 + 80);
        close_socket(s);
    }
    close_socket(owner);
}

CASE(a_bind_tells_of_its_attempts) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket owner = open_socket(EXZ_PULL);
    bind_somewhere(owner, TCP, endpoint);
    const exz_socket_options options = with_policy(4, 10, EXZ_JITTER_EQUAL, 99);
    exz_socket s = open_with(EXZ_PULL, &options);
    check_status(exz_socket_bind(s, endpoint, PATIENCE_MS, NULL), EXZ_ERR_ADDRESS_IN_USE);
    check_attempts(s, &options, endpoint, EXZ_ERR_ADDRESS_IN_USE, false);
    close_socket(s);
    close_socket(owner);
}

CASE(one_attempt_means_one) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    const exz_socket_options options = with_policy(1, 10, EXZ_JITTER_NONE, 0);
    exz_socket s = open_with(EXZ_PULL, &options);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
    check_int(error.attempts, 1);
    check_attempts(s, &options, endpoint, EXZ_ERR_REFUSED, true);
    close_socket(s);
    close(reservation);
}

CASE(a_call_that_fails_at_once_tells_its_endpoint) {
    const char *const endpoint = "inproc://nowhere";
    exz_socket closed = open_socket(EXZ_PULL);
    close_socket(closed);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(closed, endpoint, 0, 0, &error), EXZ_ERR_CLOSED);
    check_text(error.endpoint, endpoint);
    exz_error other = EXZ_ERROR_INIT;
    check_status(exz_socket_bind(closed, endpoint, 0, &other), EXZ_ERR_CLOSED);
    check_text(other.endpoint, endpoint);
}

CASE(the_deadline_cuts_the_attempts_short) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    const exz_socket_options options = with_policy(0, 20, EXZ_JITTER_NONE, 0);
    exz_socket s = open_with(EXZ_PULL, &options);
    exz_error error = EXZ_ERROR_INIT;
    int64_t began = now_ns();
    check_status(exz_socket_connect(s, endpoint, 0, 300, &error), EXZ_ERR_REFUSED);
    check(now_ns() - began >= 300 * INT64_C(1000000));
    check(now_ns() - began < (300 + GENEROUS_MS) * INT64_C(1000000));
    check(error.attempts >= 1 && error.attempts <= 5);
    check_int(stats_of(s).connect_attempts, error.attempts);
    close_socket(s);
    close(reservation);
}

CASE(one_attempt_can_be_bounded) {
    char endpoint[ENDPOINT_SIZE];
    int deaf = deaf_port(endpoint);
    exz_socket_options options = with_policy(3, 10, EXZ_JITTER_NONE, 0);
    options.retry.attempt_timeout_ms = 50;
    exz_socket s = open_with(EXZ_PULL, &options);
    exz_error error = EXZ_ERROR_INIT;
    int64_t began = now_ns();
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= (3 * 50 + 10 + 20) * INT64_C(1000000));
    check(now_ns() - began < (3 * 50 + 10 + 20 + GENEROUS_MS) * INT64_C(1000000));
    check_int(error.attempts, 3);
    close_socket(s);
    close(deaf);
}

/* Reads events until k attempts have failed. */
static void await_failures(exz_socket s, uint32_t k, exz_status reason) {
    for (uint32_t n = 1; n <= k; n++) {
        exz_event failed = expect_event(s, EXZ_EVENT_FAILED);
        check_int(failed.attempt, n);
        check_int(failed.status, reason);
    }
}

CASE(k_connects_fail_and_a_later_one_succeeds) {
    for (uint32_t k = 1; k <= 4; k++) {
        in_row("%u failures", k);
        char endpoint[ENDPOINT_SIZE];
        int reservation = reserve_port(endpoint);
        const exz_socket_options options = with_policy(0, 20, EXZ_JITTER_NONE, 0);
        exz_socket push = open_with(EXZ_PUSH, &options), pull = open_socket(EXZ_PULL);
        link_call call = {push, endpoint};
        worker connecting;
        worker_start(&connecting, connect_patiently, &call);
        await_failures(push, k, EXZ_ERR_REFUSED);
        bind_to(pull, endpoint);
        check_status(worker_join(&connecting), EXZ_OK);

        uint32_t failures = k;
        exz_event event;
        do {
            event = (exz_event)EXZ_EVENT_INIT;
            check_status(exz_next_event(&event, push, PATIENCE_MS), EXZ_OK);
            if (event.kind == EXZ_EVENT_FAILED) failures++;
        } while (event.kind != EXZ_EVENT_HANDSHAKEN);
        check_int(event.attempt, failures + 1);
        check_int(stats_of(push).connect_attempts, failures + 1);
        check_carries(push, pull);
        close_socket(push);
        close_socket(pull);
        close(reservation);
    }
}

CASE(k_binds_fail_and_a_later_one_succeeds) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        exz_socket owner = open_socket(EXZ_PULL);
        bind_somewhere(owner, t, endpoint);
        const exz_socket_options options = with_policy(0, 10, EXZ_JITTER_NONE, 0);
        exz_socket heir = open_with(EXZ_PULL, &options), push = open_socket(EXZ_PUSH);
        link_call call = {heir, endpoint};
        worker binding;
        worker_start(&binding, bind_patiently, &call);
        await_failures(heir, 2, EXZ_ERR_ADDRESS_IN_USE);
        close_socket(owner);
        check_status(worker_join(&binding), EXZ_OK);
        connect_to(push, endpoint);
        check_carries(push, heir);
        close_socket(push);
        close_socket(heir);
    }
}

CASE(a_background_connect_goes_on_beyond_the_number_of_attempts) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    exz_socket_options options = with_policy(2, 5, EXZ_JITTER_NONE, 0);
    options.retry.max_backoff_ms = 20;
    exz_socket push = open_with(EXZ_PUSH, &options), pull = open_socket(EXZ_PULL);
    connect_later(push, endpoint);
    await_failures(push, 6, EXZ_ERR_REFUSED);
    check_int(state_of(push), EXZ_STATE_CONNECTING);
    bind_to(pull, endpoint);
    expect_event(push, EXZ_EVENT_HANDSHAKEN);
    check_carries(push, pull);
    close_socket(push);
    close_socket(pull);
    close(reservation);
}

/* libzmq gives such a connection up without a word; there is somebody, so it is not a refused one. */
CASE(who_may_not_set_up_a_connection_is_not_told_that_nobody_listens) {
    const int calls[] = {SYS_setsockopt, SYS_getsockopt};
    char endpoint[ENDPOINT_SIZE];
    exz_socket server = open_socket(EXZ_PULL);
    bind_somewhere(server, TCP, endpoint);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        in_row("call %d", calls[i]);
        pid_t pid = fork_child();
        if (pid == 0) {
            exz_socket_options options = with_policy(1, 10, EXZ_JITTER_NONE, 0);
            exz_socket s;
            /* Before the library has a thread, which would not be denied it. */
            if (!deny_call(calls[i], EPERM)) _exit(2);
            must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &options), EXZ_OK);
            must(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_PERMISSION);
            _exit(0);
        }
        check_child(pid);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(refused_connects_follow_the_policy),
        TEST(a_missing_path_is_refused_under_the_policy),
        TEST(a_bind_to_an_address_in_use_follows_the_policy),
        TEST(a_bind_tells_of_its_attempts),
        TEST(one_attempt_means_one),
        TEST(a_call_that_fails_at_once_tells_its_endpoint),
        TEST(who_may_not_set_up_a_connection_is_not_told_that_nobody_listens),
        TEST(the_deadline_cuts_the_attempts_short),
        TEST(one_attempt_can_be_bounded),
        TEST(k_connects_fail_and_a_later_one_succeeds),
        TEST(k_binds_fail_and_a_later_one_succeeds),
        TEST(a_background_connect_goes_on_beyond_the_number_of_attempts),
    };
    return cmocka_run_group_tests_name("failures", tests, NULL, NULL);
}
