/* SPDX-License-Identifier: Apache-2.0
 *
 * peer TYPE ENDPOINT: a good peer in a process of its own, to be stopped and killed. Binds, and prints its endpoint.
 *
 * What pull and sub receive they print, a line for each; rep sends it back as well. A line of standard input is told
 * to the peer: push sends it, pub publishes it, sub subscribes to it. Ends with its parent, if not before. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "experimance_zmq.h"

#define TOPIC "topic"

static exz_socket s;
static exz_socket_type type;

static void must(exz_status status, const char *what) {
    if (status == EXZ_OK) return;
    fprintf(stderr, "peer: %s: %s\n", what, exz_status_name(status));
    exit(1);
}

/* The last part of each message. */
static void *receive(void *nothing) {
    (void)nothing;
    for (;;) {
        exz_message message;
        size_t parts, size;
        const void *data;
        exz_status status = exz_recv_message(&message, s, 1000);
        if (status == EXZ_ERR_TIMEOUT) continue;
        must(status, "receive");
        must(exz_message_count(&parts, message), "count");
        must(exz_message_part(&data, &size, message, parts - 1), "part");
        if (type == EXZ_REP) exz_send(s, data, size, 0, 1000);
        printf("%.*s\n", (int)size, (const char *)data);
        fflush(stdout);
        exz_message_free(message);
    }
    return NULL;
}

static exz_socket_type type_called(const char *name) {
    static const struct {
        const char *name;
        exz_socket_type type;
    } types[] = {{"pub", EXZ_PUB}, {"sub", EXZ_SUB}, {"push", EXZ_PUSH}, {"pull", EXZ_PULL}, {"rep", EXZ_REP}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, name) == 0) return types[i].type;
    fprintf(stderr, "peer: no type %s\n", name);
    exit(2);
}

int main(int count, char **arguments) {
    char endpoint[256], line[256];
    if (count != 3) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    type = type_called(arguments[1]);
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, NULL), "open");
    must(exz_socket_bind(s, arguments[2], 20000, NULL), "bind");
    must(exz_socket_endpoint(s, endpoint, sizeof endpoint), "endpoint");
    puts(endpoint);
    fflush(stdout);
    pthread_t receiver;
    if (type != EXZ_PUSH && type != EXZ_PUB && pthread_create(&receiver, NULL, receive, NULL) != 0) return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        /* Whether there is somebody to take it is not this peer's to say. */
        if (type == EXZ_PUSH) exz_send(s, line, strlen(line), 0, 0);
        if (type == EXZ_PUB) exz_publish(s, TOPIC, line, strlen(line), 0);
        if (type == EXZ_SUB) must(exz_subscribe(s, line), "subscribe");
    }
    exz_shutdown(0);
    return 0;
}
