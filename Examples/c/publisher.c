/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher ENDPOINT SUBSCRIBERS
 *
 * Publishes render requests, one every few milliseconds, until Ctrl-C or SIGTERM; the last one says that it is the
 * last. It begins once SUBSCRIBERS are there, so that the first request reaches all of them; with 0 it begins at once,
 * and what nobody has subscribed to yet is dropped, as ZeroMQ does.
 */
#include "journal.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PACE_MS = 5, PATIENCE_MS = 10000 };

static const char topic[] = "RenderRequest";
static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number) {
    (void)signal_number;
    stop_requested = 1;
}

static void publish_request(exz_socket publisher, uint32_t number, int is_last) {
    static const char *const biomes[] = {"rainforest", "tundra", "steppe", "mangrove"};
    char request[256];
    int size = snprintf(request, sizeof request,
                        "{\"type\": \"RenderRequest\", \"sender\": %d, \"number\": %" PRIu32
                        ", \"era\": \"wilderness\", \"biome\": \"%s\", \"last\": %s}",
                        (int)getpid(), number, biomes[number % 4], is_last ? "true" : "false");
    int64_t start = journal_clock(); /* A subscriber may have the request before exz_publish() is back. */
    insist(exz_publish(publisher, topic, request, (size_t)size, EXZ_DEFAULT_TIMEOUT), "publish");
    journal_at(start, "sent", "sender=%d number=%" PRIu32, (int)getpid(), number);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s ENDPOINT SUBSCRIBERS\n", argv[0]);
        return 2;
    }
    uint32_t subscribers = (uint32_t)strtoul(argv[2], NULL, 10);
    signal(SIGINT, request_stop);
    signal(SIGTERM, request_stop);

    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.interruptible = 1; /* A signal ends the wait it arrives in. */
    exz_socket publisher;
    insist(exz_socket_open(&publisher, EXZ_DEFAULT_CONTEXT, EXZ_PUB, &options), "open");

    /* While the port is in use, by a predecessor perhaps that is not quite gone, this tries again. */
    exz_error error = EXZ_ERROR_INIT;
    if (exz_socket_bind(publisher, argv[1], PATIENCE_MS, &error) != EXZ_OK) {
        fprintf(stderr, "%s: %s\n", exz_status_name(error.status), error.message);
        return EXIT_FAILURE;
    }

    /* A subscription that arrives is an event, so nobody has to ask again and again. */
    while (!stop_requested && exz_wait_subscribers(publisher, topic, subscribers, 0) == EXZ_ERR_TIMEOUT)
        insist(journal_event(publisher, PATIENCE_MS), "wait for subscribers");

    uint32_t number = 0;
    while (!stop_requested) {
        publish_request(publisher, ++number, 0);
        /* Tell what has happened to the links meanwhile. Waiting for more of it sets the pace. */
        while (journal_event(publisher, PACE_MS) == EXZ_OK) continue;
    }
    publish_request(publisher, ++number, 1);
    journal_close(publisher);
    return EXIT_SUCCESS;
}
