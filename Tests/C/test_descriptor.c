/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptor of a socket: readable exactly while a message can be received, whatever else is done with the socket
 * and whoever does it. */
#include <sys/epoll.h>
#include <unistd.h>

#include "monotonic.h"
#include "sockets.h"
#include "watching.h"
#include "worker.h"

CASE(it_is_readable_while_there_is_a_message) {
    const struct {
        exz_socket_type from, to;
    } patterns[] = {{EXZ_PUSH, EXZ_PULL}, {EXZ_PAIR, EXZ_PAIR}, {EXZ_DEALER, EXZ_DEALER}, {EXZ_DEALER, EXZ_ROUTER}};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(patterns); i++) {
            in_row("%s, types %d and %d", transport_name(t), patterns[i].from, patterns[i].to);
            linked pair = link_types(patterns[i].to, patterns[i].from, t);
            const int fd = descriptor_of(pair.bound);
            check(!is_readable(fd));
            for (int n = 0; n < 3; n++) send_text(pair.connected, "x");
            /* All three are there: the first tells of it, the state of the descriptor does for the others. */
            for (int left = 3; left > 0; left--) {
                exz_message message;
                await_readable(fd);
                check_status(exz_recv_message(&message, pair.bound, 0), EXZ_OK);
                check_status(exz_message_free(message), EXZ_OK);
            }
            check(!is_readable(fd));
            check_int(descriptor_of(pair.bound), fd);
            close_linked(pair);
        }
    }
}

CASE(what_was_there_before_it_was_asked_for_counts) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    send_text(pair.connected, "early");
    exz_poll_item item = {pair.bound, 0, EXZ_POLL_IN, 0};
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    const int fd = descriptor_of(pair.bound);
    check(is_readable(fd));
    expect_text(pair.bound, "early");
    check(!is_readable(fd));
    close_linked(pair);
}

CASE(a_message_that_is_kept_can_be_received) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const int fd = descriptor_of(pair.bound);
    const exz_part parts[] = {{"a", 1}, {"b", 1}};
    char buffer[8];
    size_t size, sizes[4], count;
    send_text(pair.connected, "long");
    await_readable(fd);
    check_status(exz_recv(&size, pair.bound, buffer, 1, 0), EXZ_ERR_TOO_SMALL);
    check(is_readable(fd));
    check_status(exz_recv_many(&count, pair.bound, buffer, 1, sizes, 4, 0), EXZ_ERR_TOO_SMALL);
    check(is_readable(fd));
    expect_text(pair.bound, "long");
    check(!is_readable(fd));

    check_status(exz_send_parts(pair.connected, parts, 2, PATIENCE_MS), EXZ_OK);
    await_readable(fd);
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, 0), EXZ_ERR_STATE);
    check(is_readable(fd));
    exz_message message;
    check_status(exz_recv_message(&message, pair.bound, 0), EXZ_OK);
    check_status(exz_message_free(message), EXZ_OK);
    check(!is_readable(fd));
    close_linked(pair);
}

CASE(receiving_many_leaves_it_readable_for_the_rest) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const int fd = descriptor_of(pair.bound);
    char buffer[64];
    size_t sizes[4], count, received = 0;
    for (int n = 0; n < 10; n++) send_text(pair.connected, "x");
    while (received < 10) {
        await_readable(fd);
        check_status(exz_recv_many(&count, pair.bound, buffer, sizeof buffer, sizes, 4, 0), EXZ_OK);
        received += count;
    }
    check_int(received, 10);
    check(!is_readable(fd));
    close_linked(pair);
}

/* libzmq's own descriptor loses its signal to every send. */
CASE(sending_does_not_use_it_up) {
    linked pair = link_types(EXZ_DEALER, EXZ_DEALER, TCP);
    const int fd = descriptor_of(pair.bound);
    for (int round = 0; round < 200; round++) {
        in_row("round %d", round);
        send_text(pair.connected, "in");
        for (int n = 0; n < 20; n++) send_text(pair.bound, "out");
        await_readable(fd);
        expect_text(pair.bound, "in");
        check(!is_readable(fd));
        for (int n = 0; n < 20; n++) expect_text(pair.connected, "out");
    }
    close_linked(pair);
}

CASE(questions_do_not_use_it_up) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const int fd = descriptor_of(pair.bound);
    const char *const nowhere = "ipc:///no/such/directory/at/all";
    char endpoint[ENDPOINT_SIZE];
    for (int round = 0; round < 200; round++) {
        in_row("round %d", round);
        send_text(pair.connected, "x");
        (void)stats_of(pair.bound);
        (void)state_of(pair.bound);
        int64_t events;
        check_status(exz_socket_get_int(&events, pair.bound, 15 /* ZMQ_EVENTS */), EXZ_OK);
        /* Each works through what has arrived, and fails. */
        check_status(exz_socket_bind(pair.bound, nowhere, 0, NULL), EXZ_ERR_ADDRESS_NOT_AVAILABLE);
        if (round % 10 == 0) {
            bind_somewhere(pair.bound, INPROC, endpoint);
            check_status(exz_socket_unbind(pair.bound, endpoint), EXZ_OK);
        }
        await_readable(fd);
        expect_text(pair.bound, "x");
        check(!is_readable(fd));
    }
    close_linked(pair);
}

CASE(several_loops_may_watch_it_and_copies_of_it) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const int fd = descriptor_of(pair.bound), copy = dup(fd);
    const int watched[] = {fd, fd, copy};
    int loops[COUNT_OF(watched)];
    for (size_t i = 0; i < COUNT_OF(loops); i++) loops[i] = loop_with(watched[i]);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        struct epoll_event event;
        send_text(pair.connected, "one");
        send_text(pair.connected, "two");
        for (size_t i = 0; i < COUNT_OF(loops); i++) check_int(epoll_wait(loops[i], &event, 1, PATIENCE_MS), 1);
        expect_text(pair.bound, "one");
        for (size_t i = 0; i < COUNT_OF(loops); i++) check_int(epoll_wait(loops[i], &event, 1, PATIENCE_MS), 1);
        expect_text(pair.bound, "two");
        for (size_t i = 0; i < COUNT_OF(loops); i++) check_int(epoll_wait(loops[i], &event, 1, 0), 0);
    }
    for (size_t i = 0; i < COUNT_OF(loops); i++) close(loops[i]);
    close(copy);
    close_linked(pair);
}

CASE(there_is_none_on_sockets_that_receive_nothing) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        int fd = -9;
        exz_socket s = open_socket(type);
        const bool receives = type != EXZ_PUB && type != EXZ_PUSH;
        check_status(exz_socket_fd(&fd, s), receives ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        if (receives) {
            check(fd >= 0);
            check(!is_readable(fd));
        } else {
            check_int(fd, -9);
        }
        close_socket(s);
    }
}

CASE(a_copy_outlives_the_socket_and_says_so) {
    exz_socket s = open_socket(EXZ_PULL);
    const int copy = dup(descriptor_of(s));
    check(!is_readable(copy));
    close_socket(s);
    check(is_readable(copy));
    close(copy);
}

CASE(it_goes_with_its_socket) {
    int first = -1;
    for (int round = 0; round < 300; round++) {
        in_row("round %d", round);
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
        int fd = descriptor_of(pair.bound);
        if (round % 2 == 0) {
            send_text(pair.connected, "x");
            await_readable(fd);
        }
        close_socket(pair.bound);
        close_socket(pair.connected);
        /* The lowest free number is given out, so none is left behind if the numbers stay where they began. */
        if (first < 0) first = fd;
        check(fd < first + 64);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_is_readable_while_there_is_a_message),
        TEST(what_was_there_before_it_was_asked_for_counts),
        TEST(a_message_that_is_kept_can_be_received),
        TEST(receiving_many_leaves_it_readable_for_the_rest),
        TEST(sending_does_not_use_it_up),
        TEST(questions_do_not_use_it_up),
        TEST(several_loops_may_watch_it_and_copies_of_it),
        TEST(there_is_none_on_sockets_that_receive_nothing),
        TEST(a_copy_outlives_the_socket_and_says_so),
        TEST(it_goes_with_its_socket),
    };
    return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
