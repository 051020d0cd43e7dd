/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops that receive only when epoll says so: tens of thousands of messages, and no wake-up is lost. */
#include <sys/epoll.h>
#include <unistd.h>

#include "monotonic.h"
#include "watching.h"
#include "worker.h"

#define MESSAGES 10000u

/* One end of a link: what it sends, and what it has received. */
typedef struct end {
    exz_socket s;
    int fd;
    bool in_batches;
    atomic_uint received;
} end;

static exz_status send_all(void *argument) {
    end *e = argument;
    for (uint32_t n = 0; n < MESSAGES; n++) {
        exz_status status = exz_send(e->s, &n, sizeof n, 0, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

/* One that another thread was faster to take is no flaw; waiting for one that never comes is, and ends the test. */
static exz_status take(end *e) {
    uint32_t numbers[8];
    size_t sizes[8], count = 1;
    exz_status status = e->in_batches ? exz_recv_many(&count, e->s, numbers, sizeof numbers, sizes, 8, 0)
                                      : exz_recv(sizes, e->s, numbers, sizeof *numbers, 0);
    if (status == EXZ_ERR_TIMEOUT) return EXZ_OK;
    if (status == EXZ_OK) atomic_fetch_add(&e->received, (unsigned)count);
    return status;
}

static exz_status receive_all(void *argument) {
    end *e = argument;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, e->fd, &event) != 0) return EXZ_ERR_INTERNAL;
    exz_status status = EXZ_OK;
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (status == EXZ_OK && atomic_load(&e->received) < MESSAGES && now_ns() < deadline)
        if (epoll_wait(loop, &event, 1, 20) == 1) status = take(e);
    close(loop);
    return status;
}

/* Both ends send and receive at the same time, each with so many loops on its one descriptor. */
static void exchange(exz_socket_type type, transport t, size_t loops, bool in_batches) {
    in_row("type %d, %s, %zu loops%s", type, transport_name(t), loops, in_batches ? ", in batches" : "");
    linked pair = link_types(type, type, t);
    end ends[2] = {{.s = pair.bound, .in_batches = in_batches}, {.s = pair.connected, .in_batches = in_batches}};
    worker sending[2], receiving[2][4];
    for (size_t i = 0; i < 2; i++) ends[i].fd = descriptor_of(ends[i].s);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < loops; j++) worker_start(&receiving[i][j], receive_all, &ends[i]);
        worker_start(&sending[i], send_all, &ends[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        check_status(worker_join(&sending[i]), EXZ_OK);
        for (size_t j = 0; j < loops; j++) check_status(worker_join(&receiving[i][j]), EXZ_OK);
        check_int(atomic_load(&ends[i].received), MESSAGES);
        check(!is_readable(ends[i].fd));
    }
    close_linked(pair);
}

CASE(one_loop_at_each_end_misses_nothing) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) exchange(EXZ_DEALER, t, 1, false);
}

CASE(several_loops_at_each_end_miss_nothing) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) exchange(EXZ_PAIR, t, 3, false);
}

CASE(loops_that_receive_many_at_once_miss_nothing) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) exchange(EXZ_DEALER, t, 2, true);
}

static exz_status receive_blocking(void *argument) {
    end *e = argument;
    uint32_t number;
    size_t size;
    int64_t deadline = after_ms(2 * PATIENCE_MS);
    while (atomic_load(&e->received) < MESSAGES && now_ns() < deadline) {
        exz_status status = exz_recv(&size, e->s, &number, sizeof number, 20);
        if (status == EXZ_OK) atomic_fetch_add(&e->received, 1);
        if (status != EXZ_OK && status != EXZ_ERR_TIMEOUT) return status;
    }
    return EXZ_OK;
}

CASE(loops_and_threads_that_wait_in_a_receive_share_the_messages) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        end to = {.s = pair.bound, .fd = descriptor_of(pair.bound)}, from = {.s = pair.connected};
        worker sending, receiving[4];
        for (size_t i = 0; i < 4; i++) worker_start(&receiving[i], i % 2 == 0 ? receive_all : receive_blocking, &to);
        worker_start(&sending, send_all, &from);
        check_status(worker_join(&sending), EXZ_OK);
        for (size_t i = 0; i < 4; i++) check_status(worker_join(&receiving[i]), EXZ_OK);
        check_int(atomic_load(&to.received), MESSAGES);
        close_linked(pair);
    }
}

/* Each message is sent when the one before has come back, so a single wake-up that is lost stops everything. */
CASE(messages_that_go_to_and_fro_never_stop) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_DEALER, EXZ_DEALER, t);
        const int fds[2] = {descriptor_of(pair.bound), descriptor_of(pair.connected)};
        const exz_socket sockets[2] = {pair.bound, pair.connected};
        int loops[2] = {loop_with(fds[0]), loop_with(fds[1])};
        send_text(pair.connected, "ball");
        for (int n = 0; n < 4000; n++) {
            struct epoll_event event;
            check_int(epoll_wait(loops[n % 2], &event, 1, PATIENCE_MS), 1);
            char buffer[8];
            size_t size;
            check_status(exz_recv(&size, sockets[n % 2], buffer, sizeof buffer, 0), EXZ_OK);
            check_status(exz_send(sockets[n % 2], buffer, size, 0, 0), EXZ_OK);
        }
        for (size_t i = 0; i < 2; i++) close(loops[i]);
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(one_loop_at_each_end_misses_nothing),
        TEST(several_loops_at_each_end_miss_nothing),
        TEST(loops_that_receive_many_at_once_miss_nothing),
        TEST(loops_and_threads_that_wait_in_a_receive_share_the_messages),
        TEST(messages_that_go_to_and_fro_never_stop),
    };
    return cmocka_run_group_tests_name("loops over descriptors", tests, NULL, NULL);
}
