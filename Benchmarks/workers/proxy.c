/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy KIND SIZE COUNT: one process sends COUNT messages of SIZE bytes to another and receives them from there again.
 * That one forwards them from a front of this KIND to its back, with zmq_proxy or with a proxy of this library; both
 * ends are plain libzmq's, so that nothing else differs. Nothing is dropped: who publishes waits for room. Prints the
 * seconds after a tenth of them as a warm-up.
 */
#include "cores.h"
#include "worker.h"

#include <pthread.h>
#include <zmq.h>

#ifndef PLAIN
#include <experimance_zmq.h>
#endif

static const struct kind {
    const char *name;
    int sender, front, back, receiver;
} kinds[] = {
    {"pull", ZMQ_PUSH, ZMQ_PULL, ZMQ_PUSH, ZMQ_PULL},
    {"router", ZMQ_DEALER, ZMQ_ROUTER, ZMQ_DEALER, ZMQ_DEALER},
    {"xsub", ZMQ_XPUB, ZMQ_XSUB, ZMQ_XPUB, ZMQ_SUB},
};

static struct kind kind;

typedef struct place {
    char front[ENDPOINT_SIZE], back[ENDPOINT_SIZE];
} place;

#ifdef PLAIN
static void *bound(void *context, int type, char *endpoint)
{
    void *socket = zmq_socket(context, type);
    const int64_t largest = INT64_C(64) << 20;
    size_t size = ENDPOINT_SIZE;
    const int on = 1;
    must(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0, "proxy", "ZMQ_MAXMSGSIZE");
    if (type == ZMQ_XPUB)
        must(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "proxy", "ZMQ_XPUB_NODROP");
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "proxy", "zmq_bind");
    must(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "proxy", "ZMQ_LAST_ENDPOINT");
    return socket;
}

static void forward(peer other)
{
    place place;
    void *context = zmq_ctx_new();
    void *front = bound(context, kind.front, place.front), *back = bound(context, kind.back, place.back);
    tell(other, &place, sizeof place);
    zmq_proxy(front, back, NULL); /* to the end of the process, which is killed */
}
#else
static exz_socket bound(exz_socket_type type, char *endpoint)
{
    exz_socket socket;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    if (type == EXZ_XPUB)
        options.on_full = EXZ_ON_FULL_WAIT;
    must(exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type, &options) == EXZ_OK, "proxy", "exz_socket_open");
    must(exz_socket_bind(socket, "tcp://127.0.0.1:*", 1000, NULL) == EXZ_OK, "proxy", "exz_socket_bind");
    must(exz_socket_endpoint(socket, endpoint, ENDPOINT_SIZE) == EXZ_OK, "proxy", "exz_socket_endpoint");
    return socket;
}

static void forward(peer other)
{
    place place;
    exz_socket front = bound(kind.front, place.front), back = bound(kind.back, place.back);
    exz_proxy proxy;
    must(exz_proxy_open(&proxy, front, back, (exz_socket){0}, NULL) == EXZ_OK, "proxy", "exz_proxy_open");
    tell(other, &place, sizeof place);
    for (;;)
        pause();
}
#endif

typedef struct sending {
    void *socket;
    size_t size;
    int64_t count;
} sending;

static void *send_all(void *argument)
{
    sending *p = argument;
    char *message = calloc(1, p->size), subscription[8];
    /* Then somebody listens. */
    if (kind.sender == ZMQ_XPUB)
        must(zmq_recv(p->socket, subscription, sizeof subscription, 0) == 1, "proxy", "zmq_recv");
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
    const int on = 1;
    if (type == ZMQ_XPUB)
        must(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "proxy", "ZMQ_XPUB_NODROP");
    if (type == ZMQ_SUB)
        must(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0, "proxy", "ZMQ_SUBSCRIBE");
    must(zmq_connect(socket, endpoint) == 0, "proxy", "zmq_connect");
    return socket;
}

/* A message; in front of what has come through a ROUTER is whom it is from. */
static void receive(void *socket, char *buffer, size_t size, int64_t number)
{
    if (kind.front == ZMQ_ROUTER)
        must(zmq_recv(socket, buffer, size, 0) >= 0, "proxy", "zmq_recv");
    must(zmq_recv(socket, buffer, size, 0) == (int)size && memcmp(buffer, &number, sizeof number) == 0, "proxy",
         "a message is missing");
}

static struct kind kind_called(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i];
    must(false, name, "is no kind of proxy");
    return kinds[0];
}

int main(int argc, char **argv)
{
    must(argc == 4, argv[0], "KIND SIZE COUNT");
    kind = kind_called(argv[1]);
    size_t size = (size_t)number_from(argv[2]);
    int64_t count = number_from(argv[3]), warm_up = count / 10, start = 0;
    must(size >= sizeof(int64_t) && count > 0, argv[0], "SIZE is at least 8, COUNT at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0)
        forward(other);
    place place;
    hear(other, &place, sizeof place);
    void *context = zmq_ctx_new(), *receiver = connected(context, kind.receiver, place.back);
    sending p = {connected(context, kind.sender, place.front), size, warm_up + count};
    pthread_t thread;
    must(pthread_create(&thread, NULL, send_all, &p) == 0, "proxy", "pthread_create");
    char *buffer = malloc(size);
    for (int64_t number = 0; number < warm_up + count; number++) {
        if (number == warm_up)
            start = now_ns();
        receive(receiver, buffer, size, number);
    }
    printf("%.9f\n", (double)(now_ns() - start) / 1e9);
    pthread_join(thread, NULL);
    kill(other.process, SIGKILL);
    return 0;
}
