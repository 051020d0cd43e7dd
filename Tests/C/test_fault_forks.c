/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault proxies and fork(): the parent keeps its own, a child has none of them and can have others. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "monotonic.h"
#include "wires.h"
#include "worker.h"

#define SHUTDOWN_MS 10000

CASE(a_child_has_none_and_the_parent_keeps_its_own) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    const uint32_t id = add_fault(r.proxy, fault_of(EXZ_FAULT_HTTP));
    const pid_t child = fork_child();
    if (child == 0) {
        const exz_fault fault = fault_of(EXZ_FAULT_DOWN);
        uint32_t unused;
        char text[ENDPOINT_SIZE];
        exz_fault_stats stats = EXZ_FAULT_STATS_INIT;
        must(exz_fault_proxy_endpoint(r.proxy, text, sizeof text), EXZ_ERR_FORKED);
        must(exz_fault_add(&unused, r.proxy, &fault), EXZ_ERR_FORKED);
        must(exz_fault_remove(r.proxy, id), EXZ_ERR_FORKED);
        must(exz_fault_proxy_stats(&stats, r.proxy), EXZ_ERR_FORKED);
        must(exz_fault_proxy_wait(r.proxy, EXZ_FAULT_COUNT_STRUCK, 0, PATIENCE_MS), EXZ_ERR_FORKED);
        must(exz_fault_wait(r.proxy, id, 0, PATIENCE_MS), EXZ_ERR_FORKED);
        must(exz_fault_proxy_drop(r.proxy), EXZ_ERR_FORKED);
        must(exz_fault_proxy_close(r.proxy), EXZ_ERR_FORKED);
        /* It can have its own. */
        exz_fault_proxy own;
        must(exz_fault_proxy_open(&own, "tcp://127.0.0.1:*", r.target, 0, NULL), EXZ_OK);
        must(exz_fault_proxy_close(own), EXZ_OK);
        must(exz_shutdown(SHUTDOWN_MS), EXZ_OK);
        _exit(0);
    }
    check_child(child);
    say(w.client, "as before");
    hear_exactly(w.server, "as before");
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    close_wire(&w);
    w = open_wire(&r);
    close_wire(&w);
    close_relayed(&r);
}

typedef int get_name(int descriptor, struct sockaddr *address, socklen_t *size);

/* Whether the address at that end of a socket has the port of a tcp endpoint. */
static bool has_port(int descriptor, get_name *name, const char *endpoint) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    return name(descriptor, (struct sockaddr *)&address, &size) == 0 && address.sin_family == AF_INET &&
           ntohs(address.sin_port) == atoi(strrchr(endpoint, ':') + 1);
}

/* A child that lives on has no copy of what the proxy has open, and nothing depends on it. */
CASE(a_child_keeps_no_port_and_no_connection_alive) {
    int pipes[2];
    check_int(pipe(pipes), 0);
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    const pid_t child = fork_child();
    if (child == 0) {
        char byte;
        close(pipes[1]);
        close(w.client);
        close(w.server);
        close(r.listener);
        /* Of the proxy: others may close theirs at this moment. */
        for (int i = 0; i < 1024; i++)
            if (has_port(i, getsockname, r.endpoint) || has_port(i, getpeername, r.target)) _exit(2);
        _exit(read(pipes[0], &byte, 1) == 0 ? 0 : 1);
    }
    char endpoint[ENDPOINT_SIZE];
    strcpy(endpoint, r.endpoint);
    check_status(exz_fault_proxy_close(r.proxy), EXZ_OK);
    hear_reset(w.client, TCP);
    hear_reset(w.server, TCP);
    close_wire(&w);
    r.proxy = open_proxy(endpoint, r.target, 0);
    close(pipes[1]);
    check_child(child);
    close(pipes[0]);
    close_relayed(&r);
}

typedef struct traffic {
    relayed *relayed;
    atomic_bool ends;
} traffic;

static exz_status keep_it_busy(void *argument) {
    traffic *t = argument;
    char byte = 'x';
    while (!t->ends) {
        const int client = dial(t->relayed->endpoint), server = accept(t->relayed->listener, NULL, NULL);
        if (client < 0 || server < 0) return EXZ_ERR_INTERNAL;
        for (int i = 0; i < 20; i++) {
            if (send(client, &byte, 1, MSG_NOSIGNAL) != 1 || recv(server, &byte, 1, 0) != 1) return EXZ_ERR_INTERNAL;
        }
        close(client);
        close(server);
    }
    return EXZ_OK;
}

CASE(forks_while_it_is_busy) {
    relayed r = open_relayed(TCP, TCP, 0);
    traffic t = {.relayed = &r};
    worker busy;
    worker_start(&busy, keep_it_busy, &t);
    /* Each takes half a second where forty others want the processor. */
    for (int i = 0; i < 20; i++) {
        in_row("fork %d", i);
        const pid_t child = fork_child();
        if (child == 0) {
            exz_fault_proxy own;
            must(exz_fault_proxy_open(&own, "tcp://127.0.0.1:*", "tcp://127.0.0.1:9", 0, NULL), EXZ_OK);
            must(exz_fault_proxy_close(own), EXZ_OK);
            _exit(0);
        }
        check_child(child);
    }
    t.ends = true;
    check_status(worker_join(&busy), EXZ_OK);
    close_relayed(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_child_has_none_and_the_parent_keeps_its_own),
        TEST(a_child_keeps_no_port_and_no_connection_alive),
        TEST(forks_while_it_is_busy),
    };
    return cmocka_run_group_tests_name("fault_forks", tests, NULL, NULL);
}
