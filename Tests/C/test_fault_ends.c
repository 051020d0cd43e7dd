/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fault proxy leaves behind, and what it is when the process has nothing left: closes, shutdowns, full tables of
 * descriptors. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "forked.h"
#include "holdings.h"
#include "monotonic.h"
#include "raw_peer.h"
#include "slow_names.h"
#include "wires.h"
#include "worker.h"

#define SHUTDOWN_MS 10000

static const transport transports[] = {TCP, IPC};

/* --- ends --------------------------------------------------------------------------------------------------------- */

CASE(the_last_proxy_ends_the_thread_and_leaves_nothing) {
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    const holdings before = settle();
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        relayed a = open_relayed(TCP, IPC, 0), b = open_relayed(IPC, TCP, 0);
        wire w = open_wire(&a), v = open_wire(&b);
        check_int(library_threads(), 1);
        close_relayed(&a);
        hear_reset(w.client, TCP);
        hear_reset(w.server, IPC);
        say(v.client, "the other one goes on");
        hear_exactly(v.server, "the other one goes on");
        close_relayed(&b);
        close_wire(&w);
        close_wire(&v);
        /* The thread, too; on a busy machine it may be there for a moment after the close. */
        check_held(before);
    }
}

CASE(a_close_is_quick_whatever_the_peers_do) {
    relayed r = open_relayed(TCP, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_LATENCY);
    fault.delay_ms = 2147483647;
    add_fault(r.proxy, fault);
    char block[4096] = {0};
    wire w[8];
    for (size_t i = 0; i < COUNT_OF(w); i++) {
        w[i] = open_wire(&r);
        /* Nobody reads. */
        while (send(w[i].client, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
    }
    const int64_t began = now_ns();
    close_relayed(&r);
    check(now_ns() - began < GENEROUS_MS * INT64_C(1000000));
    for (size_t i = 0; i < COUNT_OF(w); i++) close_wire(&w[i]);
}

CASE(an_endpoint_can_be_had_again_at_once) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], TCP, 0);
        wire w = open_wire(&r);
        char endpoint[ENDPOINT_SIZE];
        strcpy(endpoint, r.endpoint);
        check_status(exz_fault_proxy_close(r.proxy), EXZ_OK);
        r.proxy = open_proxy(endpoint, r.target, 0);
        close_wire(&w);
        w = open_wire(&r);
        say(w.client, "x");
        hear_exactly(w.server, "x");
        close_wire(&w);
        close_relayed(&r);
    }
}

static exz_status wait_for_much(void *argument) {
    return exz_fault_proxy_wait(*(exz_fault_proxy *)argument, EXZ_FAULT_COUNT_CONNECTIONS, 1000000, PATIENCE_MS);
}

CASE(a_shutdown_ends_all_proxies) {
    for (int round = 0; round < 10; round++) {
        in_row("round %d", round);
        relayed r = open_relayed(TCP, TCP, 0), s = open_relayed(IPC, TCP, 0);
        wire w = open_wire(&r);
        worker waiting;
        worker_start(&waiting, wait_for_much, &s.proxy);
        worker_await_sleep(&waiting);
        exz_socket pub = open_socket(EXZ_PUB);
        check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        check_int(library_threads(), 0);
        check_status(worker_join(&waiting), EXZ_ERR_CLOSED);
        hear_reset(w.client, TCP);
        check_status(exz_fault_proxy_drop(r.proxy), EXZ_ERR_CLOSED);
        check_status(exz_socket_close(pub, 0), EXZ_OK);
        close_wire(&w);
        close_relayed(&r);
        close_relayed(&s);
    }
}

CASE(a_look_up_that_hangs_does_not_keep_a_close) {
    char endpoint[ENDPOINT_SIZE];
    exz_fault_proxy p = open_proxy("ipc://*", "tcp://" SLOW_NAME ":1", 0);
    check_status(exz_fault_proxy_endpoint(p, endpoint, sizeof endpoint), EXZ_OK);
    const int client = dial(endpoint);
    check(client >= 0);
    slow_name_await();
    close_proxy(p);
    hear_reset(client, IPC);
    close(client);
    slow_name_fail();
    check_status(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
    check_int(library_threads(), 0);
}

/* --- nothing left ------------------------------------------------------------------------------------------------- */

static int64_t cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000000) +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * INT64_C(1000);
}

CASE(without_a_descriptor_it_waits_for_one_and_does_not_spin) {
    relayed r = open_relayed(TCP, TCP, 0);
    struct rlimit usual, none;
    check_int(getrlimit(RLIMIT_NOFILE, &usual), 0);
    wire first = open_wire(&r);
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* From here on nobody gets a descriptor: standard input, output and errors have those below. */
    none = usual;
    none.rlim_cur = 3;
    check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)atoi(strrchr(r.endpoint, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_int(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    say(client, "first words");
    const int64_t before = cpu_ns();
    check_status(exz_fault_proxy_wait(r.proxy, EXZ_FAULT_COUNT_CONNECTIONS, 2, 400), EXZ_ERR_TIMEOUT);
    /* A dozen looks are done in a millisecond; who spins gets more than this of the busiest machine. */
    check(cpu_ns() - before < INT64_C(20000000));
    /* Those that are there go on. */
    say(first.client, "x");
    hear_exactly(first.server, "x");
    /* Nor can there be another proxy. */
    exz_fault_proxy other;
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_fault_proxy_open(&other, "tcp://127.0.0.1:*", r.target, 0, &error), EXZ_ERR_LIMIT);
    check_int(setrlimit(RLIMIT_NOFILE, &usual), 0);
    await_count(r.proxy, EXZ_FAULT_COUNT_CONNECTIONS, 2);
    wire second = {client, raw_accept(r.listener)};
    hear_exactly(second.server, "first words");
    close_wire(&first);
    close_wire(&second);
    close_relayed(&r);
}

/* Root would get threads, so it is root no longer. */
static void open_without_threads(const char *target) {
    const uid_t nobody = 65534;
    const struct rlimit none = {0, 0};
    exz_fault_proxy p;
    exz_error error = EXZ_ERROR_INIT;
    must(exz_fault_proxy_open(&p, "tcp://127.0.0.1:*", target, 0, NULL), EXZ_OK);
    must(exz_fault_proxy_close(p), EXZ_OK);
    if (geteuid() == 0 && setresuid(nobody, nobody, nobody) != 0) _exit(1);
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(1);
    must(exz_fault_proxy_open(&p, "tcp://127.0.0.1:*", target, 0, &error), EXZ_ERR_LIMIT);
    child_must(error.status, EXZ_ERR_LIMIT, "error.status");
    _exit(0);
}

CASE(without_a_thread_there_is_no_proxy) {
    const pid_t child = fork_child();
    if (child == 0) open_without_threads("tcp://127.0.0.1:9");
    check_child(child);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_last_proxy_ends_the_thread_and_leaves_nothing),
        TEST(a_close_is_quick_whatever_the_peers_do),
        TEST(an_endpoint_can_be_had_again_at_once),
        TEST(a_shutdown_ends_all_proxies),
        TEST(a_look_up_that_hangs_does_not_keep_a_close),
        TEST(without_a_descriptor_it_waits_for_one_and_does_not_spin),
        TEST(without_a_thread_there_is_no_proxy),
    };
    return cmocka_run_group_tests_name("fault_ends", tests, NULL, NULL);
}
