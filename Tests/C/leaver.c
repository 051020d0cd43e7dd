/* SPDX-License-Identifier: Apache-2.0
 *
 * leaver HOW: a program that ends in the middle of everything and closes nothing. Sockets with full queues and a long
 * linger, links that are being made, a context of its own, calls that wait in threads. It prints "ready", waits until
 * its standard input ends, and leaves with status 7: HOW is "return" from main, "exit" from another thread, or
 * "callback", which exits from a function the library calls. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experimance_zmq.h"
#include "must.h"

enum { STATUS = 7, LONG_MS = 600000 };

static exz_socket push, pull, pub, dealer;
static atomic_bool is_leaving;

static exz_socket opened(exz_context context, exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.linger_ms = LONG_MS;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.retry.initial_backoff_ms = options.retry.max_backoff_ms = 1;
    exz_socket s;
    must(exz_socket_open(&s, context, type, &options), "open");
    return s;
}

static void *receive(void *unused) {
    char byte;
    size_t size;
    exz_recv(&size, dealer, &byte, 1, LONG_MS);
    return unused;
}

static void *await_events(void *unused) {
    exz_event event = EXZ_EVENT_INIT;
    while (exz_next_event(&event, push, LONG_MS) == EXZ_OK) continue;
    return unused;
}

static void *send_on(void *unused) {
    static const char block[10000];
    while (exz_send(push, block, sizeof block, 0, LONG_MS) == EXZ_OK) continue;
    return unused;
}

static void *publish_on(void *unused) {
    while (exz_publish(pub, "topic", "x", 1, LONG_MS) == EXZ_OK) continue;
    return unused;
}

static void start(void *(*body)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) != 0) _exit(1);
    pthread_detach(thread);
}

/* Debug lines come all the time, as one link is tried again every millisecond. */
static void on_log(void *user, exz_log_level level, const char *message) {
    (void)user, (void)level, (void)message;
    if (atomic_exchange(&is_leaving, false)) exit(STATUS);
}

static void *leave(void *unused) {
    exit(STATUS);
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    exz_context context;
    char endpoint[256], byte;
    must(exz_context_open(&context), "exz_context_open");
    pull = opened(EXZ_DEFAULT_CONTEXT, EXZ_PULL);
    push = opened(context, EXZ_PUSH);
    pub = opened(context, EXZ_PUB);
    dealer = opened(EXZ_DEFAULT_CONTEXT, EXZ_DEALER);
    if (strcmp(argv[1], "callback") == 0) must(exz_set_log(on_log, NULL, EXZ_LOG_DEBUG), "exz_set_log");
    must(exz_socket_bind(pull, "tcp://127.0.0.1:0", 1000, NULL), "exz_socket_bind");
    must(exz_socket_endpoint(pull, endpoint, sizeof endpoint), "exz_socket_endpoint");
    must(exz_socket_connect(push, endpoint, 0, 10000, NULL), "exz_socket_connect");
    must(exz_socket_connect(dealer, "ipc:///nowhere/at/all", EXZ_CONNECT_BACKGROUND, 0, NULL), "exz_socket_connect");
    must(exz_socket_connect(pub, "tcp://name.invalid:5555", EXZ_CONNECT_BACKGROUND, 0, NULL), "exz_socket_connect");
    start(receive);
    start(await_events);
    start(send_on);
    start(publish_on);
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    if (strcmp(argv[1], "exit") == 0) start(leave);
    atomic_store(&is_leaving, true);
    if (strcmp(argv[1], "return") != 0) pause();
    return STATUS;
}
