/* SPDX-License-Identifier: Apache-2.0
 *
 * faults MEGABYTES ROUND_TRIPS: what a fault proxy without faults costs. The proxy has a process of its own, so its
 * share of a core can be told; this one sends, and a third one receives and answers. Everything is TCP on the loopback,
 * with raw sockets.
 *
 * Prints a line for each figure: the rate of 10 connections at once directly and through the proxy, and what the
 * proxy's process took of a core meanwhile; the median of round trips of 100 bytes, both ways, which alternate. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "worker.h"

#include "experimance_zmq.h"

enum { CONNECTIONS = 10, MESSAGE = 100, BLOCK = 256 << 10 };

/* What the first byte on a connection asks the receiver for. */
enum { TO_SINK = 's', TO_ECHO = 'e' };

static void need(bool it_worked, const char *what) { must(it_worked, what, strerror(errno)); }

static int listen_somewhere(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    need(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
    need(listen(listener, 64) == 0, "listen");
    need(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    *port = ntohs(address.sin_port);
    return listener;
}

static int connect_to(int port, char wish) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int on = 1, descriptor = socket(AF_INET, SOCK_STREAM, 0);
    need(descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    need(send(descriptor, &wish, 1, 0) == 1, "send");
    return descriptor;
}

static void send_all(int descriptor, const char *data, size_t size) {
    for (size_t sent = 0; sent < size;) {
        const ssize_t count = send(descriptor, data + sent, size - sent, MSG_NOSIGNAL);
        need(count > 0, "send");
        sent += (size_t)count;
    }
}

static void receive_all(int descriptor, char *data, size_t size) {
    for (size_t received = 0; received < size;) {
        const ssize_t count = recv(descriptor, data + received, size - received, 0);
        need(count > 0, "recv");
        received += (size_t)count;
    }
}

/* --- the process that receives ------------------------------------------------------------------------------------ */

static void *serve(void *argument) {
    const int descriptor = (int)(intptr_t)argument;
    char block[BLOCK];
    char wish = 0;
    ssize_t count = recv(descriptor, &wish, 1, 0);
    while (count > 0) {
        count = recv(descriptor, block, sizeof block, 0);
        if (count > 0 && wish == TO_ECHO) send_all(descriptor, block, (size_t)count);
    }
    /* That all has come. */
    if (wish == TO_SINK) send(descriptor, &wish, 1, MSG_NOSIGNAL);
    close(descriptor);
    return NULL;
}

/* The port it has. */
static int start_receiver(void) {
    const peer other = fork_peer();
    int port;
    if (other.process != 0) {
        hear(other, &port, sizeof port);
        return port;
    }
    const int listener = listen_somewhere(&port);
    tell(other, &port, sizeof port);
    for (;;) {
        const int on = 1, descriptor = accept(listener, NULL, NULL);
        pthread_t thread;
        need(descriptor >= 0, "accept");
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        need(pthread_create(&thread, NULL, serve, (void *)(intptr_t)descriptor) == 0, "pthread_create");
        pthread_detach(thread);
    }
}

/* --- the process of the proxy ------------------------------------------------------------------------------------- */

/* It tells its port, and answers each byte with the seconds of processor time it has had. */
static peer start_proxy(int target) {
    const peer other = fork_peer();
    if (other.process != 0) return other;
    char to[64], endpoint[ENDPOINT_SIZE], byte;
    exz_fault_proxy proxy;
    exz_error error = EXZ_ERROR_INIT;
    snprintf(to, sizeof to, "tcp://127.0.0.1:%d", target);
    must(exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", to, 0, &error) == EXZ_OK, "proxy", error.message);
    exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint);
    const int port = atoi(strrchr(endpoint, ':') + 1);
    tell(other, &port, sizeof port);
    while (read(other.from, &byte, 1) == 1) {
        struct rusage used;
        getrusage(RUSAGE_SELF, &used);
        const double seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        tell(other, &seconds, sizeof seconds);
    }
    exit(0);
}

static double time_of(peer proxy) {
    double seconds;
    tell(proxy, "?", 1);
    hear(proxy, &seconds, sizeof seconds);
    return seconds;
}

/* --- this process ------------------------------------------------------------------------------------------------- */

typedef struct stream {
    int port;
    size_t bytes;
} stream;

static void *send_stream(void *argument) {
    const stream *s = argument;
    char block[BLOCK] = {0};
    char done;
    const int descriptor = connect_to(s->port, TO_SINK);
    for (size_t sent = 0; sent < s->bytes; sent += sizeof block) send_all(descriptor, block, sizeof block);
    shutdown(descriptor, SHUT_WR);
    receive_all(descriptor, &done, 1);
    close(descriptor);
    return NULL;
}

/* The seconds that it takes. */
static double send_streams(int port, size_t bytes) {
    pthread_t threads[CONNECTIONS];
    stream each = {port, bytes / CONNECTIONS};
    const int64_t began = now_ns();
    for (int i = 0; i < CONNECTIONS; i++) need(pthread_create(&threads[i], NULL, send_stream, &each) == 0, "thread");
    for (int i = 0; i < CONNECTIONS; i++) pthread_join(threads[i], NULL);
    return (double)(now_ns() - began) / 1e9;
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Its microseconds. */
static double round_trip(int descriptor) {
    char message[MESSAGE] = {0};
    const int64_t began = now_ns();
    send_all(descriptor, message, sizeof message);
    receive_all(descriptor, message, sizeof message);
    return (double)(now_ns() - began) / 1e3;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const size_t bytes = (size_t)atol(argv[1]) << 20;
    const int count = atoi(argv[2]);
    const int direct = start_receiver();
    const peer proxy = start_proxy(direct);
    int port;
    hear(proxy, &port, sizeof port);

    send_streams(direct, bytes / 10);
    send_streams(port, bytes / 10);
    const double alone = send_streams(direct, bytes), before = time_of(proxy), through = send_streams(port, bytes);
    const double used = time_of(proxy) - before, megabytes = (double)bytes / (1 << 20);
    printf("%d connections, directly            %8.0f MiB/s\n", CONNECTIONS, megabytes / alone);
    printf("%d connections, through the proxy   %8.0f MiB/s\n", CONNECTIONS, megabytes / through);
    printf("the proxy's share of a core         %8.2f      (target: less than 1)\n", used / through);

    double *times[2] = {calloc((size_t)count, sizeof(double)), calloc((size_t)count, sizeof(double))};
    need(count > 0 && times[0] != NULL && times[1] != NULL, "calloc");
    const int connections[2] = {connect_to(direct, TO_ECHO), connect_to(port, TO_ECHO)};
    for (int i = 0; i < 1000; i++) round_trip(connections[i % 2]);
    for (int i = 0; i < count; i++)
        for (int way = 0; way < 2; way++) times[way][i] = round_trip(connections[way]);
    for (int way = 0; way < 2; way++) qsort(times[way], (size_t)count, sizeof(double), compare);
    const double medians[2] = {times[0][count / 2], times[1][count / 2]};
    printf("round trip of %d bytes, directly    %8.1f us\n", MESSAGE, medians[0]);
    printf("through the proxy, both ways        %8.1f us\n", medians[1]);
    printf("added for each way                  %8.1f us   (target: less than 100)\n", (medians[1] - medians[0]) / 2);
    return 0;
}
