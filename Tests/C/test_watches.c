/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel has no room for another descriptor in an epoll (ENOSPC: /proc/sys/fs/epoll/max_user_watches is used up):
 * a socket that could not be opened for that leaves nothing behind. This program's epoll_ctl() is everybody's. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "holdings.h"
#include "monotonic.h"
#include "sockets.h"

/* Which of the additions that this thread makes is refused, counted from 1; 0 = none. libzmq aborts when it is refused
 * one, but makes its own on this thread only with the first socket of a context. */
static _Thread_local int refused, added;

int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event) {
    if (refused > 0 && operation == EPOLL_CTL_ADD && ++added == refused) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_epoll_ctl, epoll, operation, descriptor, event);
}

/* False once so many additions are not made at all. */
static bool open_without(int addition, exz_context c, exz_socket_type type) {
    exz_socket s = {0};
    added = 0;
    refused = addition;
    exz_status status = exz_socket_open(&s, c, type, NULL);
    refused = 0;
    in_row("type %d without addition %d of %d", type, addition, added);
    if (added < addition) {
        check_status(status, EXZ_OK);
        close_socket(s);
        return false;
    }
    check_status(status, EXZ_ERR_LIMIT);
    check_int(s.id, 0);
    return true;
}

/* How many additions opening a socket of that type makes. */
static int check_opening(exz_socket_type type) {
    const holdings before = settle();
    for (int addition = 1;; addition++) {
        exz_context c;
        check_status(exz_context_open(&c), EXZ_OK);
        exz_socket first;
        check_status(exz_socket_open(&first, c, EXZ_PULL, NULL), EXZ_OK);
        const bool was_refused = open_without(addition, c, type);
        /* The place it would have had is somebody else's now. */
        exz_socket next;
        check_status(exz_socket_open(&next, c, EXZ_PUSH, NULL), EXZ_OK);
        bind_to(first, "inproc://watches");
        connect_to(next, "inproc://watches");
        check_carries(next, first);
        close_socket(next);
        check_status(exz_context_close(c, 0), EXZ_OK);
        check_held(before);
        if (!was_refused) return addition - 1;
    }
}

CASE(a_socket_that_can_not_be_watched_leaves_nothing_behind) {
    check_int(check_opening(EXZ_PULL), 1);
    /* A publisher is watched for its subscriptions, too. */
    check_int(check_opening(EXZ_PUB), 2);
}

CASE(a_context_that_can_not_watch_is_not_opened) {
    const holdings before = settle();
    exz_context c = {0};
    added = 0;
    refused = 1;
    exz_status status = exz_context_open(&c);
    refused = 0;
    check_status(status, EXZ_ERR_LIMIT);
    check_int(c.id, 0);
    check_held(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_socket_that_can_not_be_watched_leaves_nothing_behind),
        TEST(a_context_that_can_not_watch_is_not_opened),
    };
    return cmocka_run_group_tests_name("watches", tests, NULL, NULL);
}
