/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors of sockets, and loops that watch them. */
#ifndef WATCHING_H
#define WATCHING_H

#include "sockets.h"

int descriptor_of(exz_socket s);

/* The one for room to send. */
int descriptor_for_sending(exz_socket s);

/* At this moment. */
bool is_readable(int fd);

/* It has to become readable. */
void await_readable(int fd);

/* An epoll instance that watches the descriptor, level-triggered. To be given back with close(2). */
int loop_with(int fd);

#endif
