/* SPDX-License-Identifier: Apache-2.0
 *
 * last_value_cache PUBLISHERS SUBSCRIBERS
 *
 * Stands between publishers and subscribers, and gives who subscribes late the last value of each topic at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

#define XPUB_VERBOSE 40 /* of <zmq.h>: tells of each subscriber of a topic, and not of the first alone */

typedef struct value {
    struct value *next;
    exz_message message;
} value;

typedef struct part {
    const char *data;
    size_t size;
} part;

static part part_of(exz_message message, size_t index) {
    part p = {"", 0};
    const void *data;
    if (exz_message_view(&data, &p.size, message, index) == EXZ_OK) p.data = data;
    return p;
}

static exz_socket open_socket(exz_socket_type type) {
    exz_socket s;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    /* Without a limit: a copy that found no room would be a value nobody remembers. */
    if (type == EXZ_PAIR) options.send_hwm = options.receive_hwm = 0;
    insist(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, &options), "open");
    return s;
}

/* A value in the place of the former one with its topic. */
static void keep(value **first, exz_message message) {
    const part topic = part_of(message, 0);
    value *v = *first;
    for (; v != NULL; v = v->next) {
        const part name = part_of(v->message, 0);
        if (name.size == topic.size && memcmp(name.data, topic.data, topic.size) == 0) break;
    }
    if (v == NULL) {
        v = calloc(1, sizeof *v);
        if (v == NULL) exit(EXIT_FAILURE);
        v->next = *first;
        *first = v;
    }
    exz_message_free(v->message);
    v->message = message;
}

/* Who has the topic already gets it again. */
static void tell(const value *v, exz_socket back, part prefix) {
    for (; v != NULL; v = v->next) {
        const part topic = part_of(v->message, 0), data = part_of(v->message, 1);
        if (topic.size >= prefix.size && memcmp(topic.data, prefix.data, prefix.size) == 0)
            exz_publish_bytes(back, topic.data, topic.size, data.data, data.size, 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s PUBLISHERS SUBSCRIBERS\n", argv[0]);
        return 2;
    }
    exz_socket front = open_socket(EXZ_XSUB), back = open_socket(EXZ_XPUB);
    exz_socket tap = open_socket(EXZ_PAIR), copies = open_socket(EXZ_PAIR);
    insist(exz_socket_set_int(back, XPUB_VERBOSE, 1), "set XPUB_VERBOSE");
    insist(exz_socket_bind(tap, "inproc://copies", 1000, NULL), "bind");
    insist(exz_socket_connect(copies, "inproc://copies", 0, 1000, NULL), "connect");
    insist(exz_send(front, "\1", 1, 0, 1000), "subscribe to everything, whoever has subscribed to what");
    insist(exz_socket_bind(front, argv[1], 1000, NULL), "bind");
    insist(exz_socket_bind(back, argv[2], 1000, NULL), "bind");
    exz_proxy proxy;
    insist(exz_proxy_open(&proxy, front, back, tap, NULL), "forward");
    for (value *values = NULL;;) {
        exz_message message;
        size_t count = 0;
        if (exz_recv_message(&message, copies, 1000) != EXZ_OK) continue;
        exz_message_count(&count, message);
        if (count > 1) {
            keep(&values, message);
            continue;
        }
        const part notice = part_of(message, 0);
        if (notice.size > 0 && notice.data[0] == 1) tell(values, back, (part){notice.data + 1, notice.size - 1});
        exz_message_free(message);
    }
}
