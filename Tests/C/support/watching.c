/* SPDX-License-Identifier: Apache-2.0 */
#include "watching.h"

#include <poll.h>
#include <sys/epoll.h>

#include "monotonic.h"

int descriptor_of(exz_socket s) {
    int fd = -1;
    check_status(exz_socket_fd(&fd, s), EXZ_OK);
    check(fd >= 0);
    return fd;
}

int descriptor_for_sending(exz_socket s) {
    int fd = -1;
    check_status(exz_socket_send_fd(&fd, s), EXZ_OK);
    check(fd >= 0);
    return fd;
}

bool is_readable(int fd) {
    struct pollfd item = {fd, POLLIN, 0};
    int count = poll(&item, 1, 0);
    check(count >= 0 && (item.revents & ~POLLIN) == 0);
    return count == 1;
}

void await_readable(int fd) {
    struct pollfd item = {fd, POLLIN, 0};
    check_int(poll(&item, 1, PATIENCE_MS), 1);
    check_int(item.revents, POLLIN);
}

int loop_with(int fd) {
    int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(loop >= 0);
    check_int(epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event), 0);
    return loop;
}
