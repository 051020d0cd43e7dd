/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenario three: time-outs. Every call that can wait is back by its deadline, and never before. */
#include "monotonic.h"
#include "waiting_aside.h"
#include "waiting_calls.h"

static void check_timing(const waiting_call *w, const exz_socket_options *options, int32_t timeout_ms,
                         int32_t least_ms) {
    exz_socket s = open_waiting(w, options);
    int64_t began = now_ns();
    check_status(w->call(s, timeout_ms), w->at_deadline);
    int64_t took = now_ns() - began;
    check(took >= least_ms * INT64_C(1000000));
    check(took < (least_ms + GENEROUS_MS) * INT64_C(1000000));
    close_socket(s);
    release_waiting();
}

CASE(every_call_keeps_its_time_out) {
    const int32_t timeouts[] = {0, 1, 10, 80};
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        for (size_t j = 0; j < COUNT_OF(timeouts); j++) {
            in_row("%s, %d ms", waiting_calls[i].name, timeouts[j]);
            check_timing(&waiting_calls[i], &options, timeouts[j], timeouts[j]);
        }
    }
}

static void check_timing_aside(const waiting_aside *w, int32_t timeout_ms, int32_t least_ms) {
    const int64_t began = now_ns();
    check_status(w->call(timeout_ms), EXZ_ERR_TIMEOUT);
    const int64_t took = now_ns() - began;
    check(took >= least_ms * INT64_C(1000000));
    check(took < (least_ms + GENEROUS_MS) * INT64_C(1000000));
}

CASE(every_call_that_is_on_no_socket_keeps_its_time_out) {
    const int32_t timeouts[] = {0, 1, 10, 80};
    for (size_t i = 0; i < waiting_aside_count; i++) {
        const waiting_aside *w = &waiting_asides[i];
        w->prepare();
        for (size_t j = 0; j < COUNT_OF(timeouts); j++) {
            in_row("%s, %d ms", w->name, timeouts[j]);
            check_timing_aside(w, timeouts[j], timeouts[j]);
        }
        in_row("%s, the default", w->name);
        check_timing_aside(w, EXZ_DEFAULT_TIMEOUT, 1000);
        w->release();
    }
}

CASE(every_time_out_is_counted_once) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        const waiting_call *w = &waiting_calls[i];
        /* It waits for several, and belongs to none. */
        if (w == waiting_call_named("exz_poll")) continue;
        in_row("%s", w->name);
        exz_socket s = open_waiting(w, &options);
        uint64_t before = stats_of(s).timeouts;
        check_status(w->call(s, 5), w->at_deadline);
        check_int(stats_of(s).last_error, w->at_deadline);
        check_int(stats_of(s).timeouts - before, w->at_deadline == EXZ_ERR_TIMEOUT);
        close_socket(s);
        release_waiting();
    }
}

CASE(the_default_time_out_is_the_socket_s_own) {
    exz_socket_options options = waiting_options();
    options.default_timeout_ms = 60;
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        check_timing(&waiting_calls[i], &options, EXZ_DEFAULT_TIMEOUT, 60);
    }
}

CASE(without_another_the_default_is_a_second) {
    exz_socket s = open_socket(EXZ_PULL);
    char buffer[8];
    size_t size;
    int64_t began = now_ns();
    check_status(exz_recv(&size, s, buffer, sizeof buffer, EXZ_DEFAULT_TIMEOUT), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= INT64_C(1000000000));
    check(now_ns() - began < (1000 + GENEROUS_MS) * INT64_C(1000000));
    close_socket(s);
}

CASE(many_short_time_outs_never_come_early) {
    exz_socket s = open_socket(EXZ_PULL);
    char buffer[8];
    size_t size;
    for (int32_t timeout = 1; timeout <= 15; timeout++) {
        for (int round = 0; round < 5; round++) {
            in_row("%d ms", timeout);
            int64_t began = now_ns();
            check_status(exz_recv(&size, s, buffer, sizeof buffer, timeout), EXZ_ERR_TIMEOUT);
            check(now_ns() - began >= timeout * INT64_C(1000000));
        }
    }
    close_socket(s);
}

CASE(a_background_connect_does_not_wait) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        exz_socket s = open_socket(EXZ_SUB);
        const char *const nowhere[TRANSPORT_COUNT] = {"tcp://127.0.0.1:9", "ipc:///nowhere/at/all", "inproc://nowhere"};
        in_row("%s", nowhere[t]);
        int64_t began = now_ns();
        check_status(exz_socket_connect(s, nowhere[t], EXZ_CONNECT_BACKGROUND, PATIENCE_MS, NULL), EXZ_OK);
        check(now_ns() - began < GENEROUS_MS * INT64_C(1000000));
        close_socket(s);
    }
}

CASE(what_is_there_is_had_without_waiting) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    check_status(exz_send(pair.connected, "x", 1, 0, 0), EXZ_OK);
    char buffer[8];
    size_t size;
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, 0), EXZ_OK);
    check_status(exz_wait_peers(pair.bound, 1, 0), EXZ_OK);
    exz_event event = EXZ_EVENT_INIT;
    check_status(exz_next_event(&event, pair.bound, 0), EXZ_OK);
    check_status(exz_socket_connect(pair.connected, pair.endpoint, 0, 0, NULL), EXZ_OK);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_call_keeps_its_time_out),
        TEST(every_call_that_is_on_no_socket_keeps_its_time_out),
        TEST(every_time_out_is_counted_once),
        TEST(the_default_time_out_is_the_socket_s_own),
        TEST(without_another_the_default_is_a_second),
        TEST(many_short_time_outs_never_come_early),
        TEST(a_background_connect_does_not_wait),
        TEST(what_is_there_is_had_without_waiting),
    };
    return cmocka_run_group_tests_name("timeouts", tests, NULL, NULL);
}
