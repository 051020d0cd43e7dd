/* SPDX-License-Identifier: Apache-2.0
 *
 * A canceler ends the waits of its threads and of no other, whatever they wait for. */
#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

typedef struct cancelable {
    exz_canceler canceler;
    exz_socket s;
    exz_status (*call)(exz_socket s);
} cancelable;

static exz_status call_with_canceler(void *argument) {
    cancelable *c = argument;
    check_status(exz_canceler_attach(c->canceler), EXZ_OK);
    return c->call(c->s);
}

static exz_status wait_for_a_message(exz_socket s) {
    char buffer[8];
    size_t size;
    return exz_recv(&size, s, buffer, sizeof buffer, PATIENCE_MS);
}

static exz_status wait_for_room(exz_socket s) { return exz_send(s, "x", 1, 0, PATIENCE_MS); }
static exz_status wait_for_peers(exz_socket s) { return exz_wait_peers(s, 99, PATIENCE_MS); }

static exz_status wait_for_an_event(exz_socket s) {
    exz_event event = EXZ_EVENT_INIT;
    return exz_next_event(&event, s, PATIENCE_MS);
}

static exz_status wait_in_poll(exz_socket s) {
    exz_poll_item item = {.socket = s, .events = EXZ_POLL_IN};
    return exz_poll(&item, 1, PATIENCE_MS);
}

static exz_status wait_for_an_answer(exz_socket s) {
    char buffer[8];
    size_t size;
    return exz_request(&size, s, "x", 1, buffer, sizeof buffer, PATIENCE_MS, NULL);
}

static exz_status wait_for_a_server(exz_socket s) {
    return exz_socket_connect(s, "inproc://nobody-is-bound-here", 0, PATIENCE_MS, NULL);
}

static const struct {
    const char *name;
    exz_socket_type type;
    exz_status (*call)(exz_socket s);
} calls[] = {
    {"exz_recv", EXZ_PULL, wait_for_a_message},   {"exz_send", EXZ_PUSH, wait_for_room},
    {"exz_wait_peers", EXZ_PULL, wait_for_peers}, {"exz_next_event", EXZ_PULL, wait_for_an_event},
    {"exz_poll", EXZ_PULL, wait_in_poll},         {"exz_request", EXZ_REQ, wait_for_an_answer},
    {"exz_socket_connect", EXZ_PUSH, wait_for_a_server},
};

static cancelable prepare(size_t row) {
    cancelable c = {{0}, open_socket(calls[row].type), calls[row].call};
    check_status(exz_canceler_open(&c.canceler), EXZ_OK);
    return c;
}

static void finish(cancelable c) {
    check_status(exz_canceler_close(c.canceler), EXZ_OK);
    close_socket(c.s);
}

CASE(it_ends_the_wait_that_is_going_on) {
    for (size_t row = 0; row < COUNT_OF(calls); row++) {
        in_row("%s", calls[row].name);
        cancelable c = prepare(row);
        worker w;
        worker_start(&w, call_with_canceler, &c);
        worker_await_sleep(&w);
        check_status(exz_canceler_cancel(c.canceler), EXZ_OK);
        check_status(worker_join(&w), EXZ_ERR_CANCELED);
        finish(c);
    }
}

CASE(it_ends_a_wait_that_comes_later) {
    for (size_t row = 0; row < COUNT_OF(calls); row++) {
        in_row("%s", calls[row].name);
        cancelable c = prepare(row);
        check_status(exz_canceler_cancel(c.canceler), EXZ_OK);
        check_status(call_with_canceler(&c), EXZ_ERR_CANCELED);
        check_status(exz_canceler_attach((exz_canceler){0}), EXZ_OK);
        finish(c);
    }
}

CASE(it_leaves_the_waits_of_others_alone) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    cancelable ours = {{0}, pair.bound, wait_for_a_message}, theirs = ours;
    check_status(exz_canceler_open(&ours.canceler), EXZ_OK);
    check_status(exz_canceler_open(&theirs.canceler), EXZ_OK);
    worker first, second;
    worker_start(&first, call_with_canceler, &ours);
    worker_await_sleep(&first);
    worker_start(&second, call_with_canceler, &theirs);
    worker_await_sleep(&second);
    check_status(exz_canceler_cancel(ours.canceler), EXZ_OK);
    check_status(worker_join(&first), EXZ_ERR_CANCELED);
    send_text(pair.connected, "kept");
    check_status(worker_join(&second), EXZ_OK);
    check_status(exz_canceler_close(ours.canceler), EXZ_OK);
    check_status(exz_canceler_close(theirs.canceler), EXZ_OK);
    close_linked(pair);
}

CASE(it_ends_the_waits_of_all_its_threads) {
    cancelable both = prepare(0);
    worker first, second;
    worker_start(&first, call_with_canceler, &both);
    worker_start(&second, call_with_canceler, &both);
    worker_await_sleep(&first);
    worker_await_sleep(&second);
    check_status(exz_canceler_cancel(both.canceler), EXZ_OK);
    check_status(worker_join(&first), EXZ_ERR_CANCELED);
    check_status(worker_join(&second), EXZ_ERR_CANCELED);
    finish(both);
}

CASE(a_call_that_need_not_wait_succeeds) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    exz_canceler canceler;
    check_status(exz_canceler_open(&canceler), EXZ_OK);
    check_status(exz_canceler_attach(canceler), EXZ_OK);
    check_status(exz_canceler_cancel(canceler), EXZ_OK);
    check_carries(pair.connected, pair.bound);
    check_status(exz_canceler_reset(canceler), EXZ_OK);
    char buffer[8];
    size_t size;
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, 1), EXZ_ERR_TIMEOUT);
    check_status(exz_canceler_attach((exz_canceler){0}), EXZ_OK);
    check_status(exz_canceler_close(canceler), EXZ_OK);
    close_linked(pair);
}

CASE(handles_that_are_none_say_so) {
    exz_canceler closed, none = {0}, invented = {12345};
    check_status(exz_canceler_open(NULL), EXZ_ERR_INVALID);
    check_status(exz_canceler_open(&closed), EXZ_OK);
    check_status(exz_canceler_close(closed), EXZ_OK);
    check_status(exz_canceler_close(closed), EXZ_OK);
    check_status(exz_canceler_cancel(closed), EXZ_ERR_CLOSED);
    check_status(exz_canceler_reset(closed), EXZ_ERR_CLOSED);
    check_status(exz_canceler_attach(closed), EXZ_ERR_CLOSED);
    check_status(exz_canceler_cancel(none), EXZ_ERR_HANDLE);
    check_status(exz_canceler_attach(invented), EXZ_ERR_HANDLE);
    check_status(exz_canceler_close(invented), EXZ_ERR_HANDLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_ends_the_wait_that_is_going_on),
        TEST(it_ends_a_wait_that_comes_later),
        TEST(it_leaves_the_waits_of_others_alone),
        TEST(it_ends_the_waits_of_all_its_threads),
        TEST(a_call_that_need_not_wait_succeeds),
        TEST(handles_that_are_none_say_so),
    };
    return cmocka_run_group_tests_name("canceler", tests, NULL, NULL);
}
