/* SPDX-License-Identifier: Apache-2.0
 *
 * worker ROLE bind|connect ENDPOINT FLOW INCARNATION JOURNAL RATE: one end of a flow of the ledger, in C.
 *
 * It says "ready", "ended N" when the last message of the incarnation N has come, "hushed" when it sends no more. It is
 * told, a line for each, "finish", "hush" and "stop". The workers in Swift and Python do the same. */
#include "worker.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

enum { HIGH_WATER_MARK = 100, BUFFER = 65536, BIND_MS = 30000, LINGER_MS = 20000 };

static const role roles[] = {
    {"push", EXZ_PUSH, 0, 1, 0}, {"pull", EXZ_PULL, 0, 0, 1},     {"pub", EXZ_PUB, 0, 1, 0},
    {"sub", EXZ_SUB, 0, 0, 1},   {"dealer", EXZ_DEALER, 0, 1, 1}, {"router", EXZ_ROUTER, 1, 1, 1},
    {"req", EXZ_REQ, 0, 1, 0},   {"req-again", EXZ_REQ, 0, 1, 0}, {"rep", EXZ_REP, 1, 0, 1},
};

worker me;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news;
static phase now_is = RUN;

phase said(void) {
    pthread_mutex_lock(&lock);
    const phase is = now_is;
    pthread_mutex_unlock(&lock);
    return is;
}

phase wait_until(uint64_t time_ns, phase known) {
    const struct timespec time = {.tv_sec = (time_t)(time_ns / 1000000000u), .tv_nsec = (long)(time_ns % 1000000000u)};
    pthread_mutex_lock(&lock);
    while (now_is == known && pthread_cond_timedwait(&news, &lock, &time) == 0) continue;
    const phase is = now_is;
    pthread_mutex_unlock(&lock);
    return is;
}

static void tell(phase is) {
    pthread_mutex_lock(&lock);
    now_is = is;
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

void say(const char *format, ...) {
    char line[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    puts(line);
    fflush(stdout);
}

void note(uint8_t kind, uint8_t direction, const ledger_message *message, exz_status status) {
    const ledger_record record = {
        .time_ns = ledger_now(),
        .number = message->number,
        .size = message->size,
        .incarnation = message->incarnation,
        .kind = kind,
        .direction = direction,
        .status = (int16_t)status,
        .flow = message->flow,
    };
    ledger_append(me.journal, record);
}

void *note_events(void *nothing) {
    (void)nothing;
    for (;;) {
        exz_event event = EXZ_EVENT_INIT;
        const exz_status status = exz_next_event(&event, me.s, 1000);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK) return NULL;
        const ledger_record record = {
            .time_ns = (uint64_t)event.time_ns,
            .number = event.count,
            .kind = LEDGER_EVENT,
            .status = (int16_t)event.kind,
        };
        ledger_append(me.journal, record);
    }
}

static void note_statistics(void) {
    exz_stats stats = EXZ_STATS_INIT;
    must(exz_socket_stats(&stats, me.s), "exz_socket_stats");
    const uint64_t values[] = {0, stats.messages_sent, stats.messages_received, stats.sends_refused, stats.links_lost,
                               stats.queues_dropped, stats.events_dropped};
    for (int which = LEDGER_SENT; which <= LEDGER_EVENTS_DROPPED; which++) {
        const ledger_message value = {.number = (uint32_t)values[which]};
        note(LEDGER_STATISTIC, 0, &value, which);
    }
}

static const role *role_called(const char *name) {
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(roles[i].name, name) == 0) return &roles[i];
    fprintf(stderr, "worker: no role %s\n", name);
    exit(2);
}

static void open_socket(const char *manner, const char *endpoint) {
    char name[32];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = HIGH_WATER_MARK;
    options.send_buffer = options.receive_buffer = BUFFER;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.event_capacity = 100000;
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 500;
    if (me.role->type == EXZ_DEALER) {
        options.identity_size = (size_t)snprintf(name, sizeof name, "dealer-%u", me.flow);
        options.identity = name;
    }
    must(exz_socket_open(&me.s, EXZ_DEFAULT_CONTEXT, me.role->type, &options), "exz_socket_open");
    if (me.role->type == EXZ_SUB) must(exz_subscribe(me.s, "ledger"), "exz_subscribe");
    if (strcmp(manner, "bind") == 0)
        must(exz_socket_bind(me.s, endpoint, BIND_MS, NULL), "exz_socket_bind");
    else
        must(exz_socket_connect(me.s, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), "exz_socket_connect");
}

static void start(pthread_t *thread, void *(*body)(void *)) {
    if (pthread_create(thread, NULL, body, NULL) != 0) abort();
}

/* Until the stage says stop. If that ends, so does this process. */
static void obey(void) {
    char line[64];
    while (said() != STOP) {
        if (fgets(line, sizeof line, stdin) == NULL) _exit(0);
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "finish") == 0) tell(FINISH);
        if (strcmp(line, "hush") == 0) tell(HUSH);
        if (strcmp(line, "hush") == 0 && !me.role->sends) say("hushed");
        if (strcmp(line, "stop") == 0) tell(STOP);
    }
}

int main(int count, char **arguments) {
    if (count != 8) return 2;
    ledger_end_with_parent();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&news, &attributes);
    me.role = role_called(arguments[1]);
    me.is_idempotent = strcmp(me.role->name, "req-again") == 0;
    me.flow = (uint16_t)atoi(arguments[4]);
    me.incarnation = (uint16_t)atoi(arguments[5]);
    me.journal = ledger_open(arguments[6]);
    me.rate = atoi(arguments[7]);
    if (me.journal < 0) return 3;
    open_socket(arguments[2], arguments[3]);
    say("ready");
    pthread_t sender, receiver, observer;
    start(&observer, note_events);
    if (me.role->sends) start(&sender, me.role->type == EXZ_REQ ? make_requests : send_messages);
    if (me.role->receives) start(&receiver, receive_messages);
    obey();
    if (me.role->sends) pthread_join(sender, NULL);
    if (me.role->receives) pthread_join(receiver, NULL);
    note_statistics();
    must(exz_socket_close(me.s, LINGER_MS), "exz_socket_close");
    pthread_join(observer, NULL);
    return 0;
}
