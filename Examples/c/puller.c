/* SPDX-License-Identifier: Apache-2.0
 *
 * puller ENDPOINT
 *
 * Pulls finished images from a pusher until the one that says it is the last.
 */
#include "journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 10000 };

/** The number behind a key of our own JSON; 0 if it is not there. A real service would use a JSON library. */
static unsigned long number_at(const char *json, const char *key) {
    const char *found = strstr(json, key);
    return found ? strtoul(found + strlen(key), NULL, 10) : 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s ENDPOINT\n", argv[0]);
        return 2;
    }
    exz_socket puller;
    insist(exz_socket_open(&puller, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), "open");

    /* EXZ_OK means that the handshake with the pusher is done; otherwise the message says why not. */
    exz_error error = EXZ_ERROR_INIT;
    if (exz_socket_connect(puller, argv[1], 0, PATIENCE_MS, &error) != EXZ_OK) {
        fprintf(stderr, "%s: %s\n", exz_status_name(error.status), error.message);
        return EXIT_FAILURE;
    }
    while (journal_event(puller, 0) == EXZ_OK) continue;

    int is_last = 0;
    while (!is_last) {
        char image[1024];
        size_t size;
        insist(exz_recv(&size, puller, image, sizeof image - 1, PATIENCE_MS), "receive");
        image[size] = '\0';
        journal("received", "sender=%lu number=%lu", number_at(image, "\"sender\":"), number_at(image, "\"number\":"));
        is_last = strstr(image, "\"last\": true") != NULL;
    }
    journal_close(puller);
    return EXIT_SUCCESS;
}
