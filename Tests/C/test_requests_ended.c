/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that are cancelled, closed under, interrupted by signals, or made again because no answer comes; at every
 * stage: before there is a server, while it has the request, and in the delay before the request is made again. */
#include <signal.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "requests.h"

static void ignore(__attribute__((unused)) int number) {}

static int handle_signals(__attribute__((unused)) void **group) {
    struct sigaction action = {.sa_handler = ignore};
    return sigaction(SIGUSR1, &action, NULL);
}

typedef enum stage { NO_SERVER, NO_ANSWER, IN_DELAY, STAGE_COUNT } stage;

static const char *const stage_names[] = {"no server", "no answer", "in the delay"};

/* A REQ, its server, and a request that does not end by itself. */
typedef struct scene {
    plain_server server;
    question q;
    worker asking;
} scene;

/* A REQ that is bound: the time of an attempt, which may be short here, is also that of an attempt to connect. */
static exz_socket open_bound(const exz_socket_options *options) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket s = open_with(EXZ_REQ, options);
    bind_somewhere(s, TCP, endpoint);
    return s;
}

static exz_socket open_client(bool is_interruptible, stage at) {
    exz_socket_options options = quick_options();
    options.interruptible = is_interruptible;
    if (at == IN_DELAY) {
        options.retry.attempt_timeout_ms = 1;
        options.retry.initial_backoff_ms = options.retry.max_backoff_ms = 4 * PATIENCE_MS;
        options.retry.jitter = EXZ_JITTER_NONE;
    }
    return open_bound(&options);
}

static void start(scene *s, stage at, bool is_interruptible) {
    s->q = question_of(open_client(is_interruptible, at), "never");
    s->q.timeout_ms = 3 * PATIENCE_MS;
    s->q.is_idempotent = at == IN_DELAY;
    if (at != NO_SERVER) s->server = plain_server_for(s->q.s, "router");
    worker_start(&s->asking, ask, &s->q);
    if (at != NO_SERVER) check_got(&s->server, "never");
    /* The attempt is over when its time is. */
    const int64_t over = after_ms(5);
    while (at == IN_DELAY && now_ns() < over) sched_yield();
    worker_await_sleep(&s->asking);
}

static void end(scene *s) {
    close_socket(s->q.s);
    check_int(child_end(&s->server.process), 0);
}

/* The socket can make its next request at once, and the one that has ended is not made again. */
static void check_usable(scene *s, stage at) {
    check_int(stats_of(s->q.s).messages_sent, at == NO_SERVER ? 0 : 1);
    if (at == NO_SERVER) s->server = plain_server_for(s->q.s, "router");
    check_answered(s->q.s, "next");
    check_got(&s->server, "next");
}

static void cancel_until_back(scene *s) {
    while (!atomic_load(&s->asking.is_done)) {
        check_status(exz_socket_cancel(s->q.s), EXZ_OK);
        sched_yield();
    }
}

CASE(a_cancelled_request_leaves_the_socket_usable) {
    for (stage at = NO_SERVER; at < STAGE_COUNT; at++) {
        for (int round = 0; round < 5; round++) {
            in_row("%s, round %d", stage_names[at], round);
            scene s;
            start(&s, at, false);
            cancel_until_back(&s);
            check_status(worker_join(&s.asking), EXZ_ERR_CANCELED);
            check_status(s.q.error.status, EXZ_ERR_CANCELED);
            check_usable(&s, at);
            end(&s);
        }
    }
}

CASE(a_close_ends_a_request_and_those_that_wait_for_their_turn) {
    for (stage at = NO_SERVER; at < STAGE_COUNT; at++) {
        for (int round = 0; round < 5; round++) {
            in_row("%s, round %d", stage_names[at], round);
            scene s;
            start(&s, at, false);
            question second = question_of(s.q.s, "second");
            worker waiting;
            worker_start(&waiting, ask, &second);
            worker_await_sleep(&waiting);
            check_status(exz_socket_close(s.q.s, 0), EXZ_OK);
            check_status(worker_join(&s.asking), EXZ_ERR_CLOSED);
            check_status(worker_join(&waiting), EXZ_ERR_CLOSED);
            check(s.asking.ended_ns - s.asking.began_ns < PATIENCE_MS * INT64_C(1000000));
            if (at != NO_SERVER) check_int(child_end(&s.server.process), 0);
        }
    }
}

static exz_status signal_until_back(scene *s) {
    while (!atomic_load(&s->asking.is_done)) {
        worker_await_sleep(&s->asking);
        check_int(pthread_kill(s->asking.thread, SIGUSR1), 0);
        sched_yield();
    }
    return worker_join(&s->asking);
}

static void interrupt_until_back(scene *s) { check_status(signal_until_back(s), EXZ_ERR_INTERRUPTED); }

/* The deadline is far away. */
CASE(a_request_ends_with_the_link_to_its_server) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_ROUTER, EXZ_REQ, t);
        question q = question_of(pair.connected, "never");
        q.timeout_ms = 100 * PATIENCE_MS;
        worker asking;
        worker_start(&asking, ask, &q);
        exz_message m;
        check_status(exz_recv_message(&m, pair.bound, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_free(m), EXZ_OK);
        check_status(exz_socket_disconnect(pair.connected, pair.endpoint), EXZ_OK);
        check_status(worker_join(&asking), EXZ_ERR_PEER_LOST);
        close_linked(pair);
    }
}

CASE(an_interrupted_request_is_given_up_for_another) {
    for (stage at = NO_SERVER; at < STAGE_COUNT; at++) {
        for (int round = 0; round < 5; round++) {
            in_row("%s, round %d", stage_names[at], round);
            scene s;
            start(&s, at, true);
            interrupt_until_back(&s);
            check_usable(&s, at);
            end(&s);
        }
    }
}

CASE(the_same_request_goes_on_after_signals_without_being_made_again) {
    scene s = {.q = question_of(open_client(true, NO_SERVER), "hold")};
    char line[64];
    for (int i = 0; i < 5; i++) {
        worker_start(&s.asking, ask, &s.q);
        interrupt_until_back(&s);
        check_int(s.q.error.attempts, 1);
    }
    s.server = plain_server_for(s.q.s, "router");
    for (int i = 0; i < 5; i++) {
        worker_start(&s.asking, ask, &s.q);
        if (i == 0) check_got(&s.server, "hold");
        interrupt_until_back(&s);
        check_int(s.q.error.attempts, 1);
    }
    child_tell(&s.server.process, "release\n");
    child_expect_line(&s.server.process, line, sizeof line);
    check_text(line, "released");
    check_status(ask(&s.q), EXZ_OK);
    check_answer(&s.q);
    check_int(stats_of(s.q.s).messages_sent, 1);
    end(&s);
}

CASE(a_signal_makes_no_difference_to_a_socket_that_is_not_interruptible) {
    scene s;
    start(&s, NO_ANSWER, false);
    for (int i = 0; i < 10; i++) {
        worker_await_sleep(&s.asking);
        check_int(pthread_kill(s.asking.thread, SIGUSR1), 0);
    }
    check(!atomic_load(&s.asking.is_done));
    cancel_until_back(&s);
    check_status(worker_join(&s.asking), EXZ_ERR_CANCELED);
    check_usable(&s, NO_ANSWER);
    end(&s);
}

/* Interrupts a request that the server holds. */
static void interrupt_held(scene *s) {
    exz_socket_options options = quick_options();
    options.interruptible = 1;
    s->server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    s->q = question_of(open_with(EXZ_REQ, &options), "hold");
    connect_to(s->q.s, s->server.endpoint);
    worker_start(&s->asking, ask, &s->q);
    check_got(&s->server, "hold");
    interrupt_until_back(s);
}

static void release(scene *s) {
    char line[64];
    child_tell(&s->server.process, "release\n");
    child_expect_line(&s->server.process, line, sizeof line);
    check_text(line, "released");
}

CASE(an_answer_that_came_between_counts_even_if_the_server_is_gone) {
    scene s;
    interrupt_held(&s);
    release(&s);
    check_int(child_end(&s.server.process), 0);
    expect_event(s.q.s, EXZ_EVENT_LOST);
    ask(&s.q);
    check_answer(&s.q);
    close_socket(s.q.s);
}

CASE(whoever_takes_the_answer_or_sends_gives_an_interrupted_request_up) {
    for (int sends = 0; sends <= 1; sends++) {
        in_row(sends ? "a send" : "a receive");
        scene s;
        interrupt_held(&s);
        if (sends) send_text(s.q.s, "x");
        if (sends) check_got(&s.server, "x");
        if (!sends) release(&s);
        expect_text(s.q.s, sends ? "re x" : "re hold");
        worker_start(&s.asking, ask, &s.q);
        check_got(&s.server, "hold");
        release(&s);
        worker_join(&s.asking);
        check_answer(&s.q);
        end(&s);
    }
}

static scene without_an_answer(bool is_interruptible) {
    exz_socket_options options = quick_options();
    options.retry.attempt_timeout_ms = 20;
    options.retry.max_attempts = 4;
    options.interruptible = is_interruptible;
    scene s = {.q = question_of(open_bound(&options), "never")};
    s.q.is_idempotent = true;
    s.server = plain_server_for(s.q.s, "router");
    return s;
}

/* False if the signal came when all attempts were over. */
static bool interrupt_in_time(scene *s) {
    worker_start(&s->asking, ask, &s->q);
    check_got(&s->server, "never");
    const exz_status status = signal_until_back(s);
    if (status == EXZ_ERR_INTERRUPTED) return true;
    check_status(status, EXZ_ERR_TIMEOUT);
    end(s);
    return false;
}

CASE(a_request_without_an_answer_is_made_again_as_often_as_the_policy_says) {
    for (int is_interruptible = 0; is_interruptible <= 1; is_interruptible++) {
        in_row(is_interruptible ? "interrupted" : "undisturbed");
        scene s;
        do {
            s = without_an_answer(is_interruptible);
        } while (is_interruptible && !interrupt_in_time(&s));
        check_status(ask(&s.q), EXZ_ERR_TIMEOUT);
        check_int(s.q.error.attempts, 4);
        check(s.q.error.elapsed_ms < PATIENCE_MS);
        check_int(stats_of(s.q.s).messages_sent, 4);
        if (!is_interruptible) check(s.q.error.elapsed_ms >= 4 * 20);
        check_answered(s.q.s, "next");
        for (int i = is_interruptible; i < 4; i++) check_got(&s.server, "never");
        check_got(&s.server, "next");
        end(&s);
    }
}

/* The same policy, but the caller does not say that it may be made again. */
CASE(a_request_without_an_answer_is_not_made_again_unless_it_may_be) {
    exz_socket_options options = quick_options();
    options.retry.attempt_timeout_ms = 1;
    scene s = {.q = question_of(open_bound(&options), "never")};
    s.q.timeout_ms = 100;
    s.server = plain_server_for(s.q.s, "router");
    check_status(ask(&s.q), EXZ_ERR_TIMEOUT);
    check(s.q.error.elapsed_ms >= 100);
    check_int(s.q.error.attempts, 1);
    check_got(&s.server, "never");
    check_answered(s.q.s, "next");
    check_got(&s.server, "next");
    end(&s);
}

CASE(an_answer_during_the_delay_before_the_next_attempt_is_taken) {
    scene s = {.q = question_of(open_client(false, IN_DELAY), "hold")};
    s.q.is_idempotent = true;
    s.server = plain_server_for(s.q.s, "router");
    worker_start(&s.asking, ask, &s.q);
    check_got(&s.server, "hold");
    worker_await_sleep(&s.asking);
    release(&s);
    worker_join(&s.asking);
    check_answer(&s.q);
    check_int(stats_of(s.q.s).messages_sent, 1);
    end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_cancelled_request_leaves_the_socket_usable),
        TEST(a_close_ends_a_request_and_those_that_wait_for_their_turn),
        TEST(a_request_ends_with_the_link_to_its_server),
        TEST(an_interrupted_request_is_given_up_for_another),
        TEST(the_same_request_goes_on_after_signals_without_being_made_again),
        TEST(a_signal_makes_no_difference_to_a_socket_that_is_not_interruptible),
        TEST(an_answer_that_came_between_counts_even_if_the_server_is_gone),
        TEST(whoever_takes_the_answer_or_sends_gives_an_interrupted_request_up),
        TEST(a_request_without_an_answer_is_made_again_as_often_as_the_policy_says),
        TEST(a_request_without_an_answer_is_not_made_again_unless_it_may_be),
        TEST(an_answer_during_the_delay_before_the_next_attempt_is_taken),
    };
    return cmocka_run_group_tests_name("requests that end otherwise", tests, handle_signals, NULL);
}
