/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy SIZE COUNT: one process pushes COUNT messages of SIZE bytes to another and pulls them from there again. That
 * one forwards them, with zmq_proxy or with a proxy of this library; both ends are plain libzmq's, so that nothing else
 * differs. Prints the seconds after a tenth of them as a warm-up.
 */
#include "cores.h"
#include "worker.h"

#include <pthread.h>
#include <zmq.h>

#ifndef PLAIN
#include <experimance_zmq.h>
#endif

typedef struct place {
    char front[ENDPOINT_SIZE], back[ENDPOINT_SIZE];
} place;

#ifdef PLAIN
static void *bound(void *context, int type, char *endpoint)
{
    void *socket = zmq_socket(context, type);
    const int64_t largest = INT64_C(64) << 20;
    size_t size = ENDPOINT_SIZE;
    must(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0, "proxy", "ZMQ_MAXMSGSIZE");
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "proxy", "zmq_bind");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "proxy", "ZMQ_LAST_ENDPOINT");
    return socket;
}

static void forward(peer other)
{
    place place;
    void *context = zmq_ctx_new();
    void *front = bound(context, ZMQ_PULL, place.front), *back = bound(context, ZMQ_PUSH, place.back);
    tell(other, &place, sizeof place);
    zmq_proxy(front, back, NULL); /* to the end of the process, which is killed */
}
#else
static exz_socket bound(exz_socket_type type, char *endpoint)
{
    exz_socket socket;
    must(exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type, NULL) == EXZ_OK, "proxy", "exz_socket_open");
    must(exz_socket_bind(socket, "tcp://127.0.0.1:*", 1000, NULL) == EXZ_OK, "proxy", "exz_socket_bind");
    must(exz_socket_endpoint(socket, endpoint, ENDPOINT_SIZE) == EXZ_OK, "proxy", "exz_socket_endpoint");
    return socket;
}

static void forward(peer other)
{
    place place;
    exz_socket front = bound(EXZ_PULL, place.front), back = bound(EXZ_PUSH, place.back);
    exz_proxy proxy;
    must(exz_proxy_open(&proxy, front, back, (exz_socket){0}, NULL) == EXZ_OK, "proxy", "exz_proxy_open");
    tell(other, &place, sizeof place);
    for (;;)
        pause();
}
#endif

typedef struct pushing {
    void *socket;
    size_t size;
    int64_t count;
} pushing;

static void *push(void *argument)
{
    pushing *p = argument;
    char *message = calloc(1, p->size);
    for (int64_t number = 0; number < p->count; number++) {
        memcpy(message, &number, sizeof number);
        must(zmq_send(p->socket, message, p->size, 0) == (int)p->size, "proxy", "zmq_send");
    }
    free(message);
    return NULL;
}

static void *connected(void *context, int type, const char *endpoint)
{
    void *socket = zmq_socket(context, type);
    must(zmq_connect(socket, endpoint) == 0, "proxy", "zmq_connect");
    return socket;
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SIZE COUNT");
    size_t size = (size_t)number_from(argv[1]);
    int64_t count = number_from(argv[2]), warm_up = count / 10, start = 0;
    must(size >= sizeof(int64_t) && count > 0, argv[0], "SIZE is at least 8, COUNT at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0)
        forward(other);
    place place;
    hear(other, &place, sizeof place);
    void *context = zmq_ctx_new(), *puller = connected(context, ZMQ_PULL, place.back);
    pushing p = {connected(context, ZMQ_PUSH, place.front), size, warm_up + count};
    pthread_t thread;
    must(pthread_create(&thread, NULL, push, &p) == 0, "proxy", "pthread_create");
    char *buffer = malloc(size);
    for (int64_t number = 0; number < warm_up + count; number++) {
        if (number == warm_up)
            start = now_ns();
        must(zmq_recv(puller, buffer, size, 0) == (int)size && memcmp(buffer, &number, sizeof number) == 0, "proxy",
             "a message is missing");
    }
    printf("%.9f\n", (double)(now_ns() - start) / 1e9);
    pthread_join(thread, NULL);
    kill(other.process, SIGKILL);
    return 0;
}
