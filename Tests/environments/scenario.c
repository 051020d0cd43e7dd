/* SPDX-License-Identifier: Apache-2.0
 *
 * scenario STEP HOST CONDITION: everything up to a step as usual, and the step under the condition. Reports one line on
 * the descriptor EXZ_REPORT: the status of the step. A server in another process, which the condition does not meet, is
 * the peer.
 *
 * scenario peer HOST: the server alone, which tells its endpoints on standard output. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conditions.h"
#include "experimance_zmq.h"

#define ENOUGH_MS 1500
#define ENDPOINT 128

/* An address of tcp, or "ipc". */
static const char *host;
static int report_to;
static const char *condition;
/* The peer's endpoints: it receives at the first, sends at the second, and answers at the third. */
static char peer[3][ENDPOINT];

static void report(const char *text) {
    char line[256];
    int length = snprintf(line, sizeof line, "%s\n", text);
    struct iovec whole = {line, (size_t)length};
    /* One of the two may be what is refused. */
    if (write(report_to, line, (size_t)length) != length && writev(report_to, &whole, 1) != length) _exit(3);
}

static void expect(exz_status status, const char *what) {
    if (status == EXZ_OK) return;
    char line[128];
    snprintf(line, sizeof line, "preparation: %s is %s", what, exz_status_name(status));
    report(line);
    _exit(0);
}

static void begin(void) {
    if (condition_begin(condition)) return;
    report("skipped");
    _exit(0);
}

static void somewhere(char *endpoint) {
    snprintf(endpoint, ENDPOINT, strcmp(host, "ipc") == 0 ? "ipc://*" : "tcp://%s:0", host);
}

/* The peer */

static exz_socket open_peer(exz_socket_type type, char *endpoint) {
    exz_socket s;
    char wanted[ENDPOINT];
    somewhere(wanted);
    expect(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, NULL), "the peer's open");
    expect(exz_socket_bind(s, wanted, ENOUGH_MS, NULL), "the peer's bind");
    expect(exz_socket_endpoint(s, endpoint, ENDPOINT), "the peer's endpoint");
    return s;
}

/* Until whoever started it is gone. (As another user that one could not even have it killed.) */
static void be_peer(pid_t parent, int told) {
    exz_socket sink = open_peer(EXZ_PULL, peer[0]), source = open_peer(EXZ_PUSH, peer[1]),
               server = open_peer(EXZ_REP, peer[2]);
    if (write(told, peer, sizeof peer) != sizeof peer) _exit(1);
    static char text[200000];
    while (getppid() == parent) {
        size_t size;
        exz_poll_item items[] = {{.socket = sink, .events = EXZ_POLL_IN},
                                 {.socket = source, .events = EXZ_POLL_OUT},
                                 {.socket = server, .events = EXZ_POLL_IN}};
        exz_poll(items, 3, 200);
        while (exz_recv(&size, sink, text, sizeof text, 0) == EXZ_OK) continue;
        exz_send(source, text, 100, 0, 0);
        if (exz_recv(&size, server, text, sizeof text, 0) == EXZ_OK) exz_send(server, text, size, 0, 0);
    }
}

static void start_peer(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) _exit(3);
    pid_t parent = getpid();
    if (fork() == 0) {
        close(report_to);
        be_peer(parent, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], peer, sizeof peer) != sizeof peer) _exit(3);
    close(ends[0]);
}

/* The steps */

static exz_socket opened(exz_socket_type type) {
    exz_socket s;
    expect(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, NULL), "open");
    return s;
}

static exz_socket connected(exz_socket_type type, const char *endpoint) {
    exz_socket s = opened(type);
    expect(exz_socket_connect(s, endpoint, 0, 10 * ENOUGH_MS, NULL), "connect");
    return s;
}

static exz_status step_open(void) {
    begin();
    exz_socket s;
    return exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
}

static exz_status step_bind(void) {
    char endpoint[ENDPOINT];
    somewhere(endpoint);
    exz_socket s = opened(EXZ_PULL);
    begin();
    return exz_socket_bind(s, endpoint, ENOUGH_MS, NULL);
}

static exz_status step_connect(void) {
    exz_socket s = opened(EXZ_PUSH);
    begin();
    return exz_socket_connect(s, peer[0], 0, ENOUGH_MS, NULL);
}

static exz_status step_send(void) {
    static char large[100000];
    exz_socket s = connected(EXZ_PUSH, peer[0]);
    begin();
    for (int i = 0; i < 20; i++) {
        exz_status status = exz_send(s, large, i == 10 ? sizeof large : 20, 0, ENOUGH_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

static exz_status step_receive(void) {
    static char text[200000];
    size_t size;
    exz_socket s = connected(EXZ_PULL, peer[1]);
    begin();
    for (int i = 0; i < 20; i++) {
        exz_status status = exz_recv(&size, s, text, sizeof text, ENOUGH_MS);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

static exz_status step_request(void) {
    char text[64];
    size_t size;
    exz_socket s = connected(EXZ_REQ, peer[2]);
    begin();
    return exz_request(&size, s, "question", 8, text, sizeof text, ENOUGH_MS, NULL);
}

static exz_status step_close(void) {
    exz_socket s = connected(EXZ_PUSH, peer[0]);
    expect(exz_send(s, "last", 4, 0, ENOUGH_MS), "send");
    begin();
    return exz_socket_close(s, 200);
}

static exz_status step_exit(void) {
    (void)connected(EXZ_PUSH, peer[0]);
    begin();
    exit(0);
}

static exz_socket secured(exz_socket_type type, const exz_security *security) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = security;
    exz_socket s;
    expect(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, &options), "open with keys");
    return s;
}

/* A client of this process's own comes in with a key. */
static exz_status step_admit(void) {
    char endpoint[ENDPOINT], public_keys[2][EXZ_CURVE_TEXT_SIZE], secret_keys[2][EXZ_CURVE_TEXT_SIZE];
    for (int i = 0; i < 2; i++) expect(exz_curve_keypair(public_keys[i], secret_keys[i]), "keys");
    exz_authenticator door;
    expect(exz_authenticator_open(&door, EXZ_DEFAULT_CONTEXT, NULL), "an authenticator");
    expect(exz_authenticator_allow_key(door, public_keys[1], "client"), "a rule");
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_CURVE_SERVER;
    security.secret_key = secret_keys[0];
    exz_socket server = secured(EXZ_PULL, &security);
    somewhere(endpoint);
    expect(exz_socket_bind(server, endpoint, ENOUGH_MS, NULL), "bind");
    expect(exz_socket_endpoint(server, endpoint, sizeof endpoint), "the endpoint");
    security.mechanism = EXZ_SECURITY_CURVE_CLIENT;
    security.public_key = public_keys[1];
    security.secret_key = secret_keys[1];
    security.server_key = public_keys[0];
    exz_socket client = secured(EXZ_PUSH, &security);
    begin();
    return exz_socket_connect(client, endpoint, 0, ENOUGH_MS, NULL);
}

static const struct {
    const char *name;
    exz_status (*run)(void);
} steps[] = {
    {"open", step_open},       {"bind", step_bind},       {"connect", step_connect},
    {"send", step_send},       {"receive", step_receive}, {"request", step_request},
    {"close", step_close},     {"exit", step_exit},       {"admit", step_admit},
};

static exz_status (*step)(void);

static void *run(void *nothing) {
    (void)nothing;
    report(exz_status_name(step()));
    return NULL;
}

/* On a thread with the smallest stack that README.md allows, or one that is cancelled at some moment. */
static void run_on_thread(size_t stack, bool is_cancelled) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack);
    if (pthread_create(&thread, &attributes, run, NULL) != 0) _exit(3);
    void *result = NULL;
    if (is_cancelled) {
        struct timespec moment = {0, (long)(getpid() % 64) * 50000};
        nanosleep(&moment, NULL);
        pthread_cancel(thread);
    }
    pthread_join(thread, &result);
    if (result == PTHREAD_CANCELED) report("cancelled");
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "peer") == 0) {
        host = argv[2];
        be_peer(getppid(), STDOUT_FILENO);
        return 0;
    }
    if (argc != 4) return 2;
    report_to = atoi(getenv("EXZ_REPORT"));
    host = argv[2];
    condition = argv[3];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, argv[1]) == 0) step = steps[i].run;
    if (step == NULL) return 2;
    start_peer();
    if (!condition_prepare(condition)) {
        report("skipped");
        return 0;
    }
    if (strcmp(condition, "stack") == 0) run_on_thread(64 << 10, false);
    else if (strcmp(condition, "cancelled") == 0) run_on_thread(1 << 20, true);
    else run(NULL);
    _exit(0);
}
