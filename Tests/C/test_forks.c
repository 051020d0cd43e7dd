/* SPDX-License-Identifier: Apache-2.0
 *
 * A process may fork at every moment, whatever its other threads are doing: the child can use the library. The
 * environment variable EXZ_FORKS says how often it forks; thousands are for who looks for something rare. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "forked.h"
#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

static int forks(void) {
    const char *text = getenv("EXZ_FORKS");
    return text != NULL && atoi(text) > 0 ? atoi(text) : 300;
}

static atomic_bool is_over;
static atomic_long rounds;

static void log_nothing(__attribute__((unused)) void *user, __attribute__((unused)) exz_log_level level,
                        __attribute__((unused)) const char *message) {}

/* All that has locks and things that are made once. */
static exz_status be_busy(__attribute__((unused)) void *unused) {
    while (!atomic_load(&is_over)) {
        exz_context context;
        exz_socket bound, connected;
        exz_message message;
        exz_canceler canceler;
        char endpoint[ENDPOINT_SIZE];
        exz_status status = exz_context_open(&context);
        if (status != EXZ_OK) return status;
        exz_canceler_open(&canceler);
        exz_canceler_attach(canceler);
        exz_socket_open(&bound, context, EXZ_PUB, NULL);
        exz_socket_open(&connected, context, EXZ_SUB, NULL);
        exz_socket_bind(bound, "tcp://127.0.0.1:*", 1000, NULL);
        exz_socket_endpoint(bound, endpoint, sizeof endpoint);
        exz_subscribe(connected, "t");
        exz_socket_connect(connected, endpoint, 0, 1000, NULL);
        exz_socket_connect(connected, "tcp://localhost:1", EXZ_CONNECT_BACKGROUND, 0, NULL);
        exz_wait_subscribers(bound, "t", 1, 1000);
        exz_publish(bound, "t", "x", 1, 100);
        if (exz_recv_message(&message, connected, 100) == EXZ_OK) exz_message_free(message);
        exz_set_log(log_nothing, NULL, EXZ_LOG_DEBUG);
        exz_context_close(context, 0);
        exz_canceler_cancel(canceler);
        exz_canceler_attach((exz_canceler){0});
        exz_canceler_close(canceler);
        atomic_fetch_add(&rounds, 1);
    }
    return EXZ_OK;
}

static void use_afresh(void) {
    char endpoint[ENDPOINT_SIZE], byte;
    size_t size;
    exz_socket push, pull;
    must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    must(exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    must(exz_socket_bind(pull, "tcp://127.0.0.1:*", PATIENCE_MS, NULL), EXZ_OK);
    must(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
    must(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, NULL), EXZ_OK);
    must(exz_send(push, "x", 1, 0, PATIENCE_MS), EXZ_OK);
    must(exz_recv(&size, pull, &byte, 1, PATIENCE_MS), EXZ_OK);
    must(exz_shutdown(PATIENCE_MS), EXZ_OK);
}

CASE(a_busy_process_forks_at_every_moment) {
    worker workers[2];
    for (size_t i = 0; i < COUNT_OF(workers); i++) worker_start(&workers[i], be_busy, NULL);
    for (int i = 0; i < forks(); i++) {
        in_row("fork %d", i);
        pid_t pid = fork_child();
        if (pid == 0) {
            alarm(40);
            use_afresh();
            _exit(0);
        }
        check_child(pid);
    }
    check(atomic_load(&rounds) > 0);
    atomic_store(&is_over, true);
    for (size_t i = 0; i < COUNT_OF(workers); i++) check_status(worker_join(&workers[i]), EXZ_OK);
    check_status(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK);
}

static void fork_early(const char *argument) {
    for (int i = 0; i < forks() / 10; i++) {
        in_row("process %d", i);
        child forker;
        char line[16];
        child_start(&forker, sibling_program("early_forker"), (const char *const[]){argument, NULL});
        child_expect_line(&forker, line, sizeof line);
        check_text(line, "done");
        check_int(child_end(&forker), 0);
    }
}

CASE(a_process_forks_while_the_library_is_first_used) { fork_early(NULL); }

CASE(a_process_forks_while_functions_are_first_called) { fork_early("opened"); }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_busy_process_forks_at_every_moment),
        TEST(a_process_forks_while_the_library_is_first_used),
        TEST(a_process_forks_while_functions_are_first_called),
    };
    return cmocka_run_group_tests_name("forks", tests, NULL, NULL);
}
