/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that share sockets as they may, for the thread sanitizer; with -DDISORDERLY also a variable, as they may not.
 */
#include <pthread.h>
#include <string.h>

#include <experimance_zmq.h>

#define MESSAGES 200
#define PATIENCE_MS 20000

static char endpoint[256], answering[256], publishing[256];
static exz_socket pull, rep, pub;
static int shared;

static void *push(void *unused) {
    exz_socket s;
    char bytes[8000];
#ifdef DISORDERLY
    shared++;
#endif
    memset(bytes, 1, sizeof bytes);
    exz_socket_open(&s, (exz_context){0}, EXZ_PUSH, NULL);
    exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL);
    for (int i = 0; i < MESSAGES; i++) exz_send(s, bytes, i % 2 == 0 ? 20 : sizeof bytes, 0, PATIENCE_MS);
    exz_socket_close(s, PATIENCE_MS);
    return unused;
}

static void *answer(void *unused) {
    char bytes[16];
    size_t size;
    while (exz_recv(&size, rep, bytes, sizeof bytes, PATIENCE_MS) == EXZ_OK) exz_send(rep, bytes, size, 0, PATIENCE_MS);
    return unused;
}

static void *ask(void *unused) {
    exz_socket s;
    char bytes[16];
    size_t size;
    exz_socket_open(&s, (exz_context){0}, EXZ_REQ, NULL);
    exz_socket_connect(s, answering, 0, PATIENCE_MS, NULL);
    for (int i = 0; i < MESSAGES; i++) exz_request(&size, s, "?", 1, bytes, sizeof bytes, PATIENCE_MS, NULL);
    exz_socket_close(s, 0);
    return unused;
}

static void *subscribe(void *unused) {
    exz_socket s;
    exz_message message;
    exz_socket_open(&s, (exz_context){0}, EXZ_SUB, NULL);
    exz_subscribe(s, "topic");
    exz_socket_connect(s, publishing, 0, PATIENCE_MS, NULL);
    exz_wait_subscribed(s, PATIENCE_MS);
    for (int i = 0; i < MESSAGES && exz_recv_message(&message, s, PATIENCE_MS) == EXZ_OK; i++) exz_message_free(message);
    exz_socket_close(s, 0);
    return unused;
}

static void open_at(exz_socket *s, exz_socket_type type, char *place) {
    exz_socket_open(s, (exz_context){0}, type, NULL);
    exz_socket_bind(*s, "tcp://127.0.0.1:*", PATIENCE_MS, NULL);
    exz_socket_endpoint(*s, place, sizeof endpoint);
}

int main(void) {
    pthread_t threads[5];
    void *(*const bodies[])(void *) = {push, push, ask, subscribe, answer};
    char bytes[8000];
    size_t size;
    int received = 0;
    open_at(&pull, EXZ_PULL, endpoint);
    open_at(&rep, EXZ_REP, answering);
    open_at(&pub, EXZ_PUB, publishing);
    for (int i = 0; i < 5; i++) pthread_create(&threads[i], NULL, bodies[i], NULL);
    while (received < 2 * MESSAGES && exz_recv(&size, pull, bytes, sizeof bytes, PATIENCE_MS) == EXZ_OK) received++;
    exz_wait_subscribers(pub, "topic", 1, PATIENCE_MS);
    for (int i = 0; i < MESSAGES; i++) exz_publish(pub, "topic", bytes, sizeof bytes, PATIENCE_MS);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    exz_socket_close(rep, 0);
    pthread_join(threads[4], NULL);
    exz_socket_close(pull, 0);
    exz_socket_close(pub, 0);
    return received == 2 * MESSAGES && shared >= 0 ? 0 : 1;
}
