/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

bench shared;

/* --- Handles ------------------------------------------------------------------------------------------------------ */

static uint64_t any_proxy(void) {
    const uint64_t proxy = atomic_load(&shared.proxies[0]);
    return proxy != 0 ? proxy : atomic_load(&shared.fault_proxies[0]);
}

static uint64_t any_handle(player *p, uint64_t one) {
    switch (take_byte(&p->d.in) % 8) {
    case 0: return 0;
    case 1: return one ^ (UINT64_C(1) << take_byte(&p->d.in) % 64);
    case 2: return take_number(&p->d.in);
    case 3: return atomic_load(&shared.sockets[0]);
    case 4: return atomic_load(&shared.contexts[0]);
    case 5: return atomic_load(&shared.backoffs[0]);
    case 6: return p->messages[0] != 0 ? p->messages[0] : any_proxy();
    default: return one - (UINT64_C(1) << 24);
    }
}

static uint64_t take_from(player *p, _Atomic(uint64_t) *handles, size_t count) {
    const uint8_t choice = take_byte(&p->d.in);
    const uint64_t one = atomic_load(&handles[choice % count]);
    return choice < 240 ? one : any_handle(p, one);
}

exz_socket take_socket(player *p) { return (exz_socket){take_from(p, shared.sockets, SOCKETS)}; }
exz_context take_context(player *p) { return (exz_context){take_from(p, shared.contexts, CONTEXTS)}; }
exz_backoff take_backoff(player *p) { return (exz_backoff){take_from(p, shared.backoffs, BACKOFFS)}; }
exz_canceler take_canceler(player *p) { return (exz_canceler){take_from(p, shared.cancelers, CANCELERS)}; }

exz_proxy take_proxy(player *p) { return (exz_proxy){take_from(p, shared.proxies, PROXIES)}; }

exz_fault_proxy take_fault_proxy(player *p) {
    return (exz_fault_proxy){take_from(p, shared.fault_proxies, FAULT_PROXIES)};
}

exz_authenticator take_authenticator(player *p) {
    return (exz_authenticator){take_from(p, shared.authenticators, AUTHENTICATORS)};
}

exz_message take_message(player *p) {
    const uint8_t choice = take_byte(&p->d.in);
    const uint64_t one = p->messages[choice % MESSAGES];
    return (exz_message){choice < 240 ? one : any_handle(p, one)};
}

/* --- Time-outs ---------------------------------------------------------------------------------------------------- */

static struct {
    sem_t wanted;
    _Atomic(uint64_t) socket;
    atomic_bool is_on;
} cancelling;

static void *cancel_when_wanted(void *unused) {
    for (;;) {
        await(&cancelling.wanted);
        while (atomic_load(&cancelling.is_on)) {
            exz_socket_cancel((exz_socket){atomic_load(&cancelling.socket)});
            sched_yield();
        }
    }
    return unused;
}

void start_canceller(void) {
    pthread_t thread;
    sem_init(&cancelling.wanted, 0, 0);
    if (pthread_create(&thread, NULL, cancel_when_wanted, NULL) != 0) abort();
    pthread_detach(thread);
}

/* The sockets here are opened with a default time-out of a few milliseconds. */
int32_t take_timeout(player *p) {
    static const int32_t timeouts[] = {0, 0, 0, 0, 0, 0, 1, 1, 2, 5, EXZ_DEFAULT_TIMEOUT, INT32_MIN, -2};
    const int32_t timeout_ms = TAKE_ONE(&p->d.in, timeouts);
    if (timeout_ms == INT32_MIN || timeout_ms == -2 || timeout_ms == 0) return timeout_ms;
    return p->waits_left-- > 0 ? timeout_ms : 0;
}

int32_t take_short_timeout(player *p) {
    const int32_t timeout_ms = take_timeout(p);
    return timeout_ms == EXZ_DEFAULT_TIMEOUT ? 1 : timeout_ms;
}

int32_t take_any_timeout(player *p, exz_socket s) {
    static const int32_t long_ones[] = {INT32_MAX, 3600000, 86400000, INT32_MAX - 1};
    const uint8_t choice = take_byte(&p->d.in);
    if (choice < 248 || !p->may_wait_long || p->waits_left-- <= 0) return take_timeout(p);
    atomic_store(&cancelling.socket, s.id);
    atomic_store(&cancelling.is_on, true);
    sem_post(&cancelling.wanted);
    return TAKE_ONE(&p->d.in, long_ones);
}

void calm(player *p) {
    if (p->may_wait_long) atomic_store(&cancelling.is_on, false);
}

/* --- Texts and bytes ---------------------------------------------------------------------------------------------- */

const char *take_endpoint(player *p) {
    static const char *const endpoints[] = {
        "inproc://a", "inproc://a", "inproc://a", "inproc://b", "inproc://b", "inproc://c", "ipc://a", "ipc://@exz-fuzz",
        "ipc://*", "tcp://127.0.0.1:0", "tcp://127.0.0.1:*", "tcp://*:0", "tcp://localhost:0", "tcp://lo:0",
        "tcp://[::1]:0", "tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://nowhere.invalid:1", "tcp://192.0.2.1:1",
        "", "tcp://", "tcp", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "ipc://", "ipc:///proc/nothing/here",
        "inproc://", "udp://127.0.0.1:1", "http://localhost", "tcp://[::1", "inproc://\xFF\xC0", "tcp://;:1",
    };
    const uint8_t choice = take_byte(&p->d.in);
    if (choice == 255) return NULL;
    if (choice >= 200) return p->bound;
    return endpoints[choice % (sizeof endpoints / sizeof *endpoints)];
}

const char *take_topic(player *p) {
    static const char *const topics[] = {"", "a", "a", "ab", "b", "\xFF", "a topic with spaces"};
    static char longest[301];
    const uint8_t choice = take_byte(&p->d.in);
    if (choice == 255) return NULL;
    if (choice < 240) return topics[choice % (sizeof topics / sizeof *topics)];
    /* Around the lengths that libzmq garbles. */
    if (longest[0] == '\0') memset(longest, 't', 300);
    return longest + 300 - (241 + choice);
}

static const char payload[1 << 17];

size_t take_size(player *p) {
    static const size_t sizes[] = {0, 1, 5, 33, 255, 2048, 2049, 70000, sizeof payload,
                                   SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 + 1};
    return take_byte(&p->d.in) < 200 ? take_byte(&p->d.in) % 64 : TAKE_ONE(&p->d.in, sizes);
}

const void *take_data(player *p) { return take_byte(&p->d.in) == 255 ? NULL : payload; }

size_t take_capacity(player *p) {
    static const size_t capacities[] = {0, 1, 8, 64, BUFFER_SIZE, BUFFER_SIZE, BUFFER_SIZE, BUFFER_SIZE};
    return TAKE_ONE(&p->d.in, capacities);
}

void check_received(player *p, size_t size) {
    require(&p->d, size <= BUFFER_SIZE, "it received more than there was room for");
    const char *buffer = p->d.out.buffer, *before = p->d.before.buffer;
    require(&p->d, memcmp(buffer + size, before + size, BUFFER_SIZE - size) == 0, "it wrote behind the message");
}

exz_error *take_error(player *p) {
    const uint8_t choice = take_byte(&p->d.in);
    if (choice < 128) return NULL;
    /* A size this version does not know. */
    if (choice == 255) p->d.out.error.size = p->d.before.error.size = 8;
    return &p->d.out.error;
}

void check_error(player *p, exz_status status, const exz_error *error) {
    if (error == NULL || status == EXZ_OK || error->size != sizeof *error) return;
    require(&p->d, error->status == status, "the error has another status");
    require(&p->d, memchr(error->message, '\0', sizeof error->message) != NULL, "the message does not end");
    require(&p->d, memchr(error->endpoint, '\0', sizeof error->endpoint) != NULL, "the endpoint does not end");
    require(&p->d, error->message[0] != '\0', "there is no message");
    require(&p->d, error->elapsed_ms >= 0, "it took less than no time");
    SPARE(&p->d, error);
}
