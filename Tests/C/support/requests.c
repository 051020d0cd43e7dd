/* SPDX-License-Identifier: Apache-2.0 */
#include "requests.h"

#include <stdio.h>
#include <string.h>

#include "monotonic.h"

question question_of(exz_socket s, const char *text) {
    question q = {.s = s, .timeout_ms = PATIENCE_MS, .error = EXZ_ERROR_INIT};
    check(strlen(text) < sizeof q.text);
    strcpy(q.text, text);
    return q;
}

exz_status ask(void *argument) {
    question *q = argument;
    q->error = (exz_error)EXZ_ERROR_INIT;
    exz_status (*const request)(size_t *, exz_socket, const void *, size_t, void *, size_t, int32_t, exz_error *) =
        q->is_idempotent ? exz_request_idempotent : exz_request;
    q->status = request(&q->size, q->s, q->text, strlen(q->text), q->answer, sizeof q->answer - 1, q->timeout_ms,
                        &q->error);
    if (q->status == EXZ_OK) q->answer[q->size] = '\0';
    return q->status;
}

void check_answer(const question *q) {
    char expected[sizeof q->answer];
    if (q->status != EXZ_OK) print_error("%s\n", q->error.message);
    check_status(q->status, EXZ_OK);
    snprintf(expected, sizeof expected, "re %s", q->text);
    check_text(q->answer, expected);
}

void check_answered(exz_socket s, const char *text) {
    question q = question_of(s, text);
    ask(&q);
    check_answer(&q);
}

exz_socket_options quick_options(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = 10;
    options.retry.max_backoff_ms = 50;
    return options;
}

static plain_server start(const char *type, const char *how, const char *endpoint, const char *log) {
    plain_server server;
    char line[ENDPOINT_SIZE + 8];
    child_start(&server.process, sibling_program("plain_server"),
                (const char *const[]){type, how, endpoint, log, NULL});
    child_expect_line(&server.process, line, sizeof line);
    check_int(sscanf(line, "ready %255s", server.endpoint), 1);
    return server;
}

plain_server plain_server_start(const char *type, const char *endpoint, const char *log) {
    return start(type, "bind", endpoint, log);
}

plain_server plain_server_for(exz_socket client, const char *type) {
    char endpoint[ENDPOINT_SIZE];
    check_status(exz_socket_endpoint(client, endpoint, sizeof endpoint), EXZ_OK);
    plain_server server = start(type, "connect", endpoint, NULL);
    check_status(exz_wait_peers(client, 1, PATIENCE_MS), EXZ_OK);
    return server;
}

void check_got(plain_server *server, const char *text) {
    char line[sizeof((question *)0)->text + 8], expected[sizeof line];
    snprintf(expected, sizeof expected, "got %s", text);
    child_expect_line(&server->process, line, sizeof line);
    check_text(line, expected);
}

static exz_status serve(void *argument) {
    own_server *server = argument;
    char buffer[512] = "re ";
    size_t size;
    for (;;) {
        exz_status status = exz_recv(&size, server->s, buffer + 3, sizeof buffer - 3, 100);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status == EXZ_OK) {
            atomic_fetch_add(&server->served, 1);
            status = exz_send(server->s, buffer, size + 3, 0, PATIENCE_MS);
        }
        if (status != EXZ_OK) return status;
    }
}

void own_server_start(own_server *server, exz_socket s) {
    server->s = s;
    atomic_init(&server->served, 0);
    worker_start(&server->worker, serve, server);
}

void own_server_end(own_server *server) {
    close_socket(server->s);
    check_status(worker_join(&server->worker), EXZ_ERR_CLOSED);
}
