/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptor for room: readable while a message can be sent, whatever else is done with the socket and
 * whoever does it. */
#include <sys/epoll.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "watching.h"
#include "worker.h"

static exz_socket_options short_queues(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 4;
    options.send_buffer = options.receive_buffer = 4096;
    return options;
}

static linked link_short(exz_socket_type bound, exz_socket_type connected, transport t) {
    const exz_socket_options options = short_queues();
    return link_sockets(open_with(bound, &options), open_with(connected, &options), t);
}

/* Sends until there is no room, and says how many there are then. */
static int fill(exz_socket s) {
    static const char data[512];
    exz_status status;
    int count = -1;
    do {
        status = exz_send(s, data, sizeof data, 0, 0);
        count++;
    } while (status == EXZ_OK);
    check_status(status, EXZ_ERR_TIMEOUT);
    return count;
}

static void drain(exz_socket s, int count) {
    char buffer[512];
    size_t size;
    for (int n = 0; n < count; n++) check_status(exz_recv(&size, s, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
}

static int loop_for_edges(int fd) {
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
    check(loop >= 0);
    check_int(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event), 0);
    return loop;
}

static int edges(int loop, int timeout_ms) {
    struct epoll_event event;
    return epoll_wait(loop, &event, 1, timeout_ms);
}

CASE(it_is_readable_while_there_is_room) {
    const struct {
        exz_socket_type from, to;
    } patterns[] = {{EXZ_PUSH, EXZ_PULL}, {EXZ_PAIR, EXZ_PAIR}, {EXZ_DEALER, EXZ_DEALER}};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(patterns); i++) {
            in_row("%s, types %d and %d", transport_name(t), patterns[i].from, patterns[i].to);
            linked pair = link_short(patterns[i].to, patterns[i].from, t);
            const int fd = descriptor_for_sending(pair.connected);
            await_readable(fd);
            for (int round = 0; round < 3; round++) {
                int count = fill(pair.connected);
                /* The kernel takes what it has room for in its own time. */
                while (is_readable(fd)) count += fill(pair.connected);
                drain(pair.bound, count);
                await_readable(fd);
            }
            check_int(descriptor_for_sending(pair.connected), fd);
            close_linked(pair);
        }
    }
}

CASE(nobody_there_is_no_room) {
    char endpoint[ENDPOINT_SIZE];
    const int port = reserve_port(endpoint);
    exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
    const int fd = descriptor_for_sending(push);
    check(!is_readable(fd));
    connect_later(push, endpoint);
    check(!is_readable(fd));
    bind_to(pull, endpoint);
    await_readable(fd);
    send_text(push, "x");
    expect_text(pull, "x");
    check_status(exz_socket_disconnect(push, endpoint), EXZ_OK);
    check(!is_readable(fd));
    connect_to(push, endpoint);
    check(is_readable(fd));
    close_socket(push);
    close_socket(pull);
    close(port);
}

/* While a connect is under way sends wait, also where another peer has room. */
CASE(a_connect_under_way_is_no_room) {
    char endpoint[ENDPOINT_SIZE];
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const int port = deaf_port(endpoint), fd = descriptor_for_sending(pair.connected);
    check(is_readable(fd));
    check_status(exz_socket_connect(pair.connected, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    check(!is_readable(fd));
    check_status(exz_send(pair.connected, "x", 1, 0, 0), EXZ_ERR_TIMEOUT);
    check(!is_readable(fd));
    check_status(exz_socket_disconnect(pair.connected, endpoint), EXZ_OK);
    check(is_readable(fd));
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
    close(port);
}

CASE(a_rep_has_room_for_its_answer) {
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    const int of_answer = descriptor_for_sending(pair.bound), of_request = descriptor_for_sending(pair.connected);
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        check(!is_readable(of_answer));
        check(is_readable(of_request));
        send_text(pair.connected, "request");
        expect_text(pair.bound, "request");
        check(is_readable(of_answer));
        send_text(pair.bound, "answer");
        check(!is_readable(of_answer));
        expect_text(pair.connected, "answer");
    }
    close_linked(pair);
}

CASE(a_publisher_always_has_room) {
    const exz_socket_type types[] = {EXZ_PUB, EXZ_XPUB, EXZ_XSUB};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        exz_socket s = open_socket(types[i]);
        const int fd = descriptor_for_sending(s);
        check(is_readable(fd));
        check_status(exz_send(s, "\1x", 2, 0, 0), EXZ_OK);
        check(is_readable(fd));
        close_socket(s);
    }
}

/* libzmq's own descriptor loses its signal to every receive, and to every question. */
CASE(receives_and_questions_do_not_use_it_up) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_short(EXZ_DEALER, EXZ_DEALER, t);
        const int fd = descriptor_for_sending(pair.connected);
        for (int round = 0; round < 40; round++) {
            in_row("%s, round %d", transport_name(t), round);
            int count = fill(pair.connected);
            while (is_readable(fd)) count += fill(pair.connected);
            send_text(pair.bound, "in");
            drain(pair.bound, count);
            (void)stats_of(pair.connected);
            expect_text(pair.connected, "in");
            char buffer[8];
            size_t size;
            for (int n = 0; n < 20; n++)
                check_status(exz_recv(&size, pair.connected, buffer, sizeof buffer, 0), EXZ_ERR_TIMEOUT);
            await_readable(fd);
        }
        close_linked(pair);
    }
}

/* Who is told of changes alone would wait for ever otherwise. */
CASE(room_that_comes_after_a_send_has_failed_is_an_edge) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_short(EXZ_PULL, EXZ_PUSH, t);
        const int loop = loop_for_edges(descriptor_for_sending(pair.connected));
        for (int round = 0; round < 40; round++) {
            in_row("%s, round %d", transport_name(t), round);
            int count = fill(pair.connected);
            drain(pair.bound, count);
            check_int(edges(loop, PATIENCE_MS), 1);
        }
        close(loop);
        close_linked(pair);
    }
}

/* It says that there is room all the while, for others. */
CASE(a_send_to_a_full_peer_of_a_router_is_followed_by_an_edge) {
    exz_socket_options options = short_queues();
    exz_socket router = open_with(EXZ_ROUTER, &options), peers[2];
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(router, INPROC, endpoint);
    for (int i = 0; i < 2; i++) {
        options.identity = i == 0 ? "full" : "idle";
        options.identity_size = 4;
        peers[i] = open_with(EXZ_DEALER, &options);
        connect_to(peers[i], endpoint);
    }
    check_status(exz_wait_peers(router, 2, PATIENCE_MS), EXZ_OK);
    const int fd = descriptor_for_sending(router), loop = loop_for_edges(fd);
    const exz_part parts[] = {{"full", 4}, {"x", 1}};
    while (exz_send_parts(router, parts, 2, 0) == EXZ_OK) continue;
    check_int(edges(loop, PATIENCE_MS), 1);
    check_int(edges(loop, 0), 0);
    check_status(exz_send_parts(router, parts, 2, 0), EXZ_ERR_TIMEOUT);
    check_int(edges(loop, 0), 1);
    check(is_readable(fd));
    close(loop);
    for (int i = 0; i < 2; i++) close_socket(peers[i]);
    close_socket(router);
}

CASE(there_is_none_on_sockets_that_send_nothing) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        int fd = -9;
        exz_socket s = open_socket(type);
        const bool sends = type != EXZ_SUB && type != EXZ_PULL;
        check_status(exz_socket_send_fd(&fd, s), sends ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        check(sends ? fd >= 0 : fd == -9);
        close_socket(s);
    }
}

CASE(a_copy_outlives_the_socket_and_says_so) {
    exz_socket s = open_socket(EXZ_PUSH);
    const int copy = dup(descriptor_for_sending(s));
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
        const int fd = descriptor_for_sending(pair.connected);
        close_linked(pair);
        /* The lowest free number is given out, so none is left behind if the numbers stay where they began. */
        if (first < 0) first = fd;
        check(fd < first + 64);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_is_readable_while_there_is_room),
        TEST(nobody_there_is_no_room),
        TEST(a_connect_under_way_is_no_room),
        TEST(a_rep_has_room_for_its_answer),
        TEST(a_publisher_always_has_room),
        TEST(receives_and_questions_do_not_use_it_up),
        TEST(room_that_comes_after_a_send_has_failed_is_an_edge),
        TEST(a_send_to_a_full_peer_of_a_router_is_followed_by_an_edge),
        TEST(there_is_none_on_sockets_that_send_nothing),
        TEST(a_copy_outlives_the_socket_and_says_so),
        TEST(it_goes_with_its_socket),
    };
    return cmocka_run_group_tests_name("room descriptor", tests, NULL, NULL);
}
