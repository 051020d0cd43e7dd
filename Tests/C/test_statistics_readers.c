/* SPDX-License-Identifier: Apache-2.0
 *
 * Who reads the statistics badly, or should not at all, and processes that fork, end and are killed meanwhile. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "monotonic.h"
#include "operators.h"
#include "places.h"
#include "worker.h"

static exz_socket open_in(exz_context context, exz_socket_type type) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, type, NULL), EXZ_OK);
    return s;
}

/* More than fits into the kernel's buffer. */
static void have_much_to_tell(exz_context context) {
    enum { SOCKETS = 40, ENDPOINTS = 64 };
    for (int i = 0; i < SOCKETS; i++) {
        exz_socket s = open_in(context, EXZ_PULL);
        for (int j = 0; j < ENDPOINTS; j++) {
            char endpoint[ENDPOINT_SIZE];
            snprintf(endpoint, sizeof endpoint, "inproc://%0200d-%d", i, j);
            bind_to(s, endpoint);
        }
    }
}

/* Until a reader is not turned away. */
static char *read_in_the_end(const char *path) {
    char *whole = await_statistics(path, "\"sockets_left_out\":");
    check(whole[strlen(whole) - 1] == '\n');
    return whole;
}

static int open_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    check(folder != NULL);
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

CASE(who_does_not_read_holds_up_nobody_and_is_left_in_the_end) {
    enum { STALLED = 40 };
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE];
    only_statistics(path);
    have_much_to_tell(context);
    linked pair = link_sockets(open_in(context, EXZ_PULL), open_in(context, EXZ_PUSH), TCP);
    int stalled[STALLED];
    for (int i = 0; i < STALLED; i++) {
        stalled[i] = connect_to_path(path);
        check(stalled[i] >= 0);
    }
    check_carries(pair.connected, pair.bound);
    free(read_in_the_end(path));
    check_carries(pair.connected, pair.bound);
    for (int i = 0; i < STALLED; i++) close(stalled[i]);
    free(read_in_the_end(path));
    close_linked(pair);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(a_context_closes_while_readers_stall) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE];
    only_statistics(path);
    have_much_to_tell(context);
    const int stalled = connect_to_path(path);
    check(stalled >= 0);
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(count_of_statistics(), 0);
    close(stalled);
}

CASE(a_thousand_readers_that_leave_at_once_leave_nothing_behind) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE];
    only_statistics(path);
    free(read_in_the_end(path));
    const int before = open_descriptors();
    for (int i = 0; i < 1000; i++) {
        const int descriptor = connect_to_path(path);
        check(descriptor >= 0);
        if (i % 2 == 0) (void)send(descriptor, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL);
        close(descriptor);
    }
    free(read_in_the_end(path));
    const int64_t end = after_ms(PATIENCE_MS);
    while (open_descriptors() > before && left_ms(end) > 0) free(read_in_the_end(path));
    // What served the first reader may have been open when they were counted.
    check(open_descriptors() <= before);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(what_a_reader_says_does_not_cost_him_the_document) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], text[4096] = "";
    only_statistics(path);
    const int descriptor = connect_to_path(path);
    check(descriptor >= 0);
    (void)send(descriptor, text, 1000, MSG_NOSIGNAL);
    size_t size = 0;
    for (ssize_t count; (count = read(descriptor, text + size, sizeof text - size - 1)) > 0;) size += (size_t)count;
    check_has(text, "\"sockets\":[]");
    close(descriptor);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(a_child_that_closes_nothing_keeps_no_reader_from_the_end) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], text[4096];
    int life[2];
    only_statistics(path);
    have_much_to_tell(context);
    const int descriptor = connect_to_path(path);
    check(descriptor >= 0);
    check_int(pipe(life), 0);
    struct pollfd item = {.fd = descriptor, .events = POLLIN};
    check_int(poll(&item, 1, PATIENCE_MS), 1);
    /* As fork(), without what the library does in a child: it has the connection, until the test is over. */
    const pid_t child = _Fork();
    if (child == 0) {
        close(life[1]);
        _exit(read(life[0], text, 1) == 0 ? 0 : 1);
    }
    ssize_t count;
    do {
        check_int(poll(&item, 1, PATIENCE_MS), 1);
        count = read(descriptor, text, sizeof text);
    } while (count > 0);
    check_int(count, 0);
    for (int i = 0; i < 2; i++) close(life[i]);
    check_child(child);
    close(descriptor);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

typedef struct opener {
    exz_context context;
    atomic_bool is_over;
} opener;

static exz_status open_and_close(void *argument) {
    opener *own = argument;
    while (!atomic_load(&own->is_over)) {
        exz_socket s;
        exz_status status = exz_socket_open(&s, own->context, EXZ_PUSH, NULL);
        if (status == EXZ_OK) status = exz_socket_connect(s, "tcp://127.0.0.1:9", EXZ_CONNECT_BACKGROUND, 0, NULL);
        if (status == EXZ_OK) status = exz_socket_close(s, 0);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

CASE(sockets_come_and_go_while_they_are_looked_at) {
    opener own = {.context = open_watched("ipc://*")};
    char path[ENDPOINT_SIZE];
    only_statistics(path);
    worker workers[2];
    for (size_t i = 0; i < COUNT_OF(workers); i++) worker_start(&workers[i], open_and_close, &own);
    for (int i = 0; i < 200; i++) free(read_in_the_end(path));
    atomic_store(&own.is_over, true);
    for (size_t i = 0; i < COUNT_OF(workers); i++) check_status(worker_join(&workers[i]), EXZ_OK);
    check_status(exz_context_close(own.context, 0), EXZ_OK);
}

/* In a child: 0 if that is turned away without a word. */
static int read_as_another_user(const char *path) {
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) return 1;
    const int descriptor = connect_to_path(path);
    char byte;
    if (descriptor < 0) return 2;
    return read(descriptor, &byte, 1) == 0 ? 0 : 3;
}

CASE(another_user_is_told_nothing) {
    if (geteuid() != 0) skip_because("who is not root can not be another user");
    char folder[] = "/tmp/exz-open-XXXXXX", path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE + 6];
    check(mkdtemp(folder) != NULL);
    check_int(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/stats", folder);
    snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    const exz_context context = open_watched(endpoint);
    /* He can not even connect; and where somebody has opened the door he is sent away. */
    check_int(chmod(path, 0666), 0);
    const pid_t child = fork_child();
    if (child == 0) _exit(read_as_another_user(path));
    check_child(child);
    free(read_in_the_end(path));
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(rmdir(folder), 0);
}

/* Tells the other end of a pipe. */
static void tell(int output) {
    if (write(output, "x", 1) != 1) _exit(1);
}

static void await_told(int input) {
    char byte;
    if (read(input, &byte, 1) != 1) _exit(1);
}

CASE(a_child_serves_nothing_of_its_parents_and_leaves_the_file_alone) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], text[40];
    only_statistics(path);
    const pid_t child = fork_child();
    if (child == 0) {
        exz_context own = {0};
        exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
        options.stats_endpoint = "ipc://*";
        must(exz_context_open_with(&own, &options), EXZ_OK);
        if (count_of_statistics() != 2) _exit(2);
        /* With what is done at the end of a process, for which it is not needed to close anything. */
        exit(0);
    }
    check_child(child);
    only_statistics(path);
    char *whole = read_in_the_end(path);
    snprintf(text, sizeof text, "\"pid\":%d,", getpid());
    check_has(whole, text);
    free(whole);
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(count_of_statistics(), 0);
}

/* Opens a context and has a child that lives on, for as long as the test has the other end of `life`; what is told says
 * that both are there. */
static void serve_with_a_child(int told, int life) {
    exz_context own = {0};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.stats_endpoint = "ipc://*";
    must(exz_context_open_with(&own, &options), EXZ_OK);
    const pid_t child = fork();
    if (child < 0) _exit(1);
    tell(told);
    char byte;
    _exit(read(life, &byte, 1) == 0 ? 0 : 1);
}

CASE(a_killed_process_is_not_taken_for_one_that_serves_and_its_file_goes) {
    int pipes[2], life[2];
    char path[ENDPOINT_SIZE];
    check_int(pipe(pipes), 0);
    check_int(pipe(life), 0);
    const pid_t child = fork_child();
    if (child == 0) {
        close(life[1]);
        serve_with_a_child(pipes[1], life[0]);
    }
    await_told(pipes[0]);
    await_told(pipes[0]);
    only_statistics(path);
    free(read_in_the_end(path));
    check_int(kill(child, SIGKILL), 0);
    check_int(waitpid(child, NULL, 0), child);
    /* The child of the killed one lives. */
    check_int(connect_to_path(path), -1);
    check_int(errno, ECONNREFUSED);
    const exz_context context = open_watched("ipc://*");
    check_int(count_of_statistics(), 1);
    check_int(access(path, F_OK), -1);
    check_status(exz_context_close(context, 0), EXZ_OK);
    for (int i = 0; i < 2; i++) {
        close(pipes[i]);
        close(life[i]);
    }
}

static char logged[512];

static void note(void *user, exz_log_level level, const char *line) {
    (void)user;
    if (level == EXZ_LOG_WARNING) snprintf(logged, sizeof logged, "%s", line);
}

/* In a child: the process-wide context is served as the environment says. */
static void be_asked(const char *value, int expected, const char *said) {
    exz_socket s;
    setenv("EXZ_STATS", value, 1);
    must(exz_set_log(note, NULL, EXZ_LOG_WARNING), EXZ_OK);
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    if (count_of_statistics() != expected) _exit(2);
    if (strstr(logged, said) == NULL || (said[0] == '\0' && logged[0] != '\0')) _exit(3);
    must(exz_shutdown(PATIENCE_MS), EXZ_OK);
    _exit(count_of_statistics() == 0 ? 0 : 4);
}

CASE(the_environment_asks_for_it_in_a_program_that_does_not) {
    const struct {
        const char *value, *said;
        int expected;
    } rows[] = {{"1", "", 1}, {"0", "", 0}, {"", "", 0}, {"yes", "EXZ_STATS has no effect: EXZ_STATS is \"yes\"", 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("%s", rows[i].value);
        const pid_t child = fork_child();
        if (child == 0) be_asked(rows[i].value, rows[i].expected, rows[i].said);
        check_child(child);
    }
}

CASE(an_operator_who_can_not_have_it_breaks_nothing) {
    const pid_t child = fork_child();
    if (child == 0) {
        setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
        be_asked("1", 0, "EXZ_STATS has no effect: can not make the directory /nowhere/at/all/experimance_zmq");
    }
    check_child(child);
}

static int prepare(__attribute__((unused)) void **group) {
    have_runtime_directory();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(who_does_not_read_holds_up_nobody_and_is_left_in_the_end),
        TEST(a_context_closes_while_readers_stall),
        TEST(a_thousand_readers_that_leave_at_once_leave_nothing_behind),
        TEST(what_a_reader_says_does_not_cost_him_the_document),
        TEST(a_child_that_closes_nothing_keeps_no_reader_from_the_end),
        TEST(sockets_come_and_go_while_they_are_looked_at),
        TEST(another_user_is_told_nothing),
        TEST(a_child_serves_nothing_of_its_parents_and_leaves_the_file_alone),
        TEST(a_killed_process_is_not_taken_for_one_that_serves_and_its_file_goes),
        TEST(the_environment_asks_for_it_in_a_program_that_does_not),
        TEST(an_operator_who_can_not_have_it_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
