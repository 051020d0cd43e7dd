/* SPDX-License-Identifier: Apache-2.0 */
#include "waiting_calls.h"

#include <string.h>
#include <unistd.h>

#include "places.h"

static char endpoint[ENDPOINT_SIZE];
static int deaf = -1;
static exz_socket other;

static exz_status wait_recv(exz_socket s, int32_t timeout_ms) {
    char buffer[8];
    size_t size;
    return exz_recv(&size, s, buffer, sizeof buffer, timeout_ms);
}

static exz_status wait_recv_message(exz_socket s, int32_t timeout_ms) {
    exz_message message;
    return exz_recv_message(&message, s, timeout_ms);
}

static exz_status wait_recv_parts(exz_socket s, int32_t timeout_ms) {
    exz_buffer buffer = {NULL, 0, 0};
    size_t count;
    return exz_recv_parts(&count, s, &buffer, 1, timeout_ms);
}

/* What is lent is never sent. */
static void keep(__attribute__((unused)) void *data, __attribute__((unused)) void *user) {}

static exz_status wait_send_owned(exz_socket s, int32_t timeout_ms) {
    static char data[1];
    return exz_send_owned(s, data, 1, keep, NULL, timeout_ms);
}

static exz_status wait_send(exz_socket s, int32_t timeout_ms) { return exz_send(s, "x", 1, 0, timeout_ms); }

static exz_status wait_send_parts(exz_socket s, int32_t timeout_ms) {
    const exz_part parts[] = {{"x", 1}, {"y", 1}};
    return exz_send_parts(s, parts, COUNT_OF(parts), timeout_ms);
}

static exz_status wait_publish(exz_socket s, int32_t timeout_ms) { return exz_publish(s, "t", "x", 1, timeout_ms); }

static exz_status wait_subscribers(exz_socket s, int32_t timeout_ms) {
    return exz_wait_subscribers(s, "t", 1, timeout_ms);
}

static exz_status wait_subscribed(exz_socket s, int32_t timeout_ms) { return exz_wait_subscribed(s, timeout_ms); }

static exz_status wait_peers(exz_socket s, int32_t timeout_ms) { return exz_wait_peers(s, 1, timeout_ms); }

static exz_status wait_event(exz_socket s, int32_t timeout_ms) {
    exz_event event = EXZ_EVENT_INIT;
    return exz_next_event(&event, s, timeout_ms);
}

static exz_status wait_request(exz_socket s, int32_t timeout_ms) {
    size_t size;
    return exz_request(&size, s, "x", 1, NULL, 0, timeout_ms, NULL);
}

static exz_status wait_request_idempotent(exz_socket s, int32_t timeout_ms) {
    size_t size;
    return exz_request_idempotent(&size, s, "x", 1, NULL, 0, timeout_ms, NULL);
}

static exz_status wait_poll(exz_socket s, int32_t timeout_ms) {
    exz_poll_item item = {s, 0, EXZ_POLL_IN, 0};
    return exz_poll(&item, 1, timeout_ms);
}

static exz_status wait_bind(exz_socket s, int32_t timeout_ms) {
    return exz_socket_bind(s, endpoint, timeout_ms, NULL);
}

static exz_status wait_connect(exz_socket s, int32_t timeout_ms) {
    return exz_socket_connect(s, endpoint, 0, timeout_ms, NULL);
}

static void let_nobody_answer(__attribute__((unused)) exz_socket s, __attribute__((unused)) exz_context context) {
    deaf = deaf_port(endpoint);
}

static void let_another_be_bound(__attribute__((unused)) exz_socket s, exz_context context) {
    check_status(exz_socket_open(&other, context, EXZ_PULL, NULL), EXZ_OK);
    bind_somewhere(other, TCP, endpoint);
}

/* A subscriber that never reads, and its queue full. */
static void fill_a_subscriber(exz_socket s, exz_context context) {
    const exz_socket_options options = waiting_options();
    check_status(exz_socket_open(&other, context, EXZ_SUB, &options), EXZ_OK);
    bind_somewhere(other, INPROC, endpoint);
    check_status(exz_subscribe(other, ""), EXZ_OK);
    connect_to(s, endpoint);
    check_status(exz_wait_subscribers(s, "t", 1, EXZ_DEFAULT_TIMEOUT), EXZ_OK);
    while (exz_publish(s, "t", "x", 1, 0) == EXZ_OK) continue;
}

const waiting_call waiting_calls[] = {
    {"exz_recv", EXZ_PULL, wait_recv, NULL, EXZ_ERR_TIMEOUT},
    {"exz_recv_message", EXZ_SUB, wait_recv_message, NULL, EXZ_ERR_TIMEOUT},
    {"exz_recv_parts", EXZ_PULL, wait_recv_parts, NULL, EXZ_ERR_TIMEOUT},
    {"exz_send_owned", EXZ_PUSH, wait_send_owned, NULL, EXZ_ERR_TIMEOUT},
    {"exz_send", EXZ_PUSH, wait_send, NULL, EXZ_ERR_TIMEOUT},
    {"exz_send_parts", EXZ_DEALER, wait_send_parts, NULL, EXZ_ERR_TIMEOUT},
    {"exz_publish", EXZ_PUB, wait_publish, fill_a_subscriber, EXZ_ERR_TIMEOUT},
    {"exz_wait_subscribers", EXZ_PUB, wait_subscribers, NULL, EXZ_ERR_TIMEOUT},
    {"exz_wait_subscribed", EXZ_SUB, wait_subscribed, NULL, EXZ_ERR_TIMEOUT},
    {"exz_wait_peers", EXZ_PULL, wait_peers, NULL, EXZ_ERR_TIMEOUT},
    {"exz_next_event", EXZ_PULL, wait_event, NULL, EXZ_ERR_TIMEOUT},
    {"exz_request", EXZ_REQ, wait_request, NULL, EXZ_ERR_TIMEOUT},
    {"exz_request_idempotent", EXZ_REQ, wait_request_idempotent, NULL, EXZ_ERR_TIMEOUT},
    {"exz_poll", EXZ_PULL, wait_poll, NULL, EXZ_ERR_TIMEOUT},
    {"exz_socket_bind", EXZ_PULL, wait_bind, let_another_be_bound, EXZ_ERR_ADDRESS_IN_USE},
    {"exz_socket_connect", EXZ_PULL, wait_connect, let_nobody_answer, EXZ_ERR_TIMEOUT},
};

const size_t waiting_call_count = COUNT_OF(waiting_calls);

const waiting_call *waiting_call_named(const char *name) {
    for (size_t i = 0; i < waiting_call_count; i++) {
        if (strcmp(waiting_calls[i].name, name) == 0) return &waiting_calls[i];
    }
    fail_msg("%s is not a call that waits", name);
    return NULL;
}

exz_socket_options waiting_options(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 1;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.retry.max_attempts = 0;
    return options;
}

exz_socket open_waiting(const waiting_call *w, const exz_socket_options *options) {
    return open_waiting_in(EXZ_DEFAULT_CONTEXT, w, options);
}

exz_socket open_waiting_in(exz_context context, const waiting_call *w, const exz_socket_options *options) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, w->type, options), EXZ_OK);
    if (w->prepare != NULL) w->prepare(s, context);
    return s;
}

void release_waiting(void) {
    if (deaf >= 0) close(deaf);
    if (other.id != 0) close_socket(other);
    deaf = -1;
    other.id = 0;
}
