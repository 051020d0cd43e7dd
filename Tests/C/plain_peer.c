/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_peer ROLE HOW ENDPOINT COUNT [TOPIC] [FORM]: one end of a pattern in plain libzmq, as anybody would write it.
 *
 * ROLE is pub, sub, push or pull; HOW is bind or connect; COUNT is how many messages to send or to receive, 0 for as
 * many as there is time for, -1 to receive them without a word. It prints "ready ENDPOINT" with the endpoint it has. A
 * pub or a push sends messages "PID NUMBER", NUMBER from 1, under TOPIC if it is a pub: as two frames, or with FORM
 * "space" as one frame with a space between. A sub or a pull prints each message on a line, its frames with spaces
 * between. "done" follows the last of COUNT messages. It ends when its standard input does. */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "plain.h"

static const char *topic = "topic";
static bool is_space_form;

static bool input_has_ended(void) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, 0) > 0;
}

static void send_number(void *socket, bool is_pub, long number) {
    char payload[64], frame[512];
    snprintf(payload, sizeof payload, "%d %ld", (int)getpid(), number);
    if (!is_pub) {
        zmq_send(socket, payload, strlen(payload), ZMQ_DONTWAIT);
    } else if (is_space_form) {
        snprintf(frame, sizeof frame, "%s %s", topic, payload);
        zmq_send(socket, frame, strlen(frame), 0);
    } else {
        zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE);
        zmq_send(socket, payload, strlen(payload), 0);
    }
}

/* A stream without an end goes at a pace that others can follow; a number of messages goes as fast as it can. */
static void send_all(void *socket, bool is_pub, long count) {
    for (long number = 1; count == 0 || number <= count; number++) {
        zmq_pollitem_t items[] = {{NULL, STDIN_FILENO, ZMQ_POLLIN, 0}, {socket, 0, ZMQ_POLLOUT, 0}};
        if (count == 0 && zmq_poll(items, 1, 1) > 0) return;
        if (!is_pub && (zmq_poll(items, 2, -1) < 0 || items[0].revents != 0)) return;
        send_number(socket, is_pub, number);
    }
    puts("done");
}

static void take_message(void *socket, bool is_printed) {
    int more = 1;
    size_t size = sizeof more;
    for (const char *before = ""; more != 0; before = " ") {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) die("receive");
        if (is_printed) printf("%s%.*s", before, (int)zmq_msg_size(&frame), (const char *)zmq_msg_data(&frame));
        zmq_msg_close(&frame);
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
    }
    if (is_printed) putchar('\n');
}

static void receive_all(void *socket, long count) {
    for (long number = 1; count <= 0 || number <= count; number++) {
        zmq_pollitem_t items[] = {{NULL, STDIN_FILENO, ZMQ_POLLIN, 0}, {socket, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, -1) < 0 || items[0].revents != 0) return;
        take_message(socket, count >= 0);
    }
    puts("done");
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int type;
    } roles[] = {{"pub", ZMQ_PUB}, {"sub", ZMQ_SUB}, {"push", ZMQ_PUSH}, {"pull", ZMQ_PULL}};
    int type = -1;
    for (size_t i = 0; argc > 4 && i < sizeof roles / sizeof *roles; i++)
        if (strcmp(argv[1], roles[i].name) == 0) type = roles[i].type;
    if (type < 0) {
        fprintf(stderr, "usage: plain_peer pub|sub|push|pull bind|connect ENDPOINT COUNT [TOPIC] [space]\n");
        return 2;
    }
    if (argc > 5) topic = argv[5];
    is_space_form = argc > 6 && strcmp(argv[6], "space") == 0;
    long count = atol(argv[4]);
    setvbuf(stdout, NULL, _IOLBF, 0);

    void *context = zmq_ctx_new(), *socket = zmq_socket(context, type);
    int linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (type == ZMQ_SUB) zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, strlen(topic));
    if (strcmp(argv[2], "bind") == 0) {
        bind_patiently(socket, argv[3]);
    } else if (zmq_connect(socket, argv[3]) != 0) {
        die(argv[3]);
    }
    char endpoint[256];
    size_t size = sizeof endpoint;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    printf("ready %s\n", endpoint);

    bool is_pub = type == ZMQ_PUB;
    if (is_pub || type == ZMQ_PUSH) {
        send_all(socket, is_pub, count);
    } else {
        receive_all(socket, count);
    }
    while (!input_has_ended()) zmq_poll(&(zmq_pollitem_t){NULL, STDIN_FILENO, ZMQ_POLLIN, 0}, 1, -1);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
