/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection to a local port that nobody listens on can meet itself. It is a refused one, whoever makes it, and it
 * does not take the port from the service that is to come. In a network with a handful of ports to choose from. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "network.h"
#include "sockets.h"

/* By then a connection would have met itself. */
#define ATTEMPTS 20

static void few_ports(void) {
    need_network();
    int file = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC);
    check(file >= 0);
    check_int(write(file, "40000 40003", 11), 11);
    close(file);
}

static exz_socket open_eager(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 2;
    options.retry.max_backoff_ms = 5;
    options.retry.max_attempts = ATTEMPTS;
    return open_with(type, &options);
}

/* A connection that is over keeps its port for a minute. */
static bool a_connection_keeps_its_port(void) {
    FILE *connections = fopen("/proc/thread-self/net/tcp", "re");
    check(connections != NULL);
    char line[256];
    unsigned state;
    bool found = false;
    while (fgets(line, sizeof line, connections) != NULL)
        found = found || (sscanf(line, " %*d: %*x:%*x %*x:%*x %x", &state) == 1 && state == TCP_TIME_WAIT);
    fclose(connections);
    return found;
}

/* The first socket of the process, whose opening sends a message over a connection of its own. No port of the four may
 * stay taken by it. */
CASE(a_first_socket_leaves_every_port_to_services) {
    few_ports();
    close_socket(open_socket(EXZ_PULL));
    for (int port = 40000; port <= 40003; port++) {
        in_row("port %d", port);
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), is_on = 1;
        struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        check_int(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &is_on, sizeof is_on), 0);
        /* What is closed in the background may take a moment. */
        while (bind(s, (struct sockaddr *)&here, sizeof here) != 0) {
            check_int(errno, EADDRINUSE);
            check(!a_connection_keeps_its_port());
            sched_yield();
        }
        close(s);
    }
}

/* The range is what it is said to be: with plain sockets it happens. */
CASE(a_plain_connection_meets_itself_here) {
    few_ports();
    int meetings = 0;
    for (int i = 0; i < 100 && meetings == 0; i++) {
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(40000)};
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        meetings += connect(s, (struct sockaddr *)&there, sizeof there) == 0;
        struct sockaddr nobody = {.sa_family = AF_UNSPEC};
        check(connect(s, &nobody, sizeof nobody) == 0 || meetings == 0);
        close(s);
    }
    check(meetings > 0);
}

static void is_refused_and_leaves_the_port(exz_socket_type type, int port, const char *host) {
    in_row("type %u, port %d", (unsigned)type, port);
    char endpoint[ENDPOINT_SIZE];
    snprintf(endpoint, sizeof endpoint, "tcp://%s:%d", host, port);
    exz_socket s = open_eager(type);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
    check_int(error.attempts, ATTEMPTS);
    check_int(stats_of(s).messages_received, 0);
    exz_socket service = open_socket(EXZ_ROUTER);
    check_status(exz_socket_bind(service, endpoint, PATIENCE_MS, NULL), EXZ_OK);
    close_socket(service);
    close_socket(s);
}

CASE(a_connect_to_nobody_is_refused_and_leaves_the_port) {
    few_ports();
    is_refused_and_leaves_the_port(EXZ_DEALER, 40000, "127.0.0.1");
    is_refused_and_leaves_the_port(EXZ_PAIR, 40001, "127.0.0.1");
    is_refused_and_leaves_the_port(EXZ_PUB, 40002, "127.0.0.1");
    is_refused_and_leaves_the_port(EXZ_REQ, 40003, "127.0.0.1");
    is_refused_and_leaves_the_port(EXZ_DEALER, 40002, "[::1]");
}

CASE(a_service_that_is_away_gets_its_port_and_its_clients_back) {
    few_ports();
    const exz_socket_type types[] = {EXZ_DEALER, EXZ_PAIR, EXZ_REQ, EXZ_SUB};
    const exz_socket_type services[] = {EXZ_ROUTER, EXZ_PAIR, EXZ_REP, EXZ_PUB};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %u", (unsigned)types[i]);
        exz_socket service = open_socket(services[i]), s = open_eager(types[i]);
        bind_to(service, "tcp://127.0.0.1:40001");
        connect_to(s, "tcp://127.0.0.1:40001");
        close_socket(service);
        uint64_t attempts = stats_of(s).connect_attempts + 20;
        while (stats_of(s).connect_attempts < attempts) expect_event(s, EXZ_EVENT_CONNECTING);
        check_int(stats_of(s).reconnects, 0);
        check_int(stats_of(s).peers, 0);
        service = open_socket(services[i]);
        check_status(exz_socket_bind(service, "tcp://127.0.0.1:40001", PATIENCE_MS, NULL), EXZ_OK);
        check_status(exz_wait_peers(s, 1, PATIENCE_MS), EXZ_OK);
        close_socket(service);
        close_socket(s);
    }
}

int main(void) {
    network_of_our_own();
    const struct CMUnitTest tests[] = {
        TEST(a_first_socket_leaves_every_port_to_services),
        TEST(a_plain_connection_meets_itself_here),
        TEST(a_connect_to_nobody_is_refused_and_leaves_the_port),
        TEST(a_service_that_is_away_gets_its_port_and_its_clients_back),
    };
    return cmocka_run_group_tests_name("self_connect", tests, NULL, NULL);
}
