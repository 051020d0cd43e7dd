/* SPDX-License-Identifier: Apache-2.0
 *
 * exz_retry(): work that fails a number of times, or always, under the policy. */
#include <string.h>

#include "data_lines.h"
#include "monotonic.h"
#include "statuses.h"

/* Work that fails `failures` times with `failure`, then succeeds; keeps books of when it was called. */
typedef struct work {
    uint32_t failures;
    exz_status failure;
    uint32_t calls;
    bool is_counted_wrong;
    int64_t began_ns[16];
} work;

static exz_status do_work(void *user, uint32_t n) {
    work *w = user;
    if (w->calls < COUNT_OF(w->began_ns)) w->began_ns[w->calls] = now_ns();
    w->calls++;
    if (n != w->calls) w->is_counted_wrong = true;
    return n <= w->failures ? w->failure : EXZ_OK;
}

static exz_retry_policy quick(uint32_t attempts) {
    exz_retry_policy policy = EXZ_RETRY_POLICY_INIT;
    policy.max_attempts = attempts;
    policy.initial_backoff_ms = 5;
    policy.jitter = EXZ_JITTER_NONE;
    return policy;
}

CASE(the_first_k_attempts_fail_then_one_succeeds) {
    const exz_retry_policy policy = quick(6);
    for (uint32_t k = 0; k <= 5; k++) {
        in_row("%u failures", k);
        work w = {.failures = k, .failure = EXZ_ERR_REFUSED};
        exz_error error = EXZ_ERROR_INIT;
        error.attempts = 99;
        check_status(exz_retry(&policy, PATIENCE_MS, do_work, &w, &error), EXZ_OK);
        check_int(w.calls, k + 1);
        check(!w.is_counted_wrong);
        check_int(error.attempts, 99);
        int64_t delay = 5;
        for (uint32_t i = 1; i <= k; i++, delay *= 2)
            check(w.began_ns[i] - w.began_ns[i - 1] >= delay * 1000000);
    }
}

CASE(all_attempts_fail) {
    const exz_retry_policy policy = quick(4);
    work w = {.failures = UINT32_MAX, .failure = EXZ_ERR_PEER_LOST};
    exz_error error = EXZ_ERROR_INIT;
    int64_t began = now_ns();
    check_status(exz_retry(&policy, PATIENCE_MS, do_work, &w, &error), EXZ_ERR_EXHAUSTED);
    int64_t took_ms = (now_ns() - began) / 1000000;
    check_int(w.calls, 4);
    check_int(error.status, EXZ_ERR_EXHAUSTED);
    check_int(error.cause, EXZ_ERR_PEER_LOST);
    check_int(error.attempts, 4);
    check(took_ms >= 5 + 10 + 20);
    check(error.elapsed_ms >= 5 + 10 + 20 && error.elapsed_ms <= took_ms);
    check(strlen(error.message) > 0);
    check_text(error.endpoint, "");
}

static void fail_once(const data_line *line) {
    const exz_retry_policy policy = quick(2);
    const exz_status failure = status_numbered(line->columns[0]);
    const bool again = strcmp(line->columns[3], "again") == 0;
    check(again || strcmp(line->columns[3], "final") == 0);
    work w = {.failures = 1, .failure = failure};
    exz_error error = EXZ_ERROR_INIT;
    const bool succeeds = again || failure == EXZ_OK;
    check_status(exz_retry(&policy, PATIENCE_MS, do_work, &w, &error), again ? EXZ_OK : failure);
    check_int(w.calls, again ? 2 : 1);
    check_int(error.status, succeeds ? EXZ_OK : failure);
    check_int(error.attempts, succeeds ? 0 : 1);
    check_int(error.cause, EXZ_OK);
}

CASE(only_passing_failures_are_tried_again) { for_each_line("statuses.tsv", 5, fail_once); }

CASE(the_deadline_ends_it_and_never_early) {
    const exz_retry_policy policy = quick(0);
    const struct {
        int32_t timeout_ms, least_ms;
    } rows[] = {{0, 0}, {1, 1}, {60, 60}, {EXZ_DEFAULT_TIMEOUT, 1000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("%d ms", rows[i].timeout_ms);
        work w = {.failures = UINT32_MAX, .failure = EXZ_ERR_REFUSED};
        exz_error error = EXZ_ERROR_INIT;
        int64_t began = now_ns();
        check_status(exz_retry(&policy, rows[i].timeout_ms, do_work, &w, &error), EXZ_ERR_TIMEOUT);
        int64_t took = now_ns() - began;
        check(took >= rows[i].least_ms * INT64_C(1000000));
        check(took < (rows[i].least_ms + GENEROUS_MS) * INT64_C(1000000));
        check(w.calls >= 1);
        if (rows[i].timeout_ms == 0) check_int(w.calls, 1);
        check_int(error.attempts, w.calls);
        check_int(error.cause, EXZ_ERR_REFUSED);
    }
}

CASE(no_details_are_asked_for_and_none_given) {
    const exz_retry_policy policy = quick(2);
    work w = {.failures = UINT32_MAX, .failure = EXZ_ERR_REFUSED};
    check_status(exz_retry(&policy, PATIENCE_MS, do_work, &w, NULL), EXZ_ERR_EXHAUSTED);
    check_int(w.calls, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_k_attempts_fail_then_one_succeeds),
        TEST(all_attempts_fail),
        TEST(only_passing_failures_are_tried_again),
        TEST(the_deadline_ends_it_and_never_early),
        TEST(no_details_are_asked_for_and_none_given),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
