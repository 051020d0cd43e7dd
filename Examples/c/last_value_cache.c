/* SPDX-License-Identifier: Apache-2.0
 *
 * last_value_cache PUBLISHERS SUBSCRIBERS
 *
 * Stands between publishers and subscribers, and gives who subscribes late the last value of each topic at once.
 */
#include <string.h>

#include "journal.h"

enum { XPUB_VERBOSE = 40, MOST_PARTS = 8, MOST_TOPICS = 100000 };

typedef struct value {
    exz_message message;
    exz_part parts[MOST_PARTS]; /* the topic comes first; more parts nobody publishes here */
    size_t count;
} value;

static int receive(value *v, exz_socket s) {
    if (exz_recv_message(&v->message, s, 0) != EXZ_OK) return 0;
    for (v->count = 0; v->count < MOST_PARTS; v->count++) {
        exz_part *part = &v->parts[v->count];
        if (exz_message_view(&part->data, &part->size, v->message, v->count) != EXZ_OK) break;
    }
    return 1;
}

static int begins(exz_part whole, const void *begin, size_t size) {
    return whole.size >= size && memcmp(whole.data, begin, size) == 0;
}

int main(int argc, char **argv) {
    static value values[MOST_TOPICS], v;
    exz_socket front, back;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = MOST_TOPICS; /* all that is told to one subscriber has to fit */
    insist(argc == 3 ? EXZ_OK : EXZ_ERR_INVALID, "last_value_cache PUBLISHERS SUBSCRIBERS");
    insist(exz_socket_open(&front, EXZ_DEFAULT_CONTEXT, EXZ_SUB, NULL), "open");
    insist(exz_socket_open(&back, EXZ_DEFAULT_CONTEXT, EXZ_XPUB, &options), "open");
    insist(exz_socket_set_int(back, XPUB_VERBOSE, 1), "be told of each subscription");
    insist(exz_subscribe(front, ""), "subscribe");
    insist(exz_socket_bind(front, argv[1], 1000, NULL), "bind");
    insist(exz_socket_bind(back, argv[2], 1000, NULL), "bind");
    exz_poll_item items[] = {{front, 0, EXZ_POLL_IN, 0}, {back, 0, EXZ_POLL_IN, 0}};
    for (size_t used = 0, i;; exz_poll(items, 2, 1000)) {
        if (receive(&v, front)) {
            const exz_part topic = v.parts[0];
            for (i = 0; i < used; i++)
                if (values[i].parts[0].size == topic.size && begins(topic, values[i].parts[0].data, topic.size)) break;
            insist(i < MOST_TOPICS ? EXZ_OK : EXZ_ERR_LIMIT, "another topic");
            if (i == used) used++;
            exz_message_free(values[i].message);
            values[i] = v;
            /* Who joins before it is sent gets it twice, and never an older one behind it. */
            exz_send_parts(back, v.parts, v.count, 0);
        }
        if (receive(&v, back)) {
            /* A subscription is a byte 1 and what its topics begin with. Who has such a topic already gets it again. */
            const exz_part notice = v.parts[0];
            for (i = 0; begins(notice, "\1", 1) && i < used; i++)
                if (begins(values[i].parts[0], (const char *)notice.data + 1, notice.size - 1))
                    exz_send_parts(back, values[i].parts, values[i].count, 0);
            exz_message_free(v.message);
        }
    }
}
