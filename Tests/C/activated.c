/* SPDX-License-Identifier: Apache-2.0
 *
 * activated DESCRIPTOR: starts itself as systemd starts a service with a socket: the descriptor as number 3, and the
 * environment that tells of it. Then serves it, and prints what arrives until its standard input ends. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experimance_zmq.h"

static int start(int descriptor, char **argv) {
    char pid[16];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (descriptor != 3 && dup2(descriptor, 3) != 3) return 2;
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "the-service", 1);
    execv("/proc/self/exe", (char *[]){argv[0], NULL});
    return 2;
}

static int serve(void) {
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (pid == NULL || atol(pid) != (long)getpid() || count == NULL || strcmp(count, "1") != 0) return 3;
    exz_socket s;
    exz_error error = EXZ_ERROR_INIT;
    if (exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL) != EXZ_OK) return 4;
    if (exz_socket_bind_fd(s, 3, &error) != EXZ_OK) {
        puts(error.message);
        return 5;
    }
    puts("listening");
    fflush(stdout);
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    while (poll(&input, 1, 0) == 0) {
        char text[64];
        size_t size;
        if (exz_recv(&size, s, text, sizeof text - 1, 50) != EXZ_OK) continue;
        text[size] = '\0';
        puts(text);
        fflush(stdout);
    }
    return exz_socket_close(s, 0) == EXZ_OK ? 0 : 6;
}

int main(int argc, char **argv) {
    return argc > 1 ? start(atoi(argv[1]), argv) : serve();
}
