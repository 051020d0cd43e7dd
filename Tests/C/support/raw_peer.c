/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"

enum { GREETING_SIZE = 64 };

int raw_connect(const char *endpoint) {
    struct sockaddr_in address = tcp_address(endpoint);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(descriptor >= 0);
    check_int(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

int raw_accept(int listener) {
    struct pollfd readable = {listener, POLLIN, 0};
    check_int(poll(&readable, 1, PATIENCE_MS), 1);
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    check(descriptor >= 0);
    return descriptor;
}

void raw_say(int descriptor, const void *data, size_t size) {
    for (size_t said = 0; said < size;) {
        ssize_t count = send(descriptor, (const char *)data + said, size - said, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return;
        said += (size_t)count;
    }
}

bool raw_hear(int descriptor, void *data, size_t size) {
    int64_t deadline = after_ms(PATIENCE_MS);
    for (size_t heard = 0; heard < size;) {
        struct pollfd readable = {descriptor, POLLIN, 0};
        if (poll(&readable, 1, left_ms(deadline)) == 0) fail_msg("the other side says nothing");
        ssize_t count = recv(descriptor, (char *)data + heard, size - heard, 0);
        if (count == 0 || (count < 0 && errno != EINTR)) return false;
        if (count > 0) heard += (size_t)count;
    }
    return true;
}

void raw_greet(int descriptor) {
    const uint8_t greeting[GREETING_SIZE] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, 'N', 'U', 'L', 'L'};
    raw_say(descriptor, greeting, sizeof greeting);
}

bool raw_handshake(int descriptor, const char *socket_type) {
    uint8_t heard[GREETING_SIZE], ready[64] = "\5READY\13Socket-Type", head[2];
    size_t type_size = strlen(socket_type), size = 18;
    check(size + 4 + type_size <= sizeof ready);
    memcpy(ready + size, (const uint8_t[4]){0, 0, 0, (uint8_t)type_size}, 4);
    memcpy(ready + size + 4, socket_type, type_size);
    size += 4 + type_size;

    raw_greet(descriptor);
    if (!raw_hear(descriptor, heard, sizeof heard)) return false;
    raw_frame(descriptor, FRAME_COMMAND, size, ready, size);
    uint8_t body[256];
    if (!raw_hear(descriptor, head, sizeof head)) return false;
    check_int(head[0], FRAME_COMMAND);
    return raw_hear(descriptor, body, head[1]);
}

void raw_frame(int descriptor, uint8_t flags, uint64_t claimed, const void *data, size_t size) {
    uint8_t head[9];
    size_t head_size = 2;
    if (claimed > 255 || (flags & FRAME_LONG) != 0) {
        flags |= FRAME_LONG;
        head_size = sizeof head;
        for (int i = 0; i < 8; i++) head[1 + i] = (uint8_t)(claimed >> (56 - 8 * i));
    } else {
        head[1] = (uint8_t)claimed;
    }
    head[0] = flags;
    raw_say(descriptor, head, head_size);
    raw_say(descriptor, data, size);
}

void raw_notice(int descriptor, bool is_subscription, const char *topic) {
    size_t size = strlen(topic);
    uint8_t *body = malloc(size + 1);
    check(body != NULL);
    body[0] = is_subscription;
    memcpy(body + 1, topic, size);
    raw_frame(descriptor, 0, size + 1, body, size + 1);
    free(body);
}

bool raw_await_end(int descriptor) {
    char dropped[4096];
    int64_t deadline = after_ms(PATIENCE_MS);
    for (;;) {
        struct pollfd readable = {descriptor, POLLIN, 0};
        if (poll(&readable, 1, left_ms(deadline)) == 0) return false;
        ssize_t count = recv(descriptor, dropped, sizeof dropped, 0);
        if (count == 0 || (count < 0 && errno != EINTR)) return true;
    }
}

void raw_reset(int descriptor) {
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(descriptor);
}
