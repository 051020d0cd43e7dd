/* SPDX-License-Identifier: Apache-2.0
 *
 * Message proxies used wrongly: each mistake has its status, and the sockets are as they were. */
#include <string.h>

#include "monotonic.h"
#include "proxied.h"
#include "worker.h"

static const exz_socket none = {0};

/* Refused, with a sentence that has this in it, and nothing written. */
static void refuse_open(exz_socket front, exz_socket back, exz_socket capture, exz_status expected, const char *word) {
    exz_proxy p = {77};
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_proxy_open(&p, front, back, capture, &error), expected);
    check_int(p.id, 77);
    check_int(error.status, expected);
    if (strstr(error.message, word) == NULL) fail_msg("\"%s\" does not name %s", error.message, word);
    check_status(exz_proxy_open(&p, front, back, capture, NULL), expected);
}

CASE(types_that_can_not_be_forwarded_to_each_other_are_named) {
    static const char *const names[] = {"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB",
                                        "XSUB"};
    for (exz_socket_type front = EXZ_PAIR; front <= EXZ_XSUB; front++) {
        for (exz_socket_type back = EXZ_PAIR; back <= EXZ_XSUB; back++) {
            in_row("%s and %s", names[front], names[back]);
            exz_socket a = open_socket(front), b = open_socket(back);
            const int pair = 1 << front | 1 << back;
            if (pair == (1 << EXZ_XSUB | 1 << EXZ_XPUB) || pair == (1 << EXZ_ROUTER | 1 << EXZ_DEALER) ||
                pair == (1 << EXZ_PULL | 1 << EXZ_PUSH)) {
                end_forwarding(forward(a, b, none));
            } else {
                refuse_open(a, b, none, EXZ_ERR_NOT_SUPPORTED, names[front]);
                refuse_open(a, b, none, EXZ_ERR_NOT_SUPPORTED, names[back]);
            }
            close_socket(a);
            close_socket(b);
        }
    }
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("a capture of %s", names[type]);
        exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH), capture = open_socket(type);
        if (type == EXZ_PUSH || type == EXZ_PUB || type == EXZ_PAIR || type == EXZ_DEALER)
            end_forwarding(forward(front, back, capture));
        else
            refuse_open(front, back, capture, EXZ_ERR_NOT_SUPPORTED, names[type]);
        close_socket(front);
        close_socket(back);
        close_socket(capture);
    }
}

CASE(sockets_that_can_not_be_had_are_named) {
    exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH), closed = open_socket(EXZ_PUSH);
    close_socket(closed);
    refuse_open(closed, back, none, EXZ_ERR_CLOSED, "front");
    refuse_open(front, closed, none, EXZ_ERR_CLOSED, "back");
    refuse_open(front, back, closed, EXZ_ERR_CLOSED, "capture");
    refuse_open(none, back, none, EXZ_ERR_HANDLE, "front");
    refuse_open(front, none, none, EXZ_ERR_HANDLE, "back");
    refuse_open(front, back, (exz_socket){UINT64_MAX}, EXZ_ERR_HANDLE, "capture");
    refuse_open(front, front, none, EXZ_ERR_INVALID, "twice");
    refuse_open(front, back, back, EXZ_ERR_INVALID, "twice");
    exz_proxy p = {77};
    exz_error small = {.size = 3};
    check_status(exz_proxy_open(NULL, front, back, none, NULL), EXZ_ERR_INVALID);
    check_status(exz_proxy_open(&p, front, back, none, &small), EXZ_ERR_INVALID);
    check_int(p.id, 77);
    end_forwarding(forward(front, back, none));
    close_socket(front);
    close_socket(back);
}

CASE(a_socket_has_one_proxy_at_a_time) {
    exz_socket front = open_socket(EXZ_ROUTER), back = open_socket(EXZ_DEALER), capture = open_socket(EXZ_DEALER);
    exz_socket other_front = open_socket(EXZ_ROUTER), other_back = open_socket(EXZ_DEALER);
    exz_proxy proxy = forward(front, back, capture);
    for (int is_paused = 0; is_paused < 2; is_paused++) {
        if (is_paused) check_status(exz_proxy_pause(proxy, PATIENCE_MS), EXZ_OK);
        refuse_open(front, other_back, none, EXZ_ERR_STATE, "front");
        refuse_open(other_front, back, none, EXZ_ERR_STATE, "back");
        refuse_open(other_front, other_back, capture, EXZ_ERR_STATE, "capture");
        refuse_open(other_front, capture, none, EXZ_ERR_STATE, "another proxy");
    }
    /* What was refused has taken hold of nothing. */
    exz_proxy other = forward(other_front, other_back, none);
    end_forwarding(proxy);
    end_forwarding(other);
    proxy = forward(front, other_back, back);
    end_forwarding(proxy);
    const exz_socket all[] = {front, back, capture, other_front, other_back};
    for (size_t i = 0; i < COUNT_OF(all); i++) close_socket(all[i]);
}

static exz_status receive(void *s) {
    char byte;
    size_t size;
    return exz_recv(&size, *(exz_socket *)s, &byte, 1, PATIENCE_MS);
}

static exz_status send_one(void *s) { return exz_send(*(exz_socket *)s, "x", 1, 0, PATIENCE_MS); }

static exz_status poll_one(void *s) {
    exz_poll_item item = {*(exz_socket *)s, 0, EXZ_POLL_IN, 0};
    return exz_poll(&item, 1, PATIENCE_MS);
}

static exz_status next_event(void *s) {
    exz_event event = EXZ_EVENT_INIT;
    exz_status status;
    do status = exz_next_event(&event, *(exz_socket *)s, PATIENCE_MS);
    while (status == EXZ_OK);
    return status;
}

CASE(a_socket_that_a_call_waits_on_is_not_to_be_had) {
    exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH);
    const struct {
        exz_status (*wait)(void *s);
        exz_socket *socket;
        const char *name;
    } rows[] = {{receive, &front, "front"}, {poll_one, &front, "front"}, {send_one, &back, "back"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("row %zu", i);
        worker w;
        worker_start(&w, rows[i].wait, rows[i].socket);
        worker_await_sleep(&w);
        refuse_open(front, back, none, EXZ_ERR_STATE, rows[i].name);
        check_status(exz_socket_cancel(*rows[i].socket), EXZ_OK);
        check_status(worker_join(&w), EXZ_ERR_CANCELED);
    }
    /* Who waits for something else than messages is in nobody's way. */
    worker w;
    worker_start(&w, next_event, &front);
    worker_await_sleep(&w);
    end_forwarding(forward(front, back, none));
    check_status(exz_socket_cancel(front), EXZ_OK);
    check_status(worker_join(&w), EXZ_ERR_CANCELED);
    close_socket(front);
    close_socket(back);
}

CASE(a_cancel_of_a_socket_does_not_end_the_forwarding) {
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
    for (int i = 0; i < 100; i++) {
        check_status(exz_socket_cancel(i % 2 == 0 ? p.front : p.back), EXZ_OK);
        send_text(pusher, "all the same");
        expect_text(puller, "all the same");
    }
    close_socket(pusher);
    close_socket(puller);
    close_proxied(&p);
}

static void refuse_handle(exz_proxy p, exz_status expected) {
    exz_proxy_statistics statistics = EXZ_PROXY_STATISTICS_INIT;
    check_status(exz_proxy_stats(&statistics, p), expected);
    check_status(exz_proxy_pause(p, 0), expected);
    check_status(exz_proxy_resume(p), expected);
    check_status(exz_proxy_close(p, 0), expected == EXZ_ERR_CLOSED ? EXZ_OK : expected);
}

CASE(handles_that_are_none_any_more_or_never_were) {
    exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH);
    exz_proxy proxy = forward(front, back, none);
    refuse_handle((exz_proxy){0}, EXZ_ERR_HANDLE);
    refuse_handle((exz_proxy){UINT64_MAX}, EXZ_ERR_HANDLE);
    refuse_handle((exz_proxy){front.id}, EXZ_ERR_HANDLE);
    refuse_handle((exz_proxy){proxy.id + (1U << 24)}, EXZ_ERR_HANDLE);
    refuse_handle((exz_proxy){proxy.id ^ (UINT64_C(0x20) << 56)}, EXZ_ERR_HANDLE);
    check_status(exz_socket_close((exz_socket){proxy.id}, 0), EXZ_ERR_HANDLE);
    check_status(exz_fault_proxy_close((exz_fault_proxy){proxy.id}), EXZ_ERR_HANDLE);
    end_forwarding(proxy);
    refuse_handle(proxy, EXZ_ERR_CLOSED);
    exz_proxy next = forward(front, back, none);
    check(next.id != proxy.id);
    refuse_handle(proxy, EXZ_ERR_CLOSED);
    end_forwarding(next);
    close_socket(front);
    close_socket(back);
}

CASE(arguments_that_make_no_sense_are_refused) {
    exz_socket front = open_socket(EXZ_PULL), back = open_socket(EXZ_PUSH);
    exz_proxy proxy = forward(front, back, none);
    const int32_t timeouts[] = {-2, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        check_status(exz_proxy_pause(proxy, timeouts[i]), EXZ_ERR_INVALID);
        check_status(exz_proxy_close(proxy, timeouts[i]), EXZ_ERR_INVALID);
    }
    check_status(exz_proxy_stats(NULL, proxy), EXZ_ERR_INVALID);
    exz_proxy_statistics statistics = {.size = 1, .waiting = 77};
    check_status(exz_proxy_stats(&statistics, proxy), EXZ_ERR_INVALID);
    check_int(statistics.waiting, 77);
    check_int(forwarded(proxy).state, EXZ_PROXY_FORWARDING);
    /* It ends by itself when there was no time to wait for that. */
    exz_status status = exz_proxy_close(proxy, 0);
    check(status == EXZ_OK || status == EXZ_ERR_TIMEOUT);
    end_forwarding(proxy);
    end_forwarding(forward(front, back, none));
    close_socket(front);
    close_socket(back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(types_that_can_not_be_forwarded_to_each_other_are_named),
        TEST(sockets_that_can_not_be_had_are_named),
        TEST(a_socket_has_one_proxy_at_a_time),
        TEST(a_socket_that_a_call_waits_on_is_not_to_be_had),
        TEST(a_cancel_of_a_socket_does_not_end_the_forwarding),
        TEST(handles_that_are_none_any_more_or_never_were),
        TEST(arguments_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests_name("proxy_misuse", tests, NULL, NULL);
}
