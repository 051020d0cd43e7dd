/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse by the million: the fuzzer's bytes are a program of calls on the library, with live, stale and invented
 * handles, sizes, time-outs, options and endpoints that make sense or not, on up to three threads at once. oracle.h
 * says what has to hold. The fuzzers choose from different groups of calls. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "surroundings.h"

#define PLAYERS 3

/* Longer programs teach nothing that shorter ones do not. */
#define CALLS_EACH 24

/* For what has to end by itself, however busy the machine. */
#define LONG_MS 30000

static player players[PLAYERS];
static sem_t may_begin[PLAYERS], has_ended[PLAYERS];

static void play(player *p) {
    for (int calls = 0; calls < CALLS_EACH && p->d.in.left > 0; calls++) {
        const operations *group = groups[take_index(&p->d.in, group_count)];
        group->all[take_index(&p->d.in, group->count)](p);
    }
    exz_canceler_attach((exz_canceler){0});
    for (size_t i = 0; i < MESSAGES; i++) {
        if (p->messages[i] != 0) exz_message_free((exz_message){p->messages[i]});
        p->messages[i] = 0;
    }
}

static void *play_when_told(void *argument) {
    player *p = argument;
    for (;;) {
        await(&may_begin[p - players]);
        play(p);
        sem_post(&has_ended[p - players]);
    }
    return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(__attribute__((unused)) int *argc, __attribute__((unused)) char ***argv) {
    settle_down();
    start_canceller();
    for (size_t i = 0; i < PLAYERS; i++) {
        clear_desk(&players[i].d);
        sem_init(&may_begin[i], 0, 0);
        sem_init(&has_ended[i], 0, 0);
        pthread_t thread;
        if (i > 0 && pthread_create(&thread, NULL, play_when_told, &players[i]) != 0) abort();
        if (i > 0) pthread_detach(thread);
    }
    players[0].may_wait_long = true;
    return 0;
}

static void close_everything(desk *d) {
    for (size_t i = 0; i < SOCKETS; i++) {
        const uint64_t id = atomic_exchange(&shared.sockets[i], 0);
        if (id != 0) require(d, TRY(d, 0, exz_socket_close((exz_socket){id}, 0)) == EXZ_OK, "it can not be closed");
    }
    /* A decision that runs ends by itself. */
    for (size_t i = 0; i < AUTHENTICATORS; i++) {
        const exz_authenticator a = {atomic_exchange(&shared.authenticators[i], 0)};
        if (a.id != 0) require(d, TRY(d, LONG_MS, exz_authenticator_close(a, LONG_MS)) == EXZ_OK, "it does not end");
    }
    for (size_t i = 0; i < CONTEXTS; i++) {
        const uint64_t id = atomic_exchange(&shared.contexts[i], 0);
        if (id != 0) require(d, TRY(d, 0, exz_context_close((exz_context){id}, 0)) == EXZ_OK, "it can not be closed");
    }
    for (size_t i = 0; i < BACKOFFS; i++) {
        const uint64_t id = atomic_exchange(&shared.backoffs[i], 0);
        if (id != 0) require(d, TRY(d, 0, exz_backoff_close((exz_backoff){id})) == EXZ_OK, "it can not be closed");
    }
    for (size_t i = 0; i < CANCELERS; i++) {
        const uint64_t id = atomic_exchange(&shared.cancelers[i], 0);
        if (id != 0) require(d, TRY(d, 0, exz_canceler_close((exz_canceler){id})) == EXZ_OK, "it can not be closed");
    }
    /* Those that forward have lost their sockets. */
    for (size_t i = 0; i < PROXIES; i++) {
        const uint64_t id = atomic_exchange(&shared.proxies[i], 0);
        if (id != 0) require(d, TRY(d, LONG_MS, exz_proxy_close((exz_proxy){id}, LONG_MS)) == EXZ_OK, "it does not end");
    }
    for (size_t i = 0; i < FAULT_PROXIES; i++) {
        const uint64_t id = atomic_exchange(&shared.fault_proxies[i], 0);
        if (id != 0)
            require(d, TRY(d, 0, exz_fault_proxy_close((exz_fault_proxy){id})) == EXZ_OK, "it can not be closed");
    }
    atomic_store(&shared.opened_contexts, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input in = {data, size};
    /* Half of the programs are for one thread: theirs can be repeated exactly. */
    const uint8_t choice = take_byte(&in);
    const size_t threads = choice < 128 ? 1 : 2 + choice % 2;
    const size_t share = in.left / threads;
    for (size_t i = 0; i < threads; i++) {
        players[i].d.in = (input){in.next + i * share, i + 1 < threads ? share : in.left - i * share};
        players[i].waits_left = 2;
    }
    for (size_t i = 1; i < threads; i++) sem_post(&may_begin[i]);
    play(&players[0]);
    for (size_t i = 1; i < threads; i++) await(&has_ended[i]);
    close_everything(&players[0].d);
    check_growth();
    return 0;
}
