/* SPDX-License-Identifier: Apache-2.0
 *
 * Attackers at a CURVE server who say again what they have heard somebody say who may come in, or who turn to another
 * mechanism in the middle of a connection: nothing of it is received, and the guest who is in does not notice. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "locked_house.h"
#include "raw_curve.h"
#include "wires.h"

static raw_curve come_in(const locked_house *h) {
    return raw_curve_connect(h->endpoint, h->keys.public_key, h->guest_keys.public_key, h->guest_keys.secret_key);
}

/* Each of them counts as lost: at once, or when it has not answered a heartbeat. */
static void check_all_lost(locked_house *h, raw_curve *peers, size_t count) {
    for (size_t i = 0; i < count; i++) raw_curve_await_end(&peers[i]);
    for (size_t i = 0; i < count; i++) expect_event(h->server, EXZ_EVENT_LOST);
    check_undisturbed(h);
}

/* Everything that a guest has said in one connection, as somebody on the way has it. */
typedef struct recording {
    uint8_t frames[RAW_STEP_COUNT][512];
    size_t sizes[RAW_STEP_COUNT];
} recording;

static recording record(locked_house *h) {
    recording r;
    raw_curve c = come_in(h);
    for (raw_step step = RAW_GREETING; step <= RAW_MESSAGE; step++) {
        check(raw_curve_make(&c, step));
        check(c.frame_size <= sizeof r.frames[step]);
        memcpy(r.frames[step], c.frame, c.frame_size);
        r.sizes[step] = c.frame_size;
        raw_curve_say(&c);
    }
    expect_text(h->server, "hello");
    h->received++;
    raw_curve_close(&c);
    expect_event(h->server, EXZ_EVENT_LOST);
    return r;
}

static void say_again(int descriptor, const recording *r, raw_step step) {
    raw_say(descriptor, r->frames[step], r->sizes[step]);
}

static void hear_bytes(int descriptor, size_t size) {
    uint8_t dropped[256];
    check(size <= sizeof dropped);
    check(raw_hear(descriptor, dropped, size));
}

CASE(a_recorded_handshake_opens_nothing) {
    locked_house h = open_house();
    const recording r = record(&h);

    in_row("said at once");
    int descriptor = raw_connect(h.endpoint);
    for (raw_step step = RAW_GREETING; step <= RAW_MESSAGE; step++) say_again(descriptor, &r, step);
    check(raw_await_end(descriptor));
    close(descriptor);
    check_rejected(&h, 1);

    in_row("said in turn");
    descriptor = raw_connect(h.endpoint);
    say_again(descriptor, &r, RAW_GREETING);
    say_again(descriptor, &r, RAW_HELLO);
    hear_bytes(descriptor, 64 + 2 + 168);
    say_again(descriptor, &r, RAW_INITIATE);
    check(raw_await_end(descriptor));
    close(descriptor);
    check_rejected(&h, 2);

    in_row("the proof alone, behind a HELLO of one's own");
    raw_curve c = come_in(&h);
    check(raw_curve_go_to(&c, RAW_INITIATE));
    check(raw_curve_make(&c, RAW_INITIATE));
    say_again(c.descriptor, &r, RAW_INITIATE);
    raw_curve_await_end(&c);
    check_rejected(&h, 3);

    in_row("its message, in a connection that may be made");
    c = come_in(&h);
    check(raw_curve_go_to(&c, RAW_MESSAGE));
    check(raw_curve_make(&c, RAW_MESSAGE));
    say_again(c.descriptor, &r, RAW_MESSAGE);
    check_all_lost(&h, &c, 1);
    check_int(counts_of(h.door).refused, 0);
    close_house(&h);
}

CASE(what_is_said_twice_in_a_connection_is_received_once) {
    locked_house h = open_house();
    raw_curve said[RAW_STEP_COUNT];
    for (raw_step again = RAW_GREETING; again <= RAW_MESSAGE; again++) {
        in_row("step %d", again);
        recording r;
        raw_curve c = come_in(&h);
        for (raw_step step = RAW_GREETING; step <= RAW_MESSAGE; step++) {
            check(raw_curve_make(&c, step));
            check(c.frame_size <= sizeof r.frames[step]);
            memcpy(r.frames[step], c.frame, c.frame_size);
            r.sizes[step] = c.frame_size;
            raw_curve_say(&c);
        }
        say_again(c.descriptor, &r, again);
        said[again] = c;
        expect_text(h.server, "hello");
        h.received++;
        check_nothing_came(&h);
    }
    check_all_lost(&h, said, RAW_STEP_COUNT);
    check_int(stats_of(h.server).peers_rejected, 0);
    close_house(&h);
}

/* What a peer might say in the clear. */
static const struct {
    const char *name;
    uint8_t flags;
    const char *body;
    size_t size;
} clear[] = {
    {"a message", 0, "hello", 5},
    {"an empty message", 0, "", 0},
    {"a part of a message", FRAME_MORE, "hello", 5},
    {"READY of NULL", FRAME_COMMAND, "\5READY\13Socket-Type\0\0\0\4PUSH", 26},
    {"HELLO of PLAIN", FRAME_COMMAND, "\5HELLO\5admin\5admin", 18},
    {"INITIATE of PLAIN", FRAME_COMMAND, "\10INITIATE\13Socket-Type\0\0\0\4PUSH", 29},
    {"WELCOME", FRAME_COMMAND, "\7WELCOME", 8},
    {"ERROR", FRAME_COMMAND, "\5ERROR\3400", 10},
    {"PING", FRAME_COMMAND, "\4PING\0\0", 7},
    {"a subscription", FRAME_COMMAND, "\11SUBSCRIBEx", 11},
    {"MESSAGE with nothing in it", 0, "\7MESSAGE", 8},
    {"MESSAGE that is not sealed", 0, "\7MESSAGE\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0hello", 38},
};

CASE(a_mechanism_can_not_be_left_in_the_middle) {
    locked_house h = open_house();
    raw_curve inside[COUNT_OF(clear)];
    uint64_t rejected = 0;
    for (raw_step at = RAW_HELLO; at <= RAW_MESSAGE; at++) {
        for (size_t i = 0; i < COUNT_OF(clear); i++) {
            in_row("%s where step %d is due", clear[i].name, at);
            raw_curve c = come_in(&h);
            check(raw_curve_go_to(&c, at));
            check(raw_curve_make(&c, at));
            raw_frame(c.descriptor, clear[i].flags, clear[i].size, clear[i].body, clear[i].size);
            shutdown(c.descriptor, SHUT_WR);
            check_nothing_came(&h);
            if (at == RAW_MESSAGE) {
                inside[i] = c;
                continue;
            }
            raw_curve_await_end(&c);
            /* This one is taken for the library's own look at a listener, which takes leave like that. */
            if (strstr(clear[i].name, "HELLO") != NULL && at == RAW_HELLO) continue;
            check_rejected(&h, ++rejected);
        }
    }
    check_all_lost(&h, inside, COUNT_OF(inside));
    check_int(stats_of(h.server).peers_rejected, rejected);
    close_house(&h);
}

/* The other way round: a client that is not what it connects to gives nothing away. */
CASE(a_client_says_nothing_in_the_clear_to_a_server_that_has_no_key) {
    static const struct {
        const char *name, *mechanism;
        /* What comes behind the greeting. */
        const char *body;
        size_t size;
    } servers[] = {
        {"no security", "NULL", "\5READY\13Socket-Type\0\0\0\4PULL", 26},
        {"PLAIN", "PLAIN", "\7WELCOME", 8},
        {"a WELCOME that is made up", "CURVE", NULL, 170},
        {"READY at once", "CURVE", "\5READY\13Socket-Type\0\0\0\4PULL", 26},
        {"an ERROR", "CURVE", "\5ERROR\3400", 10},
        {"a message", "CURVE", "hello", 5},
    };
    const key_pair own = new_keys(), servers_keys = new_keys();
    const exz_security security = curve_client(&own, &servers_keys);
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        in_row("%s", servers[i].name);
        char endpoint[ENDPOINT_SIZE];
        const int listener = listen_raw(TCP, endpoint);
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
        connect_later(client, endpoint);
        const int descriptor = raw_accept(listener);
        uint8_t greeting[64] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0}, heard[400], welcome[168] = "\7WELCOME";
        memcpy(greeting + 12, servers[i].mechanism, strlen(servers[i].mechanism));
        greeting[32] = 1;
        raw_say(descriptor, greeting, sizeof greeting);
        if (servers[i].body == NULL) {
            raw_frame(descriptor, FRAME_COMMAND, sizeof welcome, welcome, sizeof welcome);
        } else {
            raw_frame(descriptor, servers[i].size == 5 ? 0 : FRAME_COMMAND, servers[i].size, servers[i].body,
                      servers[i].size);
        }
        /* At most its greeting and, where that is CURVE's, a HELLO, whose box is all zeros. */
        size_t said = 0;
        while (said < sizeof heard && raw_hear(descriptor, heard + said, 1)) said++;
        check(said <= (strcmp(servers[i].mechanism, "CURVE") == 0 ? 64 + 202 : 64));
        expect_event(client, EXZ_EVENT_FAILED);
        check_int(stats_of(client).peers, 0);
        exz_message message;
        check_status(exz_recv_message(&message, client, 0), EXZ_ERR_NOT_SUPPORTED);
        close(descriptor);
        close(listener);
        close_socket(client);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_recorded_handshake_opens_nothing),
        TEST(what_is_said_twice_in_a_connection_is_received_once),
        TEST(a_mechanism_can_not_be_left_in_the_middle),
        TEST(a_client_says_nothing_in_the_clear_to_a_server_that_has_no_key),
    };
    return cmocka_run_group_tests_name("replays against CURVE", tests, NULL, NULL);
}
