/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of sockets and contexts: idempotent, bounded, and complete. */
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "worker.h"

CASE(closing_is_idempotent_and_final) {
    exz_socket s = open_socket(EXZ_PULL);
    check_status(exz_socket_close(s, 0), EXZ_OK);
    check_status(exz_socket_close(s, 0), EXZ_OK);
    check_status(exz_socket_close(s, EXZ_DEFAULT_TIMEOUT), EXZ_OK);
    exz_state state = 99;
    check_status(exz_socket_state(&state, s), EXZ_ERR_CLOSED);
    check_int(state, 99);
}

CASE(a_stale_handle_is_not_the_socket_that_took_its_place) {
    exz_socket former = open_socket(EXZ_PULL);
    close_socket(former);
    exz_socket later[64];
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        later[i] = open_socket(EXZ_PULL);
        check(later[i].id != former.id);
    }
    exz_state state;
    check_status(exz_socket_state(&state, former), EXZ_ERR_CLOSED);
    check_status(exz_socket_close(former, 0), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        check_int(state_of(later[i]), EXZ_STATE_IDLE);
        close_socket(later[i]);
    }
}

CASE(closing_without_anything_to_send_gives_the_port_back) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    for (int round = 0; round < 50; round++) {
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.retry.max_attempts = 1;
        exz_socket s = open_with(EXZ_PULL, &options);
        in_row("round %d", round);
        check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
        check_status(exz_socket_close(s, PATIENCE_MS), EXZ_OK);
    }
    close(reservation);
}

/* A linger that could not be mistaken for a busy machine. */
#define LONG_LINGER_MS 5000

CASE(closing_with_nothing_to_send_does_not_take_its_linger) {
    static const exz_socket_type types[][2] = {{EXZ_PULL, EXZ_PUSH}, {EXZ_PUSH, EXZ_PULL}, {EXZ_PUB, EXZ_SUB}};
    const int rounds = 5;
    for (int row = 0; row < rounds * TRANSPORT_COUNT * (int)COUNT_OF(types) * 2; row++) {
        const transport t = (transport)(row % TRANSPORT_COUNT);
        const exz_socket_type *pair_types = types[row / TRANSPORT_COUNT % (int)COUNT_OF(types)];
        const bool bound_first = row / TRANSPORT_COUNT / (int)COUNT_OF(types) % 2 == 1;
        in_row("%s, types %d and %d, the bound one %s", transport_name(t), pair_types[0], pair_types[1],
               bound_first ? "first" : "last");
        linked pair = link_types(pair_types[0], pair_types[1], t);
        int64_t began = now_ns();
        check_status(exz_socket_close(bound_first ? pair.bound : pair.connected, LONG_LINGER_MS), EXZ_OK);
        check_status(exz_socket_close(bound_first ? pair.connected : pair.bound, LONG_LINGER_MS), EXZ_OK);
        check(now_ns() - began < LONG_LINGER_MS * INT64_C(1000000));
    }
}

CASE(a_receiver_whose_peer_says_nothing_does_not_take_its_linger) {
    child peer;
    char endpoint[ENDPOINT_SIZE];
    misbehaving_peer_start(&peer, "silent", endpoint, sizeof endpoint);
    exz_socket s = open_socket(EXZ_PULL);
    connect_later(s, endpoint);
    check_status(exz_wait_peers(s, 1, 100), EXZ_ERR_TIMEOUT);
    int64_t began = now_ns();
    check_status(exz_socket_close(s, LONG_LINGER_MS), EXZ_OK);
    check(now_ns() - began < LONG_LINGER_MS * INT64_C(1000000));
    child_end(&peer);
}

CASE(a_linger_delivers_what_is_queued) {
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        for (int i = 0; i < 500; i++) send_text(pair.connected, "last words");
        check_status(exz_socket_close(pair.connected, PATIENCE_MS), EXZ_OK);
        for (int i = 0; i < 500; i++) expect_text(pair.bound, "last words");
        close_socket(pair.bound);
    }
}

static exz_status close_patiently(void *argument) {
    const exz_socket *s = argument;
    return exz_socket_close(*s, PATIENCE_MS);
}

static exz_status close_as_set_up(void *argument) {
    const exz_socket *s = argument;
    return exz_socket_close(*s, EXZ_DEFAULT_TIMEOUT);
}

/* libzmq alone would end an ipc connection with what its peer has no room for yet. */
CASE(a_linger_delivers_to_a_peer_that_is_slow) {
    enum { MESSAGES = 300 };
    static char block[300];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.receive_hwm = 5;
    for (transport t = TCP; t <= IPC; t++) {
        linked pair = link_sockets(open_with(EXZ_PULL, &options), open_socket(EXZ_PUSH), t);
        for (int i = 0; i < MESSAGES; i++)
            check_status(exz_send(pair.connected, block, sizeof block, 0, PATIENCE_MS), EXZ_OK);
        worker closing;
        worker_start(&closing, close_patiently, &pair.connected);
        worker_await_sleep(&closing);
        for (int i = 0; i < MESSAGES; i++) {
            in_row("%s, message %d", transport_name(t), i);
            size_t size = 0;
            check_status(exz_recv(&size, pair.bound, block, sizeof block, PATIENCE_MS), EXZ_OK);
        }
        check_status(worker_join(&closing), EXZ_OK);
        close_socket(pair.bound);
    }
}

/* Sends until the peer, which does not read, has made every queue full. */
static void fill(exz_socket push) {
    static const char block[10000];
    while (exz_send(push, block, sizeof block, 0, 500) == EXZ_OK) continue;
}

CASE(closing_is_bounded_whatever_the_peer_does) {
    const int32_t lingers[] = {0, 200, EXZ_DEFAULT_TIMEOUT};
    for (size_t i = 0; i < COUNT_OF(lingers); i++) {
        in_row("linger %d", lingers[i]);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.linger_ms = 300;
        linked pair = link_sockets(open_socket(EXZ_PULL), open_with(EXZ_PUSH, &options), TCP);
        fill(pair.connected);
        int32_t linger = lingers[i] < 0 ? 300 : lingers[i];
        int64_t began = now_ns();
        check_status(exz_socket_close(pair.connected, lingers[i]), EXZ_OK);
        check(now_ns() - began < (linger + 100 + GENEROUS_MS) * INT64_C(1000000));
        check(now_ns() - began >= linger * INT64_C(1000000));
        close_socket(pair.bound);
    }
}

static int64_t cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static int raw_subscriber(const char *endpoint) {
    int descriptor = raw_connect(endpoint);
    check(raw_handshake(descriptor, "SUB"));
    raw_frame(descriptor, 0, 1, "\1", 1);
    return descriptor;
}

/* What comes for a socket that is closing is not looked at any more, and must not keep anybody awake. */
CASE(a_linger_costs_no_processor_time) {
    enum { LINGER_MS = 1000 };
    static const char block[10000];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.linger_ms = LINGER_MS;
    options.send_hwm = 0;
    exz_socket publisher = open_with(EXZ_PUB, &options);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(publisher, TCP, endpoint);
    const int slow = raw_subscriber(endpoint);
    check_status(exz_wait_subscribers(publisher, "", 1, PATIENCE_MS), EXZ_OK);
    /* More than the kernel takes. */
    for (int i = 0; i < 2000; i++) check_status(exz_publish(publisher, "", block, sizeof block, 0), EXZ_OK);
    worker closing;
    worker_start(&closing, close_as_set_up, &publisher);
    worker_await_sleep(&closing);
    const int64_t before = cpu_ns();
    const int late = raw_subscriber(endpoint);
    check_status(worker_join(&closing), EXZ_OK);
    check(closing.ended_ns - closing.began_ns >= LINGER_MS * INT64_C(1000000));
    /* Whoever does not sleep has more, also where it gets a small share of the time only. */
    check(cpu_ns() - before < LINGER_MS / 10 * INT64_C(1000000));
    close(slow);
    close(late);
}

CASE(closing_a_context_closes_its_sockets) {
    exz_context context;
    exz_socket bound, connected, late = {0};
    char endpoint[ENDPOINT_SIZE];
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_socket_open(&bound, context, EXZ_PULL, NULL), EXZ_OK);
    check_status(exz_socket_open(&connected, context, EXZ_PUSH, NULL), EXZ_OK);
    bind_somewhere(bound, TCP, endpoint);
    connect_to(connected, endpoint);
    check_status(exz_context_close(context, 0), EXZ_OK);
    exz_state state;
    check_status(exz_socket_state(&state, bound), EXZ_ERR_CLOSED);
    check_status(exz_send(connected, "x", 1, 0, 0), EXZ_ERR_CLOSED);
    check_status(exz_socket_close(bound, 0), EXZ_OK);
    check_status(exz_socket_open(&late, context, EXZ_PULL, NULL), EXZ_ERR_CLOSED);
    check_int(late.id, 0);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(closing_a_context_is_bounded_by_its_linger) {
    exz_context context;
    exz_socket push;
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_socket_open(&push, context, EXZ_PUSH, NULL), EXZ_OK);
    linked pair = link_sockets(open_socket(EXZ_PULL), push, TCP);
    fill(push);
    int64_t began = now_ns();
    check_status(exz_context_close(context, 200), EXZ_OK);
    check(now_ns() - began < (200 + 100 + GENEROUS_MS) * INT64_C(1000000));
    check(now_ns() - began >= 200 * INT64_C(1000000));
    check_status(exz_context_close(context, 0), EXZ_OK);
    close_socket(pair.bound);
}

CASE(the_process_wide_context_can_not_be_closed) {
    check_status(exz_context_close(EXZ_DEFAULT_CONTEXT, 0), EXZ_ERR_INVALID);
    close_socket(open_socket(EXZ_PUB));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(closing_is_idempotent_and_final),
        TEST(a_stale_handle_is_not_the_socket_that_took_its_place),
        TEST(closing_without_anything_to_send_gives_the_port_back),
        TEST(closing_with_nothing_to_send_does_not_take_its_linger),
        TEST(a_receiver_whose_peer_says_nothing_does_not_take_its_linger),
        TEST(a_linger_delivers_what_is_queued),
        TEST(a_linger_delivers_to_a_peer_that_is_slow),
        TEST(closing_is_bounded_whatever_the_peer_does),
        TEST(a_linger_costs_no_processor_time),
        TEST(closing_a_context_closes_its_sockets),
        TEST(closing_a_context_is_bounded_by_its_linger),
        TEST(the_process_wide_context_can_not_be_closed),
    };
    return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
