/* SPDX-License-Identifier: Apache-2.0
 *
 * A CURVE server under thousands of wrong handshakes, and with hundreds that never end: guests who are in are served,
 * and guests who come are let in, within their deadlines; what is refused is counted exactly and told in few lines; and
 * nothing of it stays in memory or among the descriptors. */
#include <arpa/inet.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "holdings.h"
#include "locked_house.h"
#include "monotonic.h"
#include "raw_curve.h"
#include "worker.h"

/* The deadline of a guest: far more than it takes, and less than a handshake may take that nobody finishes. */
enum { GUEST_DEADLINE_MS = 4500, WRONG_HANDSHAKES = 2000, HALF_OPEN = 400, RESETS = 1000, BREAKERS = 4 };
enum { MOST_EVENTS = 100000, MAX_GROWTH = 32 << 20 };

/* A service that answers, and its guests. */
typedef struct served {
    locked_house house;
    exz_socket service;
    char endpoint[ENDPOINT_SIZE];
    exz_security guest;
    /* For the guests, and for the service, which answers them to the last. */
    atomic_bool is_closing, is_over;
    atomic_int answers, newcomers;
    /* How often guests have connected. */
    atomic_int visits;
    /* The ports of strangers who stay, whatever is told of their end. */
    bool is_stranger[65536];
    /* What events have told of rejections: of those who broke off, and of all others. */
    uint64_t broken_off, refused;
    worker service_thread, regular_thread, newcomer_thread;
} served;

static exz_status serve(void *argument) {
    served *s = argument;
    while (!s->is_over) {
        char request[64];
        size_t size;
        exz_status status = exz_recv(&size, s->service, request, sizeof request, 100);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status == EXZ_OK) status = exz_send(s->service, request, size, 0, GUEST_DEADLINE_MS);
        /* A guest that has left is none to answer. */
        if (status != EXZ_OK && status != EXZ_ERR_PEER_LOST) return status;
    }
    return EXZ_OK;
}

static exz_status ask(exz_socket client) {
    char answer[64];
    size_t size;
    return exz_request(&size, client, "are you there", 13, answer, sizeof answer, GUEST_DEADLINE_MS, NULL);
}

static exz_status come(served *s, exz_socket *client) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &s->guest;
    const exz_status status = exz_socket_open(client, EXZ_DEFAULT_CONTEXT, EXZ_REQ, &options);
    return status == EXZ_OK ? exz_socket_connect(*client, s->endpoint, 0, GUEST_DEADLINE_MS, NULL) : status;
}

static void leave(served *s, exz_socket client) {
    s->visits += (int)stats_of(client).connect_attempts;
    exz_socket_close(client, 0);
}

/* One who is in, and asks again and again. */
static exz_status stay(void *argument) {
    served *s = argument;
    exz_socket client = {0};
    exz_status status = come(s, &client);
    while (status == EXZ_OK && !s->is_closing) {
        status = ask(client);
        s->answers++;
    }
    leave(s, client);
    return status;
}

/* Ones who come, ask once and go. */
static exz_status come_and_go(void *argument) {
    served *s = argument;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK && !s->is_closing) {
        exz_socket client = {0};
        status = come(s, &client);
        if (status == EXZ_OK) status = ask(client);
        s->newcomers++;
        leave(s, client);
    }
    return status;
}

static void begin_service(served *s) {
    s->house = open_house();
    s->guest = curve_client(&s->house.guest_keys, &s->house.keys);
    const exz_security security = curve_server(&s->house.keys, 0);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    options.event_capacity = MOST_EVENTS;
    check_status(exz_socket_open(&s->service, s->house.context, EXZ_REP, &options), EXZ_OK);
    bind_somewhere(s->service, TCP, s->endpoint);
    worker_start(&s->service_thread, serve, s);
    worker_start(&s->regular_thread, stay, s);
    worker_start(&s->newcomer_thread, come_and_go, s);
}

static void check_goes_on(const worker *w) {
    if (w->is_done) check_status(w->status, EXZ_OK);
    check(!w->is_done);
}

/* Everybody has been served up to now, and is served again. */
static void await_more_service(served *s) {
    const int answers = s->answers, newcomers = s->newcomers;
    const int64_t deadline = after_ms(PATIENCE_MS);
    while ((s->answers <= answers || s->newcomers <= newcomers) && now_ns() < deadline) {
        check_goes_on(&s->service_thread);
        check_goes_on(&s->regular_thread);
        check_goes_on(&s->newcomer_thread);
        sched_yield();
    }
    check(s->answers > answers);
    check(s->newcomers > newcomers);
}

static void hear_rejections(served *s) {
    exz_event event = EXZ_EVENT_INIT;
    while (exz_next_event(&event, s->service, 0) == EXZ_OK) {
        if (event.kind != EXZ_EVENT_PEER_REJECTED) continue;
        check(strcmp(event.public_key, s->house.guest_keys.public_key) != 0);
        const char *port = strrchr(event.peer, ':');
        const bool has_stayed = port != NULL && s->is_stranger[atoi(port + 1) & 0xFFFF];
        if (event.status == EXZ_ERR_PEER_LOST && !has_stayed) {
            s->broken_off++;
        } else {
            s->refused++;
        }
    }
    check_int(stats_of(s->service).events_dropped, 0);
}

/* So many have been refused, and not one more. On a busy machine a guest may have a look at the service, as it is slow
 * to answer, and break that off: it is none of them. */
static void check_refused(served *s, uint64_t refused) {
    const int64_t deadline = after_ms(PATIENCE_MS);
    do hear_rejections(s);
    while (s->refused < refused && now_ns() < deadline);
    check_int(s->refused, refused);
}

/* Each connection was a peer that has left, or was rejected; guests may have looked as well. */
static void end_service(served *s, uint64_t strangers) {
    s->is_closing = true;
    check_status(worker_join(&s->regular_thread), EXZ_OK);
    check_status(worker_join(&s->newcomer_thread), EXZ_OK);
    const uint64_t all = strangers + (uint64_t)s->visits;
    const int64_t deadline = after_ms(PATIENCE_MS);
    exz_stats stats = stats_of(s->service);
    while ((stats.peers > 0 || stats.peers_rejected + stats.links_lost < all) && now_ns() < deadline)
        stats = stats_of(s->service);
    hear_rejections(s);
    check_int(stats.peers_rejected, s->refused + s->broken_off);
    check(stats.peers_rejected + stats.links_lost >= all);
    check(stats.peers_rejected + stats.links_lost <= all + s->broken_off);
    check_int(stats_of(s->service).peers, 0);
    s->is_over = true;
    check_status(worker_join(&s->service_thread), EXZ_OK);
    close_socket(s->service);
    close_house(&s->house);
}

/* Lines of the log about peers who were rejected. */
typedef struct lines {
    atomic_int count;
} lines;

static void note(void *user, exz_log_level level, const char *message) {
    lines *l = user;
    if (level >= EXZ_LOG_WARNING && strstr(message, "reject") != NULL) l->count++;
}

static raw_curve come_raw(const served *s, const char *server_key, const key_pair *keys) {
    static _Thread_local uint8_t metadata[64];
    raw_curve c = raw_curve_connect(s->endpoint, server_key, keys->public_key, keys->secret_key);
    c.metadata_size = raw_property(metadata, 0, "Socket-Type", "REQ", 3);
    c.metadata = metadata;
    return c;
}

/* Goes when it is refused. */
static void knock_with(const served *s, const char *server_key, const key_pair *keys) {
    raw_curve c = come_raw(s, server_key, keys);
    check(!raw_curve_go_through(&c, RAW_MESSAGE));
    raw_curve_close(&c);
}

static void note_stranger(served *s, int descriptor) {
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    check_int(getsockname(descriptor, (struct sockaddr *)&own, &size), 0);
    s->is_stranger[ntohs(own.sin_port)] = true;
}

static void knock_without_curve(const served *s) {
    const int descriptor = raw_connect(s->endpoint);
    raw_greet(descriptor);
    check(raw_await_end(descriptor));
    close(descriptor);
}

CASE(thousands_of_wrong_handshakes_disturb_nobody) {
    static served s;
    lines l = {0};
    begin_service(&s);
    const key_pair stranger = new_keys();
    for (int i = 0; i < 50; i++) knock_with(&s, s.house.keys.public_key, &stranger);
    await_more_service(&s);

    check_status(exz_set_log(note, &l, EXZ_LOG_WARNING), EXZ_OK);
    const holdings before = what_is_held();
    const int64_t began = now_ns();
    uint64_t refused = counts_of(s.house.door).refused_key;
    for (int i = 0; i < WRONG_HANDSHAKES; i++) {
        if (i % 3 == 0) {
            knock_with(&s, s.house.keys.public_key, &stranger);
        } else if (i % 3 == 1) {
            knock_with(&s, stranger.public_key, &s.house.guest_keys);
        } else {
            knock_without_curve(&s);
        }
        refused += i % 3 == 0;
    }
    await_more_service(&s);
    const int64_t seconds = (now_ns() - began) / 1000000000 + 1;
    check_status(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK);
    print_message("%d wrong handshakes in %d s, %d lines; %d answers, %d newcomers\n", WRONG_HANDSHAKES, (int)seconds,
                  l.count, s.answers, s.newcomers);
    check(l.count > 0);
    check(l.count <= seconds + 1);

    check_refused(&s, 50 + WRONG_HANDSHAKES);
    const exz_authenticator_statistics door = counts_of(s.house.door);
    check_int(door.refused_key, refused);
    check_int(door.refused, refused);
    check_int(door.pending, 0);
    check(what_is_held().resident < before.resident + MAX_GROWTH);
    check_undisturbed(&s.house);
    end_service(&s, 50 + WRONG_HANDSHAKES);
}

CASE(hundreds_of_handshakes_that_never_end_disturb_nobody) {
    static served s;
    static raw_curve open[HALF_OPEN];
    const key_pair stranger = new_keys();
    uint64_t refused = 0;
    begin_service(&s);
    await_more_service(&s);
    const holdings before = what_is_held();
    for (int i = 0; i < HALF_OPEN; i++) {
        /* Where they stop: before the greeting, behind it, before the proof, in the middle of it, and behind it, when
         * they are refused. Who has been ended meanwhile to make room says no more. */
        const int stop = i % 5;
        const key_pair *keys = stop == 4 ? &stranger : &s.house.guest_keys;
        open[i] = come_raw(&s, s.house.keys.public_key, keys);
        note_stranger(&s, open[i].descriptor);
        if (stop == 4) refused += raw_curve_go_through(&open[i], RAW_INITIATE);
        if (stop == 4 || !raw_curve_go_to(&open[i], stop == 3 ? RAW_INITIATE : (raw_step)stop)) continue;
        if (stop == 3 && raw_curve_make(&open[i], RAW_INITIATE))
            raw_say(open[i].descriptor, open[i].frame, open[i].frame_size / 2);
    }
    await_more_service(&s);
    check(what_is_held().resident < before.resident + MAX_GROWTH);
    check_undisturbed(&s.house);

    /* Each of them is ended, at the latest when a handshake has had its time. */
    for (int i = 0; i < HALF_OPEN; i++) raw_curve_await_end(&open[i]);
    await_more_service(&s);
    check_refused(&s, HALF_OPEN);
    check(counts_of(s.house.door).refused <= refused);
    end_service(&s, HALF_OPEN);
}

/* With a key that is allowed, so each is let in, and nobody hears of it. */
static exz_status break_off(void *argument) {
    const served *s = argument;
    for (int i = 0; i < RESETS / BREAKERS; i++) {
        raw_curve c = come_raw(s, s->house.keys.public_key, &s->house.guest_keys);
        const bool is_through = raw_curve_go_through(&c, RAW_INITIATE);
        raw_reset(c.descriptor);
        c.descriptor = -1;
        raw_curve_close(&c);
        if (!is_through) return EXZ_ERR_PEER_LOST;
    }
    return EXZ_OK;
}

CASE(thousands_who_break_off_behind_their_proof_disturb_nobody) {
    static served s;
    begin_service(&s);
    await_more_service(&s);
    const holdings before = what_is_held();
    const int64_t began = now_ns();
    const int newcomers = s.newcomers;
    worker breakers[BREAKERS];
    for (int i = 0; i < BREAKERS; i++) worker_start(&breakers[i], break_off, &s);
    for (int i = 0; i < BREAKERS; i++) check_status(worker_join(&breakers[i]), EXZ_OK);
    print_message("%d broke off in %d ms; %d newcomers\n", RESETS, (int)((now_ns() - began) / 1000000),
                  s.newcomers - newcomers);
    await_more_service(&s);
    check_int(counts_of(s.house.door).refused, 0);
    check_int(counts_of(s.house.door).pending, 0);
    check(what_is_held().resident < before.resident + MAX_GROWTH);
    check_undisturbed(&s.house);
    end_service(&s, RESETS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(thousands_of_wrong_handshakes_disturb_nobody),
        TEST(hundreds_of_handshakes_that_never_end_disturb_nobody),
        TEST(thousands_who_break_off_behind_their_proof_disturb_nobody),
    };
    return cmocka_run_group_tests_name("floods of a CURVE server", tests, NULL, NULL);
}
