/* SPDX-License-Identifier: Apache-2.0
 *
 * provoke ACTION TYPE ENDPOINT TIMEOUT_MS
 *
 * Does one thing that is expected to fail, and prints what a program would show: the status and the message.
 */
#include <experimance_zmq.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tell(exz_status status, const char *message) {
    printf("%s: %s\n", exz_status_name(status), message);
    return status == EXZ_OK;
}

static void tell_log(void *line_told, exz_log_level level, const char *message) {
    (void)level;
    puts(message);
    sem_post(line_told);
}

static exz_socket_type type_named(const char *name) {
    static const char *const names[] = {"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH"};
    for (int type = 0; type < 9; type++)
        if (strcmp(name, names[type]) == 0) return type;
    return -1;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    const char *action = argv[1], *endpoint = argv[3];
    int32_t timeout = (int32_t)strtol(argv[4], NULL, 10);
    exz_socket socket;
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type_named(argv[2]), NULL);
    if (status != EXZ_OK) return 2;

    if (strcmp(action, "bind") == 0)
        return tell(exz_socket_bind(socket, endpoint, timeout, &error), error.message);
    if (strcmp(action, "connect") == 0)
        return tell(exz_socket_connect(socket, endpoint, 0, timeout, &error), error.message);

    /* Alone at a bound endpoint. */
    if (strcmp(action, "receive") == 0) {
        size_t size;
        exz_socket_bind(socket, endpoint, timeout, NULL);
        status = exz_recv(&size, socket, NULL, 0, timeout);
        return tell(status, exz_strerror(status));
    }
    if (strcmp(action, "send") == 0) {
        exz_socket_bind(socket, endpoint, timeout, NULL);
        status = exz_send(socket, "x", 1, 0, timeout);
        return tell(status, exz_strerror(status));
    }

    /* A background connect that is refused, as the log tells it. */
    if (strcmp(action, "log") == 0) {
        sem_t line_told;
        sem_init(&line_told, 0, 0);
        exz_set_log(tell_log, &line_told, EXZ_LOG_INFO);
        exz_socket_connect(socket, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL);
        sem_wait(&line_told); /* A line is written after its event can be read, so the event says nothing about it. */
        return exz_set_log(NULL, NULL, EXZ_LOG_OFF);
    }
    return 2;
}
