/* SPDX-License-Identifier: Apache-2.0
 *
 * A herd of clients whose server is killed and comes back: they do not try all at once, whatever the policy, all of
 * them find it again, and its queue has room for them. Judged is what each is told of its next attempt: the machine may
 * be as busy as it likes. `make herd` measures the same with a thousand processes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "network.h"
#include "places.h"

enum {
    CLIENTS = 100,
    /* How often each tries before the server is back. */
    ATTEMPTS = 8,
    MAX_BACKOFF_MS = 200,
    /* The shortest intervals that there are go from 25 to 50 ms, and libzmq's jitter is less than one of them. */
    LONGEST_INTERVAL_MS = 50,
    /* Their last attempts are spread over more than half a second. One in ten would be in such a time. */
    WINDOW_MS = 50,
    MOST_IN_WINDOW = CLIENTS * 3 / 10,
};

/* Each socket has a few descriptors. */
static void allow_descriptors(void) {
    struct rlimit limit;
    check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void start_server(child *c, const char *endpoint) {
    char line[32];
    child_start(c, sibling_program("ledger_receiver"), (const char *const[]){endpoint, "0", "16384", NULL});
    child_expect_line(c, line, sizeof line);
    check_text(line, "ready");
}

/* How many connections to listeners of this network found no room, since it was made. */
static long connections_without_room(void) {
    char names[4096] = "", values[4096] = "";
    FILE *file = fopen("/proc/thread-self/net/netstat", "r");
    check(file != NULL && fgets(names, sizeof names, file) != NULL && fgets(values, sizeof values, file) != NULL);
    fclose(file);
    char *name_place, *value_place, *name = strtok_r(names, " \n", &name_place);
    char *value = strtok_r(values, " \n", &value_place);
    long sum = 0;
    int found = 0;
    while (name != NULL && value != NULL) {
        bool counts = strcmp(name, "ListenOverflows") == 0 || strcmp(name, "ListenDrops") == 0;
        if (counts) sum += atol(value), found++;
        name = strtok_r(NULL, " \n", &name_place);
        value = strtok_r(NULL, " \n", &value_place);
    }
    check_int(found, 2);
    return sum;
}

/* When the client's last attempt is due, in milliseconds since it lost its link. */
static int due_attempt(exz_socket s) {
    int sum = 0;
    expect_event(s, EXZ_EVENT_LOST);
    for (int i = 0; i < ATTEMPTS; i++) {
        const int delay = expect_event(s, EXZ_EVENT_RETRY_IN).delay_ms;
        check(delay < MAX_BACKOFF_MS + LONGEST_INTERVAL_MS);
        sum += delay;
    }
    return sum;
}

static int compare(const void *left, const void *right) { return *(const int *)left - *(const int *)right; }

static void check_spread(int *due) {
    int most = 0;
    qsort(due, CLIENTS, sizeof *due, compare);
    for (int first = 0, last = 0; last < CLIENTS; last++) {
        while (due[last] - due[first] >= WINDOW_MS) first++;
        if (last - first + 1 > most) most = last - first + 1;
    }
    print_message("    last attempts due after %d to %d ms, at most %d of %d within %d ms\n", due[0], due[CLIENTS - 1],
                  most, CLIENTS, WINDOW_MS);
    check(most <= MOST_IN_WINDOW);
}

static void run_herd(uint32_t jitter) {
    need_network();
    allow_descriptors();
    static exz_socket clients[CLIENTS];
    static int due[CLIENTS];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 1;
    options.retry.max_backoff_ms = MAX_BACKOFF_MS;
    options.retry.jitter = jitter;
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    child server;
    start_server(&server, endpoint);
    for (int i = 0; i < CLIENTS; i++) clients[i] = open_with(EXZ_PUSH, &options);
    for (int i = 0; i < CLIENTS; i++) connect_later(clients[i], endpoint);
    for (int i = 0; i < CLIENTS; i++) expect_event(clients[i], EXZ_EVENT_HANDSHAKEN);
    child_kill(&server);
    for (int i = 0; i < CLIENTS; i++) due[i] = due_attempt(clients[i]);
    check_spread(due);
    start_server(&server, endpoint);
    for (int i = 0; i < CLIENTS; i++) expect_event(clients[i], EXZ_EVENT_HANDSHAKEN);
    check_int(connections_without_room(), 0);
    for (int i = 0; i < CLIENTS; i++) close_socket(clients[i]);
    child_kill(&server);
    close(reservation);
}

CASE(clients_that_lose_their_server_do_not_come_back_as_one) { run_herd(EXZ_JITTER_EQUAL); }

CASE(clients_whose_delays_may_be_nothing_do_not_come_back_as_one) { run_herd(EXZ_JITTER_FULL); }

int main(void) {
    network_of_our_own();
    const struct CMUnitTest tests[] = {
        TEST(clients_that_lose_their_server_do_not_come_back_as_one),
        TEST(clients_whose_delays_may_be_nothing_do_not_come_back_as_one),
    };
    return cmocka_run_group_tests_name("herd", tests, NULL, NULL);
}
