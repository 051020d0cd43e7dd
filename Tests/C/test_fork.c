/* SPDX-License-Identifier: Apache-2.0
 *
 * fork(): inherited handles say so at once, the child can start afresh, and the parent notices nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "monotonic.h"
#include "sockets.h"
#include "waiting_aside.h"
#include "waiting_calls.h"
#include "worker.h"

static void use_inherited_socket(exz_socket s) {
    char text[256];
    exz_state link_state;
    exz_stats stats = EXZ_STATS_INIT;
    exz_error error = EXZ_ERROR_INIT;
    for (size_t i = 0; i < waiting_call_count; i++) {
        int64_t began = now_ns();
        child_must(waiting_calls[i].call(s, PATIENCE_MS), EXZ_ERR_FORKED, waiting_calls[i].name);
        if (now_ns() - began > GENEROUS_MS * INT64_C(1000000)) child_must(EXZ_ERR_TIMEOUT, EXZ_OK, "being back at once");
    }
    must(exz_socket_bind(s, "tcp://127.0.0.1:0", 1000, &error), EXZ_ERR_FORKED);
    child_must(error.status, EXZ_ERR_FORKED, "error.status");
    must(exz_socket_connect(s, "tcp://127.0.0.1:9", EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_ERR_FORKED);
    must(exz_socket_unbind(s, "tcp://127.0.0.1:9"), EXZ_ERR_FORKED);
    must(exz_socket_disconnect(s, "tcp://127.0.0.1:9"), EXZ_ERR_FORKED);
    must(exz_socket_endpoint(s, text, sizeof text), EXZ_ERR_FORKED);
    must(exz_socket_state(&link_state, s), EXZ_ERR_FORKED);
    must(exz_socket_stats(&stats, s), EXZ_ERR_FORKED);
    must(exz_socket_cancel(s), EXZ_ERR_FORKED);
    int fd;
    int64_t number;
    size_t size;
    must(exz_socket_fd(&fd, s), EXZ_ERR_FORKED);
    must(exz_socket_send_fd(&fd, s), EXZ_ERR_FORKED);
    must(exz_socket_close_start(&fd, s, 0), EXZ_ERR_FORKED);
    must(exz_socket_close_start(NULL, s, 0), EXZ_ERR_FORKED);
    must(exz_socket_set_options(s, NULL, NULL), EXZ_ERR_FORKED);
    must(exz_socket_set_int(s, 17 /* ZMQ_LINGER */, 0), EXZ_ERR_FORKED);
    must(exz_socket_get_int(&number, s, 17), EXZ_ERR_FORKED);
    must(exz_socket_set_bytes(s, 5 /* ZMQ_ROUTING_ID */, "x", 1), EXZ_ERR_FORKED);
    must(exz_socket_get_bytes(&size, s, 5, text, sizeof text), EXZ_ERR_FORKED);
    must(exz_subscribe(s, "t"), EXZ_ERR_FORKED);
    must(exz_unsubscribe(s, "t"), EXZ_ERR_FORKED);
    must(exz_socket_close(s, EXZ_DEFAULT_TIMEOUT), EXZ_ERR_FORKED);
    must(exz_socket_close(s, 0), EXZ_ERR_FORKED);
}

CASE(what_waits_on_no_socket_says_forked_at_once) {
    for (size_t i = 0; i < waiting_aside_count; i++) {
        in_row("%s", waiting_asides[i].name);
        waiting_asides[i].prepare();
        pid_t pid = fork_child();
        if (pid == 0) {
            int64_t began = now_ns();
            child_must(waiting_asides[i].call(PATIENCE_MS), EXZ_ERR_FORKED, waiting_asides[i].name);
            if (now_ns() - began > GENEROUS_MS * INT64_C(1000000))
                child_must(EXZ_ERR_TIMEOUT, EXZ_OK, "being back at once");
            _exit(0);
        }
        check_child(pid);
        waiting_asides[i].release();
    }
}

CASE(an_inherited_socket_says_forked_at_once) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        exz_socket s = open_socket(type);
        pid_t pid = fork_child();
        if (pid == 0) {
            use_inherited_socket(s);
            _exit(0);
        }
        check_child(pid);
        check_int(state_of(s), EXZ_STATE_IDLE);
        close_socket(s);
    }
}

CASE(an_inherited_context_says_forked_every_time) {
    exz_context context, empty;
    exz_socket s;
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_context_open(&empty), EXZ_OK);
    check_status(exz_socket_open(&s, context, EXZ_PULL, NULL), EXZ_OK);
    pid_t pid = fork_child();
    if (pid == 0) {
        exz_socket own = {0};
        for (int round = 0; round < 2; round++) {
            must(exz_socket_open(&own, context, EXZ_PULL, NULL), EXZ_ERR_FORKED);
            must(exz_context_close(context, 1000), EXZ_ERR_FORKED);
            must(exz_context_end_waits(context), EXZ_ERR_FORKED);
            must(exz_socket_open(&own, empty, EXZ_PULL, NULL), EXZ_ERR_FORKED);
            must(exz_context_close(empty, 1000), EXZ_ERR_FORKED);
        }
        _exit(0);
    }
    check_child(pid);
    check_int(state_of(s), EXZ_STATE_IDLE);
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_status(exz_context_close(empty, 0), EXZ_OK);
}

CASE(a_socket_that_was_closed_before_is_no_less_gone) {
    exz_socket s = open_socket(EXZ_PULL);
    close_socket(s);
    pid_t pid = fork_child();
    if (pid == 0) {
        exz_state link_state;
        exz_status status = exz_socket_state(&link_state, s);
        if (status != EXZ_ERR_FORKED) child_must(status, EXZ_ERR_CLOSED, "exz_socket_state()");
        must(exz_socket_state(&link_state, (exz_socket){0}), EXZ_ERR_HANDLE);
        _exit(0);
    }
    check_child(pid);
}

static void echo_once(const char *there, const char *back, bool own_context) {
    exz_context context = EXZ_DEFAULT_CONTEXT;
    exz_socket pull, push;
    char buffer[64];
    size_t size;
    if (own_context) must(exz_context_open(&context), EXZ_OK);
    must(exz_socket_open(&pull, context, EXZ_PULL, NULL), EXZ_OK);
    must(exz_socket_open(&push, context, EXZ_PUSH, NULL), EXZ_OK);
    must(exz_socket_connect(pull, there, 0, PATIENCE_MS, NULL), EXZ_OK);
    must(exz_socket_connect(push, back, 0, PATIENCE_MS, NULL), EXZ_OK);
    must(exz_recv(&size, pull, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
    must(exz_send(push, buffer, size, 0, PATIENCE_MS), EXZ_OK);
    must(exz_socket_close(push, PATIENCE_MS), EXZ_OK);
    must(exz_socket_close(pull, 0), EXZ_OK);
    if (own_context) must(exz_context_close(context, 1000), EXZ_OK);
}

CASE(the_child_talks_with_the_parent_through_sockets_of_its_own) {
    for (transport t = TCP; t <= IPC; t++) {
        for (int own_context = 0; own_context <= 1; own_context++) {
            in_row("%s, %s context", transport_name(t), own_context ? "own" : "default");
            char there[ENDPOINT_SIZE], back[ENDPOINT_SIZE];
            linked untouched = link_types(EXZ_PULL, EXZ_PUSH, t);
            exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
            bind_somewhere(push, t, there);
            bind_somewhere(pull, t, back);
            pid_t pid = fork_child();
            if (pid == 0) {
                echo_once(there, back, own_context);
                _exit(0);
            }
            send_text(push, "to and fro");
            expect_text(pull, "to and fro");
            check_child(pid);
            check_carries(untouched.connected, untouched.bound);
            check_int(stats_of(untouched.bound).links_lost, 0);
            close_socket(push);
            close_socket(pull);
            close_linked(untouched);
        }
    }
}

CASE(a_child_of_a_child_starts_afresh_too) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    char there[ENDPOINT_SIZE], back[ENDPOINT_SIZE];
    exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
    bind_somewhere(push, TCP, there);
    bind_somewhere(pull, TCP, back);
    pid_t pid = fork_child();
    if (pid == 0) {
        exz_socket own;
        exz_state link_state;
        must(exz_socket_open(&own, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
        pid_t grandchild = fork_child();
        if (grandchild == 0) {
            must(exz_socket_state(&link_state, own), EXZ_ERR_FORKED);
            must(exz_socket_state(&link_state, pair.bound), EXZ_ERR_FORKED);
            echo_once(there, back, false);
            _exit(0);
        }
        int status = -1;
        if (waitpid(grandchild, &status, 0) != grandchild || status != 0) _exit(1);
        must(exz_socket_close(own, 0), EXZ_OK);
        _exit(0);
    }
    send_text(push, "far");
    expect_text(pull, "far");
    check_child(pid);
    check_carries(pair.connected, pair.bound);
    close_socket(push);
    close_socket(pull);
    close_linked(pair);
}

static atomic_bool is_enough;

/* Takes the library's process-wide locks again and again. */
static exz_status be_busy(__attribute__((unused)) void *unused) {
    while (!atomic_load(&is_enough)) {
        exz_socket s;
        exz_backoff b;
        exz_status status = exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL);
        if (status == EXZ_OK) status = exz_socket_bind(s, "tcp://127.0.0.1:0", PATIENCE_MS, NULL);
        if (status == EXZ_OK) status = exz_socket_close(s, 0);
        if (status == EXZ_OK) status = exz_backoff_open(&b, NULL);
        if (status == EXZ_OK) status = exz_backoff_close(b);
        if (status == EXZ_OK) status = exz_set_log(NULL, NULL, EXZ_LOG_OFF);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

CASE(a_fork_while_other_threads_are_busy_leaves_both_sides_usable) {
    worker busy[2];
    atomic_store(&is_enough, false);
    for (size_t i = 0; i < COUNT_OF(busy); i++) worker_start(&busy[i], be_busy, NULL);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        pid_t pid = fork_child();
        if (pid == 0) {
            atomic_store(&is_enough, true);
            exz_backoff b;
            exz_socket s;
            must(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK);
            must(exz_backoff_open(&b, NULL), EXZ_OK);
            must(exz_backoff_close(b), EXZ_OK);
            must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL), EXZ_OK);
            must(exz_socket_bind(s, "tcp://127.0.0.1:0", 1000, NULL), EXZ_OK);
            must(exz_socket_close(s, 1000), EXZ_OK);
            _exit(0);
        }
        check_child(pid);
    }
    atomic_store(&is_enough, true);
    for (size_t i = 0; i < COUNT_OF(busy); i++) check_status(worker_join(&busy[i]), EXZ_OK);
}

CASE(a_child_that_uses_nothing_can_exit_as_usual) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    pid_t pid = fork_child();
    if (pid == 0) {
        /* The reports of the parent's tests are not the child's. */
        fclose(stdout);
        exit(0);
    }
    check_child(pid);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_inherited_socket_says_forked_at_once),
        TEST(what_waits_on_no_socket_says_forked_at_once),
        TEST(an_inherited_context_says_forked_every_time),
        TEST(a_socket_that_was_closed_before_is_no_less_gone),
        TEST(the_child_talks_with_the_parent_through_sockets_of_its_own),
        TEST(a_child_of_a_child_starts_afresh_too),
        TEST(a_fork_while_other_threads_are_busy_leaves_both_sides_usable),
        TEST(a_child_that_uses_nothing_can_exit_as_usual),
    };
    return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
