/* SPDX-License-Identifier: Apache-2.0
 *
 * early_forker [opened]: a program that forks while another of its threads uses the library for the first time. Each
 * child opens sockets and sends a message. With `opened` the library has been used before, but by few of its functions,
 * and the thread and the children use many more. It prints "done" and leaves with status 0, or with 1 if a child did
 * not come to its end. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "experimance_zmq.h"
#include "must.h"

static atomic_int ready;

static void use(void) {
    char endpoint[256], byte;
    size_t size;
    exz_canceler canceler;
    exz_socket push, pull;
    must(exz_canceler_open(&canceler), "exz_canceler_open");
    must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), "exz_socket_open");
    must(exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), "exz_socket_open");
    must(exz_socket_bind(pull, "tcp://127.0.0.1:*", 10000, NULL), "exz_socket_bind");
    must(exz_socket_endpoint(pull, endpoint, sizeof endpoint), "exz_socket_endpoint");
    must(exz_socket_connect(push, endpoint, 0, 10000, NULL), "exz_socket_connect");
    must(exz_send(push, "x", 1, 0, 10000), "exz_send");
    must(exz_recv(&size, pull, &byte, 1, 10000), "exz_recv");
    must(exz_socket_close(push, 1000), "exz_socket_close");
    must(exz_socket_close(pull, 0), "exz_socket_close");
}

/* What neither the use above nor the library itself does when something is first opened. */
static void use_more(void) {
    char endpoint[256], bytes[64];
    size_t size, count;
    exz_socket publisher, subscriber, server, client;
    exz_message message;
    exz_stats stats = EXZ_STATS_INIT;
    exz_event event = EXZ_EVENT_INIT;
    exz_backoff backoff;
    int32_t delay;
    must(exz_socket_open(&publisher, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL), "exz_socket_open");
    must(exz_socket_open(&subscriber, EXZ_DEFAULT_CONTEXT, EXZ_SUB, NULL), "exz_socket_open");
    must(exz_subscribe(subscriber, "t"), "exz_subscribe");
    must(exz_socket_bind(publisher, "tcp://127.0.0.1:*", 10000, NULL), "exz_socket_bind");
    must(exz_socket_endpoint(publisher, endpoint, sizeof endpoint), "exz_socket_endpoint");
    must(exz_socket_connect(subscriber, endpoint, 0, 10000, NULL), "exz_socket_connect");
    must(exz_wait_subscribers(publisher, "t", 1, 10000), "exz_wait_subscribers");
    must(exz_publish(publisher, "t", "x", 1, 1000), "exz_publish");
    exz_poll_item item = {.socket = subscriber, .events = EXZ_POLL_IN};
    must(exz_poll(&item, 1, 10000), "exz_poll");
    must(exz_recv_message(&message, subscriber, 10000), "exz_recv_message");
    must(exz_message_count(&count, message), "exz_message_count");
    must(exz_message_free(message), "exz_message_free");
    must(exz_socket_stats(&stats, subscriber), "exz_socket_stats");
    must(exz_next_event(&event, subscriber, 10000), "exz_next_event");
    must(exz_backoff_open(&backoff, NULL), "exz_backoff_open");
    must(exz_backoff_next(&delay, backoff), "exz_backoff_next");
    must(exz_backoff_close(backoff), "exz_backoff_close");
    must(exz_socket_open(&server, EXZ_DEFAULT_CONTEXT, EXZ_REP, NULL), "exz_socket_open");
    must(exz_socket_open(&client, EXZ_DEFAULT_CONTEXT, EXZ_REQ, NULL), "exz_socket_open");
    must(exz_socket_bind(server, "tcp://127.0.0.1:*", 10000, NULL), "exz_socket_bind");
    must(exz_socket_endpoint(server, endpoint, sizeof endpoint), "exz_socket_endpoint");
    must(exz_socket_connect(client, endpoint, 0, 10000, NULL), "exz_socket_connect");
    (void)exz_request(&size, client, "q", 1, bytes, sizeof bytes, 1, NULL);
    must(exz_recv(&size, server, bytes, sizeof bytes, 10000), "exz_recv");
    must(exz_shutdown(10000), "exz_shutdown");
}

static void (*used)(void) = use;

static void *use_first(void *unused) {
    atomic_store(&ready, 1);
    used();
    return unused;
}

int main(int argc, char **argv) {
    pthread_t thread;
    int failures = 0;
    if (argc > 1 && strcmp(argv[1], "opened") == 0) {
        use();
        used = use_more;
    }
    if (pthread_create(&thread, NULL, use_first, NULL) != 0) return 2;
    while (atomic_load(&ready) == 0) {
    }
    for (int i = 0; i < 6; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            used();
            _exit(0);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) failures++;
    }
    pthread_join(thread, NULL);
    puts("done");
    return failures > 0;
}
