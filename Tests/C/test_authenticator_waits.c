/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for what an authenticator counts. */
#include <stddef.h>
#include <string.h>

#include "admission.h"
#include "monotonic.h"
#include "worker.h"

/* Each count, and the field that it is. */
static const struct {
    exz_authenticator_count what;
    size_t field;
} counts[] = {
    {EXZ_AUTHENTICATOR_COUNT_ACCEPTED, offsetof(exz_authenticator_statistics, accepted)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED, offsetof(exz_authenticator_statistics, refused)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_ADDRESS, offsetof(exz_authenticator_statistics, refused_address)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_USER, offsetof(exz_authenticator_statistics, refused_user)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY, offsetof(exz_authenticator_statistics, refused_key)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_PASSWORD, offsetof(exz_authenticator_statistics, refused_password)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_DECISION, offsetof(exz_authenticator_statistics, refused_decision)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_LATE, offsetof(exz_authenticator_statistics, refused_late)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_BUSY, offsetof(exz_authenticator_statistics, refused_busy)},
    {EXZ_AUTHENTICATOR_COUNT_REFUSED_OTHER, offsetof(exz_authenticator_statistics, refused_other)},
    {EXZ_AUTHENTICATOR_COUNT_LATE_DECISIONS, offsetof(exz_authenticator_statistics, late_decisions)},
    {EXZ_AUTHENTICATOR_COUNT_KEYS, offsetof(exz_authenticator_statistics, keys)},
    {EXZ_AUTHENTICATOR_COUNT_UNREADABLE_FILES, offsetof(exz_authenticator_statistics, unreadable_files)},
    {EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES, offsetof(exz_authenticator_statistics, key_changes)},
};

static void check_counts(exz_authenticator a) {
    const exz_authenticator_statistics now = counts_of(a);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        in_row("count %d", counts[i].what);
        uint64_t value;
        memcpy(&value, (const char *)&now + counts[i].field, sizeof value);
        check_status(exz_authenticator_wait(a, counts[i].what, 0, 0), EXZ_OK);
        check_status(exz_authenticator_wait(a, counts[i].what, value, 0), EXZ_OK);
        check_status(exz_authenticator_wait(a, counts[i].what, value + 1, 0), EXZ_ERR_TIMEOUT);
        check_status(exz_authenticator_wait(a, counts[i].what, UINT64_MAX, 1), EXZ_ERR_TIMEOUT);
    }
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_PENDING, now.pending, 0), EXZ_OK);
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_PENDING, now.pending + 1, 0), EXZ_ERR_TIMEOUT);
}

CASE(each_count_is_the_field_of_that_name) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    check_counts(a);
    const key_pair friend = new_keys(), stranger = new_keys();
    check_status(exz_authenticator_allow_key(a, friend.public_key, NULL), EXZ_OK);
    for (int i = 0; i < 3; i++) check_status(knock(&s, &friend), EXZ_OK);
    check_status(knock(&s, &stranger), EXZ_ERR_SECURITY);
    check_int(counts_of(a).accepted, 3);
    check_counts(a);
    close_authenticator(a);
    close_guarded_service(&s);
}

CASE(counts_that_there_are_not_are_refused) {
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    const exz_authenticator_count none[] = {0, -1, EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES + 1, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        check_status(exz_authenticator_wait(a, none[i], 0, 0), EXZ_ERR_INVALID);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_last_error(&error), EXZ_OK);
        check(strstr(error.message, "EXZ_AUTHENTICATOR_COUNT_") != NULL);
    }
    close_authenticator(a);
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 0, 0), EXZ_ERR_CLOSED);
    end_context(context);
}

typedef struct waiting {
    exz_authenticator a;
    exz_authenticator_count what;
    uint64_t at_least;
} waiting;

static exz_status wait_for_it(void *argument) {
    const waiting *w = argument;
    return exz_authenticator_wait(w->a, w->what, w->at_least, PATIENCE_MS);
}

enum { WAITERS = 6 };

CASE(all_who_wait_are_woken_when_it_has_come_to_that_and_not_before) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair friend = new_keys(), stranger = new_keys();
    check_status(exz_authenticator_allow_key(a, friend.public_key, NULL), EXZ_OK);
    waiting w[WAITERS];
    worker workers[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        w[i] = i < 3 ? (waiting){a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, (uint64_t)i / 2 + 1}
             : i < 5 ? (waiting){a, EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY, 1}
                     : (waiting){a, EXZ_AUTHENTICATOR_COUNT_KEYS, 2};
        worker_start(&workers[i], wait_for_it, &w[i]);
    }
    for (int i = 0; i < WAITERS; i++) worker_await_sleep(&workers[i]);
    check_status(knock(&s, &friend), EXZ_OK);
    check_status(worker_join(&workers[0]), EXZ_OK);
    check_status(worker_join(&workers[1]), EXZ_OK);
    for (int i = 2; i < WAITERS; i++) check(!atomic_load(&workers[i].is_done));
    check_status(knock(&s, &friend), EXZ_OK);
    check_status(worker_join(&workers[2]), EXZ_OK);
    for (int i = 3; i < WAITERS; i++) check(!atomic_load(&workers[i].is_done));
    check_status(knock(&s, &stranger), EXZ_ERR_SECURITY);
    check_status(worker_join(&workers[3]), EXZ_OK);
    check_status(worker_join(&workers[4]), EXZ_OK);
    check(!atomic_load(&workers[5].is_done));
    check_status(exz_authenticator_allow_key(a, stranger.public_key, NULL), EXZ_OK);
    check_status(worker_join(&workers[5]), EXZ_OK);
    close_authenticator(a);
    close_guarded_service(&s);
}

static exz_status close_it(exz_authenticator a) { return exz_authenticator_close(a, PATIENCE_MS); }

static exz_status shut_down(__attribute__((unused)) exz_authenticator a) { return exz_shutdown(PATIENCE_MS); }

static exz_status close_its_context(__attribute__((unused)) exz_authenticator a) { return EXZ_OK; }

CASE(a_wait_ends_with_the_authenticator) {
    exz_status (*const ends[])(exz_authenticator) = {close_it, close_its_context, shut_down};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        for (int round = 0; round < 20; round++) {
            in_row("end %zu, round %d", i, round);
            exz_context context = new_context();
            waiting w = {open_authenticator(context), EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 1};
            worker waiter;
            worker_start(&waiter, wait_for_it, &w);
            /* Sometimes before it sleeps. */
            if (round % 2 == 0) worker_await_sleep(&waiter);
            check_status(ends[i](w.a), EXZ_OK);
            if (ends[i] != shut_down) end_context(context);
            check_status(worker_join(&waiter), EXZ_ERR_CLOSED);
            check_status(exz_authenticator_close(w.a, PATIENCE_MS), EXZ_OK);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_count_is_the_field_of_that_name),
        TEST(counts_that_there_are_not_are_refused),
        TEST(all_who_wait_are_woken_when_it_has_come_to_that_and_not_before),
        TEST(a_wait_ends_with_the_authenticator),
    };
    return cmocka_run_group_tests_name("waiting for what is counted", tests, NULL, NULL);
}
