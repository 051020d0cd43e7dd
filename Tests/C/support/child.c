/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "monotonic.h"

extern char **environ;

void child_start(child *c, const char *program, const char *const arguments[]) {
    int input[2], output[2];
    check(pipe2(input, O_CLOEXEC) == 0);
    check(pipe2(output, O_CLOEXEC) == 0);

    const char *argv[12] = {program};
    size_t count = 1;
    for (; arguments[count - 1] != NULL; count++) {
        check(count + 1 < COUNT_OF(argv));
        argv[count] = arguments[count - 1];
    }

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    int status = posix_spawn(&c->pid, program, &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    if (status != 0) fail_msg("%s does not start: %s", program, strerror(status));
    c->input = input[1];
    c->output = output[0];
    c->filled = 0;
}

static bool take_line(child *c, char *line, size_t capacity) {
    char *end = memchr(c->unread, '\n', c->filled);
    if (end == NULL) return false;
    size_t length = (size_t)(end - c->unread);
    check(length < capacity);
    memcpy(line, c->unread, length);
    line[length] = '\0';
    c->filled -= length + 1;
    memmove(c->unread, end + 1, c->filled);
    return true;
}

bool child_line(child *c, char *line, size_t capacity, int32_t timeout_ms) {
    int64_t deadline = after_ms(timeout_ms);
    while (!take_line(c, line, capacity)) {
        check(c->filled < sizeof c->unread);
        struct pollfd readable = {c->output, POLLIN, 0};
        if (poll(&readable, 1, left_ms(deadline)) <= 0) {
            if (now_ns() >= deadline) return false;
            continue;
        }
        ssize_t count = read(c->output, c->unread + c->filled, sizeof c->unread - c->filled);
        if (count == 0 || (count < 0 && errno != EINTR)) return false;
        if (count > 0) c->filled += (size_t)count;
    }
    return true;
}

void child_expect_line(child *c, char *line, size_t capacity) {
    check(child_line(c, line, capacity, PATIENCE_MS));
}

void child_tell(child *c, const char *text) {
    size_t length = strlen(text);
    check(write(c->input, text, length) == (ssize_t)length);
}

static int reap(child *c) {
    int status = 0;
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
    close(c->output);
    return status;
}

void child_stop(child *c) {
    siginfo_t stopped;
    check_int(kill(c->pid, SIGSTOP), 0);
    check_int(waitid(P_PID, (id_t)c->pid, &stopped, WSTOPPED | WNOWAIT), 0);
}

void child_continue(child *c) { check_int(kill(c->pid, SIGCONT), 0); }

void child_kill(child *c) {
    kill(c->pid, SIGKILL);
    reap(c);
    close(c->input);
}

int child_end(child *c) {
    close(c->input);
    int status = reap(c);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *sibling_program(const char *name) {
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    check(length > 0);
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    size_t room = sizeof path - (size_t)(slash + 1 - path);
    check(strlen(name) < room);
    memcpy(slash + 1, name, strlen(name) + 1);
    return path;
}

void misbehaving_peer_start(child *c, const char *manner, char *endpoint, size_t capacity) {
    const char *program = getenv("EXZ_MISBEHAVING_PEER");
    if (program == NULL) fail_msg("EXZ_MISBEHAVING_PEER does not name the program");
    child_start(c, program, (const char *const[]){manner, NULL});
    child_expect_line(c, endpoint, capacity);
}
