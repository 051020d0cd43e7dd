/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for several sockets and descriptors: what is ready, what is not, and what makes no sense. */
#include <sys/resource.h>
#include <unistd.h>

#include "monotonic.h"
#include "sockets.h"
#include "watching.h"

static exz_poll_item of_socket(exz_socket s, unsigned events) {
    return (exz_poll_item){.socket = s, .fd = -77, .events = (uint16_t)events, .revents = 0xABC};
}

static exz_poll_item of_fd(int fd, unsigned events) {
    return (exz_poll_item){.fd = fd, .events = (uint16_t)events, .revents = 0xABC};
}

/* One socket, at once. */
static unsigned ready_now(exz_socket s, unsigned events) {
    exz_poll_item item = of_socket(s, events);
    exz_status status = exz_poll(&item, 1, 0);
    check_status(status, item.revents != 0 ? EXZ_OK : EXZ_ERR_TIMEOUT);
    return item.revents;
}

CASE(an_empty_item_is_nothing) {
    /* Standard input is at its end, which would count as ready. */
    int ends[2], saved = dup(0);
    check_int(pipe(ends), 0);
    check_int(close(ends[1]), 0);
    check_int(dup2(ends[0], 0), 0);
    exz_poll_item item = {0};
    item.revents = 7;
    check_status(exz_poll(&item, 1, 0), EXZ_ERR_TIMEOUT);
    check_int(item.revents, 0);
    exz_poll_item asked = of_fd(0, EXZ_POLL_IN);
    check_status(exz_poll(&asked, 1, 0), EXZ_OK);
    check_int(asked.revents, EXZ_POLL_IN);
    /* Also where there is none. */
    check_int(close(0), 0);
    check_status(exz_poll(&item, 1, 0), EXZ_ERR_TIMEOUT);
    check_int(dup2(saved, 0), 0);
    close(saved);
    close(ends[0]);
}

CASE(it_waits_for_whichever_is_ready_first) {
    linked pairs[3] = {link_types(EXZ_PULL, EXZ_PUSH, TCP), link_types(EXZ_PULL, EXZ_PUSH, IPC),
                       link_types(EXZ_PULL, EXZ_PUSH, INPROC)};
    int ends[2];
    check_int(pipe(ends), 0);
    for (int round = 0; round < 40; round++) {
        in_row("round %d", round);
        exz_poll_item items[4];
        for (size_t i = 0; i < 3; i++) items[i] = of_socket(pairs[i].bound, EXZ_POLL_IN);
        items[3] = of_fd(ends[0], EXZ_POLL_IN);
        check_status(exz_poll(items, 4, 0), EXZ_ERR_TIMEOUT);
        for (size_t i = 0; i < 4; i++) check_int(items[i].revents, 0);
        const size_t first = (size_t)round % 4;
        if (first < 3) {
            send_text(pairs[first].connected, "x");
        } else {
            check_int(write(ends[1], "x", 1), 1);
        }
        check_status(exz_poll(items, 4, PATIENCE_MS), EXZ_OK);
        for (size_t i = 0; i < 4; i++) check_int(items[i].revents, i == first ? EXZ_POLL_IN : 0);
        /* It stays ready until it is taken. */
        check_status(exz_poll(items, 4, 0), EXZ_OK);
        char byte;
        if (first < 3) {
            expect_text(pairs[first].bound, "x");
        } else {
            check_int(read(ends[0], &byte, 1), 1);
        }
    }
    for (size_t i = 0; i < 3; i++) close_linked(pairs[i]);
    for (size_t i = 0; i < 2; i++) close(ends[i]);
}

CASE(all_that_is_ready_is_told_at_once) {
    linked pair = link_types(EXZ_DEALER, EXZ_DEALER, TCP);
    int ends[2];
    check_int(pipe(ends), 0);
    expect_event(pair.bound, EXZ_EVENT_HANDSHAKEN);
    exz_event event;
    while (next_event_of(&event, pair.bound, EXZ_EVENT_HANDSHAKEN, 0)) continue;
    send_text(pair.connected, "x");
    await_readable(descriptor_of(pair.bound));
    const unsigned all = EXZ_POLL_IN | EXZ_POLL_OUT | EXZ_POLL_EVENT;
    exz_poll_item items[] = {of_socket(pair.bound, all), of_socket(pair.bound, EXZ_POLL_IN),
                             of_socket(pair.bound, 0), of_fd(ends[1], EXZ_POLL_IN | EXZ_POLL_OUT),
                             of_fd(ends[0], EXZ_POLL_IN)};
    check_status(exz_poll(items, COUNT_OF(items), PATIENCE_MS), EXZ_OK);
    check_int(items[0].revents, EXZ_POLL_IN | EXZ_POLL_OUT);
    check_int(items[1].revents, EXZ_POLL_IN);
    check_int(items[2].revents, 0);
    check_int(items[3].revents, EXZ_POLL_OUT);
    check_int(items[4].revents, 0);
    for (size_t i = 0; i < 2; i++) close(ends[i]);
    close_linked(pair);
}

CASE(a_send_is_possible_with_a_peer_that_has_room) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 4;
    exz_socket push = open_with(EXZ_PUSH, &options), pull = open_with(EXZ_PULL, &options);
    check_int(ready_now(push, EXZ_POLL_OUT), 0);
    link_sockets(pull, push, INPROC);
    exz_poll_item item = of_socket(push, EXZ_POLL_OUT);
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_int(item.revents, EXZ_POLL_OUT);
    int sent = 0;
    while (exz_send(push, "x", 1, 0, 0) == EXZ_OK) sent++;
    check_int(ready_now(push, EXZ_POLL_OUT), 0);
    check_status(exz_poll(&item, 1, 20), EXZ_ERR_TIMEOUT);
    for (; sent > 0; sent--) expect_text(pull, "x");
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_send(push, "x", 1, 0, 0), EXZ_OK);
    close_socket(pull);
    close_socket(push);
}

CASE(what_a_socket_can_do_is_as_its_type_says) {
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    const unsigned both = EXZ_POLL_IN | EXZ_POLL_OUT;
    check_int(ready_now(pair.bound, both), 0);
    check_int(ready_now(pair.connected, both), EXZ_POLL_OUT);
    send_text(pair.connected, "question");
    exz_poll_item item = of_socket(pair.bound, both);
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_int(item.revents, EXZ_POLL_IN);
    size_t size;
    char byte;
    check_status(exz_recv(&size, pair.bound, &byte, 1, 0), EXZ_ERR_TOO_SMALL);
    check_int(ready_now(pair.bound, both), EXZ_POLL_IN);
    check_status(exz_send(pair.bound, "x", 1, 0, 0), EXZ_ERR_STATE);
    expect_text(pair.bound, "question");
    check_int(ready_now(pair.bound, both), EXZ_POLL_OUT);
    send_text(pair.bound, "answer");
    check_int(ready_now(pair.bound, both), 0);
    close_linked(pair);

    const struct {
        exz_socket_type type;
        unsigned ready;
    } alone[] = {{EXZ_PUB, EXZ_POLL_OUT}, {EXZ_XPUB, EXZ_POLL_OUT}, {EXZ_SUB, 0}, {EXZ_PULL, 0},
                 {EXZ_PUSH, 0}, {EXZ_ROUTER, 0}, {EXZ_DEALER, 0}, {EXZ_PAIR, 0}, {EXZ_REQ, 0}};
    for (size_t i = 0; i < COUNT_OF(alone); i++) {
        in_row("type %d", alone[i].type);
        exz_socket s = open_socket(alone[i].type);
        check_int(ready_now(s, both), alone[i].ready);
        close_socket(s);
    }
}

CASE(an_event_makes_a_socket_ready) {
    exz_socket s = open_socket(EXZ_PULL);
    check_int(ready_now(s, EXZ_POLL_EVENT), 0);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(s, TCP, endpoint);
    check_int(ready_now(s, EXZ_POLL_EVENT), EXZ_POLL_EVENT);
    check_int(ready_now(s, EXZ_POLL_IN), 0);
    expect_next_event(s, EXZ_EVENT_LISTENING);
    check_int(ready_now(s, EXZ_POLL_EVENT), 0);
    exz_socket push = open_socket(EXZ_PUSH);
    connect_to(push, endpoint);
    exz_poll_item item = of_socket(s, EXZ_POLL_EVENT);
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_int(item.revents, EXZ_POLL_EVENT);
    expect_next_event(s, EXZ_EVENT_HANDSHAKEN);
    close_socket(push);
    close_socket(s);
}

CASE(nothing_to_wait_for_is_a_sleep) {
    exz_socket s = open_socket(EXZ_PULL);
    exz_poll_item item = of_socket(s, 0);
    for (size_t count = 0; count <= 1; count++) {
        in_row("%zu items", count);
        int64_t began = now_ns();
        check_status(exz_poll(count > 0 ? &item : NULL, count, 30), EXZ_ERR_TIMEOUT);
        check(now_ns() - began >= INT64_C(30000000));
        check_status(exz_poll(count > 0 ? &item : NULL, count, 0), EXZ_ERR_TIMEOUT);
    }
    check_int(item.revents, 0);
    int64_t began = now_ns();
    check_status(exz_poll(NULL, 0, EXZ_DEFAULT_TIMEOUT), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= INT64_C(1000000000));
    close_socket(s);
}

static int64_t cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

CASE(the_end_of_a_descriptor_counts_as_ready_for_who_asked) {
    int ends[2];
    check_int(pipe(ends), 0);
    close(ends[1]);
    exz_poll_item item = of_fd(ends[0], EXZ_POLL_IN);
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_int(item.revents, EXZ_POLL_IN);
    /* Nobody asked: it is neither ready nor a reason to keep looking. */
    item = of_fd(ends[0], 0);
    int64_t before = cpu_ns();
    check_status(exz_poll(&item, 1, 400), EXZ_ERR_TIMEOUT);
    /* A sleep costs next to nothing, also where a thread that does not sleep gets a small share of the time only. */
    check(cpu_ns() - before < INT64_C(10000000));
    check_int(item.revents, 0);
    close(ends[0]);
}

CASE(what_makes_no_sense_is_refused_and_nothing_written) {
    exz_socket open = open_socket(EXZ_PULL), closed = open_socket(EXZ_PULL);
    close_socket(closed);
    int ends[2];
    check_int(pipe(ends), 0);
    close(ends[1]);
    const struct {
        exz_poll_item item;
        exz_status expected;
        int32_t timeout_ms;
    } rows[] = {
        {of_socket((exz_socket){12345}, EXZ_POLL_IN), EXZ_ERR_HANDLE, 0},
        {of_socket((exz_socket){12345}, 0), EXZ_ERR_HANDLE, 0},
        {of_socket(open, 8), EXZ_ERR_INVALID, 0},
        {of_socket(open, 0x8001), EXZ_ERR_INVALID, 0},
        {of_fd(ends[0], EXZ_POLL_EVENT), EXZ_ERR_INVALID, 0},
        {of_fd(-1, EXZ_POLL_IN), EXZ_ERR_INVALID, 0},
        {of_fd(ends[1], EXZ_POLL_IN), EXZ_ERR_INVALID, 0},
        {of_fd(ends[1], 0), EXZ_ERR_INVALID, PATIENCE_MS},
        {of_fd(1 << 30, EXZ_POLL_OUT), EXZ_ERR_INVALID, PATIENCE_MS},
        {of_socket(open, EXZ_POLL_IN), EXZ_ERR_INVALID, -2},
        {of_socket(open, EXZ_POLL_IN), EXZ_ERR_INVALID, INT32_MIN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("row %zu", i);
        exz_poll_item items[] = {of_socket(open, EXZ_POLL_IN), rows[i].item, of_fd(ends[0], EXZ_POLL_IN)};
        check_status(exz_poll(items, COUNT_OF(items), rows[i].timeout_ms), rows[i].expected);
        for (size_t j = 0; j < COUNT_OF(items); j++) check_int(items[j].revents, 0xABC);
    }
    exz_poll_item item = of_socket(closed, EXZ_POLL_IN);
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_ERR_CLOSED);
    check_status(exz_poll(NULL, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_poll(&item, 65537, 0), EXZ_ERR_INVALID);
    check_status(exz_poll(&item, SIZE_MAX, 0), EXZ_ERR_INVALID);
    close(ends[0]);
    close_socket(open);
}

CASE(a_descriptor_is_not_looked_at_beside_a_socket) {
    exz_socket s = open_socket(EXZ_PUB);
    exz_poll_item item = {.socket = s, .fd = 1 << 30, .events = EXZ_POLL_OUT};
    check_status(exz_poll(&item, 1, 0), EXZ_OK);
    close_socket(s);
}

CASE(without_a_descriptor_left_it_is_a_limit) {
    exz_socket s = open_socket(EXZ_PULL);
    struct rlimit usual, none;
    check_int(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    /* All below are in use. */
    none.rlim_cur = 8;
    exz_poll_item item = of_socket(s, EXZ_POLL_IN);
    check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
    exz_status at_once = exz_poll(&item, 1, 0), status = exz_poll(&item, 1, PATIENCE_MS);
    check_int(setrlimit(RLIMIT_NOFILE, &usual), 0);
    check_status(at_once, EXZ_ERR_TIMEOUT);
    check_status(status, EXZ_ERR_LIMIT);
    close_socket(s);
}

/* poll(2) takes no more entries than the process may have descriptors. */
CASE(what_is_named_often_is_watched_once) {
    enum { LIMIT = 256, ITEMS = 300 };
    struct rlimit usual, lower;
    check_int(getrlimit(RLIMIT_NOFILE, &usual), 0);
    lower = usual;
    lower.rlim_cur = LIMIT;
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    int ends[2];
    check_int(pipe(ends), 0);
    exz_poll_item items[2 * ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = of_socket(pair.bound, EXZ_POLL_IN);
        items[ITEMS + i] = of_fd(ends[i % 2], i % 2 == 0 ? EXZ_POLL_IN : 0);
    }
    check_int(setrlimit(RLIMIT_NOFILE, &lower), 0);
    exz_status at_once = exz_poll(items, COUNT_OF(items), 0), later = exz_poll(items, COUNT_OF(items), 1);
    send_text(pair.connected, "x");
    exz_status of_message = exz_poll(items, COUNT_OF(items), PATIENCE_MS);
    check_int(setrlimit(RLIMIT_NOFILE, &usual), 0);
    check_status(at_once, EXZ_ERR_TIMEOUT);
    check_status(later, EXZ_ERR_TIMEOUT);
    check_status(of_message, EXZ_OK);
    for (size_t i = 0; i < ITEMS; i++) {
        check_int(items[i].revents, EXZ_POLL_IN);
        check_int(items[ITEMS + i].revents, 0);
    }
    expect_text(pair.bound, "x");

    /* Each item is told of what it asked for, whatever the others of its descriptor did. */
    items[0] = of_fd(ends[1], 0);
    items[1] = of_fd(ends[1], EXZ_POLL_IN);
    items[2] = of_fd(ends[1], EXZ_POLL_OUT);
    items[3] = of_fd(ends[1], EXZ_POLL_IN | EXZ_POLL_OUT);
    check_status(exz_poll(items, 4, PATIENCE_MS), EXZ_OK);
    const int expected[] = {0, 0, EXZ_POLL_OUT, EXZ_POLL_OUT};
    for (size_t i = 0; i < COUNT_OF(expected); i++) check_int(items[i].revents, expected[i]);
    for (size_t i = 0; i < 2; i++) close(ends[i]);
    close_linked(pair);
}

CASE(more_descriptors_than_the_process_may_have_are_a_limit) {
    enum { LIMIT = 16, ITEMS = 32 };
    struct rlimit usual, lower;
    check_int(getrlimit(RLIMIT_NOFILE, &usual), 0);
    lower = usual;
    lower.rlim_cur = LIMIT;
    int copies[ITEMS];
    exz_poll_item items[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        copies[i] = dup(STDIN_FILENO);
        check(copies[i] >= 0);
        items[i] = of_fd(copies[i], EXZ_POLL_IN);
    }
    check_int(setrlimit(RLIMIT_NOFILE, &lower), 0);
    exz_status status = exz_poll(items, ITEMS, 0);
    check_int(setrlimit(RLIMIT_NOFILE, &usual), 0);
    check_status(status, EXZ_ERR_LIMIT);
    for (size_t i = 0; i < ITEMS; i++) close(copies[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_item_is_nothing),
        TEST(it_waits_for_whichever_is_ready_first),
        TEST(all_that_is_ready_is_told_at_once),
        TEST(a_send_is_possible_with_a_peer_that_has_room),
        TEST(what_a_socket_can_do_is_as_its_type_says),
        TEST(an_event_makes_a_socket_ready),
        TEST(nothing_to_wait_for_is_a_sleep),
        TEST(the_end_of_a_descriptor_counts_as_ready_for_who_asked),
        TEST(what_makes_no_sense_is_refused_and_nothing_written),
        TEST(a_descriptor_is_not_looked_at_beside_a_socket),
        TEST(without_a_descriptor_left_it_is_a_limit),
        TEST(what_is_named_often_is_watched_once),
        TEST(more_descriptors_than_the_process_may_have_are_a_limit),
    };
    return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
