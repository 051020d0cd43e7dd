/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that runs out of descriptors is told so, lives on, loses nothing, and goes on when there are some again.
 * Each test does it in a child, where the limit is nobody else's. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "few_descriptors.h"
#include "forked.h"
#include "monotonic.h"
#include "places.h"

static void must_be_ok_or_limit(exz_status status, const char *what) {
    if (status != EXZ_OK) child_must(status, EXZ_ERR_LIMIT, what);
}

static void open_socket_with(int descriptors, exz_socket_type type) {
    exz_socket first, s = {0};
    must(exz_socket_open(&first, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    leave_descriptors(descriptors);
    exz_status status = exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, NULL);
    must_be_ok_or_limit(status, "exz_socket_open");
    if (descriptors == 0) child_must(status, EXZ_ERR_LIMIT, "opening without a descriptor");
    if (status != EXZ_OK && s.id != 0) _exit(1);
    leave_as_usual();
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, NULL), EXZ_OK);
    must(exz_socket_close(s, 1000), EXZ_OK);
    _exit(0);
}

CASE(opening_a_socket_tells_of_the_limit) {
    for (int descriptors = 0; descriptors < 10; descriptors++) {
        for (exz_socket_type type = EXZ_PUB; type <= EXZ_SUB; type++) {
            in_row("%d descriptors left, type %d", descriptors, type);
            pid_t pid = fork_child();
            if (pid == 0) open_socket_with(descriptors, type);
            check_child(pid);
        }
    }
}

static void open_context_with(int descriptors) {
    exz_context c;
    exz_socket s;
    leave_descriptors(descriptors);
    exz_status status = exz_context_open(&c);
    must_be_ok_or_limit(status, "exz_context_open");
    if (status == EXZ_OK) {
        must_be_ok_or_limit(exz_socket_open(&s, c, EXZ_PUB, NULL), "exz_socket_open");
        must(exz_context_close(c, 1000), EXZ_OK);
    }
    leave_as_usual();
    must(exz_context_open(&c), EXZ_OK);
    must(exz_socket_open(&s, c, EXZ_PUB, NULL), EXZ_OK);
    must(exz_context_close(c, 1000), EXZ_OK);
    _exit(0);
}

CASE(opening_a_context_tells_of_the_limit) {
    for (int descriptors = 0; descriptors < 16; descriptors++) {
        in_row("%d descriptors left", descriptors);
        pid_t pid = fork_child();
        if (pid == 0) open_context_with(descriptors);
        check_child(pid);
    }
}

static void bind_with(int descriptors, const char *endpoint) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket s;
    exz_error error = EXZ_ERROR_INIT;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), EXZ_OK);
    leave_descriptors(descriptors);
    exz_status status = exz_socket_bind(s, endpoint, 1000, &error);
    must_be_ok_or_limit(status, "exz_socket_bind");
    if (descriptors == 0) child_must(status, EXZ_ERR_LIMIT, "binding without a descriptor");
    child_must(error.status, status, "error.status");
    leave_as_usual();
    if (status != EXZ_OK) must(exz_socket_bind(s, endpoint, 1000, NULL), EXZ_OK);
    _exit(0);
}

static void check_binding(transport t) {
    for (int descriptors = 0; descriptors < 4; descriptors++) {
        in_row("%d descriptors left", descriptors);
        char endpoint[ENDPOINT_SIZE];
        unused_endpoint(t, endpoint);
        pid_t pid = fork_child();
        if (pid == 0) bind_with(descriptors, endpoint);
        check_child(pid);
    }
}

CASE(binding_to_a_port_tells_of_the_limit) { check_binding(TCP); }

CASE(binding_to_a_path_tells_of_the_limit) { check_binding(IPC); }

/* Without a descriptor a connect fails, or goes on later; the process lives. */
static void connect_with(int descriptors, const char *endpoint) {
    exz_socket s, later;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    must(exz_socket_open(&later, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    leave_descriptors(descriptors);
    exz_status status = exz_socket_connect(s, endpoint, 0, 200, NULL);
    if (descriptors == 0 && status == EXZ_OK) child_must(status, EXZ_ERR_LIMIT, "connecting without a descriptor");
    must(exz_socket_connect(later, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    leave_as_usual();
    must(exz_wait_peers(later, 1, PATIENCE_MS), EXZ_OK);
    must(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL), EXZ_OK);
    _exit(0);
}

static void check_connecting(transport t) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, t, endpoint);
    for (int descriptors = 0; descriptors < 3; descriptors++) {
        in_row("%d descriptors left", descriptors);
        pid_t pid = fork_child();
        if (pid == 0) connect_with(descriptors, endpoint);
        check_child(pid);
    }
    close_socket(pull);
}

CASE(connecting_to_a_port_survives_the_limit) { check_connecting(TCP); }

CASE(connecting_to_a_path_survives_the_limit) { check_connecting(IPC); }

static void wait_without_descriptors(void) {
    exz_socket push, pull;
    char buffer[8];
    size_t size = 0;
    must(exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    must(exz_socket_bind(pull, "inproc://limit", 0, NULL), EXZ_OK);
    must(exz_socket_connect(push, "inproc://limit", 0, 1000, NULL), EXZ_OK);
    leave_descriptors(0);
    must(exz_recv(&size, pull, buffer, sizeof buffer, 50), EXZ_ERR_LIMIT);
    must(exz_send(push, "kept", 4, 0, 0), EXZ_OK);
    must(exz_recv(&size, pull, buffer, sizeof buffer, 50), EXZ_OK);
    if (size != 4 || memcmp(buffer, "kept", 4) != 0) _exit(1);
    leave_as_usual();
    must(exz_recv(&size, pull, buffer, sizeof buffer, 1), EXZ_ERR_TIMEOUT);
    _exit(0);
}

static void watch_without_descriptors(void) {
    exz_socket s;
    int fd = -9;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_DEALER, NULL), EXZ_OK);
    leave_descriptors(0);
    must(exz_socket_fd(&fd, s), EXZ_ERR_LIMIT);
    must(exz_socket_send_fd(&fd, s), EXZ_ERR_LIMIT);
    if (fd != -9) _exit(1);
    leave_as_usual();
    must(exz_socket_fd(&fd, s), EXZ_OK);
    must(exz_socket_send_fd(&fd, s), EXZ_OK);
    _exit(0);
}

CASE(descriptors_to_watch_are_refused_and_had_later) {
    pid_t pid = fork_child();
    if (pid == 0) watch_without_descriptors();
    check_child(pid);
}

CASE(waiting_tells_of_the_limit_and_loses_nothing) {
    pid_t pid = fork_child();
    if (pid == 0) wait_without_descriptors();
    check_child(pid);
}

/* Clients wait where they are, links that are there go on, and all get in when there are descriptors again. Only on
 * tcp: on ipc libzmq aborts (exz_socket_bind()). */
static void accept_without_descriptors(void) {
    enum { CLIENTS = 3 };
    exz_socket pull, first, clients[CLIENTS];
    char endpoint[ENDPOINT_SIZE], buffer[8];
    size_t size = 0;
    must(exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    must(exz_socket_open(&first, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    for (int i = 0; i < CLIENTS; i++) must(exz_socket_open(&clients[i], EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    must(exz_socket_bind(pull, "tcp://127.0.0.1:0", 1000, NULL), EXZ_OK);
    must(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
    must(exz_socket_connect(first, endpoint, 0, PATIENCE_MS, NULL), EXZ_OK);
    must(exz_recv(&size, pull, buffer, sizeof buffer, 1), EXZ_ERR_TIMEOUT);
    /* One for each client's own end; libzmq's accept(2) has none. */
    leave_descriptors(CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        must(exz_socket_connect(clients[i], endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    must(exz_wait_peers(pull, 1 + CLIENTS, 200), EXZ_ERR_TIMEOUT);
    must(exz_send(first, "first", 5, 0, PATIENCE_MS), EXZ_OK);
    must(exz_recv(&size, pull, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
    leave_as_usual();
    must(exz_wait_peers(pull, 1 + CLIENTS, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < CLIENTS; i++) {
        must(exz_send(clients[i], "later", 5, 0, PATIENCE_MS), EXZ_OK);
        must(exz_recv(&size, pull, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
        if (size != 5 || memcmp(buffer, "later", 5) != 0) _exit(1);
    }
    _exit(0);
}

CASE(accepting_waits_until_there_are_descriptors) {
    pid_t pid = fork_child();
    if (pid == 0) accept_without_descriptors();
    check_child(pid);
}

/* From here on the process gets no more threads. Root would get them, so it is root no longer. */
static void leave_no_threads(void) {
    const uid_t nobody = 65534;
    const struct rlimit none = {0, 0};
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) != 0) _exit(1);
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(1);
}

/* A name is looked up on a thread of its own. */
static void use_name_without_threads(bool binds) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket s;
    exz_error error = EXZ_ERROR_INIT;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &options), EXZ_OK);
    leave_no_threads();
    exz_status status = binds ? exz_socket_bind(s, "tcp://localhost:*", PATIENCE_MS, &error)
                              : exz_socket_connect(s, "tcp://localhost:1", 0, PATIENCE_MS, &error);
    child_must(status, EXZ_ERR_LIMIT, "a name without a thread to look it up");
    child_must(error.status, EXZ_ERR_LIMIT, "error.status");
    /* The socket and its context are alive. */
    must(exz_socket_bind(s, "tcp://127.0.0.1:*", PATIENCE_MS, NULL), EXZ_OK);
    must(exz_socket_close(s, 0), EXZ_OK);
    _exit(0);
}

CASE(a_name_without_a_thread_to_look_it_up_tells_of_the_limit) {
    for (int binds = 0; binds < 2; binds++) {
        in_row("%s", binds ? "bind" : "connect");
        pid_t pid = fork_child();
        if (pid == 0) use_name_without_threads(binds);
        check_child(pid);
    }
}

/* A resolver without a descriptor finds nothing, and calls every name unknown. */
static void use_name_without_descriptors(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket s;
    exz_error error = EXZ_ERROR_INIT;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &options), EXZ_OK);
    leave_descriptors(0);
    exz_status status = exz_socket_connect(s, "tcp://localhost:1", 0, PATIENCE_MS, &error);
    child_must(status, EXZ_ERR_LIMIT, "a name without a descriptor to look it up");
    leave_as_usual();
    child_must(exz_socket_connect(s, "tcp://localhost:1", 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED, "with one");
    _exit(0);
}

CASE(a_name_without_a_descriptor_to_look_it_up_is_not_called_unknown) {
    pid_t pid = fork_child();
    if (pid == 0) use_name_without_descriptors();
    check_child(pid);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(opening_a_socket_tells_of_the_limit),
        TEST(opening_a_context_tells_of_the_limit),
        TEST(binding_to_a_port_tells_of_the_limit),
        TEST(binding_to_a_path_tells_of_the_limit),
        TEST(connecting_to_a_port_survives_the_limit),
        TEST(connecting_to_a_path_survives_the_limit),
        TEST(accepting_waits_until_there_are_descriptors),
        TEST(descriptors_to_watch_are_refused_and_had_later),
        TEST(waiting_tells_of_the_limit_and_loses_nothing),
        TEST(a_name_without_a_thread_to_look_it_up_tells_of_the_limit),
        TEST(a_name_without_a_descriptor_to_look_it_up_is_not_called_unknown),
    };
    return cmocka_run_group_tests_name("limits", tests, remember_limit, NULL);
}
