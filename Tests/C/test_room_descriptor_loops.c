/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops that send only when epoll says so, through queues that are full most of the time: no wake-up is lost, whether
 * they are told of states or of changes, and whoever else uses the socket. */
#include <sys/epoll.h>
#include <unistd.h>

#include "monotonic.h"
#include "watching.h"
#include "worker.h"

#define MESSAGES 5000u

/* One end of a link, and what a loop watches there. */
typedef struct end {
    exz_socket s;
    int fd;
    uint32_t events;
} end;

/* Sends as long as there is room, as one has to who is told of changes. */
static exz_status send_what_goes(end *e, uint32_t *next) {
    exz_status status = EXZ_OK;
    while (*next < MESSAGES && status == EXZ_OK) {
        status = exz_send(e->s, next, sizeof *next, 0, 0);
        if (status == EXZ_OK) (*next)++;
    }
    return status == EXZ_ERR_TIMEOUT ? EXZ_OK : status;
}

static exz_status send_all(void *argument) {
    end *e = argument;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = e->events};
    if (loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, e->fd, &event) != 0) return EXZ_ERR_INTERNAL;
    exz_status status = EXZ_OK;
    for (uint32_t next = 0; next < MESSAGES && status == EXZ_OK;) {
        /* A wake-up that is lost ends the test here. */
        if (epoll_wait(loop, &event, 1, PATIENCE_MS) != 1) status = EXZ_ERR_TIMEOUT;
        if (status == EXZ_OK) status = send_what_goes(e, &next);
    }
    close(loop);
    return status;
}

static exz_status receive_all(void *argument) {
    end *e = argument;
    for (uint32_t n = 0; n < MESSAGES; n++) {
        uint32_t number;
        size_t size;
        exz_status status = exz_recv(&size, e->s, &number, sizeof number, PATIENCE_MS);
        if (status != EXZ_OK) return status;
        if (number != n) return EXZ_ERR_INTERNAL;
    }
    return EXZ_OK;
}

/* Both ends send and receive at the same time, or one alone sends. */
static void exchange(exz_socket_type bound, exz_socket_type connected, transport t, uint32_t events) {
    in_row("types %d and %d, %s%s", bound, connected, transport_name(t), events & EPOLLET ? ", edges" : "");
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 2;
    linked pair = link_sockets(open_with(bound, &options), open_with(connected, &options), t);
    end ends[2] = {{.s = pair.connected, .events = events}, {.s = pair.bound, .events = events}};
    const size_t senders = bound == EXZ_PULL ? 1 : 2;
    worker sending[2], receiving[2];
    for (size_t i = 0; i < senders; i++) {
        ends[i].fd = descriptor_for_sending(ends[i].s);
        worker_start(&receiving[i], receive_all, &ends[1 - i]);
        worker_start(&sending[i], send_all, &ends[i]);
    }
    for (size_t i = 0; i < senders; i++) {
        check_status(worker_join(&sending[i]), EXZ_OK);
        check_status(worker_join(&receiving[i]), EXZ_OK);
    }
    close_linked(pair);
}

CASE(a_loop_that_only_sends_goes_on) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        exchange(EXZ_PULL, EXZ_PUSH, t, EPOLLIN);
        exchange(EXZ_PULL, EXZ_PUSH, t, EPOLLIN | EPOLLET);
    }
}

CASE(a_loop_goes_on_beside_a_thread_that_waits_to_receive) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        exchange(EXZ_DEALER, EXZ_DEALER, t, EPOLLIN);
        exchange(EXZ_PAIR, EXZ_PAIR, t, EPOLLIN | EPOLLET);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_loop_that_only_sends_goes_on),
        TEST(a_loop_goes_on_beside_a_thread_that_waits_to_receive),
    };
    return cmocka_run_group_tests_name("loops that send", tests, NULL, NULL);
}
