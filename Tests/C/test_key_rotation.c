/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys are exchanged for new ones while messages flow, in the steps of docs/security.md: none is lost, none comes
 * twice, and the old key opens nothing any more. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "locked_house.h"
#include "monotonic.h"
#include "worker.h"

enum { ROUNDS = 5, MOST_MESSAGES = 4000000, MESSAGES_BETWEEN = 500 };

/* A socket of the service, with a key of its own, and the thread that receives from it. */
typedef struct stage {
    struct flow *flow;
    exz_socket service;
    key_pair keys;
    char endpoint[ENDPOINT_SIZE];
    atomic_bool is_left;
    worker receiving;
} stage;

/* A service, its client, and what flows between them. */
typedef struct flow {
    exz_context context;
    exz_authenticator door;
    key_pair client_keys;
    /* The service's sockets: those of former keys, and the one of today. */
    stage stages[ROUNDS + 1], *today;
    /* The sender's socket, which is exchanged with the lock held. */
    pthread_mutex_t lock;
    exz_socket client;
    uint32_t sent;
    atomic_bool is_over;
    _Atomic(uint32_t) received;
    unsigned char *times;
    worker sending;
} flow;

/* Sends numbers, one after the other, through the socket of the moment. */
static exz_status send_numbers(void *argument) {
    flow *f = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !f->is_over && f->sent < MOST_MESSAGES) {
        pthread_mutex_lock(&f->lock);
        status = exz_send(f->client, &f->sent, sizeof f->sent, 0, PATIENCE_MS);
        if (status == EXZ_OK) f->sent++;
        pthread_mutex_unlock(&f->lock);
    }
    return status;
}

/* Receives until everybody has left and there is nothing more. */
static exz_status receive_numbers(void *argument) {
    stage *at = argument;
    for (;;) {
        const bool is_left = at->is_left;
        uint32_t number = MOST_MESSAGES;
        size_t size;
        exz_status status = exz_recv(&size, at->service, &number, sizeof number, is_left ? 0 : 50);
        if (status == EXZ_ERR_TIMEOUT && is_left) return EXZ_OK;
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK) return status;
        if (number >= MOST_MESSAGES) return EXZ_ERR_INTERNAL;
        at->flow->times[number]++;
        at->flow->received++;
    }
}

static void open_stage(flow *f, stage *next) {
    next->flow = f;
    next->keys = new_keys();
    const exz_security security = curve_server(&next->keys, 0);
    next->service = open_secured(f->context, EXZ_PULL, &security);
    bind_somewhere(next->service, TCP, next->endpoint);
    worker_start(&next->receiving, receive_numbers, next);
    f->today = next;
}

static void close_stage(stage *last) {
    last->is_left = true;
    check_status(worker_join(&last->receiving), EXZ_OK);
    close_socket(last->service);
}

/* A socket of the client's with its keys of today, linked with the service of today. */
static exz_socket open_client(const flow *f) {
    const exz_security security = curve_client(&f->client_keys, &f->today->keys);
    exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
    connect_to(client, f->today->endpoint);
    return client;
}

/* From now on the client sends through that socket. What the former has queued goes out before it is closed. */
static void send_through(flow *f, exz_socket client) {
    pthread_mutex_lock(&f->lock);
    const exz_socket former = f->client;
    f->client = client;
    pthread_mutex_unlock(&f->lock);
    check_status(exz_socket_close(former, PATIENCE_MS), EXZ_OK);
}

static void begin(flow *f) {
    *f = (flow){.lock = PTHREAD_MUTEX_INITIALIZER, .client_keys = new_keys()};
    f->times = calloc(1, MOST_MESSAGES);
    check(f->times != NULL);
    check_status(exz_context_open(&f->context), EXZ_OK);
    check_status(exz_authenticator_open(&f->door, f->context, NULL), EXZ_OK);
    check_status(exz_authenticator_allow_key(f->door, f->client_keys.public_key, "client"), EXZ_OK);
    open_stage(f, &f->stages[0]);
    f->client = open_client(f);
    worker_start(&f->sending, send_numbers, f);
}

static void await_flow(const flow *f) {
    const uint32_t before = f->received;
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (f->received < before + MESSAGES_BETWEEN && now_ns() < deadline) sched_yield();
    check(f->received >= before + MESSAGES_BETWEEN);
}

static void await_peers(exz_socket s, uint32_t count) {
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (stats_of(s).peers != count && now_ns() < deadline) sched_yield();
    check_int(stats_of(s).peers, count);
}

/* Every number came, and none twice. */
static void end(flow *f) {
    f->is_over = true;
    check_status(worker_join(&f->sending), EXZ_OK);
    check_status(exz_socket_close(f->client, PATIENCE_MS), EXZ_OK);
    await_peers(f->today->service, 0);
    close_stage(f->today);
    check_int(f->received, f->sent);
    for (uint32_t number = 0; number < f->sent; number++) {
        if (f->times[number] == 1) continue;
        in_row("message %u", (unsigned)number);
        check_int(f->times[number], 1);
    }
    check_status(exz_context_close(f->context, 0), EXZ_OK);
    free(f->times);
}

/* With those keys nobody comes in today. */
static void check_refused(const flow *f, const key_pair *keys, const key_pair *server) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    const exz_security security = curve_client(keys, server);
    options.security = &security;
    options.retry.max_attempts = 1;
    exz_socket client = open_with(EXZ_PUSH, &options);
    check_status(exz_socket_connect(client, f->today->endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_SECURITY);
    close_socket(client);
}

CASE(a_client_gets_a_new_key_while_it_sends) {
    static flow f;
    begin(&f);
    for (int round = 0; round < ROUNDS; round++) {
        in_row("round %d", round);
        await_flow(&f);
        const key_pair old = f.client_keys;
        /* 1. The server allows the new key beside the old one. */
        f.client_keys = new_keys();
        check_status(exz_authenticator_allow_key(f.door, f.client_keys.public_key, "client"), EXZ_OK);
        /* 2. The client opens a second socket with it, sends through that, and closes the first. */
        send_through(&f, open_client(&f));
        await_flow(&f);
        /* 3. When the old link is gone, the server denies the old key. */
        await_peers(f.today->service, 1);
        check_status(exz_authenticator_deny_key(f.door, old.public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
        check_refused(&f, &old, &f.today->keys);
        await_flow(&f);
    }
    check_int(stats_of(f.today->service).peers, 1);
    end(&f);
}

CASE(a_server_gets_a_new_key_while_it_receives) {
    static flow f;
    begin(&f);
    for (int round = 0; round < ROUNDS; round++) {
        in_row("round %d", round);
        await_flow(&f);
        stage *old = f.today;
        /* 1. The server opens a second socket with the new key, at another endpoint, beside the first. */
        open_stage(&f, &f.stages[round + 1]);
        /* 2. Each client opens a second socket for it, sends through that, and closes the first. */
        send_through(&f, open_client(&f));
        await_flow(&f);
        /* 3. When nobody is left at the first socket and what came is received, the server closes it. */
        await_peers(old->service, 0);
        close_stage(old);
        check_refused(&f, &f.client_keys, &old->keys);
        await_flow(&f);
    }
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_client_gets_a_new_key_while_it_sends),
        TEST(a_server_gets_a_new_key_while_it_receives),
    };
    return cmocka_run_group_tests_name("key rotation", tests, NULL, NULL);
}
