/* SPDX-License-Identifier: Apache-2.0 */
#include "situations.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "slow_names.h"
#include "stuck_calls.h"

static char block[20000];

static char refusing[ENDPOINT_SIZE], silent[ENDPOINT_SIZE], dropping[ENDPOINT_SIZE], stopping[ENDPOINT_SIZE];
static int refusing_port = -1, silent_port = -1;
static child dropping_peer, stopping_peer;

void situations_begin(void) {
    char line[ENDPOINT_SIZE + 8];
    refusing_port = reserve_port(refusing);
    silent_port = deaf_port(silent);
    misbehaving_peer_start(&dropping_peer, "drops", dropping, sizeof dropping);
    child_start(&stopping_peer, sibling_program("plain_peer"),
                (const char *const[]){"pull", "bind", "tcp://127.0.0.1:*", "-1", NULL});
    child_expect_line(&stopping_peer, line, sizeof line);
    check_int(sscanf(line, "ready %255s", stopping), 1);
}

void situations_end(void) {
    child_kill(&stopping_peer);
    child_kill(&dropping_peer);
    close(silent_port);
    close(refusing_port);
}

static worker *call(scene *sc, exz_status (*body)(void *)) {
    check(sc->worker_count < SCENE_WORKERS);
    worker *w = &sc->workers[sc->worker_count++];
    worker_start(w, body, sc);
    return w;
}

static void call_and_sleep(scene *sc, exz_status (*body)(void *)) { worker_await_sleep(call(sc, body)); }

static exz_socket_options eager_options(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.linger_ms = SITUATION_LINGER_MS;
    options.send_hwm = options.receive_hwm = 4;
    options.send_buffer = options.receive_buffer = 4096;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.retry.initial_backoff_ms = 1;
    options.retry.max_attempts = 0;
    options.event_capacity = 8;
    return options;
}

static exz_socket open_in(exz_context context, exz_socket_type type) {
    const exz_socket_options options = eager_options();
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, type, &options), EXZ_OK);
    return s;
}

static void open_it(scene *sc, exz_socket_type type) { sc->s = open_in(sc->context, type); }

/* Links it with a socket that is bound. Only inproc needs both in one context. */
static void link_it(scene *sc, exz_socket_type type, exz_socket_type other, transport t) {
    open_it(sc, type);
    sc->other = open_in(t == INPROC ? sc->context : EXZ_DEFAULT_CONTEXT, other);
    if (other == EXZ_SUB) check_status(exz_subscribe(sc->other, ""), EXZ_OK);
    bind_somewhere(sc->other, t, sc->endpoint);
    connect_to(sc->s, sc->endpoint);
}

static void keep(scene *sc, int descriptor) {
    check(sc->descriptor_count < SCENE_DESCRIPTORS);
    sc->descriptors[sc->descriptor_count++] = descriptor;
}

static void nothing_yet(scene *sc) { open_it(sc, EXZ_DEALER); }

static void connecting_to_nobody(scene *sc) {
    open_it(sc, EXZ_SUB);
    connect_later(sc->s, refusing);
}

static void retrying(scene *sc) {
    open_it(sc, EXZ_PUSH);
    connect_later(sc->s, refusing);
    expect_event(sc->s, EXZ_EVENT_RETRY_IN);
}

static void packets_are_dropped(scene *sc) {
    open_it(sc, EXZ_PUSH);
    connect_later(sc->s, dropping);
    call_and_sleep(sc, wait_to_send);
}

static void resolving(scene *sc) {
    open_it(sc, EXZ_SUB);
    connect_later(sc->s, "tcp://" SLOW_NAME ":5555");
    slow_name_await();
}

static void waiting_for_a_name(scene *sc) {
    open_it(sc, EXZ_PULL);
    strcpy(sc->endpoint, "tcp://" SLOW_NAME ":5555");
    call_and_sleep(sc, wait_to_connect);
    slow_name_await();
}

static void the_server_is_silent(scene *sc) {
    open_it(sc, EXZ_PUSH);
    connect_later(sc->s, silent);
    keep(sc, raw_accept(silent_port));
    call_and_sleep(sc, wait_to_send);
}

static void the_server_stops_after_its_greeting(scene *sc) {
    open_it(sc, EXZ_DEALER);
    strcpy(sc->endpoint, silent);
    call(sc, wait_to_connect);
    int descriptor = raw_accept(silent_port);
    raw_greet(descriptor);
    keep(sc, descriptor);
}

static void clients_are_silent(scene *sc) {
    open_it(sc, EXZ_PULL);
    bind_somewhere(sc->s, TCP, sc->endpoint);
    for (int i = 0; i < 4; i++) {
        int descriptor = raw_connect(sc->endpoint);
        if (i % 2 == 0) raw_greet(descriptor);
        keep(sc, descriptor);
    }
}

/* More events than it keeps, and nobody reads them. */
static void clients_come_and_go(scene *sc) {
    open_it(sc, EXZ_ROUTER);
    bind_somewhere(sc->s, TCP, sc->endpoint);
    for (int i = 0; i < 12; i++) {
        int descriptor = raw_connect(sc->endpoint);
        raw_say(descriptor, "GET / HTTP/1.1\r\n\r\n", i % 3 == 0 ? 18 : 0);
        raw_reset(descriptor);
    }
}

static void fill(scene *sc, size_t size) {
    for (int i = 0; i < 200 && exz_send(sc->s, block, size, 0, 0) == EXZ_OK; i++) continue;
}

static void full_queues(scene *sc) {
    link_it(sc, EXZ_PUSH, EXZ_PULL, TCP);
    fill(sc, sizeof block);
    call_and_sleep(sc, wait_to_send);
}

static void full_queues_in_process(scene *sc) {
    link_it(sc, EXZ_PUSH, EXZ_PULL, INPROC);
    fill(sc, 100);
    call_and_sleep(sc, wait_to_send);
}

static void a_full_subscriber(scene *sc) {
    link_it(sc, EXZ_PUB, EXZ_SUB, IPC);
    check_status(exz_wait_subscribers(sc->s, "topic", 1, PATIENCE_MS), EXZ_OK);
    call_and_sleep(sc, wait_to_publish);
}

static void every_call_waits(scene *sc) {
    open_it(sc, EXZ_DEALER);
    bind_somewhere(sc->s, IPC, sc->endpoint);
    call_and_sleep(sc, wait_to_send);
    call_and_sleep(sc, wait_to_receive);
    call_and_sleep(sc, wait_to_receive_many);
    call_and_sleep(sc, wait_to_poll);
    call_and_sleep(sc, wait_for_peers);
    call_and_sleep(sc, wait_for_events);
}

static void a_request_is_not_answered(scene *sc) {
    link_it(sc, EXZ_REQ, EXZ_REP, TCP);
    call_and_sleep(sc, wait_for_a_reply);
    call_and_sleep(sc, wait_for_events);
}

static void traffic_both_ways(scene *sc) {
    link_it(sc, EXZ_PAIR, EXZ_PAIR, TCP);
    call(sc, wait_to_send);
    call(sc, wait_for_events);
    for (int i = 0; i < 20; i++) {
        char received[16];
        size_t size;
        check_status(exz_recv(&size, sc->other, received, sizeof received, PATIENCE_MS), EXZ_OK);
    }
}

/* One message that a receive has put back, and others behind it. */
static void messages_are_held(scene *sc) {
    link_it(sc, EXZ_DEALER, EXZ_DEALER, INPROC);
    const exz_part parts[] = {{"a", 1}, {"b", 1}};
    check_status(exz_send(sc->other, block, 100, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_send_parts(sc->other, parts, 2, PATIENCE_MS), EXZ_OK);
    char byte;
    size_t size;
    check_status(exz_recv(&size, sc->s, &byte, 1, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
}

static void its_peer_is_gone(scene *sc) {
    link_it(sc, EXZ_PUSH, EXZ_PULL, TCP);
    close_socket(sc->other);
    sc->other.id = 0;
    /* The event may be pushed out by those of the attempts that follow. */
    while (stats_of(sc->s).links_lost == 0) sched_yield();
    fill(sc, 100);
}

static void its_peer_is_stopped(scene *sc) {
    open_it(sc, EXZ_PUSH);
    check_int(kill(stopping_peer.pid, SIGCONT), 0);
    connect_to(sc->s, stopping);
    check_int(kill(stopping_peer.pid, SIGSTOP), 0);
    fill(sc, sizeof block);
    call_and_sleep(sc, wait_to_send);
}

const situation situations[] = {
    {"nothing yet", nothing_yet},
    {"connecting to nobody", connecting_to_nobody},
    {"retrying", retrying},
    {"packets are dropped", packets_are_dropped},
    {"resolving", resolving},
    {"waiting for a name", waiting_for_a_name},
    {"the server is silent", the_server_is_silent},
    {"the server stops after its greeting", the_server_stops_after_its_greeting},
    {"clients are silent", clients_are_silent},
    {"clients come and go", clients_come_and_go},
    {"full queues", full_queues},
    {"full queues in process", full_queues_in_process},
    {"a full subscriber", a_full_subscriber},
    {"every call waits", every_call_waits},
    {"a request is not answered", a_request_is_not_answered},
    {"traffic both ways", traffic_both_ways},
    {"messages are held", messages_are_held},
    {"its peer is gone", its_peer_is_gone},
    {"its peer is stopped", its_peer_is_stopped},
};

const size_t situation_count = COUNT_OF(situations);

void scene_begin(scene *sc, const situation *situation, exz_context context) {
    memset(sc, 0, sizeof *sc);
    sc->context = context;
    situation->arrange(sc);
}

void scene_end(scene *sc) {
    for (size_t i = 0; i < sc->worker_count; i++) check_status(worker_join(&sc->workers[i]), EXZ_ERR_CLOSED);
    for (size_t i = 0; i < sc->descriptor_count; i++) close(sc->descriptors[i]);
    if (sc->other.id != 0) close_socket(sc->other);
    slow_name_fail();
}
