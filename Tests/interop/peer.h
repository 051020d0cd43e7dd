/* SPDX-License-Identifier: Apache-2.0
 *
 * What the peers in C have in common. A peer is told in lines what to do, and answers with a line:
 *
 *     serve KIND             another server of that kind, in place of the former; "at ENDPOINT"
 *     told                   what that server is told of the next peer
 *     call KIND ENDPOINT     what a client of that kind is told, as which it sends "hello" where it comes in
 *
 * Answers: "in USER", with "-" where there is no name; or what speaks against it. Keys are in the
 * environment, and the folder EXZ_KEYS has the keys of those who may come in. Who the client is: "camera", with the
 * password "secret". */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEER_PATIENCE_MS = 20000, PEER_ENDPOINT_SIZE = 256 };

/* What a library does of the above: each prints its answer. */
void peer_serve(const char *kind);
void peer_told(void);
void peer_call(const char *kind, const char *endpoint);

static inline void peer_must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "peer: %s\n", what);
    exit(1);
}

static inline const char *peer_setting(const char *name) {
    const char *value = getenv(name);
    peer_must(value != NULL, name);
    return value;
}

static inline bool begins_with(const char *text, const char *beginning) {
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static inline int peer_main(void) {
    char line[512], kind[64], endpoint[PEER_ENDPOINT_SIZE];
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "serve %63s", kind) == 1) {
            peer_serve(kind);
        } else if (sscanf(line, "call %63s %255s", kind, endpoint) == 2) {
            peer_call(kind, endpoint);
        } else if (begins_with(line, "told")) {
            peer_told();
        } else {
            peer_must(false, line);
        }
    }
    return 0;
}

#endif
