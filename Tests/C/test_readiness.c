/* SPDX-License-Identifier: Apache-2.0
 *
 * What a socket can do now, asked in every way there is and in every state a socket can be in: exz_poll(), the
 * descriptors, ZMQ_EVENTS, and the calls themselves have to agree. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "sockets.h"
#include "worker.h"

#define ZMQ_EVENTS 15

/* The sockets of a state; the first is the one that is asked. */
typedef struct stage {
    exz_socket s, others[2];
    worker w;
    int port;
} stage;

typedef struct state {
    const char *name;
    void (*reach)(stage *at);
    /* What the calls answer. */
    exz_status receive, send;
    /* What is said before. */
    bool is_readable, is_writable;
    void (*leave)(stage *at);
} state;

static exz_socket_options small_queues(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 1;
    return options;
}

static void link_inproc(stage *at, exz_socket s, exz_socket other) {
    linked pair = link_sockets(s, other, INPROC);
    at->s = pair.bound;
    at->others[0] = pair.connected;
}

/* --- nobody there --- */

static void fresh_pull(stage *at) { at->s = open_socket(EXZ_PULL); }
static void fresh_push(stage *at) { at->s = open_socket(EXZ_PUSH); }
static void fresh_dealer(stage *at) { at->s = open_socket(EXZ_DEALER); }
static void fresh_pair(stage *at) { at->s = open_socket(EXZ_PAIR); }
static void fresh_req(stage *at) { at->s = open_socket(EXZ_REQ); }
static void fresh_rep(stage *at) { at->s = open_socket(EXZ_REP); }
static void fresh_pub(stage *at) { at->s = open_socket(EXZ_PUB); }
static void fresh_sub(stage *at) { at->s = open_socket(EXZ_SUB); }
static void fresh_router(stage *at) { at->s = open_socket(EXZ_ROUTER); }

static void bound_dealer(stage *at) {
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(at->s = open_socket(EXZ_DEALER), TCP, endpoint);
}

static void bound_router(stage *at) {
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(at->s = open_socket(EXZ_ROUTER), TCP, endpoint);
}

static void connect_to_the_deaf(stage *at, exz_socket_type type) {
    char endpoint[ENDPOINT_SIZE];
    at->port = deaf_port(endpoint);
    at->s = open_socket(type);
    connect_later(at->s, endpoint);
    expect_event(at->s, EXZ_EVENT_CONNECTING);
}

static void connecting_dealer(stage *at) { connect_to_the_deaf(at, EXZ_DEALER); }
static void connecting_push(stage *at) { connect_to_the_deaf(at, EXZ_PUSH); }
static void connecting_req(stage *at) { connect_to_the_deaf(at, EXZ_REQ); }

/* --- linked --- */

static void linked_dealers(stage *at) { link_inproc(at, open_socket(EXZ_DEALER), open_socket(EXZ_DEALER)); }

static void full_push(stage *at) {
    exz_socket_options options = small_queues();
    link_inproc(at, open_with(EXZ_PUSH, &options), open_with(EXZ_PULL, &options));
    exz_status status;
    while ((status = exz_send(at->s, "x", 1, 0, 0)) == EXZ_OK) continue;
    check_status(status, EXZ_ERR_TIMEOUT);
}

static void arrived(stage *at) {
    linked_dealers(at);
    send_text(at->others[0], "text");
}

static void held(stage *at) {
    size_t size = 0;
    arrived(at);
    check_status(exz_recv(&size, at->s, NULL, 0, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
}

static void several_parts(stage *at) {
    const exz_part parts[] = {{"a", 1}, {"b", 1}};
    linked_dealers(at);
    check_status(exz_send_parts(at->others[0], parts, 2, PATIENCE_MS), EXZ_OK);
}

static void several_parts_held(stage *at) {
    char buffer[8];
    size_t size = 0;
    several_parts(at);
    check_status(exz_recv(&size, at->s, buffer, sizeof buffer, PATIENCE_MS), EXZ_ERR_STATE);
}

static void closed(stage *at) {
    linked_dealers(at);
    close_socket(at->s);
}

/* --- requests --- */

static void requesters(stage *at) { link_inproc(at, open_socket(EXZ_REQ), open_socket(EXZ_REP)); }

static void asked(stage *at) {
    requesters(at);
    send_text(at->s, "one");
}

static void answered(stage *at) {
    asked(at);
    expect_text(at->others[0], "one");
    send_text(at->others[0], "to one");
}

static void answered_late(stage *at) {
    asked(at);
    expect_text(at->others[0], "one");
    send_text(at->s, "two");
    send_text(at->others[0], "to one");
}

static exz_status request(void *argument) {
    stage *at = argument;
    char reply[8];
    size_t size = 0;
    return exz_request(&size, at->s, "one", 3, reply, sizeof reply, PATIENCE_MS, NULL);
}

static void requesting(stage *at) {
    requesters(at);
    worker_start(&at->w, request, at);
    expect_text(at->others[0], "one");
    worker_await_sleep(&at->w);
}

static void end_request(stage *at) {
    send_text(at->others[0], "done");
    check_status(worker_join(&at->w), EXZ_OK);
}

static void before_a_request(stage *at) { link_inproc(at, open_socket(EXZ_REP), open_socket(EXZ_REQ)); }

static void with_a_request(stage *at) {
    before_a_request(at);
    send_text(at->others[0], "one");
}

static void after_a_request(stage *at) {
    with_a_request(at);
    expect_text(at->s, "one");
}

static void with_what_is_no_request(stage *at) {
    link_inproc(at, open_socket(EXZ_REP), open_socket(EXZ_DEALER));
    send_text(at->others[0], "no envelope");
}

/* --- publish and subscribe --- */

static void somebody_elses_echo(stage *at) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket publisher = open_socket(EXZ_PUB);
    bind_somewhere(publisher, INPROC, endpoint);
    at->s = open_socket(EXZ_SUB);
    at->others[0] = open_socket(EXZ_SUB);
    at->others[1] = publisher;
    check_status(exz_subscribe(at->s, ""), EXZ_OK);
    connect_to(at->s, endpoint);
    check_status(exz_wait_subscribers(publisher, "t", 1, PATIENCE_MS), EXZ_OK);
    connect_to(at->others[0], endpoint);
    check_status(exz_wait_subscribed(at->others[0], PATIENCE_MS), EXZ_OK);
}

static void published(stage *at) {
    somebody_elses_echo(at);
    check_status(exz_publish(at->others[1], "t", "x", 1, PATIENCE_MS), EXZ_OK);
}

/* The messages of another topic have room. */
static void full_publisher(stage *at) {
    exz_socket_options options = small_queues();
    options.on_full = EXZ_ON_FULL_WAIT;
    link_inproc(at, open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options));
    check_status(exz_subscribe(at->others[0], "t"), EXZ_OK);
    check_status(exz_wait_subscribers(at->s, "t", 1, PATIENCE_MS), EXZ_OK);
    exz_status status;
    while ((status = exz_publish(at->s, "t", "x", 1, 0)) == EXZ_OK) continue;
    check_status(status, EXZ_ERR_TIMEOUT);
}

static void router_with_a_peer(stage *at) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.identity = "peer";
    options.identity_size = 4;
    link_inproc(at, open_socket(EXZ_ROUTER), open_with(EXZ_DEALER, &options));
}

/* Who asks whether there is a message must not make a later one come second. */
static void newest_of_two(stage *at) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    char endpoint[ENDPOINT_SIZE];
    options.wire_form = EXZ_WIRE_SPACE;
    at->others[0] = open_with(EXZ_PUB, &options);
    options.conflate = 1;
    at->s = open_with(EXZ_SUB, &options);
    bind_somewhere(at->others[0], INPROC, endpoint);
    check_status(exz_subscribe(at->s, ""), EXZ_OK);
    connect_to(at->s, endpoint);
    check_status(exz_wait_subscribers(at->others[0], "t", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(at->others[0], "t", "older", 5, PATIENCE_MS), EXZ_OK);
    exz_poll_item item = {.socket = at->s, .events = EXZ_POLL_IN};
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(at->others[0], "t", "newer", 5, PATIENCE_MS), EXZ_OK);
}

static const state states[] = {
    {"a fresh PULL", fresh_pull, EXZ_ERR_TIMEOUT, EXZ_ERR_NOT_SUPPORTED, false, false, NULL},
    {"a fresh PUSH", fresh_push, EXZ_ERR_NOT_SUPPORTED, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a fresh DEALER", fresh_dealer, EXZ_ERR_TIMEOUT, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a fresh PAIR", fresh_pair, EXZ_ERR_TIMEOUT, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a fresh REQ", fresh_req, EXZ_ERR_STATE, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a fresh REP", fresh_rep, EXZ_ERR_TIMEOUT, EXZ_ERR_STATE, false, false, NULL},
    {"a fresh PUB", fresh_pub, EXZ_ERR_NOT_SUPPORTED, EXZ_OK, false, true, NULL},
    {"a fresh SUB", fresh_sub, EXZ_ERR_TIMEOUT, EXZ_ERR_NOT_SUPPORTED, false, false, NULL},
    {"a fresh ROUTER", fresh_router, EXZ_ERR_TIMEOUT, EXZ_ERR_UNREACHABLE, false, false, NULL},
    {"bound without a peer", bound_dealer, EXZ_ERR_TIMEOUT, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a ROUTER bound without a peer", bound_router, EXZ_ERR_TIMEOUT, EXZ_ERR_UNREACHABLE, false, false, NULL},
    {"a DEALER that connects", connecting_dealer, EXZ_ERR_TIMEOUT, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a PUSH that connects", connecting_push, EXZ_ERR_NOT_SUPPORTED, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a REQ that connects", connecting_req, EXZ_ERR_STATE, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"linked", linked_dealers, EXZ_ERR_TIMEOUT, EXZ_OK, false, true, NULL},
    {"a full queue", full_push, EXZ_ERR_NOT_SUPPORTED, EXZ_ERR_TIMEOUT, false, false, NULL},
    {"a message there", arrived, EXZ_OK, EXZ_OK, true, true, NULL},
    {"a message held", held, EXZ_OK, EXZ_OK, true, true, NULL},
    {"several parts there", several_parts, EXZ_ERR_STATE, EXZ_OK, true, true, NULL},
    {"several parts held", several_parts_held, EXZ_ERR_STATE, EXZ_OK, true, true, NULL},
    {"closed", closed, EXZ_ERR_CLOSED, EXZ_ERR_CLOSED, false, false, NULL},
    {"a REQ before it asks", requesters, EXZ_ERR_STATE, EXZ_OK, false, true, NULL},
    {"a REQ that has asked", asked, EXZ_ERR_TIMEOUT, EXZ_OK, false, true, NULL},
    {"a REQ with its answer", answered, EXZ_OK, EXZ_OK, true, true, NULL},
    {"a REQ with the answer to a former request", answered_late, EXZ_ERR_TIMEOUT, EXZ_OK, false, true, NULL},
    {"a REQ in exz_request()", requesting, EXZ_ERR_STATE, EXZ_ERR_STATE, false, false, end_request},
    {"a REP before a request", before_a_request, EXZ_ERR_TIMEOUT, EXZ_ERR_STATE, false, false, NULL},
    {"a REP with a request", with_a_request, EXZ_OK, EXZ_ERR_STATE, true, false, NULL},
    {"a REP after a request", after_a_request, EXZ_ERR_STATE, EXZ_OK, false, true, NULL},
    {"a REP with what is no request", with_what_is_no_request, EXZ_ERR_TIMEOUT, EXZ_ERR_STATE, false, false, NULL},
    {"a SUB with another one's echo", somebody_elses_echo, EXZ_ERR_TIMEOUT, EXZ_ERR_NOT_SUPPORTED, false, false, NULL},
    {"a SUB with a message behind an echo", published, EXZ_ERR_STATE, EXZ_ERR_NOT_SUPPORTED, true, false, NULL},
    {"a PUB that waits for one topic", full_publisher, EXZ_ERR_NOT_SUPPORTED, EXZ_OK, false, true, NULL},
    {"a ROUTER with a peer", router_with_a_peer, EXZ_ERR_TIMEOUT, EXZ_OK, false, true, NULL},
    {"the newest of two", newest_of_two, EXZ_OK, EXZ_ERR_NOT_SUPPORTED, true, false, NULL},
};

/* Those of a socket; negative where it has none. */
typedef struct descriptors {
    int of_messages, of_room;
} descriptors;

static bool is_descriptor_readable(int descriptor) {
    struct pollfd item = {.fd = descriptor, .events = POLLIN};
    return poll(&item, 1, 0) == 1;
}

/* Every way to ask, twice, as asking must not change the answer. */
static void check_said(const state *expected, exz_socket s, descriptors watched) {
    for (int time = 0; time < 2; time++) {
        exz_poll_item item = {.socket = s, .events = EXZ_POLL_IN | EXZ_POLL_OUT};
        const exz_status status = exz_poll(&item, 1, 0);
        int64_t events = 0;
        if (expected->receive == EXZ_ERR_CLOSED) {
            check_status(status, EXZ_ERR_CLOSED);
            check_status(exz_socket_get_int(&events, s, ZMQ_EVENTS), EXZ_ERR_CLOSED);
            continue;
        }
        check_int(item.revents & EXZ_POLL_IN, expected->is_readable ? EXZ_POLL_IN : 0);
        check_int(item.revents & EXZ_POLL_OUT, expected->is_writable ? EXZ_POLL_OUT : 0);
        check_status(status, expected->is_readable || expected->is_writable ? EXZ_OK : EXZ_ERR_TIMEOUT);
        check_status(exz_socket_get_int(&events, s, ZMQ_EVENTS), EXZ_OK);
        check_int(events, (expected->is_readable ? 1 : 0) | (expected->is_writable ? 2 : 0));
        if (watched.of_messages >= 0)
            check_int(is_descriptor_readable(watched.of_messages), expected->is_readable);
        if (watched.of_room >= 0) check_int(is_descriptor_readable(watched.of_room), expected->is_writable);
    }
}

static void check_receive(const state *expected, exz_socket s) {
    char buffer[16];
    size_t size = 0;
    check_status(exz_recv(&size, s, buffer, sizeof buffer, 0), expected->receive);
    if (expected->reach == newest_of_two) check(size == 7 && memcmp(buffer, "t newer", 7) == 0);
}

static void check_send(const state *expected, exz_socket s) {
    const exz_part parts[] = {{"peer", 4}, {"x", 1}};
    const bool is_router = expected->reach == fresh_router || expected->reach == bound_router ||
                           expected->reach == router_with_a_peer;
    check_status(is_router ? exz_send_parts(s, parts, 2, 0) : exz_send(s, "x", 1, 0, 0), expected->send);
}

static void run(const state *expected, int which, void (*act)(const state *, exz_socket)) {
    static const char *const with[] = {"", ", with a descriptor", ", with one for room", ", with both descriptors"};
    stage at = {.port = -1};
    in_row("%s%s", expected->name, with[which]);
    expected->reach(&at);
    descriptors watched = {-1, -1};
    if (which & 1) (void)exz_socket_fd(&watched.of_messages, at.s);
    if (which & 2) (void)exz_socket_send_fd(&watched.of_room, at.s);
    check_said(expected, at.s, watched);
    act(expected, at.s);
    if (expected->leave != NULL) expected->leave(&at);
    close_socket(at.s);
    for (size_t i = 0; i < COUNT_OF(at.others); i++) {
        if (at.others[i].id != 0) close_socket(at.others[i]);
    }
    if (at.port >= 0) close(at.port);
}

CASE(what_is_said_of_receiving_is_what_a_receive_does) {
    for (size_t i = 0; i < 4 * COUNT_OF(states); i++) run(&states[i / 4], (int)(i % 4), check_receive);
}

CASE(what_is_said_of_sending_is_what_a_send_does) {
    for (size_t i = 0; i < 4 * COUNT_OF(states); i++) run(&states[i / 4], (int)(i % 4), check_send);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_said_of_receiving_is_what_a_receive_does),
        TEST(what_is_said_of_sending_is_what_a_send_does),
    };
    return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
