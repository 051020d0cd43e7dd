/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: silent by default, by level, changed at run time, and free to call the library. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

typedef struct book {
    atomic_int lines[EXZ_LOG_OFF];
    atomic_bool has_flaw;
    _Atomic(uint64_t) calls_about;
} book;

static void note(void *user, exz_log_level level, const char *message) {
    book *b = user;
    if (level < EXZ_LOG_DEBUG || level > EXZ_LOG_ERROR || strlen(message) == 0 || strchr(message, '\n') != NULL) {
        atomic_store(&b->has_flaw, true);
        return;
    }
    atomic_fetch_add(&b->lines[level], 1);
}

static int total(book *b) {
    int sum = 0;
    for (exz_log_level level = EXZ_LOG_DEBUG; level <= EXZ_LOG_ERROR; level++) sum += b->lines[level];
    return sum;
}

/* Makes a line of every level up to a warning: an attempt begins, a handshake is done, a link is lost. */
static void make_news(void) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    close_socket(pair.bound);
    expect_event(pair.connected, EXZ_EVENT_LOST);
    close_socket(pair.connected);
}

static void silence(void) { check_status(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK); }

CASE(a_level_lets_pass_what_matters_as_much) {
    for (exz_log_level level = EXZ_LOG_DEBUG; level <= EXZ_LOG_OFF; level++) {
        in_row("level %d", level);
        book b = {0};
        check_status(exz_set_log(note, &b, level), EXZ_OK);
        make_news();
        silence();
        check(!b.has_flaw);
        check_int(b.lines[EXZ_LOG_DEBUG] > 0, level <= EXZ_LOG_DEBUG);
        check_int(b.lines[EXZ_LOG_INFO] > 0, level <= EXZ_LOG_INFO);
        check_int(b.lines[EXZ_LOG_WARNING] > 0, level <= EXZ_LOG_WARNING);
    }
}

CASE(the_function_and_the_level_change_at_run_time) {
    book first = {0}, second = {0};
    check_status(exz_set_log(note, &first, EXZ_LOG_DEBUG), EXZ_OK);
    make_news();
    check_status(exz_set_log(note, &second, EXZ_LOG_DEBUG), EXZ_OK);
    int lines = total(&first);
    check(lines > 0);
    make_news();
    check_int(total(&first), lines);
    check(total(&second) > 0);

    check_status(exz_set_log(note, &second, EXZ_LOG_WARNING), EXZ_OK);
    int before = second.lines[EXZ_LOG_INFO];
    make_news();
    check_int(second.lines[EXZ_LOG_INFO], before);

    silence();
    lines = total(&second);
    make_news();
    check_int(total(&second), lines);
}

CASE(a_null_function_silences_at_every_level) {
    book b = {0};
    check_status(exz_set_log(note, &b, EXZ_LOG_DEBUG), EXZ_OK);
    check_status(exz_set_log(NULL, NULL, EXZ_LOG_DEBUG), EXZ_OK);
    make_news();
    check_int(total(&b), 0);
}

CASE(an_unknown_level_changes_nothing) {
    book kept = {0}, refused = {0};
    check_status(exz_set_log(note, &kept, EXZ_LOG_DEBUG), EXZ_OK);
    const exz_log_level levels[] = {0, -1, EXZ_LOG_OFF + 1, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        in_row("level %d", levels[i]);
        check_status(exz_set_log(note, &refused, levels[i]), EXZ_ERR_INVALID);
        check_status(exz_set_log(NULL, NULL, levels[i]), EXZ_ERR_INVALID);
    }
    make_news();
    check(total(&kept) > 0);
    check_int(total(&refused), 0);
    silence();
}

static void call_back(void *user, exz_log_level level, const char *message) {
    note(user, level, message);
    book *b = user;
    exz_socket s = {atomic_load(&b->calls_about)};
    exz_stats stats = EXZ_STATS_INIT;
    if (s.id != 0 && exz_socket_stats(&stats, s) != EXZ_OK) atomic_store(&b->has_flaw, true);
}

CASE(the_function_may_call_the_library) {
    book b = {0};
    exz_socket pull = open_socket(EXZ_PULL);
    b.calls_about = pull.id;
    check_status(exz_set_log(call_back, &b, EXZ_LOG_DEBUG), EXZ_OK);
    for (int i = 0; i < 20; i++) {
        bind_to(pull, "inproc://log");
        check_status(exz_socket_unbind(pull, "inproc://log"), EXZ_OK);
    }
    make_news();
    silence();
    check(!b.has_flaw);
    check(total(&b) >= 40);
    close_socket(pull);
}

typedef struct gate {
    atomic_bool is_inside;
    atomic_bool may_leave;
    atomic_bool has_left;
} gate;

static void stay_inside(void *user, __attribute__((unused)) exz_log_level level,
                        __attribute__((unused)) const char *message) {
    gate *g = user;
    atomic_store(&g->is_inside, true);
    while (!atomic_load(&g->may_leave)) sched_yield();
    atomic_store(&g->has_left, true);
}

static void *log_something(void *unused) {
    exz_socket s;
    if (exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL) == EXZ_OK) {
        exz_socket_bind(s, "inproc://gate", 0, NULL);
        exz_socket_close(s, 0);
    }
    return unused;
}

CASE(a_change_waits_a_little_for_a_call_under_way) {
    gate g = {0};
    pthread_t thread;
    check_status(exz_set_log(stay_inside, &g, EXZ_LOG_INFO), EXZ_OK);
    check_int(pthread_create(&thread, NULL, log_something, NULL), 0);
    while (!atomic_load(&g.is_inside)) sched_yield();
    int64_t began = now_ns();
    silence();
    check(now_ns() - began < (100 + GENEROUS_MS) * INT64_C(1000000));
    check(!atomic_load(&g.has_left));
    atomic_store(&g.may_leave, true);
    check_int(pthread_join(thread, NULL), 0);
}

static void change_the_log(void *user, __attribute__((unused)) exz_log_level level,
                           __attribute__((unused)) const char *message) {
    gate *g = user;
    atomic_store(&g->is_inside, true);
    if (exz_set_log(NULL, NULL, EXZ_LOG_OFF) == EXZ_OK) atomic_store(&g->has_left, true);
}

CASE(the_function_may_end_itself) {
    gate g = {0};
    check_status(exz_set_log(change_the_log, &g, EXZ_LOG_INFO), EXZ_OK);
    log_something(NULL);
    check(g.is_inside && g.has_left);
    g.is_inside = false;
    log_something(NULL);
    check(!g.is_inside);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_level_lets_pass_what_matters_as_much),
        TEST(the_function_and_the_level_change_at_run_time),
        TEST(a_null_function_silences_at_every_level),
        TEST(an_unknown_level_changes_nothing),
        TEST(the_function_may_call_the_library),
        TEST(a_change_waits_a_little_for_a_call_under_way),
        TEST(the_function_may_end_itself),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
