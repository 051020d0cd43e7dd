/* SPDX-License-Identifier: Apache-2.0
 *
 * Decisions of the program: when it is asked, and how long it may take. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "admission.h"
#include "monotonic.h"
#include "worker.h"

/* What a decision has been told, and what it says. */
typedef struct decision {
    exz_status answer;
    const char *user_id;
    char address[64], public_key[EXZ_CURVE_TEXT_SIZE];
    int mechanism;
    atomic_int calls;
    /* Counts the calls; is open once decisions may be made. */
    sem_t has_begun, may_go;
} decision;

static void prepare(decision *made, const char *user_id, bool may_go) {
    *made = (decision){.answer = EXZ_OK, .user_id = user_id};
    check_int(sem_init(&made->has_begun, 0, 0), 0);
    check_int(sem_init(&made->may_go, 0, may_go), 0);
}

static bool has_come(sem_t *semaphore) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    int result;
    while ((result = sem_clockwait(semaphore, CLOCK_MONOTONIC, &end)) != 0 && errno == EINTR) {}
    return result == 0;
}

static exz_status decide(void *user, const exz_auth_request *request, char *user_id) {
    decision *made = user;
    strncpy(made->address, request->address, sizeof made->address - 1);
    strncpy(made->public_key, request->public_key, sizeof made->public_key - 1);
    made->mechanism = request->mechanism;
    atomic_fetch_add(&made->calls, 1);
    sem_post(&made->has_begun);
    /* Once it is open it stays so. */
    if (has_come(&made->may_go)) sem_post(&made->may_go);
    strcpy(user_id, made->user_id);
    return made->answer;
}

static exz_authenticator open_asking(exz_context context, exz_auth_decide function, void *user, int32_t timeout_ms) {
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.decide = function;
    options.user = user;
    options.decision_timeout_ms = timeout_ms;
    exz_authenticator a;
    check_status(exz_authenticator_open(&a, context, &options), EXZ_OK);
    return a;
}

static exz_authenticator open_deciding(exz_context context, decision *made, int32_t timeout_ms) {
    return open_asking(context, decide, made, timeout_ms);
}

CASE(the_program_decides_where_no_rule_speaks) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair known = new_keys(), other = new_keys();
    decision made;
    prepare(&made, "guest", true);
    exz_authenticator a = open_deciding(s.context, &made, 1000);
    check_status(exz_authenticator_allow_key(a, known.public_key, NULL), EXZ_OK);
    check_status(knock(&s, &known), EXZ_OK);
    check_int(made.calls, 0);
    check_status(knock(&s, &other), EXZ_OK);
    check_int(made.calls, 1);
    check_text(made.address, "127.0.0.1");
    check_text(made.public_key, other.public_key);
    check_int(made.mechanism, EXZ_SECURITY_CURVE_SERVER);
    made.answer = EXZ_ERR_PERMISSION;
    check_status(knock(&s, &other), EXZ_ERR_SECURITY);
    check(counts_of(a).refused_decision > 0);
    check_int(counts_of(a).accepted, 2);
    check_int(counts_of(a).pending, 0);
    close_authenticator(a);
    close_guarded_service(&s);
}

CASE(a_decision_that_comes_too_late_counts_for_nothing) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair known = new_keys(), other = new_keys();
    decision made;
    prepare(&made, "guest", false);
    exz_authenticator a = open_deciding(s.context, &made, 20);
    check_status(exz_authenticator_allow_key(a, known.public_key, NULL), EXZ_OK);
    exz_socket client = open_guarded_client(&s, &other);
    check_status(try_connect(client, s.endpoint), EXZ_ERR_SECURITY);
    check(counts_of(a).refused_late > 0);
    /* Nobody else waits for it. */
    check_status(knock(&s, &known), EXZ_OK);
    check_status(exz_authenticator_close(a, 0), EXZ_ERR_TIMEOUT);
    check_status(knock(&s, &known), EXZ_ERR_SECURITY);
    sem_post(&made.may_go);
    close_authenticator(a);
    check_int(stats_of(s.socket).peers, 0);
    close_socket(client);
    close_guarded_service(&s);
}

CASE(a_decision_that_comes_too_late_is_counted) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair other = new_keys();
    decision made;
    prepare(&made, "guest", false);
    exz_authenticator a = open_deciding(s.context, &made, 20);
    exz_socket client = open_guarded_client(&s, &other);
    check_status(try_connect(client, s.endpoint), EXZ_ERR_SECURITY);
    check_int(counts_of(a).late_decisions, 0);
    sem_post(&made.may_go);
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_LATE_DECISIONS, 1, PATIENCE_MS), EXZ_OK);
    close_authenticator(a);
    close_socket(client);
    close_guarded_service(&s);
}

/* A signal without SA_RESTART breaks off the system's waits. */
static void do_nothing(__attribute__((unused)) int number) {}

static exz_status close_in_time(void *argument) {
    return exz_authenticator_close(*(exz_authenticator *)argument, 4 * PATIENCE_MS);
}

static void check_close_takes(exz_authenticator a, int32_t timeout_ms, int32_t least_ms) {
    const int64_t began = now_ns();
    check_status(exz_authenticator_close(a, timeout_ms), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= least_ms * INT64_C(1000000));
    check(now_ns() - began < (least_ms + GENEROUS_MS) * INT64_C(1000000));
}

CASE(closing_waits_for_a_decision_that_runs_and_no_longer_than_it_is_told) {
    const int32_t timeouts[] = {0, 1, 10, 80};
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair other = new_keys();
    decision made;
    prepare(&made, "guest", false);
    exz_authenticator a = open_deciding(s.context, &made, 4000);
    exz_socket client = open_guarded_client(&s, &other);
    check_status(exz_socket_connect(client, s.endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    check(has_come(&made.has_begun));
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        in_row("%d ms", timeouts[i]);
        check_close_takes(a, timeouts[i], timeouts[i]);
    }
    check_close_takes(a, EXZ_DEFAULT_TIMEOUT, 1000);
    struct sigaction action = {.sa_handler = do_nothing};
    check_int(sigaction(SIGUSR1, &action, NULL), 0);
    worker closing;
    worker_start(&closing, close_in_time, &a);
    worker_await_sleep(&closing);
    for (int i = 0; i < 20; i++) {
        check_int(pthread_kill(closing.thread, SIGUSR1), 0);
        worker_await_sleep(&closing);
    }
    check(!atomic_load(&closing.is_done));
    sem_post(&made.may_go);
    check_status(worker_join(&closing), EXZ_OK);
    check_int(made.calls, 1);
    check_int(stats_of(s.socket).peers, 0);
    close_socket(client);
    close_guarded_service(&s);
}

static exz_status close_from_within(void *user, const exz_auth_request *request, char *user_id) {
    (void)request;
    (void)user_id;
    exz_authenticator *a = user;
    return exz_authenticator_close(*a, 100) == EXZ_ERR_STATE ? EXZ_OK : EXZ_ERR_INTERNAL;
}

/* Names each by the name that it says, once it may. */
static exz_status decide_by_name(void *user, const exz_auth_request *request, char *user_id) {
    const exz_status answer = decide(user, request, user_id);
    strcpy(user_id, request->username);
    return answer;
}

static exz_socket open_named(const char *name) {
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    security.username = name;
    security.password = "x";
    return open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
}

/* While the program thinks about one, that one goes and another comes from the same address. */
CASE(a_yes_for_somebody_who_is_gone_names_nobody_else) {
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        exz_context context = new_context();
        decision made;
        prepare(&made, "", false);
        exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
        options.decide = decide_by_name;
        options.user = &made;
        options.decision_timeout_ms = 4000;
        exz_authenticator a;
        check_status(exz_authenticator_open(&a, context, &options), EXZ_OK);
        exz_security plain = EXZ_SECURITY_INIT;
        plain.mechanism = EXZ_SECURITY_PLAIN_SERVER;
        exz_socket server = open_secured(context, EXZ_PULL, &plain);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(server, t, endpoint);
        exz_socket first = open_named("anna");
        connect_later(first, endpoint);
        check(has_come(&made.has_begun));
        close_socket(first);
        expect_event(server, EXZ_EVENT_PEER_REJECTED);
        exz_socket second = open_named("bert");
        connect_later(second, endpoint);
        check(has_come(&made.has_begun));
        sem_post(&made.may_go);
        check_text(expect_event(server, EXZ_EVENT_HANDSHAKEN).user_id, "bert");
        check_carries(second, server);
        close_socket(second);
        check_text(expect_event(server, EXZ_EVENT_LOST).user_id, "bert");
        close_socket(server);
        close_authenticator(a);
        end_context(context);
    }
}

CASE(a_decision_does_not_wait_for_its_own_end) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = {0};
    a = open_asking(s.context, close_from_within, &a, 1000);
    const key_pair client = new_keys();
    check_status(knock(&s, &client), EXZ_OK);
    close_authenticator(a);
    close_guarded_service(&s);
}

typedef struct leaver {
    atomic_int calls;
    int leaves;
} leaver;

static exz_status end_the_thread(void *user, const exz_auth_request *request, char *user_id) {
    (void)request;
    (void)user_id;
    leaver *l = user;
    if (atomic_fetch_add(&l->calls, 1) < l->leaves) pthread_exit(NULL);
    return EXZ_OK;
}

/* More often than there are threads for decisions. */
CASE(a_decision_that_ends_its_thread_is_a_no_and_holds_up_nobody) {
    service s;
    open_guarded_service(&s, 0, TCP);
    leaver l = {.leaves = 6};
    exz_authenticator a = open_asking(s.context, end_the_thread, &l, 200);
    const key_pair client = new_keys();
    for (int i = 1; i <= l.leaves; i++) {
        check_status(knock(&s, &client), EXZ_ERR_SECURITY);
        check_int(atomic_load(&l.calls), i);
        check_int(counts_of(a).refused_late, i);
    }
    /* A busy machine may be late. */
    while (knock(&s, &client) != EXZ_OK) check_int(counts_of(a).accepted, 0);
    check_int(counts_of(a).pending, 0);
    close_authenticator(a);
    close_guarded_service(&s);
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
}

/* Whoever gives the argument of `decide` back when the authenticator is closed must not do so too early. */
CASE(a_decision_is_waited_for_after_a_shutdown_as_well) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair other = new_keys();
    decision made;
    prepare(&made, "guest", false);
    exz_authenticator a = open_deciding(s.context, &made, 20);
    exz_socket client = open_guarded_client(&s, &other);
    check_status(try_connect(client, s.endpoint), EXZ_ERR_SECURITY);
    check_status(exz_shutdown(200), EXZ_ERR_TIMEOUT);
    check_status(exz_authenticator_close(a, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_authenticator_allow_key(a, other.public_key, NULL), EXZ_ERR_CLOSED);
    sem_post(&made.may_go);
    close_authenticator(a);
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, other.public_key, NULL), EXZ_ERR_CLOSED);
}

CASE(a_peer_that_is_waited_for_at_the_end_of_the_context_is_counted) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair other = new_keys();
    decision made;
    prepare(&made, "guest", false);
    exz_authenticator a = open_deciding(s.context, &made, 4000);
    exz_socket client = open_guarded_client(&s, &other);
    connect_later(client, s.endpoint);
    check(has_come(&made.has_begun));
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_PENDING, 1, PATIENCE_MS), EXZ_OK);
    close_guarded_service(&s);
    check_int(counts_of(a).pending, 0);
    check_int(counts_of(a).refused, 1);
    check_int(counts_of(a).refused_other, 1);
    sem_post(&made.may_go);
    close_authenticator(a);
    close_socket(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_program_decides_where_no_rule_speaks),
        TEST(a_decision_that_comes_too_late_counts_for_nothing),
        TEST(a_decision_that_comes_too_late_is_counted),
        TEST(closing_waits_for_a_decision_that_runs_and_no_longer_than_it_is_told),
        TEST(a_yes_for_somebody_who_is_gone_names_nobody_else),
        TEST(a_decision_does_not_wait_for_its_own_end),
        TEST(a_decision_that_ends_its_thread_is_a_no_and_holds_up_nobody),
        TEST(a_decision_is_waited_for_after_a_shutdown_as_well),
        TEST(a_peer_that_is_waited_for_at_the_end_of_the_context_is_counted),
    };
    return cmocka_run_group_tests_name("decisions of the program", tests, NULL, NULL);
}
