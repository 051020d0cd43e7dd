/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that are replaced when the socket is there already, up to its first bind or connect. */
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "security_fields.h"
#include "watching.h"
#include "worker.h"

/* Of <zmq.h>. */
enum { ROUTING_ID = 5, BACKLOG = 19, MECHANISM = 43, PLAIN_SERVER = 44 };

static const struct {
    const char *name;
    int number;
} numbers[] = {
    {"ZMQ_SNDHWM", 23},       {"ZMQ_RCVHWM", 24},        {"ZMQ_LINGER", 17},        {"ZMQ_MAXMSGSIZE", 22},
    {"ZMQ_SNDBUF", 11},       {"ZMQ_RCVBUF", 12},        {"ZMQ_CONFLATE", 54},      {"ZMQ_RECONNECT_IVL", 18},
    {"ZMQ_HEARTBEAT_IVL", 75}, {"ZMQ_RECONNECT_IVL_MAX", 21}, {"ZMQ_HEARTBEAT_TTL", 76}, {"ZMQ_TCP_KEEPALIVE", 34},
};

static exz_socket_options other_options(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = 17;
    options.receive_hwm = 0;
    options.linger_ms = 23;
    options.heartbeat_interval_ms = type == EXZ_REQ ? 0 : 5000;
    options.keepalive_ms = 0;
    options.max_message_size = 5000;
    options.conflate = type == EXZ_PUSH || type == EXZ_PULL || type == EXZ_DEALER;
    options.send_buffer = 30000;
    options.receive_buffer = 40000;
    options.retry.initial_backoff_ms = 777;
    options.retry.max_backoff_ms = 888;
    options.retry.seed = 1;
    return options;
}

static exz_socket_options usual_options(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    /* What is drawn is the same each time. */
    options.retry.seed = 2;
    return options;
}

static void set_options(exz_socket s, const exz_socket_options *options) {
    check_status(exz_socket_set_options(s, options, NULL), EXZ_OK);
}

/* What libzmq has of them. */
static void check_like(exz_socket s, const exz_socket_options *options, exz_socket_type type) {
    exz_socket model = open_with(type, options);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t value = -9, expected = -8;
        in_row("type %d, %s", type, numbers[i].name);
        check_status(exz_socket_get_int(&expected, model, numbers[i].number), EXZ_OK);
        check_status(exz_socket_get_int(&value, s, numbers[i].number), EXZ_OK);
        check_int(value, expected);
    }
    close_socket(model);
}

CASE(libzmq_has_what_it_would_have_had_from_the_beginning) {
    const exz_socket_options usual = usual_options();
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        const exz_socket_options other = other_options(type);
        exz_socket s = open_with(type, &usual);
        set_options(s, &other);
        check_like(s, &other, type);
        set_options(s, &usual);
        check_like(s, &usual, type);
        close_socket(s);
    }
}

CASE(calls_go_by_the_new_ones) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    exz_socket push = open_socket(EXZ_PUSH);
    char endpoint[ENDPOINT_SIZE], text[8];
    size_t size;
    const int port = reserve_port(endpoint);
    exz_error error = {.size = sizeof error};
    options.default_timeout_ms = 0;
    options.max_message_size = 4;
    options.retry.max_attempts = 1;
    options.event_capacity = 1;
    set_options(push, &options);
    check_status(exz_send(push, "12345", 5, 0, 0), EXZ_ERR_TOO_LARGE);
    const uint64_t before = stats_of(push).timeouts;
    check_status(exz_send(push, "1234", 4, 0, EXZ_DEFAULT_TIMEOUT), EXZ_ERR_TIMEOUT);
    /* It was a try. */
    check_int(stats_of(push).timeouts, before);
    check_status(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
    check_int(error.attempts, 1);
    check(stats_of(push).events_dropped > 0);
    close_socket(push);
    close(port);

    linked pair = {.bound = open_socket(EXZ_PUB), .connected = open_socket(EXZ_SUB)};
    exz_socket_options_init(&options);
    options.wire_form = EXZ_WIRE_SPACE;
    set_options(pair.bound, &options);
    pair = link_sockets(pair.bound, pair.connected, TCP);
    check_status(exz_subscribe(pair.connected, "t"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "t", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(pair.bound, "t", "x", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pair.connected, text, sizeof text, PATIENCE_MS), EXZ_OK);
    check(size == 3 && memcmp(text, "t x", 3) == 0);
    close_linked(pair);
}

CASE(requests_are_made_again_by_the_new_policy) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    linked pair = {.bound = open_socket(EXZ_REP), .connected = open_socket(EXZ_REQ)};
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 1;
    options.retry.attempt_timeout_ms = 1;
    set_options(pair.connected, &options);
    /* Where a connect takes no time. */
    pair = link_sockets(pair.bound, pair.connected, INPROC);
    exz_error error = {.size = sizeof error};
    size_t size;
    check_status(exz_request_idempotent(&size, pair.connected, "x", 1, NULL, 0, PATIENCE_MS, &error), EXZ_ERR_TIMEOUT);
    check_int(error.attempts, 2);
    close_linked(pair);
}

CASE(after_the_first_link_it_is_too_late) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    char endpoint[ENDPOINT_SIZE];
    const int port = reserve_port(endpoint);
    for (int way = 0; way < 4; way++) {
        in_row("way %d", way);
        exz_socket s = open_socket(EXZ_PULL);
        options.receive_hwm = 5;
        set_options(s, &options);
        switch (way) {
        case 0: bind_somewhere(s, TCP, endpoint); break;
        case 1: connect_later(s, endpoint); break;
        case 2: check_status(exz_socket_connect(s, endpoint, 0, 0, NULL), EXZ_ERR_TIMEOUT); break;
        default: connect_later(s, "inproc://nobody"); break;
        }
        exz_error error = {.size = sizeof error};
        options.receive_hwm = 6;
        check_status(exz_socket_set_options(s, &options, &error), EXZ_ERR_STATE);
        check_int(error.status, EXZ_ERR_STATE);
        check(strstr(error.message, "before the first bind or connect") != NULL);
        int64_t value;
        check_status(exz_socket_get_int(&value, s, 24 /* ZMQ_RCVHWM */), EXZ_OK);
        check_int(value, 5);
        close_socket(s);
    }
    close(port);
}

CASE(what_is_refused_changes_nothing) {
    const exz_socket_options usual = usual_options();
    exz_socket s = open_with(EXZ_PAIR, &usual);
    exz_error error = {.size = sizeof error};
    exz_socket_options options = other_options(EXZ_PAIR);
    options.conflate = 1;
    check_status(exz_socket_set_options(s, &options, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "conflate") != NULL);
    options.conflate = 0;
    options.size = 1;
    check_status(exz_socket_set_options(s, &options, NULL), EXZ_ERR_INVALID);
    options = other_options(EXZ_PAIR);
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    security.username = security.password = "x";
    options.security = &security;
    check_status(exz_socket_set_options(s, &options, NULL), EXZ_ERR_NOT_SUPPORTED);
    check_like(s, &usual, EXZ_PAIR);
    close_socket(s);
}

static exz_status receive(void *s) {
    char buffer[8];
    size_t size;
    return exz_recv(&size, *(exz_socket *)s, buffer, sizeof buffer, PATIENCE_MS);
}

CASE(who_waits_and_who_watches_goes_on) {
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    const exz_socket_options pulls = other_options(EXZ_PULL), pushes = other_options(EXZ_PUSH);
    const int fd = descriptor_of(pull), room = descriptor_for_sending(push);
    worker w;
    worker_start(&w, receive, &pull);
    worker_await_sleep(&w);
    set_options(pull, &pulls);
    set_options(push, &pushes);
    check(!atomic_load(&w.is_done));
    linked pair = link_sockets(pull, push, TCP);
    await_readable(room);
    send_text(push, "1");
    check_status(worker_join(&w), EXZ_OK);
    send_text(push, "2");
    await_readable(fd);
    expect_text(pull, "2");
    check(!is_readable(fd));
    close_linked(pair);
}

CASE(subscriptions_and_what_was_set_by_number_stay) {
    exz_socket sub = open_socket(EXZ_SUB), pub = open_socket(EXZ_PUB);
    const exz_socket_options options = other_options(EXZ_SUB);
    int64_t value;
    check_status(exz_subscribe(sub, "t"), EXZ_OK);
    check_status(exz_socket_set_int(sub, BACKLOG, 7), EXZ_OK);
    set_options(sub, &options);
    check_status(exz_socket_get_int(&value, sub, BACKLOG), EXZ_OK);
    check_int(value, 7);
    linked pair = link_sockets(pub, sub, TCP);
    check_status(exz_wait_subscribers(pub, "t", 1, PATIENCE_MS), EXZ_OK);
    close_linked(pair);
}

CASE(identity_and_security_stay_where_there_is_no_other) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    char name[8];
    size_t size;
    int64_t mechanism;
    options.identity = "me";
    options.identity_size = 2;
    exz_socket s = open_with(EXZ_DEALER, &options);
    check_status(exz_socket_set_int(s, PLAIN_SERVER, 1), EXZ_OK);
    set_options(s, NULL);
    check_status(exz_socket_get_bytes(&size, s, ROUTING_ID, name, sizeof name), EXZ_OK);
    check(size == 2 && memcmp(name, "me", 2) == 0);
    check_status(exz_socket_get_int(&mechanism, s, MECHANISM), EXZ_OK);
    check_int(mechanism, 1 /* ZMQ_PLAIN */);
    options.identity = "you";
    options.identity_size = 3;
    set_options(s, &options);
    check_status(exz_socket_get_bytes(&size, s, ROUTING_ID, name, sizeof name), EXZ_OK);
    check(size == 3 && memcmp(name, "you", 3) == 0);
    close_socket(s);

    const key_pair keys = new_keys();
    exz_security security = curve_server(&keys, 0);
    exz_socket_options_init(&options);
    options.security = &security;
    s = open_with(EXZ_PULL, &options);
    set_options(s, NULL);
    check_status(exz_socket_get_int(&mechanism, s, MECHANISM), EXZ_OK);
    check_int(mechanism, 2 /* ZMQ_CURVE */);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(s, TCP, endpoint);
    exz_socket push = open_socket(EXZ_PUSH);
    check_status(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_SECURITY);
    close_socket(push);
    close_socket(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(libzmq_has_what_it_would_have_had_from_the_beginning),
        TEST(calls_go_by_the_new_ones),
        TEST(requests_are_made_again_by_the_new_policy),
        TEST(after_the_first_link_it_is_too_late),
        TEST(what_is_refused_changes_nothing),
        TEST(who_waits_and_who_watches_goes_on),
        TEST(subscriptions_and_what_was_set_by_number_stay),
        TEST(identity_and_security_stay_where_there_is_no_other),
    };
    return cmocka_run_group_tests_name("options before links", tests, NULL, NULL);
}
