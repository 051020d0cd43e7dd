/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of all waits in a context: whoever waits in it comes back, whoever would begin to is told so at once, and
 * everything else goes on. */
#include <sched.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"
#include "places.h"
#include "proxied.h"
#include "waiting_calls.h"
#include "worker.h"

typedef struct waiting {
    const waiting_call *w;
    exz_socket s;
} waiting;

static exz_status wait_long(void *argument) {
    const waiting *at = argument;
    return at->w->call(at->s, PATIENCE_MS);
}

static exz_socket open_in(exz_context context, exz_socket_type type) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, type, NULL), EXZ_OK);
    return s;
}

CASE(every_wait_that_goes_on_is_ended) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        exz_context context = new_context();
        waiting at = {&waiting_calls[i], open_waiting_in(context, &waiting_calls[i], &options)};
        worker w;
        worker_start(&w, wait_long, &at);
        worker_await_sleep(&w);
        check_status(exz_context_end_waits(context), EXZ_OK);
        check_status(worker_join(&w), EXZ_ERR_CANCELED);
        (void)state_of(at.s);
        close_socket(at.s);
        release_waiting();
        end_context(context);
    }
}

CASE(every_wait_that_would_begin_is_ended_and_a_try_is_a_try) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        exz_context context = new_context();
        exz_socket early = open_waiting_in(context, &waiting_calls[i], &options);
        check_status(exz_context_end_waits(context), EXZ_OK);
        check_status(waiting_calls[i].call(early, PATIENCE_MS), EXZ_ERR_CANCELED);
        check_status(waiting_calls[i].call(early, EXZ_DEFAULT_TIMEOUT), EXZ_ERR_CANCELED);
        check_status(waiting_calls[i].call(early, 0), waiting_calls[i].at_deadline);
        close_socket(early);
        release_waiting();
        end_context(context);
    }
}

CASE(sockets_that_are_opened_later_are_no_exception) {
    exz_context context = new_context();
    check_status(exz_context_end_waits(context), EXZ_OK);
    check_status(exz_context_end_waits(context), EXZ_OK);
    exz_socket s = open_in(context, EXZ_DEALER);
    size_t size;
    check_status(exz_recv(&size, s, NULL, 0, PATIENCE_MS), EXZ_ERR_CANCELED);
    check_status(exz_send(s, "x", 1, 0, PATIENCE_MS), EXZ_ERR_CANCELED);
    check_int(stats_of(s).last_error, EXZ_ERR_CANCELED);
    end_context(context);
}

CASE(many_threads_on_one_socket_all_come_back) {
    enum { THREADS = 16 };
    exz_context context = new_context();
    waiting at = {waiting_call_named("exz_recv"), open_in(context, EXZ_PULL)};
    worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) worker_start(&workers[i], wait_long, &at);
    for (int i = 0; i < THREADS; i++) worker_await_sleep(&workers[i]);
    check_status(exz_context_end_waits(context), EXZ_OK);
    for (int i = 0; i < THREADS; i++) check_status(worker_join(&workers[i]), EXZ_ERR_CANCELED);
    end_context(context);
}

CASE(what_need_not_wait_is_done) {
    exz_context context = new_context();
    exz_socket pull = open_in(context, EXZ_PULL), push = open_in(context, EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE], text[8] = "";
    size_t size;
    bind_somewhere(pull, INPROC, endpoint);
    connect_to(push, endpoint);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_context_end_waits(context), EXZ_OK);
    check_status(exz_send(push, "x", 1, 0, PATIENCE_MS), EXZ_OK);
    exz_poll_item item = {.socket = pull, .events = EXZ_POLL_IN};
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pull, text, sizeof text, PATIENCE_MS), EXZ_OK);
    check_int(size, 1);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    expect_event(push, EXZ_EVENT_HANDSHAKEN);
    end_context(context);
}

CASE(other_contexts_have_their_own) {
    exz_context context = new_context(), other = new_context();
    exz_socket pull = open_in(other, EXZ_PULL), ended = open_in(context, EXZ_PULL), push = open_socket(EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pull, TCP, endpoint);
    waiting at = {waiting_call_named("exz_recv"), pull};
    worker w;
    worker_start(&w, wait_long, &at);
    worker_await_sleep(&w);
    check_status(exz_context_end_waits(context), EXZ_OK);
    connect_to(push, endpoint);
    send_text(push, "x");
    check_status(worker_join(&w), EXZ_OK);
    /* A poll is in both. */
    exz_poll_item items[] = {{.socket = pull, .events = EXZ_POLL_IN}, {.socket = ended, .events = EXZ_POLL_IN}};
    check_status(exz_poll(items, 2, PATIENCE_MS), EXZ_ERR_CANCELED);
    close_socket(push);
    end_context(context);
    end_context(other);
}

static exz_status close_patiently(void *s) { return exz_socket_close(*(exz_socket *)s, PATIENCE_MS); }

/* More than the kernel takes is on its way, and the receiver takes it while the close waits. */
CASE(a_close_has_its_linger) {
    enum { MESSAGES = 200 };
    static char data[100000];
    exz_context context = new_context();
    exz_socket push = open_in(context, EXZ_PUSH), pull = open_socket(EXZ_PULL);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pull, TCP, endpoint);
    connect_to(push, endpoint);
    for (int n = 0; n < MESSAGES; n++) check_status(exz_send(push, data, sizeof data, 0, PATIENCE_MS), EXZ_OK);
    worker w;
    worker_start(&w, close_patiently, &push);
    worker_await_sleep(&w);
    check_status(exz_context_end_waits(context), EXZ_OK);
    size_t size;
    for (int n = 0; n < MESSAGES; n++)
        check_status(exz_recv(&size, pull, data, sizeof data, PATIENCE_MS), EXZ_OK);
    check_status(worker_join(&w), EXZ_OK);
    close_socket(pull);
    end_context(context);
}

CASE(links_are_looked_after) {
    exz_context context = new_context();
    exz_socket push = open_in(context, EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE];
    const int port = reserve_port(endpoint);
    check_status(exz_context_end_waits(context), EXZ_OK);
    connect_later(push, endpoint);
    exz_socket pull = open_socket(EXZ_PULL);
    bind_to(pull, endpoint);
    check_status(exz_wait_peers(pull, 1, PATIENCE_MS), EXZ_OK);
    close_socket(pull);
    end_context(context);
    close(port);
}

CASE(a_proxy_ends_and_says_why) {
    exz_context context = new_context();
    exz_socket front = open_in(context, EXZ_PULL), back = open_socket(EXZ_PUSH), push = open_socket(EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(front, TCP, endpoint);
    connect_to(push, endpoint);
    exz_proxy p = forward(front, back, (exz_socket){0});
    check_status(exz_context_end_waits(context), EXZ_OK);
    await_proxy_state(p, EXZ_PROXY_ENDED);
    check_int(forwarded(p).reason, EXZ_ERR_CANCELED);
    /* The sockets are the program's again. */
    send_text(push, "x");
    exz_message message;
    while (exz_recv_message(&message, front, 0) == EXZ_ERR_TIMEOUT) sched_yield();
    check_part(message, 0, "x");
    check_status(exz_message_free(message), EXZ_OK);
    end_forwarding(p);
    close_socket(push);
    close_socket(back);
    end_context(context);
}

static exz_status wait_for_guests(void *argument) {
    const exz_authenticator *a = argument;
    return exz_authenticator_wait(*a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 1, PATIENCE_MS);
}

CASE(waits_for_an_authenticator_are_ended_too) {
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    worker w;
    worker_start(&w, wait_for_guests, &a);
    worker_await_sleep(&w);
    check_status(exz_context_end_waits(context), EXZ_OK);
    check_status(worker_join(&w), EXZ_ERR_CANCELED);
    check_status(wait_for_guests(&a), EXZ_ERR_CANCELED);
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 0, PATIENCE_MS), EXZ_OK);
    close_authenticator(a);
    a = open_authenticator(context);
    check_status(wait_for_guests(&a), EXZ_ERR_CANCELED);
    close_authenticator(a);
    end_context(context);
}

CASE(those_in_the_process_wide_context_are_everybody_s) {
    check_status(exz_context_end_waits(EXZ_DEFAULT_CONTEXT), EXZ_ERR_INVALID);
    exz_context context = new_context();
    end_context(context);
    check_status(exz_context_end_waits(context), EXZ_ERR_CLOSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_wait_that_goes_on_is_ended),
        TEST(every_wait_that_would_begin_is_ended_and_a_try_is_a_try),
        TEST(sockets_that_are_opened_later_are_no_exception),
        TEST(many_threads_on_one_socket_all_come_back),
        TEST(what_need_not_wait_is_done),
        TEST(other_contexts_have_their_own),
        TEST(a_close_has_its_linger),
        TEST(links_are_looked_after),
        TEST(a_proxy_ends_and_says_why),
        TEST(waits_for_an_authenticator_are_ended_too),
        TEST(those_in_the_process_wide_context_are_everybody_s),
    };
    return cmocka_run_group_tests_name("ended waits", tests, NULL, NULL);
}
