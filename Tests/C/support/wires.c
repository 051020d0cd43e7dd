/* SPDX-License-Identifier: Apache-2.0 */
#include "wires.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"

/* Both kinds of address. */
typedef struct place {
    union {
        struct sockaddr any;
        struct sockaddr_in tcp;
        struct sockaddr_un local;
    } address;
    socklen_t size;
} place;

static place place_of(const char *endpoint) {
    place p = {.size = sizeof p.address.tcp};
    if (strncmp(endpoint, "tcp://", 6) == 0) {
        p.address.tcp = tcp_address(endpoint);
        return p;
    }
    const char *path = endpoint + strlen("ipc://");
    const size_t length = strlen(path);
    check(length < sizeof p.address.local.sun_path);
    p.address.local.sun_family = AF_UNIX;
    memcpy(p.address.local.sun_path, path, length + 1);
    p.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));
    if (path[0] == '@') p.address.local.sun_path[0] = '\0';
    return p;
}

int listen_raw(transport t, char *endpoint) {
    if (t == IPC) {
        char path[ENDPOINT_SIZE];
        temporary_path(path);
        check(snprintf(endpoint, ENDPOINT_SIZE, "ipc://%s", path) < ENDPOINT_SIZE);
    } else {
        strcpy(endpoint, "tcp://127.0.0.1:0");
    }
    place p = place_of(endpoint);
    const int listener = socket(p.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(listener >= 0);
    check_int(bind(listener, &p.address.any, p.size), 0);
    check_int(listen(listener, 128), 0);
    if (t == TCP) {
        check_int(getsockname(listener, &p.address.any, &p.size), 0);
        snprintf(endpoint, ENDPOINT_SIZE, "tcp://127.0.0.1:%d", ntohs(p.address.tcp.sin_port));
    }
    return listener;
}

exz_fault_proxy open_proxy(const char *listen, const char *target, uint64_t seed) {
    exz_fault_proxy p;
    exz_error error = EXZ_ERROR_INIT;
    const exz_status status = exz_fault_proxy_open(&p, listen, target, seed, &error);
    if (status != EXZ_OK) fail_msg("%s to %s: %s", listen, target, error.message);
    return p;
}

void close_proxy(exz_fault_proxy p) { check_status(exz_fault_proxy_close(p), EXZ_OK); }

relayed open_relayed(transport from, transport to, uint64_t seed) {
    relayed r;
    char listen[ENDPOINT_SIZE] = "tcp://127.0.0.1:*";
    r.listener = listen_raw(to, r.target);
    if (from == IPC) {
        char path[ENDPOINT_SIZE];
        temporary_path(path);
        check(snprintf(listen, sizeof listen, "ipc://%s", path) < ENDPOINT_SIZE);
    }
    r.proxy = open_proxy(listen, r.target, seed);
    check_status(exz_fault_proxy_endpoint(r.proxy, r.endpoint, sizeof r.endpoint), EXZ_OK);
    return r;
}

void close_relayed(relayed *r) {
    close_proxy(r->proxy);
    if (r->listener >= 0) close(r->listener);
    if (strncmp(r->target, "ipc://", 6) == 0) unlink(r->target + strlen("ipc://"));
}

int dial(const char *endpoint) {
    const place p = place_of(endpoint);
    const int descriptor = socket(p.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(descriptor >= 0);
    if (connect(descriptor, &p.address.any, p.size) == 0) {
        const int on = 1;
        if (p.address.any.sa_family == AF_INET) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return descriptor;
    }
    const int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}

int open_client(const relayed *r) {
    const int client = dial(r->endpoint);
    if (client < 0) fail_msg("%s: %s", r->endpoint, strerror(errno));
    return client;
}

wire open_wire(const relayed *r) {
    wire w = {.client = open_client(r)};
    w.server = raw_accept(r->listener);
    return w;
}

void close_wire(wire *w) {
    close(w->client);
    close(w->server);
}

exz_fault fault_of(exz_fault_kind kind) {
    exz_fault fault = EXZ_FAULT_INIT;
    fault.kind = kind;
    return fault;
}

uint32_t add_fault(exz_fault_proxy p, exz_fault fault) {
    uint32_t id = 0;
    exz_error error = EXZ_ERROR_INIT;
    if (exz_fault_check(&fault, &error) != EXZ_OK) fail_msg("%s", error.message);
    check_status(exz_fault_add(&id, p, &fault), EXZ_OK);
    check(id > 0);
    return id;
}

void await_strikes(exz_fault_proxy p, uint32_t id, uint64_t at_least) {
    check_status(exz_fault_wait(p, id, at_least, PATIENCE_MS), EXZ_OK);
}

void await_count(exz_fault_proxy p, exz_fault_count what, uint64_t at_least) {
    check_status(exz_fault_proxy_wait(p, what, at_least, PATIENCE_MS), EXZ_OK);
}

exz_fault_stats proxy_stats(exz_fault_proxy p) {
    exz_fault_stats stats = EXZ_FAULT_STATS_INIT;
    check_status(exz_fault_proxy_stats(&stats, p), EXZ_OK);
    return stats;
}

void say(int descriptor, const char *text) { raw_say(descriptor, text, strlen(text)); }

/* What recv(2) says once there is something to say. */
static ssize_t hear(int descriptor, void *buffer, size_t size) {
    struct pollfd readable = {descriptor, POLLIN, 0};
    if (poll(&readable, 1, PATIENCE_MS) == 0) fail_msg("nothing comes");
    return recv(descriptor, buffer, size, 0);
}

void hear_exactly(int descriptor, const char *text) {
    const size_t size = strlen(text);
    char heard[4096];
    check(size < sizeof heard);
    size_t count = 0;
    while (count < size) {
        const ssize_t more = hear(descriptor, heard + count, size - count);
        if (more <= 0) fail_msg("\"%s\" was to come, and the connection ended after %zu bytes", text, count);
        count += (size_t)more;
    }
    heard[count] = '\0';
    check_text(heard, text);
}

void hear_nothing(int descriptor) {
    char byte;
    check_int(recv(descriptor, &byte, 1, MSG_DONTWAIT), -1);
    check_int(errno, EAGAIN);
}

void hear_end(int descriptor) {
    char byte;
    check_int(hear(descriptor, &byte, 1), 0);
}

void hear_reset(int descriptor, transport t) {
    char byte;
    const ssize_t count = hear(descriptor, &byte, 1);
    if (t == IPC) {
        check(count == 0 || (count < 0 && errno == ECONNRESET));
    } else {
        check_int(count, -1);
        check_int(errno, ECONNRESET);
    }
}
