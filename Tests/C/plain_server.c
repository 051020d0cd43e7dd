/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_server rep|router bind|connect ENDPOINT [LOG]: a server in plain libzmq, as anybody would write it.
 *
 * It prints "ready ENDPOINT" with the endpoint it has, and answers each request TEXT with "re TEXT".
 * Each request it sees is a line: "got TEXT" on its standard output, or TEXT appended to the file LOG. The first word
 * of a request may ask for something else:
 *
 *   parts   an answer of two parts: "re", TEXT
 *   twice   the answer twice (router)
 *   never   no answer (router)
 *   hold    the answer when the line "release" comes on its standard input, the last held one first (router)
 *   leave   the answer, and the end of the server
 *   die     no answer, and the end of the server
 *
 * It ends when its standard input does. */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "plain.h"

#define MAX_DEPTH 4
#define MAX_HELD 64

/* A request with what a ROUTER has to put in front of its answer. */
typedef struct request {
    zmq_msg_t envelope[MAX_DEPTH];
    int depth;
    char text[512];
} request;

static void *context, *server;
static int log_file = -1;
static request held[MAX_HELD];
static int held_count;

static bool receive(request *r) {
    zmq_msg_t frame;
    r->depth = 0;
    for (;;) {
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, server, ZMQ_DONTWAIT) < 0) return false;
        if (!zmq_msg_more(&frame)) break;
        if (r->depth == MAX_DEPTH) die("an envelope");
        zmq_msg_init(&r->envelope[r->depth]);
        zmq_msg_move(&r->envelope[r->depth++], &frame);
    }
    size_t size = zmq_msg_size(&frame);
    if (size >= sizeof r->text) die("a request");
    memcpy(r->text, zmq_msg_data(&frame), size);
    r->text[size] = '\0';
    zmq_msg_close(&frame);
    return true;
}

static bool asks_for(const request *r, const char *word) {
    size_t length = strlen(word);
    return strncmp(r->text, word, length) == 0 && (r->text[length] == ' ' || r->text[length] == '\0');
}

static void answer(request *r) {
    char text[sizeof r->text + 4];
    for (int i = 0; i < r->depth; i++) {
        zmq_msg_t copy;
        zmq_msg_init(&copy);
        zmq_msg_copy(&copy, &r->envelope[i]);
        zmq_msg_send(&copy, server, ZMQ_SNDMORE);
    }
    if (asks_for(r, "parts")) {
        zmq_send(server, "re", 2, ZMQ_SNDMORE);
        zmq_send(server, r->text, strlen(r->text), 0);
        return;
    }
    int length = snprintf(text, sizeof text, "re %s", r->text);
    zmq_send(server, text, (size_t)length, 0);
}

static void note(const request *r) {
    if (log_file < 0) {
        printf("got %s\n", r->text);
        return;
    }
    char line[sizeof r->text + 1];
    int length = snprintf(line, sizeof line, "%s\n", r->text);
    if (write(log_file, line, (size_t)length) != length) die("the log");
}

/* False when the request ends the server. */
static bool serve(request *r) {
    note(r);
    if (asks_for(r, "die")) _exit(0);
    if (asks_for(r, "never")) return true;
    if (asks_for(r, "hold")) {
        if (held_count == MAX_HELD) die("too many held");
        held[held_count++] = *r;
        return true;
    }
    answer(r);
    if (asks_for(r, "twice")) answer(r);
    return !asks_for(r, "leave");
}

/* False at the end of the standard input. */
static bool obey(void) {
    char line[64];
    if (fgets(line, sizeof line, stdin) == NULL) return false;
    while (held_count > 0) answer(&held[--held_count]);
    puts("released");
    return true;
}

int main(int argc, char **argv) {
    if (argc < 4 || (strcmp(argv[1], "rep") != 0 && strcmp(argv[1], "router") != 0)) {
        fprintf(stderr, "usage: plain_server rep|router bind|connect ENDPOINT [LOG]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    if (argc > 4 && (log_file = open(argv[4], O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0) die(argv[4]);
    context = zmq_ctx_new();
    server = zmq_socket(context, strcmp(argv[1], "rep") == 0 ? ZMQ_REP : ZMQ_ROUTER);
    if (strcmp(argv[2], "bind") == 0) {
        bind_patiently(server, argv[3]);
    } else if (zmq_connect(server, argv[3]) != 0) {
        die(argv[3]);
    }
    char endpoint[256];
    size_t size = sizeof endpoint;
    zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size);
    printf("ready %s\n", endpoint);

    static request r;
    bool goes_on = true;
    while (goes_on) {
        zmq_pollitem_t items[] = {{NULL, STDIN_FILENO, ZMQ_POLLIN, 0}, {server, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, -1) < 0) die("poll");
        if (items[0].revents != 0) goes_on = obey();
        while (goes_on && receive(&r)) goes_on = serve(&r);
    }
    zmq_close(server);
    zmq_ctx_term(context);
    return 0;
}
