/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message proxy does when there is no room, when it pauses, and when it ends: nothing is lost then. */
#include <stdlib.h>
#include <string.h>

#include "holdings.h"
#include "monotonic.h"
#include "proxied.h"

enum { MANY = 3000, SIZE = 2000 };

static void send_number(exz_socket s, int number, const char *block) {
    const exz_part parts[] = {{&number, sizeof number}, {block, SIZE}};
    check_status(exz_send_parts(s, parts, 2, PATIENCE_MS), EXZ_OK);
}

static void expect_number(exz_socket s, int expected) {
    exz_message message = {0};
    const void *data;
    size_t size = 0;
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_part(&data, &size, message, 0), EXZ_OK);
    check_int(*(const int *)data, expected);
    check_status(exz_message_free(message), EXZ_OK);
}

/* A pipeline whose receiver does not receive, with more in front than its queues hold. */
typedef struct jam {
    proxied p;
    exz_socket pusher, puller;
} jam;

static jam make_captured_jam(transport t, exz_socket capture) {
    static const char block[SIZE];
    exz_socket_options none = EXZ_SOCKET_OPTIONS_INIT, few = EXZ_SOCKET_OPTIONS_INIT;
    none.send_hwm = none.receive_hwm = 0;
    few.send_hwm = few.receive_hwm = 5;
    few.receive_buffer = few.send_buffer = 4096;
    jam j = {.p = {.front = open_with(EXZ_PULL, &none), .back = open_with(EXZ_PUSH, &few)}};
    bind_somewhere(j.p.front, t, j.p.front_endpoint);
    bind_somewhere(j.p.back, t, j.p.back_endpoint);
    j.p.proxy = forward(j.p.front, j.p.back, capture);
    j.pusher = open_with(EXZ_PUSH, &none);
    j.puller = open_with(EXZ_PULL, &few);
    connect_to(j.pusher, j.p.front_endpoint);
    connect_to(j.puller, j.p.back_endpoint);
    /* With one message at a time it would take none for which there is no room. */
    check_status(exz_proxy_pause(j.p.proxy, PATIENCE_MS), EXZ_OK);
    for (int n = 0; n < MANY; n++) send_number(j.pusher, n, block);
    check_status(exz_proxy_resume(j.p.proxy), EXZ_OK);
    await_full(j.p.proxy);
    return j;
}

static jam make_jam(transport t) { return make_captured_jam(t, (exz_socket){0}); }

/* What has gone through comes out there, and the rest where it was taken from. */
static void expect_all(const jam *j) {
    const int through = (int)stats_of(j->p.back).messages_sent;
    check(through > 0 && through < MANY);
    for (int n = 0; n < through; n++) expect_number(j->puller, n);
    for (int n = through; n < MANY; n++) expect_number(j->p.front, n);
    check_int(stats_of(j->p.front).messages_received, MANY);
}

static void clear_jam(jam *j) {
    close_socket(j->pusher);
    close_socket(j->puller);
    close_proxied(&j->p);
}

CASE(what_could_not_be_handed_on_is_received_where_it_came_from) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        jam j = make_jam(t);
        end_forwarding(j.p.proxy);
        check_int(stats_of(j.p.front).messages_received, stats_of(j.p.back).messages_sent);
        expect_all(&j);
        clear_jam(&j);
    }
}

CASE(a_pause_gives_back_what_could_not_be_handed_on) {
    jam j = make_jam(TCP);
    check_status(exz_proxy_pause(j.p.proxy, PATIENCE_MS), EXZ_OK);
    check_int(forwarded(j.p.proxy).state, EXZ_PROXY_PAUSED);
    check_int(forwarded(j.p.proxy).waiting, 0);
    expect_all(&j);
    clear_jam(&j);
}

CASE(after_a_pause_everything_goes_on_in_order) {
    jam j = make_jam(TCP);
    for (int n = 0; n < MANY; n++) {
        if (n % 100 == 0) check_status(exz_proxy_pause(j.p.proxy, PATIENCE_MS), EXZ_OK);
        if (n % 100 == 0) check_status(exz_proxy_pause(j.p.proxy, PATIENCE_MS), EXZ_OK);
        if (n % 100 == 0) check_status(exz_proxy_resume(j.p.proxy), EXZ_OK);
        expect_number(j.puller, n);
    }
    check_status(exz_proxy_resume(j.p.proxy), EXZ_OK);
    clear_jam(&j);
}

CASE(another_proxy_goes_on_where_one_has_ended) {
    jam j = make_jam(TCP);
    for (int n = 0; n < MANY; n++) {
        if (n % 500 == 0) {
            end_forwarding(j.p.proxy);
            j.p.proxy = forward(j.p.front, j.p.back, (exz_socket){0});
        }
        expect_number(j.puller, n);
    }
    clear_jam(&j);
}

CASE(nothing_is_taken_as_long_as_nobody_is_there_to_have_it) {
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH);
    for (int n = 0; n < 10; n++) send_text(pusher, "a word");
    /* It has had its chance when it has done something else since. */
    for (int n = 0; n < 10; n++) {
        check_status(exz_proxy_pause(p.proxy, PATIENCE_MS), EXZ_OK);
        check_status(exz_proxy_resume(p.proxy), EXZ_OK);
        check_int(forwarded(p.proxy).waiting, 0);
        check_int(stats_of(p.front).messages_received, 0);
    }
    exz_socket puller = at_back(&p, EXZ_PULL);
    for (int n = 0; n < 10; n++) expect_text(puller, "a word");
    close_socket(pusher);
    close_socket(puller);
    close_proxied(&p);
}

CASE(a_pause_takes_nothing_and_lets_the_caller_receive) {
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
    check_status(exz_proxy_pause(p.proxy, PATIENCE_MS), EXZ_OK);
    send_text(pusher, "for the caller");
    send_text(pusher, "for the puller");
    expect_text(p.front, "for the caller");
    check_int(stats_of(p.back).messages_sent, 0);
    check_status(exz_proxy_resume(p.proxy), EXZ_OK);
    expect_text(puller, "for the puller");
    close_socket(pusher);
    close_socket(puller);
    close_proxied(&p);
}

CASE(what_the_caller_has_not_taken_goes_first) {
    linked in = link_types(EXZ_PULL, EXZ_PUSH, TCP), out = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    char tiny[1];
    size_t size;
    send_text(in.connected, "too long for the buffer");
    send_text(in.connected, "behind it");
    check_status(exz_recv(&size, in.bound, tiny, sizeof tiny, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    exz_proxy proxy = forward(in.bound, out.connected, (exz_socket){0});
    expect_text(out.bound, "too long for the buffer");
    expect_text(out.bound, "behind it");
    end_forwarding(proxy);
    close_linked(in);
    close_linked(out);
}

CASE(it_ends_with_any_of_its_sockets) {
    for (int which = 0; which < 3; which++) {
        for (int is_paused = 0; is_paused < 2; is_paused++) {
            in_row("socket %d, %s", which, is_paused ? "paused" : "forwarding");
            exz_socket sockets[] = {open_socket(EXZ_ROUTER), open_socket(EXZ_DEALER), open_socket(EXZ_PUSH)};
            exz_proxy proxy = forward(sockets[0], sockets[1], sockets[2]);
            check_status(exz_proxy_pause(proxy, PATIENCE_MS), EXZ_OK);
            if (!is_paused) check_status(exz_proxy_resume(proxy), EXZ_OK);
            close_socket(sockets[which]);
            await_proxy_state(proxy, EXZ_PROXY_ENDED);
            check_int(forwarded(proxy).reason, EXZ_ERR_CLOSED);
            check_status(exz_proxy_pause(proxy, PATIENCE_MS), EXZ_ERR_STATE);
            check_status(exz_proxy_resume(proxy), EXZ_ERR_STATE);
            end_forwarding(proxy);
            for (int i = 0; i < 3; i++) check_status(exz_socket_close(sockets[i], 0), EXZ_OK);
        }
    }
}

CASE(what_waited_when_its_source_was_closed_is_counted) {
    jam j = make_jam(TCP);
    close_socket(j.p.front);
    await_proxy_state(j.p.proxy, EXZ_PROXY_ENDED);
    check(forwarded(j.p.proxy).undeliverable > 0);
    check_int(forwarded(j.p.proxy).waiting, 0);
    end_forwarding(j.p.proxy);
    check_status(exz_socket_close(j.pusher, 0), EXZ_OK);
    check_status(exz_socket_close(j.puller, 0), EXZ_OK);
    check_status(exz_socket_close(j.p.back, 0), EXZ_OK);
}

CASE(a_capture_gets_a_copy_of_everything) {
    const exz_socket_type types[] = {EXZ_PUSH, EXZ_PUB, EXZ_PAIR, EXZ_DEALER};
    const exz_socket_type readers[] = {EXZ_PULL, EXZ_SUB, EXZ_PAIR, EXZ_DEALER};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        linked in = link_types(EXZ_ROUTER, EXZ_REQ, TCP), out = link_types(EXZ_DEALER, EXZ_REP, TCP);
        linked tap = link_types(types[i], readers[i], TCP);
        if (readers[i] == EXZ_SUB) {
            check_status(exz_subscribe(tap.connected, ""), EXZ_OK);
            check_status(exz_wait_subscribers(tap.bound, "", 1, PATIENCE_MS), EXZ_OK);
        }
        exz_proxy proxy = forward(in.bound, out.bound, tap.bound);
        send_text(in.connected, "a question");
        expect_text(out.connected, "a question");
        send_text(out.connected, "an answer");
        expect_text(in.connected, "an answer");
        for (int turn = 0; turn < 2; turn++) {
            exz_message message = {0};
            check_status(exz_recv_message(&message, tap.connected, PATIENCE_MS), EXZ_OK);
            /* Behind the name of who asks, the number of the request and the delimiter. */
            check_part(message, 3, turn == 0 ? "a question" : "an answer");
            check_status(exz_message_free(message), EXZ_OK);
        }
        end_forwarding(proxy);
        close_linked(in);
        close_linked(out);
        close_linked(tap);
    }
}

CASE(a_message_that_has_to_wait_is_captured_once) {
    exz_socket_options none = EXZ_SOCKET_OPTIONS_INIT;
    none.send_hwm = none.receive_hwm = 0;
    linked tap = link_sockets(open_with(EXZ_PAIR, &none), open_with(EXZ_PAIR, &none), INPROC);
    jam j = make_captured_jam(TCP, tap.bound);
    for (int n = 0; n < MANY; n++) expect_number(j.puller, n);
    end_forwarding(j.p.proxy);
    for (int n = 0; n < MANY; n++) expect_number(tap.connected, n);
    check_int(stats_of(tap.bound).messages_sent, MANY);
    clear_jam(&j);
    close_linked(tap);
}

CASE(a_capture_that_is_full_holds_nothing_up) {
    linked in = link_types(EXZ_PULL, EXZ_PUSH, TCP), out = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 3;
    /* Nobody is there for the first, and nobody reads what the other has sent. */
    exz_socket alone = open_with(EXZ_PUSH, &options);
    linked tap = link_sockets(open_with(EXZ_PAIR, &options), open_with(EXZ_PAIR, &options), INPROC);
    exz_socket captures[] = {alone, tap.bound};
    for (size_t i = 0; i < COUNT_OF(captures); i++) {
        in_row("capture %zu", i);
        exz_proxy proxy = forward(in.bound, out.connected, captures[i]);
        for (int n = 0; n < 300; n++) {
            send_text(in.connected, "a word");
            expect_text(out.bound, "a word");
        }
        end_forwarding(proxy);
        exz_stats stats = stats_of(captures[i]);
        check(stats.sends_refused > 0);
        check_int(stats.sends_refused + stats.messages_sent, 300);
        check((stats.messages_sent > 0) == (i == 1));
    }
    close_socket(alone);
    close_linked(tap);
    close_linked(in);
    close_linked(out);
}

CASE(a_shutdown_ends_it_and_leaves_nothing) {
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    holdings before = settle();
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
        proxied other = open_proxied(EXZ_PULL, EXZ_PUSH, IPC, NULL);
        at_front(&p, EXZ_PUB);
        if (round % 2 == 0) check_status(exz_proxy_pause(other.proxy, PATIENCE_MS), EXZ_OK);
        check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
        check_held(before);
        check_status(exz_proxy_resume(p.proxy), EXZ_ERR_CLOSED);
        check_status(exz_proxy_close(other.proxy, 0), EXZ_OK);
    }
}

CASE(nothing_is_left_of_those_that_have_ended) {
    proxied warm = open_proxied(EXZ_PULL, EXZ_PUSH, INPROC, NULL);
    close_proxied(&warm);
    exz_socket front = open_socket(EXZ_ROUTER), back = open_socket(EXZ_DEALER), tap = open_socket(EXZ_PUSH);
    holdings before = settle();
    for (int round = 0; round < 200; round++) {
        exz_proxy proxy = forward(front, back, tap);
        if (round % 3 == 0) check_status(exz_proxy_pause(proxy, PATIENCE_MS), EXZ_OK);
        end_forwarding(proxy);
    }
    check_held(before);
    close_socket(front);
    close_socket(back);
    close_socket(tap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_could_not_be_handed_on_is_received_where_it_came_from),
        TEST(a_pause_gives_back_what_could_not_be_handed_on),
        TEST(after_a_pause_everything_goes_on_in_order),
        TEST(another_proxy_goes_on_where_one_has_ended),
        TEST(nothing_is_taken_as_long_as_nobody_is_there_to_have_it),
        TEST(a_pause_takes_nothing_and_lets_the_caller_receive),
        TEST(what_the_caller_has_not_taken_goes_first),
        TEST(it_ends_with_any_of_its_sockets),
        TEST(what_waited_when_its_source_was_closed_is_counted),
        TEST(a_capture_gets_a_copy_of_everything),
        TEST(a_message_that_has_to_wait_is_captured_once),
        TEST(a_capture_that_is_full_holds_nothing_up),
        TEST(a_shutdown_ends_it_and_leaves_nothing),
        TEST(nothing_is_left_of_those_that_have_ended),
    };
    return cmocka_run_group_tests_name("proxy_ends", tests, NULL, NULL);
}
