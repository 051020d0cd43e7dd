/* SPDX-License-Identifier: Apache-2.0
 *
 * early_forker: a program that forks while another of its threads uses the library for the first time. Each child
 * opens sockets and sends a message. It prints "done" and leaves with status 0, or with 1 if a child did not come to
 * its end. */
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

static void *use_first(void *unused) {
    atomic_store(&ready, 1);
    use();
    return unused;
}

int main(void) {
    pthread_t thread;
    int failures = 0;
    if (pthread_create(&thread, NULL, use_first, NULL) != 0) return 2;
    while (atomic_load(&ready) == 0) {
    }
    for (int i = 0; i < 6; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            use();
            _exit(0);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) failures++;
    }
    pthread_join(thread, NULL);
    puts("done");
    return failures > 0;
}
