/* SPDX-License-Identifier: Apache-2.0
 *
 * One call ends everything there is, and what comes after it starts afresh. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "holdings.h"
#include "monotonic.h"
#include "slow_names.h"
#include "sockets.h"
#include "worker.h"

#define SHUTDOWN_MS 10000

/* Sockets of two contexts, linked within each and between them. */
static void open_much(exz_context *own, exz_socket *waiting) {
    char endpoint[ENDPOINT_SIZE];
    check_status(exz_context_open(own), EXZ_OK);
    check_status(exz_socket_open(waiting, *own, EXZ_PULL, NULL), EXZ_OK);
    bind_somewhere(*waiting, TCP, endpoint);
    exz_socket push = open_socket(EXZ_PUSH), pub = open_socket(EXZ_PUB), sub = open_socket(EXZ_SUB);
    connect_to(push, endpoint);
    bind_somewhere(pub, IPC, endpoint);
    connect_to(sub, endpoint);
    connect_later(open_socket(EXZ_DEALER), "tcp://127.0.0.1:1");
}

static exz_status receive(void *s) {
    char byte;
    size_t size;
    return exz_recv(&size, *(exz_socket *)s, &byte, 1, PATIENCE_MS);
}

CASE(nothing_is_left_and_all_can_be_used_again) {
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    holdings before = settle();
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        exz_context own;
        exz_socket waiting;
        open_much(&own, &waiting);
        worker w;
        worker_start(&w, receive, &waiting);
        worker_await_sleep(&w);
        check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        check_status(worker_join(&w), EXZ_ERR_CLOSED);
        check_held(before);
        check_status(exz_send(waiting, "x", 1, 0, 0), EXZ_ERR_CLOSED);
        exz_socket s;
        check_status(exz_socket_open(&s, own, EXZ_PUB, NULL), EXZ_ERR_CLOSED);
        check_status(exz_context_close(own, 0), EXZ_OK);
    }
}

CASE(its_threads_are_gone_when_a_context_is_closed) {
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        exz_context own;
        exz_socket s;
        check_status(exz_context_open(&own), EXZ_OK);
        check_status(exz_socket_open(&s, own, EXZ_PUB, NULL), EXZ_OK);
        check_status(round % 2 ? exz_context_close(own, SHUTDOWN_MS) : exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        check_int(library_threads(), 0);
        check_status(exz_context_close(own, 0), EXZ_OK);
    }
}

/* What a child sends the parent in its last moment. */
CASE(what_is_queued_is_sent_before_the_end) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, IPC, endpoint);
    pid_t child = fork_child();
    if (child == 0) {
        exz_socket push;
        must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
        must(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, NULL), EXZ_OK);
        for (int i = 0; i < 500; i++) must(exz_send(push, "x", 1, 0, PATIENCE_MS), EXZ_OK);
        must(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        _exit(0);
    }
    for (int i = 0; i < 500; i++) expect_text(pull, "x");
    check_child(child);
    close_socket(pull);
}

CASE(a_child_ends_its_own_and_the_parent_keeps_what_it_has) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    pid_t child = fork_child();
    if (child == 0) {
        must(exz_shutdown(0), EXZ_OK);
        exz_socket s;
        must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL), EXZ_OK);
        must(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        must(exz_socket_close(s, 0), EXZ_OK);
        must(exz_socket_close(pair.bound, 0), EXZ_ERR_FORKED);
        _exit(0);
    }
    check_child(child);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

CASE(a_look_up_that_hangs_is_said_and_can_be_waited_for) {
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    connect_later(open_socket(EXZ_PUSH), "tcp://" SLOW_NAME ":1");
    slow_name_await();
    int64_t began = now_ns();
    check_status(exz_shutdown(200), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= INT64_C(200000000));
    check_int(library_threads(), 1);
    slow_name_fail();
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    check_int(library_threads(), 0);
}

/* More names than are looked up at once. */
CASE(names_that_nobody_looks_up_yet_are_not_waited_for) {
    enum { AT_ONCE = 8, NAMES = 3 * AT_ONCE };
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    exz_socket push = open_socket(EXZ_PUSH);
    for (int i = 0; i < NAMES; i++) {
        char endpoint[ENDPOINT_SIZE];
        snprintf(endpoint, sizeof endpoint, "tcp://%d." SLOW_NAME ":1", i);
        connect_later(push, endpoint);
    }
    while (slow_names_looked_up() < AT_ONCE) sched_yield();
    check_status(exz_shutdown(200), EXZ_ERR_TIMEOUT);
    /* The context has ended when the others are gone. */
    while (library_threads() > slow_names_looked_up()) sched_yield();
    slow_name_fail();
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    check_int(library_threads(), 0);
}

static struct {
    atomic_int lines;
    exz_status answer;
} logged;

static void shut_down_in_callback(__attribute__((unused)) void *user, __attribute__((unused)) exz_log_level level,
                                  __attribute__((unused)) const char *message) {
    /* On the library's thread, as the connect is made in the background. */
    if (library_threads() > 0 && logged.answer == EXZ_OK) logged.answer = exz_shutdown(0);
    atomic_fetch_add(&logged.lines, 1);
}

CASE(it_is_refused_on_a_thread_of_the_library_and_ends_the_log) {
    check_status(exz_set_log(shut_down_in_callback, NULL, EXZ_LOG_INFO), EXZ_OK);
    exz_socket dealer = open_socket(EXZ_DEALER);
    connect_later(dealer, "ipc:///nonexistent/nobody");
    (void)expect_event(dealer, EXZ_EVENT_RETRY_IN);
    while (atomic_load(&logged.lines) == 0) sched_yield();
    check_status(logged.answer, EXZ_ERR_STATE);
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    int lines = atomic_load(&logged.lines);
    char endpoint[ENDPOINT_SIZE];
    exz_socket s = open_socket(EXZ_PUB);
    bind_somewhere(s, TCP, endpoint);
    close_socket(s);
    check_int(atomic_load(&logged.lines), lines);
}

CASE(a_time_that_makes_no_sense_ends_nothing) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    check_status(exz_shutdown(-2), EXZ_ERR_INVALID);
    check_carries(pair.connected, pair.bound);
    check_status(exz_shutdown(EXZ_DEFAULT_TIMEOUT), EXZ_OK);
    check_status(exz_shutdown(EXZ_DEFAULT_TIMEOUT), EXZ_OK);
}

static exz_status open_and_close(void *is_over) {
    while (!atomic_load((atomic_bool *)is_over)) {
        exz_socket s;
        exz_status status = exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
        if (status == EXZ_ERR_CLOSED) continue;
        if (status != EXZ_OK) return status;
        status = exz_socket_bind(s, "tcp://127.0.0.1:*", 1000, NULL);
        if (status != EXZ_OK && status != EXZ_ERR_CLOSED) return status;
        status = exz_socket_close(s, 0);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

CASE(others_that_open_meanwhile_are_closed_or_left_alone) {
    atomic_bool is_over = false;
    worker workers[3];
    for (size_t i = 0; i < COUNT_OF(workers); i++) worker_start(&workers[i], open_and_close, &is_over);
    for (int round = 0; round < 100; round++) {
        exz_status status = exz_shutdown(SHUTDOWN_MS);
        check(status == EXZ_OK || status == EXZ_ERR_TIMEOUT);
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < COUNT_OF(workers); i++) check_status(worker_join(&workers[i]), EXZ_OK);
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    check_int(library_threads(), 0);
}

static atomic_int contexts_to_open;

static exz_status open_and_leave_open(__attribute__((unused)) void *argument) {
    while (atomic_fetch_sub(&contexts_to_open, 1) > 0) {
        exz_context context;
        exz_socket s;
        exz_status status = exz_context_open(&context);
        if (status == EXZ_OK) status = exz_socket_open(&s, context, EXZ_PULL, NULL);
        if (status != EXZ_OK && status != EXZ_ERR_CLOSED) return status;
    }
    return EXZ_OK;
}

/* Their threads would never end. */
CASE(contexts_that_others_open_meanwhile_are_not_waited_for) {
    worker workers[3];
    atomic_store(&contexts_to_open, 3000);
    for (size_t i = 0; i < COUNT_OF(workers); i++) worker_start(&workers[i], open_and_leave_open, NULL);
    while (atomic_load(&contexts_to_open) > 0) check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(workers); i++) check_status(worker_join(&workers[i]), EXZ_OK);
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    check_int(library_threads(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_left_and_all_can_be_used_again),
        TEST(its_threads_are_gone_when_a_context_is_closed),
        TEST(what_is_queued_is_sent_before_the_end),
        TEST(a_child_ends_its_own_and_the_parent_keeps_what_it_has),
        TEST(a_look_up_that_hangs_is_said_and_can_be_waited_for),
        TEST(names_that_nobody_looks_up_yet_are_not_waited_for),
        TEST(it_is_refused_on_a_thread_of_the_library_and_ends_the_log),
        TEST(a_time_that_makes_no_sense_ends_nothing),
        TEST(others_that_open_meanwhile_are_closed_or_left_alone),
        TEST(contexts_that_others_open_meanwhile_are_not_waited_for),
    };
    return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
