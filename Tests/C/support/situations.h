/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything a socket can be in the middle of when it is closed. */
#ifndef SITUATIONS_H
#define SITUATIONS_H

#include "sockets.h"
#include "worker.h"

enum { SCENE_WORKERS = 6, SCENE_DESCRIPTORS = 16 };

/* One socket in a situation, with what it takes to bring it there. */
typedef struct scene {
    exz_context context;
    /* The socket the situation is about, in that context. */
    exz_socket s;
    /* The one at the other end, if it is of this library; in the same context for inproc. */
    exz_socket other;
    /* Calls that wait on the socket and have to come back with EXZ_ERR_CLOSED. */
    worker workers[SCENE_WORKERS];
    size_t worker_count;
    /* Ends of plain connections. */
    int descriptors[SCENE_DESCRIPTORS];
    size_t descriptor_count;
    char endpoint[ENDPOINT_SIZE];
} scene;

typedef struct situation {
    const char *name;
    void (*arrange)(scene *);
} situation;

extern const situation situations[];
extern const size_t situation_count;

/* The linger of the sockets that a close without one of its own uses. */
enum { SITUATION_LINGER_MS = 8 };

/* The peers that several scenes use: started before the first, ended after the last. */
void situations_begin(void);
void situations_end(void);

/* Opens a socket in the context and brings it into the situation. */
void scene_begin(scene *sc, const situation *situation, exz_context context);

/* After the socket is closed: checks what became of the calls, and ends everything else. */
void scene_end(scene *sc);

#endif
