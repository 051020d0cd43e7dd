/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bind listens at: every address for a wildcard, also where something is missing or forbidden, and descriptors
 * that somebody else has opened. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "child.h"
#include "denied.h"
#include "forked.h"
#include "monotonic.h"
#include "places.h"

/* The endpoint with another host. */
static void at_host(char *endpoint, const char *host, const char *bound) {
    const char *port = strrchr(bound, ':');
    check(port != NULL && snprintf(endpoint, ENDPOINT_SIZE, "tcp://%s%s", host, port) < ENDPOINT_SIZE);
}

static bool machine_has_ipv6(void) {
    int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool has = descriptor >= 0 && bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0;
    if (descriptor >= 0) close(descriptor);
    return has;
}

static void check_reached(exz_socket pull, const char *endpoint) {
    exz_socket push = open_socket(EXZ_PUSH);
    connect_to(push, endpoint);
    check_carries(push, pull);
    close_socket(push);
}

CASE(a_wildcard_is_reached_over_both_families) {
    if (!machine_has_ipv6()) skip_because("the machine has no address ::1");
    const char *const wildcards[] = {"tcp://*:0", "tcp://*:*"};
    for (size_t i = 0; i < COUNT_OF(wildcards); i++) {
        in_row("%s", wildcards[i]);
        char bound[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        exz_socket pull = open_socket(EXZ_PULL);
        bind_to(pull, wildcards[i]);
        check_status(exz_socket_endpoint(pull, bound, sizeof bound), EXZ_OK);
        check(strncmp(bound, "tcp://0.0.0.0:", 14) == 0);
        exz_event listening = expect_event(pull, EXZ_EVENT_LISTENING);
        check_text(listening.endpoint, bound);
        check_reached(pull, bound);
        at_host(endpoint, "127.0.0.1", bound);
        check_reached(pull, endpoint);
        /* Who connects over IPv4 is told of in IPv4's words. */
        exz_event peer = expect_event(pull, EXZ_EVENT_HANDSHAKEN);
        check_text(peer.endpoint, endpoint);
        at_host(endpoint, "[::1]", bound);
        check_reached(pull, endpoint);
        check_status(exz_socket_unbind(pull, bound), EXZ_OK);
        check_status(exz_socket_unbind(pull, bound), EXZ_ERR_STATE);
        close_socket(pull);
    }
}

static void must_be_reached(const char *to_bind, const char *host) {
    char bound[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE], text[8];
    size_t size;
    exz_socket pull, push;
    exz_error error = EXZ_ERROR_INIT;
    must(exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
    must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
    child_must(exz_socket_bind(pull, to_bind, PATIENCE_MS, &error), EXZ_OK, to_bind);
    must(exz_socket_endpoint(pull, bound, sizeof bound), EXZ_OK);
    snprintf(endpoint, sizeof endpoint, "tcp://%s%s", host, strrchr(bound, ':'));
    child_must(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, &error), EXZ_OK, endpoint);
    must(exz_send(push, "x", 1, 0, PATIENCE_MS), EXZ_OK);
    must(exz_recv(&size, pull, text, sizeof text, PATIENCE_MS), EXZ_OK);
    must(exz_socket_unbind(pull, bound), EXZ_OK);
    must(exz_socket_close(push, 0), EXZ_OK);
    must(exz_socket_close(pull, 0), EXZ_OK);
}

CASE(a_wildcard_is_reached_where_one_family_is_forbidden) {
    const struct {
        int family, error;
        const char *host;
    } rows[] = {
        {AF_INET6, EAFNOSUPPORT, "127.0.0.1"}, {AF_INET6, EPERM, "127.0.0.1"}, {AF_INET6, EACCES, "127.0.0.1"},
        {AF_INET, EAFNOSUPPORT, "[::1]"},      {AF_INET, EPERM, "[::1]"},
    };
    bool has_ipv6 = machine_has_ipv6();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].family == AF_INET && !has_ipv6) continue;
        in_row("family %d, %s", rows[i].family, strerrorname_np(rows[i].error));
        pid_t pid = fork_child();
        if (pid == 0) {
            if (!deny_family(rows[i].family, rows[i].error)) _exit(2);
            must_be_reached("tcp://*:0", rows[i].host);
            _exit(0);
        }
        check_child(pid);
    }
}

CASE(binding_needs_no_netlink) {
    const char *const endpoints[] = {"tcp://127.0.0.1:0", "tcp://localhost:0", "tcp://0.0.0.0:*", "tcp://*:0",
                                     "tcp://lo:0"};
    const int errors[] = {EAFNOSUPPORT, EPERM, EACCES, ENOSYS};
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        in_row("%s", strerrorname_np(errors[i]));
        pid_t pid = fork_child();
        if (pid == 0) {
            if (!deny_family(AF_NETLINK, errors[i])) _exit(2);
            for (size_t j = 0; j < COUNT_OF(endpoints); j++) must_be_reached(endpoints[j], "127.0.0.1");
            _exit(0);
        }
        check_child(pid);
    }
}

CASE(a_family_that_is_not_there_is_not_supported) {
    pid_t pid = fork_child();
    if (pid == 0) {
        if (!deny_family(AF_INET6, EAFNOSUPPORT)) _exit(2);
        exz_socket s;
        must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
        must(exz_socket_bind(s, "tcp://[::1]:0", 0, NULL), EXZ_ERR_NOT_SUPPORTED);
        _exit(0);
    }
    check_child(pid);
}

CASE(who_has_the_address_is_said_as_it_is) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_error error = EXZ_ERROR_INIT;
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        exz_socket owner = open_socket(EXZ_PULL), s = open_with(EXZ_PULL, &options);
        bind_somewhere(owner, t, endpoint);
        check_status(exz_socket_bind(s, endpoint, 0, &error), EXZ_ERR_ADDRESS_IN_USE);
        check(strstr(error.message, "this process") != NULL && strstr(error.message, "ss -") == NULL);
        /* A child has inherited what its parent listens with. */
        pid_t pid = fork_child();
        if (pid == 0) {
            exz_socket mine;
            must(exz_socket_open(&mine, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), EXZ_OK);
            must(exz_socket_bind(mine, endpoint, 0, &error), EXZ_ERR_ADDRESS_IN_USE);
            _exit(strstr(error.message, "inherited") != NULL ? 0 : 3);
        }
        check_child(pid);
        close_socket(owner);
        close_socket(s);
    }
    child server;
    char line[ENDPOINT_SIZE + 8];
    child_start(&server, sibling_program("plain_peer"),
                (const char *const[]){"pull", "bind", "tcp://127.0.0.1:*", "0", NULL});
    child_expect_line(&server, line, sizeof line);
    exz_socket s = open_with(EXZ_PULL, &options);
    check_status(exz_socket_bind(s, strstr(line, "tcp://"), 0, &error), EXZ_ERR_ADDRESS_IN_USE);
    check(strstr(error.message, "ss -tanp 'sport = :") != NULL);
    close_socket(s);
    child_kill(&server);
}

/* Descriptors of somebody else. */

static int listener(int family, const char *path) {
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    if (path != NULL) memcpy(local.sun_path, path, strlen(path) + 1);
    int descriptor = socket(family, SOCK_STREAM, 0);
    if (family == AF_INET) check_int(bind(descriptor, (struct sockaddr *)&ipv4, sizeof ipv4), 0);
    if (family == AF_INET6) check_int(bind(descriptor, (struct sockaddr *)&ipv6, sizeof ipv6), 0);
    if (family == AF_UNIX) check_int(bind(descriptor, (struct sockaddr *)&local, sizeof local), 0);
    check_int(listen(descriptor, 16), 0);
    return descriptor;
}

CASE(a_socket_listens_with_a_descriptor_of_somebody_else) {
    const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if (families[i] == AF_INET6 && !machine_has_ipv6()) continue;
        in_row("family %d", families[i]);
        char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        temporary_path(path);
        int descriptor = listener(families[i], path);
        exz_socket pull = open_socket(EXZ_PULL);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_socket_bind_fd(pull, descriptor, &error), EXZ_OK);
        check_int(close(descriptor), 0);
        check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
        check_reached(pull, endpoint);
        check_status(exz_socket_unbind(pull, endpoint), EXZ_OK);
        check_int(access(path, F_OK), families[i] == AF_UNIX ? 0 : -1);
        if (families[i] == AF_UNIX) check_int(unlink(path), 0);
        close_socket(pull);
    }
}

CASE(a_descriptor_stays_the_caller_s_and_goes_on_listening) {
    char endpoint[ENDPOINT_SIZE];
    int descriptor = listener(AF_INET, NULL);
    for (int round = 0; round < 2; round++) {
        exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
        check_status(exz_socket_bind_fd(pull, descriptor, NULL), EXZ_OK);
        check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
        connect_to(push, endpoint);
        check_carries(push, pull);
        close_socket(pull);
        check(fcntl(descriptor, F_GETFD) >= 0);
        close_socket(push);
    }
    close(descriptor);
}

CASE(what_is_no_listening_stream_socket_is_refused) {
    int ends[2], pair[2];
    check_int(pipe2(ends, O_CLOEXEC), 0);
    check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const struct {
        int descriptor;
        const char *reason;
    } rows[] = {
        {-1, "not open"},
        {INT32_MAX, "not open"},
        {open("/dev/null", O_RDONLY | O_CLOEXEC), "not a socket"},
        {ends[0], "not a socket"},
        {socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "not a stream socket"},
        {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "does not listen"},
        {pair[0], "does not listen"},
    };
    exz_socket s = open_socket(EXZ_PULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("%s", rows[i].reason);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_socket_bind_fd(s, rows[i].descriptor, &error), EXZ_ERR_INVALID);
        check(strstr(error.message, rows[i].reason) != NULL);
        check_status(exz_socket_bind_fd(s, rows[i].descriptor, NULL), EXZ_ERR_INVALID);
        if (rows[i].descriptor >= 0 && rows[i].descriptor != INT32_MAX) check_int(close(rows[i].descriptor), 0);
    }
    close(ends[1]);
    close(pair[1]);
    close_socket(s);
    check_status(exz_socket_bind_fd(s, 0, NULL), EXZ_ERR_CLOSED);
}

/* As a service manager starts a service: it listens, tells so in the environment, and a client comes first. */
CASE(a_service_is_started_with_its_descriptor) {
    char endpoint[ENDPOINT_SIZE], line[64], count[16];
    int descriptor = listener(AF_INET, NULL);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    check_int(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    exz_socket push = open_socket(EXZ_PUSH);
    connect_later(push, endpoint);
    snprintf(count, sizeof count, "%d", descriptor);
    child service;
    child_start(&service, sibling_program("activated"), (const char *const[]){count, NULL});
    close(descriptor);
    child_expect_line(&service, line, sizeof line);
    check_text(line, "listening");
    send_text(push, "for the service");
    child_expect_line(&service, line, sizeof line);
    check_text(line, "for the service");
    close_socket(push);
    check_int(child_end(&service), 0);
}

/* Threads that the system refuses: a status, wherever the limit lies. */
CASE(threads_that_are_refused_are_a_status) {
    if (geteuid() != 0) skip_because("only root can become a user without other processes");
    for (rlim_t limit = 1; limit <= 6; limit++) {
        in_row("%llu threads", (unsigned long long)limit);
        pid_t pid = fork_child();
        if (pid == 0) {
            /* The number counts for the user, so this one has to have none yet. */
            uid_t user = 3000000000U + (uid_t)getpid();
            struct rlimit threads = {limit, limit};
            if (setrlimit(RLIMIT_NPROC, &threads) != 0 || setresuid(user, user, user) != 0) _exit(2);
            exz_socket s;
            exz_status status = exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
            /* The thread that runs, the supervisor, and libzmq's two. */
            child_must(status, limit < 4 ? EXZ_ERR_LIMIT : EXZ_OK, "exz_socket_open");
            if (status == EXZ_OK) must(exz_socket_close(s, 0), EXZ_OK);
            _exit(0);
        }
        check_child(pid);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wildcard_is_reached_over_both_families),
        TEST(a_wildcard_is_reached_where_one_family_is_forbidden),
        TEST(binding_needs_no_netlink),
        TEST(a_family_that_is_not_there_is_not_supported),
        TEST(who_has_the_address_is_said_as_it_is),
        TEST(a_socket_listens_with_a_descriptor_of_somebody_else),
        TEST(a_descriptor_stays_the_caller_s_and_goes_on_listening),
        TEST(what_is_no_listening_stream_socket_is_refused),
        TEST(a_service_is_started_with_its_descriptor),
        TEST(threads_that_are_refused_are_a_status),
    };
    return cmocka_run_group_tests_name("listening", tests, NULL, NULL);
}
