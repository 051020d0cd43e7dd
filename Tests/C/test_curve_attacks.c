/* SPDX-License-Identifier: Apache-2.0
 *
 * What attackers say at the door of a CURVE server before a handshake is done, with the keys of somebody who may come
 * in or without: nobody gets in by it, nothing of it is received, each is told and counted, and the guest who is in
 * does not notice. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "holdings.h"
#include "locked_house.h"
#include "monotonic.h"
#include "raw_curve.h"

/* The greeting of a mechanism: its name and, in PLAIN's case, who is the server. */
static void greet_as(int descriptor, const char *mechanism) {
    uint8_t greeting[64] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0};
    memcpy(greeting + 12, mechanism, strlen(mechanism));
    raw_say(descriptor, greeting, sizeof greeting);
}

static void command(int descriptor, const char *body, size_t size) {
    raw_frame(descriptor, FRAME_COMMAND, size, body, size);
}

static void say_ready(int descriptor) { command(descriptor, "\5READY\13Socket-Type\0\0\0\4PUSH", 26); }
static void say_hello_frame(int descriptor) { raw_frame(descriptor, 0, 5, "hello", 5); }

static void without_security(int descriptor) {
    greet_as(descriptor, "NULL");
    say_ready(descriptor);
    say_hello_frame(descriptor);
}

static void with_a_password(int descriptor) {
    greet_as(descriptor, "PLAIN");
    command(descriptor, "\5HELLO\5admin\5admin", 18);
    command(descriptor, "\10INITIATE\13Socket-Type\0\0\0\4PUSH", 29);
    say_hello_frame(descriptor);
}

static void with_a_ticket(int descriptor) {
    greet_as(descriptor, "GSSAPI");
    command(descriptor, "\10INITIATE\0\0\0\4abcd", 17);
}

static void with_a_mechanism_of_its_own(int descriptor) {
    greet_as(descriptor, "CURVE2");
    say_ready(descriptor);
}

static void with_curve_in_name_only(int descriptor) {
    greet_as(descriptor, "CURVE");
    say_ready(descriptor);
    say_hello_frame(descriptor);
}

static void as_zmtp1(int descriptor) { raw_say(descriptor, "\1\0\6\0hello", 9); }
static void as_zmtp2(int descriptor) { raw_say(descriptor, "\xFF\0\0\0\0\0\0\0\1\x7F\1\x05\0\0\0\5hello", 21); }

static const struct {
    const char *name;
    void (*speak)(int descriptor);
} strangers[] = {
    {"without security", without_security},
    {"with a password", with_a_password},
    {"with a ticket", with_a_ticket},
    {"with a mechanism of its own", with_a_mechanism_of_its_own},
    {"with CURVE in name only", with_curve_in_name_only},
    {"as ZMTP 1", as_zmtp1},
    {"as ZMTP 2", as_zmtp2},
};

CASE(nobody_comes_in_without_a_key) {
    locked_house h = open_house();
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        in_row("%s", strangers[i].name);
        int descriptor = raw_connect(h.endpoint);
        strangers[i].speak(descriptor);
        check(raw_await_end(descriptor));
        close(descriptor);
        check_rejected(&h, i + 1);
        check_undisturbed(&h);
    }
    /* None of them came as far as the authenticator. */
    check_int(counts_of(h.door).refused, 0);
    check_int(stats_of(h.server).links_lost, 0);
    close_house(&h);
}

static raw_curve come_as(const locked_house *h, const key_pair *keys) {
    return raw_curve_connect(h->endpoint, h->keys.public_key, keys->public_key, keys->secret_key);
}

/* What the tests below have in common: with these keys a handshake that is not tampered with succeeds. */
CASE(what_is_said_here_gets_in_when_it_is_said_rightly) {
    locked_house h = open_house();
    raw_curve c = come_as(&h, &h.guest_keys);
    check(raw_curve_go_through(&c, RAW_MESSAGE));
    expect_text(h.server, "hello");
    check_status(exz_wait_peers(h.server, 2, PATIENCE_MS), EXZ_OK);
    raw_curve_close(&c);
    expect_event(h.server, EXZ_EVENT_LOST);
    h.received++;
    check_undisturbed(&h);
    check_int(stats_of(h.server).peers_rejected, 0);

    const key_pair unknown = new_keys();
    c = come_as(&h, &unknown);
    check(!raw_curve_go_through(&c, RAW_MESSAGE));
    raw_curve_await_end(&c);
    check_rejected(&h, 1);
    check_int(counts_of(h.door).refused_key, 1);
    check_int(counts_of(h.door).accepted, 2);
    check_undisturbed(&h);
    close_house(&h);
}

/* Those who were let in and then said what they should not. They go on standing there while the others speak: libzmq
 * stops to read some of them without a word, and heartbeats find that out. */
typedef struct crowd {
    raw_curve members[512];
    size_t count;
} crowd;

/* With so many others, who have left. */
static void check_lost(locked_house *h, crowd *c, size_t others) {
    for (size_t i = 0; i < c->count; i++) raw_curve_await_end(&c->members[i]);
    for (size_t i = 0; i < c->count; i++) {
        exz_event event;
        check(next_event_of(&event, h->server, EXZ_EVENT_LOST, PATIENCE_MS));
    }
    check_int(stats_of(h->server).links_lost, c->count + others);
    check_undisturbed(h);
}

/* The end of somebody who spoke in that step: it was not let in, or was and is one of the crowd now. */
static void check_gone(locked_house *h, raw_step step, raw_curve *c, crowd *inside, uint64_t *rejected) {
    if (step < RAW_MESSAGE) {
        raw_curve_await_end(c);
        check_rejected(h, ++*rejected);
    } else {
        check(inside->count < COUNT_OF(inside->members));
        inside->members[inside->count++] = *c;
    }
    check_nothing_came(h);
}

/* With the guest's keys, and what is to be said in that step made, but not said. */
static raw_curve come_up_to(const locked_house *h, raw_step step) {
    raw_curve c = come_as(h, &h->guest_keys);
    check(raw_curve_go_to(&c, step));
    check(raw_curve_make(&c, step));
    return c;
}

CASE(a_handshake_that_is_cut_anywhere_is_none) {
    locked_house h = open_house();
    static crowd inside;
    inside.count = 0;
    uint64_t rejected = 0;
    for (raw_step step = RAW_GREETING; step <= RAW_MESSAGE; step++) {
        size_t length = 0, size = 1;
        for (; length < size; length++) {
            in_row("%zu bytes of step %d", length, step);
            raw_curve c = come_up_to(&h, step);
            size = c.frame_size;
            raw_say(c.descriptor, c.frame, length);
            shutdown(c.descriptor, SHUT_WR);
            check_gone(&h, step, &c, &inside, &rejected);
        }
    }
    check_lost(&h, &inside, 0);
    close_house(&h);
}

/* The frame says how long it is, so nobody waits for more. */
static void say_resized(const raw_curve *c, size_t size) {
    static uint8_t body[1024];
    const size_t head = c->frame_size > 257 ? 9 : 2, full = c->frame_size - head;
    check(size <= sizeof body);
    memset(body, 0, sizeof body);
    memcpy(body, c->frame + head, size < full ? size : full);
    raw_frame(c->descriptor, c->frame[0] & FRAME_COMMAND, size, body, size);
}

/* A HELLO without what belongs into it is how this library's own look at a listener takes leave, and is not counted. */
static bool is_farewell(raw_step step, size_t size) { return step == RAW_HELLO && size >= 6 && size != 200; }

CASE(a_command_of_another_length_is_none) {
    locked_house h = open_house();
    static crowd inside;
    inside.count = 0;
    uint64_t rejected = 0;
    for (raw_step step = RAW_HELLO; step <= RAW_MESSAGE; step++) {
        size_t size = 0, full = 1;
        for (; size < full + 20; size++) {
            in_row("step %d with %zu bytes", step, size);
            raw_curve c = come_up_to(&h, step);
            full = c.frame_size - (c.frame_size > 257 ? 9 : 2);
            if (size == full) {
                raw_curve_close(&c);
                if (step < RAW_MESSAGE) check_rejected(&h, ++rejected);
                continue;
            }
            say_resized(&c, size);
            if (is_farewell(step, size)) {
                raw_curve_await_end(&c);
            } else {
                check_gone(&h, step, &c, &inside, &rejected);
            }
        }
    }
    check_int(stats_of(h.server).peers_rejected, rejected);
    expect_event(h.server, EXZ_EVENT_LOST);
    check_lost(&h, &inside, 1);
    close_house(&h);
}

/* Filler that no version of the protocol gives a meaning, 72 bytes of HELLO that make it as long as the answer; and the
 * flags of a frame, which are not sealed. */
static bool is_open(raw_step step, size_t at) {
    return (step == RAW_HELLO && at >= 2 + 8 && at < 2 + 80) || at == 0;
}

CASE(a_handshake_with_one_bit_turned_is_none) {
    locked_house h = open_house();
    static crowd inside;
    inside.count = 0;
    uint64_t rejected = 0;
    for (raw_step step = RAW_HELLO; step <= RAW_MESSAGE; step++) {
        size_t at = 0, size = 1;
        for (; at < size; at++) {
            if (is_open(step, at)) continue;
            raw_curve c = come_up_to(&h, step);
            size = c.frame_size;
            const size_t head = c.frame_size > 257 ? 9 : 2;
            /* The bits of the head say how long it is, and whether more follows. */
            const int bit = at < head ? 3 : (int)(at % 8);
            in_row("bit %d of byte %zu of step %d", bit, at, step);
            c.frame[at] ^= (uint8_t)(1 << bit);
            raw_curve_say(&c);
            shutdown(c.descriptor, SHUT_WR);
            /* Another length, or another version. */
            if (is_farewell(step, at == 1 ? c.frame[at] : at == 8 || at == 9 ? 6 : 0)) {
                raw_curve_await_end(&c);
            } else {
                check_gone(&h, step, &c, &inside, &rejected);
            }
        }
    }
    check_lost(&h, &inside, 0);
    close_house(&h);
}

/* What somebody on the way can do about them: have a message received with the next as one, or not at all. What is in
 * it is never another. */
CASE(who_changes_the_flags_of_a_frame_changes_no_message) {
    locked_house h = open_house();
    for (int bit = 0; bit < 8; bit++) {
        raw_curve c = come_as(&h, &h.guest_keys);
        check(raw_curve_go_to(&c, RAW_MESSAGE));
        check(raw_curve_make(&c, RAW_MESSAGE));
        c.frame[0] ^= (uint8_t)(1 << bit);
        raw_curve_say(&c);
        raw_curve_make_next(&c, "the next one");
        raw_curve_say(&c);
        raw_curve_close(&c);
        in_row("bit %d", bit);
        expect_event(h.server, EXZ_EVENT_LOST);
        exz_message message;
        while (exz_recv_message(&message, h.server, 0) == EXZ_OK) {
            size_t count = 0;
            check_status(exz_message_count(&count, message), EXZ_OK);
            for (size_t i = 0; i < count; i++) {
                const void *data = NULL;
                size_t size = 0;
                check_status(exz_message_part(&data, &size, message, i), EXZ_OK);
                check(size == 5 ? memcmp(data, "hello", 5) == 0 : size == 12 && memcmp(data, "the next one", 12) == 0);
            }
            exz_message_free(message);
            h.received++;
        }
        check_undisturbed(&h);
    }
    close_house(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nobody_comes_in_without_a_key),
        TEST(what_is_said_here_gets_in_when_it_is_said_rightly),
        TEST(a_handshake_that_is_cut_anywhere_is_none),
        TEST(a_command_of_another_length_is_none),
        TEST(a_handshake_with_one_bit_turned_is_none),
        TEST(who_changes_the_flags_of_a_frame_changes_no_message),
    };
    return cmocka_run_group_tests_name("attacks on CURVE", tests, NULL, NULL);
}
