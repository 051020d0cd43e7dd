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

enum { MOST_PARTS = 8, MOST_TOPICS = 100000 };

typedef struct value {
    struct value *next;
    exz_message message;
} value;

/* The topic comes first; more parts than these nobody publishes here. */
static size_t parts_of(exz_message message, exz_part parts[MOST_PARTS]) {
    size_t count = 0;
    while (count < MOST_PARTS && exz_message_view(&parts[count].data, &parts[count].size, message, count) == EXZ_OK)
        count++;
    return count;
}

/* In the place of the former value of its topic. */
static void keep(value **place, exz_message message) {
    exz_part kept[MOST_PARTS], parts[MOST_PARTS];
    parts_of(message, parts);
    for (; *place != NULL; place = &(*place)->next) {
        parts_of((*place)->message, kept);
        if (kept[0].size == parts[0].size && memcmp(kept[0].data, parts[0].data, parts[0].size) == 0) break;
    }
    if (*place == NULL && (*place = calloc(1, sizeof **place)) == NULL) exit(EXIT_FAILURE);
    exz_message_free((*place)->message);
    (*place)->message = message;
}

/* What begins like this; who has the topic already gets it again. */
static void tell(const value *v, exz_socket back, const void *begin, size_t size) {
    for (exz_part parts[MOST_PARTS]; v != NULL; v = v->next) {
        const size_t count = parts_of(v->message, parts);
        if (parts[0].size >= size && memcmp(parts[0].data, begin, size) == 0) exz_send_parts(back, parts, count, 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s PUBLISHERS SUBSCRIBERS\n", argv[0]);
        return 2;
    }
    exz_socket front, back;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.event_capacity = MOST_TOPICS; /* all that is told to one subscriber has to fit */
    insist(exz_socket_open(&front, EXZ_DEFAULT_CONTEXT, EXZ_SUB, NULL), "open");
    insist(exz_socket_open(&back, EXZ_DEFAULT_CONTEXT, EXZ_PUB, &options), "open");
    insist(exz_subscribe(front, ""), "subscribe");
    insist(exz_socket_bind(front, argv[1], 1000, NULL), "bind");
    insist(exz_socket_bind(back, argv[2], 1000, NULL), "bind");
    exz_poll_item items[] = {{front, 0, EXZ_POLL_IN, 0}, {back, 0, EXZ_POLL_EVENT, 0}};
    for (value *values = NULL;; exz_poll(items, 2, 1000)) {
        exz_message message;
        exz_part parts[MOST_PARTS];
        exz_event event = EXZ_EVENT_INIT;
        /* Who joins before the value is sent gets it twice, and never an older one behind it. */
        if (exz_recv_message(&message, front, 0) == EXZ_OK) {
            keep(&values, message);
            exz_send_parts(back, parts, parts_of(message, parts), 0);
        }
        if (exz_next_event(&event, back, 0) == EXZ_OK && event.kind == EXZ_EVENT_SUBSCRIBER_JOINED)
            /* Of a longer topic the event has a part: then everything is told, and the socket knows what is wanted. */
            tell(values, back, event.topic, event.topic_size < sizeof event.topic ? event.topic_size : 0);
    }
}
