/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests as a test makes them, and servers for them: a plain one in a process of its own, and one of this library. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "child.h"
#include "sockets.h"
#include "worker.h"

/* A request, what is allowed for it, and what became of it. */
typedef struct question {
    exz_socket s;
    bool is_idempotent;
    int32_t timeout_ms;
    char text[64];
    exz_status status;
    char answer[128];
    size_t size;
    exz_error error;
} question;

/* A question with all the time there is. */
question question_of(exz_socket s, const char *text);

/* Asks it; also as the body of a worker. */
exz_status ask(void *q);

/* Asks, and has to get the answer "re TEXT". */
void check_answered(exz_socket s, const char *text);

/* The question has the answer "re TEXT". */
void check_answer(const question *q);

/* Options of a REQ that tries again soon, and as often as there is time for. */
exz_socket_options quick_options(void);

/* plain_server in a process of its own. */
typedef struct plain_server {
    child process;
    char endpoint[ENDPOINT_SIZE];
} plain_server;

/* `log` is NULL to have its requests as lines. */
plain_server plain_server_start(const char *type, const char *endpoint, const char *log);

/* One that connects, to a socket that is bound. */
plain_server plain_server_for(exz_socket client, const char *type);

/* The next request the server sees is that. */
void check_got(plain_server *server, const char *text);

/* A REP that is served by a thread, as plain_server serves. */
typedef struct own_server {
    exz_socket s;
    worker worker;
    atomic_uint served;
} own_server;

void own_server_start(own_server *server, exz_socket s);

/* Closes the socket and waits for the thread. */
void own_server_end(own_server *server);

#endif
