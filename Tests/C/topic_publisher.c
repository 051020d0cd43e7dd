/* SPDX-License-Identifier: Apache-2.0
 *
 * topic_publisher ENDPOINT TOPICS ROUND: a publisher in a process of its own. It binds, prints "ready ENDPOINT", waits
 * until each of the topics "topic/00000" and so on has a subscriber, publishes ROUND once under each of them, and
 * prints "published". It ends when its standard input does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experimance_zmq.h"
#include "monotonic.h"
#include "must.h"

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: topic_publisher ENDPOINT TOPICS ROUND\n");
        return 2;
    }
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.on_full = EXZ_ON_FULL_WAIT;
    exz_socket s;
    char endpoint[256], topic[32];
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUB, &options), "open");
    must(exz_socket_bind(s, argv[1], PATIENCE_MS, NULL), "bind");
    must(exz_socket_endpoint(s, endpoint, sizeof endpoint), "endpoint");
    printf("ready %s\n", endpoint);
    fflush(stdout);

    int count = atoi(argv[2]);
    for (int i = 0; i < count; i++) {
        snprintf(topic, sizeof topic, "topic/%05d", i);
        must(exz_wait_subscribers(s, topic, 1, PATIENCE_MS), topic);
    }
    for (int i = 0; i < count; i++) {
        snprintf(topic, sizeof topic, "topic/%05d", i);
        must(exz_publish(s, topic, argv[3], strlen(argv[3]), PATIENCE_MS), topic);
    }
    printf("published\n");
    fflush(stdout);

    char nothing[64];
    while (read(STDIN_FILENO, nothing, sizeof nothing) > 0) continue;
    must(exz_socket_close(s, 0), "close");
    return 0;
}
