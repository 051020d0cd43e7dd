/* SPDX-License-Identifier: Apache-2.0
 *
 * The retry policy as numbers: delays by value, without a clock. */
#include <math.h>

#include "harness.h"

static exz_backoff open_schedule(const exz_retry_policy *policy) {
    exz_backoff b = {0};
    check_status(exz_backoff_open(&b, policy), EXZ_OK);
    check(b.id != 0);
    return b;
}

static int32_t next_delay(exz_backoff b) {
    int32_t delay = -1;
    check_status(exz_backoff_next(&delay, b), EXZ_OK);
    return delay;
}

static void check_exhausted(exz_backoff b) {
    int32_t delay = 99;
    check_status(exz_backoff_next(&delay, b), EXZ_ERR_EXHAUSTED);
    check_int(delay, 99);
}

static exz_retry_policy policy_of(uint32_t jitter, int32_t initial, int32_t cap, uint32_t attempts) {
    exz_retry_policy policy = EXZ_RETRY_POLICY_INIT;
    policy.jitter = jitter;
    policy.initial_backoff_ms = initial;
    policy.max_backoff_ms = cap;
    policy.max_attempts = attempts;
    return policy;
}

CASE(without_jitter_the_delays_are_exact) {
    const exz_retry_policy policy = policy_of(EXZ_JITTER_NONE, 100, 1000, 7);
    const int32_t expected[] = {100, 200, 400, 800, 1000, 1000};
    exz_backoff b = open_schedule(&policy);
    for (size_t i = 0; i < COUNT_OF(expected); i++) check_int(next_delay(b), expected[i]);
    check_exhausted(b);
    check_exhausted(b);
    check_status(exz_backoff_reset(b), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(expected); i++) check_int(next_delay(b), expected[i]);
    check_exhausted(b);
    check_status(exz_backoff_close(b), EXZ_OK);
}

CASE(fractions_are_rounded_up) {
    exz_retry_policy policy = policy_of(EXZ_JITTER_NONE, 3, 1000, 0);
    policy.multiplier = 1.5;
    const int32_t expected[] = {3, 5, 7, 11, 16, 23};
    exz_backoff b = open_schedule(&policy);
    for (size_t i = 0; i < COUNT_OF(expected); i++) check_int(next_delay(b), expected[i]);
    check_status(exz_backoff_close(b), EXZ_OK);
}

CASE(null_is_the_default_policy) {
    exz_backoff b = open_schedule(NULL);
    int32_t full = 100;
    for (int retry = 1; retry <= 5; retry++, full *= 2) {
        int32_t delay = next_delay(b);
        check(delay >= full / 2 && delay <= full);
    }
    check_exhausted(b);
    check_status(exz_backoff_close(b), EXZ_OK);
}

CASE(one_attempt_allows_no_retry) {
    const exz_retry_policy policy = policy_of(EXZ_JITTER_NONE, 100, 1000, 1);
    exz_backoff b = open_schedule(&policy);
    check_exhausted(b);
    check_status(exz_backoff_close(b), EXZ_OK);
}

CASE(no_limit_of_attempts_stays_at_the_cap_for_ever) {
    exz_retry_policy policy = policy_of(EXZ_JITTER_NONE, 1, INT32_MAX, 0);
    const double multipliers[] = {2, 1e300};
    for (size_t i = 0; i < COUNT_OF(multipliers); i++) {
        policy.multiplier = multipliers[i];
        exz_backoff b = open_schedule(&policy);
        for (int retry = 1; retry <= 5000; retry++) {
            int32_t delay = next_delay(b);
            if (retry > 40) check_int(delay, INT32_MAX);
        }
        check_status(exz_backoff_close(b), EXZ_OK);
    }
}

CASE(no_delay_is_a_policy_too) {
    for (uint32_t jitter = EXZ_JITTER_NONE; jitter <= EXZ_JITTER_PROPORTIONAL; jitter++) {
        in_row("jitter %u", jitter);
        const exz_retry_policy policy = policy_of(jitter, 0, 0, 0);
        exz_backoff b = open_schedule(&policy);
        for (int retry = 0; retry < 10; retry++) check_int(next_delay(b), 0);
        check_status(exz_backoff_close(b), EXZ_OK);
    }
}

CASE(each_jitter_stays_in_its_range_and_spreads) {
    const int32_t initial = 1000, cap = 60000;
    const double ratio = 0.25;
    for (uint32_t jitter = EXZ_JITTER_FULL; jitter <= EXZ_JITTER_PROPORTIONAL; jitter++) {
        in_row("jitter %u", jitter);
        exz_retry_policy policy = policy_of(jitter, initial, cap, 0);
        policy.jitter_ratio = ratio;
        exz_backoff b = open_schedule(&policy);
        double lowest = 1, highest = 0, previous = initial;
        for (int retry = 1; retry <= 2000; retry++) {
            double full = fmin(cap, initial * pow(2, retry - 1)), from = 0, to = full;
            if (jitter == EXZ_JITTER_EQUAL) from = full / 2;
            if (jitter == EXZ_JITTER_PROPORTIONAL) from = full * (1 - ratio), to = full * (1 + ratio);
            if (jitter == EXZ_JITTER_DECORRELATED) from = initial, to = fmin(cap, 3 * previous);
            int32_t delay = next_delay(b);
            check(delay >= from && delay <= ceil(to));
            previous = delay;
            if (to <= from) continue;
            double place = (delay - from) / (to - from);
            lowest = fmin(lowest, place);
            highest = fmax(highest, place);
        }
        check(lowest < 0.05 && highest > 0.95);
        check_status(exz_backoff_close(b), EXZ_OK);
    }
}

CASE(a_seed_gives_the_same_delays_again) {
    for (uint32_t jitter = EXZ_JITTER_FULL; jitter <= EXZ_JITTER_PROPORTIONAL; jitter++) {
        in_row("jitter %u", jitter);
        exz_retry_policy policy = policy_of(jitter, 100000, INT32_MAX, 0);
        policy.seed = 42;
        exz_backoff first = open_schedule(&policy), second = open_schedule(&policy);
        policy.seed = 43;
        exz_backoff other = open_schedule(&policy);
        policy.seed = 0;
        exz_backoff drawn = open_schedule(&policy), drawn_too = open_schedule(&policy);
        bool other_differs = false, drawn_differs = false;
        for (int retry = 0; retry < 20; retry++) {
            int32_t delay = next_delay(first);
            check_int(next_delay(second), delay);
            if (next_delay(other) != delay) other_differs = true;
            if (next_delay(drawn) != next_delay(drawn_too)) drawn_differs = true;
        }
        check(other_differs && drawn_differs);
        const exz_backoff all[] = {first, second, other, drawn, drawn_too};
        for (size_t i = 0; i < COUNT_OF(all); i++) check_status(exz_backoff_close(all[i]), EXZ_OK);
    }
}

CASE(a_reset_does_not_rewind_the_random_source) {
    exz_retry_policy policy = policy_of(EXZ_JITTER_FULL, INT32_MAX, INT32_MAX, 0);
    policy.seed = 7;
    exz_backoff b = open_schedule(&policy);
    int32_t delay = next_delay(b);
    check_status(exz_backoff_reset(b), EXZ_OK);
    check(next_delay(b) != delay);
    check_status(exz_backoff_close(b), EXZ_OK);
}

CASE(a_schedule_ends_once_and_stays_ended) {
    exz_backoff b = open_schedule(NULL);
    check_status(exz_backoff_close(b), EXZ_OK);
    check_status(exz_backoff_close(b), EXZ_OK);
    int32_t delay = 99;
    check_status(exz_backoff_next(&delay, b), EXZ_ERR_CLOSED);
    check_status(exz_backoff_reset(b), EXZ_ERR_CLOSED);
    check_int(delay, 99);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_jitter_the_delays_are_exact),
        TEST(fractions_are_rounded_up),
        TEST(null_is_the_default_policy),
        TEST(one_attempt_allows_no_retry),
        TEST(no_limit_of_attempts_stays_at_the_cap_for_ever),
        TEST(no_delay_is_a_policy_too),
        TEST(each_jitter_stays_in_its_range_and_spreads),
        TEST(a_seed_gives_the_same_delays_again),
        TEST(a_reset_does_not_rewind_the_random_source),
        TEST(a_schedule_ends_once_and_stays_ended),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
