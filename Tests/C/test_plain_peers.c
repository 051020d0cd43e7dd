/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain libzmq on the other side: both directions, both sides binding, killed in mid-stream and back again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"

#define LINE_SIZE 256

typedef struct peer {
    child process;
    char endpoint[ENDPOINT_SIZE];
} peer;

static peer start_peer(const char *role, const char *how, const char *endpoint, const char *count, const char *form) {
    peer p;
    char line[LINE_SIZE + 8];
    child_start(&p.process, sibling_program("plain_peer"),
                (const char *const[]){role, how, endpoint, count, "topic", form, NULL});
    child_expect_line(&p.process, line, sizeof line);
    check_int(sscanf(line, "ready %255s", p.endpoint), 1);
    return p;
}

/* One pattern seen from our side. */
static const struct arrangement {
    const char *role;
    const char *how;
    exz_socket_type ours;
    uint32_t form;
} arrangements[] = {
    {"pub", "bind", EXZ_SUB, EXZ_WIRE_MULTIPART}, {"pub", "connect", EXZ_SUB, EXZ_WIRE_MULTIPART},
    {"pub", "bind", EXZ_SUB, EXZ_WIRE_SPACE},     {"pub", "connect", EXZ_SUB, EXZ_WIRE_SPACE},
    {"sub", "bind", EXZ_PUB, EXZ_WIRE_MULTIPART}, {"sub", "connect", EXZ_PUB, EXZ_WIRE_MULTIPART},
    {"sub", "bind", EXZ_PUB, EXZ_WIRE_SPACE},     {"sub", "connect", EXZ_PUB, EXZ_WIRE_SPACE},
    {"push", "bind", EXZ_PULL, 0},                {"push", "connect", EXZ_PULL, 0},
    {"pull", "bind", EXZ_PUSH, 0},                {"pull", "connect", EXZ_PUSH, 0},
};

static const char *form_name(const struct arrangement *a) { return a->form == EXZ_WIRE_SPACE ? "space" : "frames"; }

static bool peer_binds(const struct arrangement *a) { return strcmp(a->how, "bind") == 0; }

static bool we_receive(const struct arrangement *a) { return a->ours == EXZ_SUB || a->ours == EXZ_PULL; }

static exz_socket open_ours(const struct arrangement *a) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.wire_form = a->form;
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 100;
    exz_socket s = open_with(a->ours, &options);
    if (a->ours == EXZ_SUB) check_status(exz_subscribe(s, "topic"), EXZ_OK);
    return s;
}

static peer link_peer(const struct arrangement *a, exz_socket s, const char *endpoint, const char *count) {
    if (peer_binds(a)) {
        peer p = start_peer(a->role, a->how, endpoint, count, form_name(a));
        connect_to(s, p.endpoint);
        return p;
    }
    char actual[ENDPOINT_SIZE];
    bind_to(s, endpoint);
    check_status(exz_socket_endpoint(s, actual, sizeof actual), EXZ_OK);
    peer p = start_peer(a->role, a->how, actual, count, form_name(a));
    check_status(exz_wait_peers(s, 1, PATIENCE_MS), EXZ_OK);
    return p;
}

static void send_ours(const struct arrangement *a, exz_socket s, int number) {
    char text[32];
    snprintf(text, sizeof text, "1 %d", number);
    if (a->ours == EXZ_PUB) {
        check_status(exz_publish(s, "topic", text, strlen(text), PATIENCE_MS), EXZ_OK);
    } else {
        send_text(s, text);
    }
}

/* Receives a message "PID NUMBER" of the peer. */
static long receive_theirs(const struct arrangement *a, exz_socket s, int *pid) {
    exz_message message;
    const void *data;
    size_t size;
    char text[64] = "";
    long number = -1;
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    if (a->ours == EXZ_SUB) check_part(message, 0, "topic");
    check_status(exz_message_part(&data, &size, message, a->ours == EXZ_SUB ? 1 : 0), EXZ_OK);
    check(size < sizeof text);
    memcpy(text, data, size);
    check_status(exz_message_free(message), EXZ_OK);
    check_int(sscanf(text, "%d %ld", pid, &number), 2);
    return number;
}

/* The number in a line that the peer has printed for a message of ours. */
static long number_in(const struct arrangement *a, const char *line) {
    long number = -1;
    check_int(sscanf(line, a->ours == EXZ_PUB ? "topic 1 %ld" : "1 %ld", &number), 1);
    return number;
}

static void await_readers(const struct arrangement *a, exz_socket s) {
    if (a->ours == EXZ_PUB) check_status(exz_wait_subscribers(s, "topic", 1, PATIENCE_MS), EXZ_OK);
}

static void describe(const struct arrangement *a) { in_row("plain %s, %s, %s", a->role, a->how, form_name(a)); }

CASE(a_stream_goes_through_whole) {
    for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
        const struct arrangement *a = &arrangements[i];
        describe(a);
        exz_socket s = open_ours(a);
        peer p = link_peer(a, s, "tcp://127.0.0.1:*", a->ours == EXZ_SUB ? "0" : "300");
        await_readers(a, s);
        int pid = 0;
        if (we_receive(a)) {
            /* A publisher's stream is under way already; nobody joins it at a number that is known. */
            long first = receive_theirs(a, s, &pid);
            if (a->ours == EXZ_PULL) check_int(first, 1);
            check_int(pid, p.process.pid);
            for (long n = 1; n < 300; n++) check_int(receive_theirs(a, s, &pid), first + n);
        } else {
            char line[LINE_SIZE];
            for (int n = 1; n <= 300; n++) send_ours(a, s, n);
            for (int n = 1; n <= 300; n++) {
                child_expect_line(&p.process, line, sizeof line);
                check_int(number_in(a, line), n);
            }
            child_expect_line(&p.process, line, sizeof line);
            check_text(line, "done");
        }
        check_int(child_end(&p.process), 0);
        close_socket(s);
    }
}

/* The number of the peer's next message. What a former life of it had sent comes in between while there is some left:
 * the links take turns. */
static long next_in_stream(const struct arrangement *a, exz_socket s, const peer *p) {
    int pid = 0;
    long number;
    do {
        number = receive_theirs(a, s, &pid);
    } while (pid != p->process.pid);
    return number;
}

static void check_stream_in(const struct arrangement *a, exz_socket s, const peer *p) {
    long number = next_in_stream(a, s, p);
    for (int n = 1; n <= 20; n++) check_int(next_in_stream(a, s, p), ++number);
}

/* Sends until the peer has printed 20 of the messages, in order and none that an earlier life printed. */
static void check_stream_out(const struct arrangement *a, exz_socket s, peer *p, int *sent, long *last_seen) {
    char line[LINE_SIZE];
    for (int seen = 0; seen < 20;) {
        send_ours(a, s, ++*sent);
        while (child_line(&p->process, line, sizeof line, 1)) {
            long number = number_in(a, line);
            check(number > *last_seen);
            *last_seen = number;
            seen++;
        }
    }
}

static void check_stream(const struct arrangement *a, exz_socket s, peer *p, int *sent, long *last_seen) {
    if (we_receive(a)) {
        check_stream_in(a, s, p);
    } else {
        await_readers(a, s);
        check_stream_out(a, s, p, sent, last_seen);
    }
}

CASE(a_peer_killed_in_mid_stream_comes_back_and_the_stream_goes_on) {
    for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
        const struct arrangement *a = &arrangements[i];
        describe(a);
        char endpoint[ENDPOINT_SIZE];
        int reservation = reserve_port(endpoint);
        exz_socket s = open_ours(a);
        peer p = link_peer(a, s, endpoint, "0");
        int sent = 0;
        long last_seen = 0;
        expect_event(s, EXZ_EVENT_HANDSHAKEN);
        check_stream(a, s, &p, &sent, &last_seen);
        for (int life = 2; life <= 3; life++) {
            child_kill(&p.process);
            check_status(expect_event(s, EXZ_EVENT_LOST).status, EXZ_ERR_PEER_LOST);
            check_int(state_of(s), peer_binds(a) ? EXZ_STATE_RECONNECTING : EXZ_STATE_LISTENING);
            p = start_peer(a->role, a->how, endpoint, "0", form_name(a));
            expect_event(s, EXZ_EVENT_HANDSHAKEN);
            check_stream(a, s, &p, &sent, &last_seen);
        }
        exz_stats stats = stats_of(s);
        check_int(stats.links_lost, 2);
        check_int(stats.reconnects, peer_binds(a) ? 2 : 0);
        check_int(stats.peers, 1);
        check_int(child_end(&p.process), 0);
        close_socket(s);
        close(reservation);
    }
}

CASE(a_subscriber_that_is_lost_is_not_counted_any_more) {
    for (size_t i = 0; i < COUNT_OF(arrangements); i++) {
        const struct arrangement *a = &arrangements[i];
        if (a->ours != EXZ_PUB) continue;
        for (int round = 0; round < 5; round++) {
            describe(a);
            exz_socket s = open_ours(a);
            peer p = link_peer(a, s, "tcp://127.0.0.1:*", "0");
            await_readers(a, s);
            child_kill(&p.process);
            expect_event(s, EXZ_EVENT_LOST);
            check_status(exz_wait_subscribers(s, "topic", 1, 0), EXZ_ERR_TIMEOUT);
            close_socket(s);
        }
    }
}

CASE(a_publisher_of_another_library_can_not_prove_a_subscription) {
    exz_socket sub = open_socket(EXZ_SUB);
    check_status(exz_subscribe(sub, "topic"), EXZ_OK);
    peer p = start_peer("pub", "bind", "tcp://127.0.0.1:*", "0", "frames");
    connect_to(sub, p.endpoint);
    int64_t began = now_ns();
    check_status(exz_wait_subscribed(sub, 300), EXZ_ERR_NOT_SUPPORTED);
    check(now_ns() - began < (300 + GENEROUS_MS) * INT64_C(1000000));
    check_stream_in(&arrangements[0], sub, &p);
    check_int(child_end(&p.process), 0);
    close_socket(sub);
}

CASE(a_publisher_counts_subscribers_of_another_library) {
    exz_socket pub = open_socket(EXZ_PUB);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pub, TCP, endpoint);
    peer peers[3];
    for (uint32_t i = 0; i < COUNT_OF(peers); i++) {
        peers[i] = start_peer("sub", "connect", endpoint, "1", "frames");
        check_status(exz_wait_subscribers(pub, "topic/below", i + 1, PATIENCE_MS), EXZ_OK);
    }
    check_status(exz_wait_subscribers(pub, "other", 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_publish(pub, "topic/below", "x", 1, 0), EXZ_OK);
    char line[LINE_SIZE];
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        child_expect_line(&peers[i].process, line, sizeof line);
        check_text(line, "topic/below x");
        check_int(child_end(&peers[i].process), 0);
        check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT).topic, "topic");
    }
    check_status(exz_wait_subscribers(pub, "topic/below", 1, 0), EXZ_ERR_TIMEOUT);
    close_socket(pub);
}

/* One that has subscribed to everything gets what others are asked with. It expects two frames from this publisher: a
 * topic, of which the peer prints nothing as it begins with a zero byte, and a payload, which is empty. */
CASE(a_question_of_others_has_the_form_of_a_published_message) {
    exz_socket publisher = open_socket(EXZ_PUB), asking = open_socket(EXZ_SUB);
    char endpoint[ENDPOINT_SIZE], line[LINE_SIZE];
    child everything;
    bind_somewhere(publisher, TCP, endpoint);
    child_start(&everything, sibling_program("plain_peer"),
                (const char *const[]){"sub", "connect", endpoint, "2", "", NULL});
    child_expect_line(&everything, line, sizeof line);
    check_status(exz_wait_subscribers(publisher, "any", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_subscribe(asking, "topic"), EXZ_OK);
    connect_to(asking, endpoint);
    check_status(exz_wait_subscribed(asking, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(publisher, "topic", "payload", 7, PATIENCE_MS), EXZ_OK);
    child_expect_line(&everything, line, sizeof line);
    check_text(line, " ");
    child_expect_line(&everything, line, sizeof line);
    check_text(line, "topic payload");
    check_int(child_end(&everything), 0);
    close_socket(asking);
    close_socket(publisher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_stream_goes_through_whole),
        TEST(a_peer_killed_in_mid_stream_comes_back_and_the_stream_goes_on),
        TEST(a_subscriber_that_is_lost_is_not_counted_any_more),
        TEST(a_publisher_of_another_library_can_not_prove_a_subscription),
        TEST(a_publisher_counts_subscribers_of_another_library),
        TEST(a_question_of_others_has_the_form_of_a_published_message),
    };
    return cmocka_run_group_tests_name("plain peers", tests, NULL, NULL);
}
