/* SPDX-License-Identifier: Apache-2.0 */
#include "sockets.h"

#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "places.h"

const char *transport_name(transport t) {
    static const char *const names[TRANSPORT_COUNT] = {"tcp", "ipc", "inproc"};
    return names[t];
}

exz_socket open_socket(exz_socket_type type) { return open_with(type, NULL); }

exz_socket open_with(exz_socket_type type, const exz_socket_options *options) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, type, options), EXZ_OK);
    return s;
}

void close_socket(exz_socket s) { check_status(exz_socket_close(s, 0), EXZ_OK); }

void bind_somewhere(exz_socket s, transport t, char *endpoint) {
    char wanted[ENDPOINT_SIZE];
    unused_endpoint(t, wanted);
    bind_to(s, wanted);
    check_status(exz_socket_endpoint(s, endpoint, ENDPOINT_SIZE), EXZ_OK);
}

void bind_to(exz_socket s, const char *endpoint) {
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_bind(s, endpoint, PATIENCE_MS, &error);
    if (status != EXZ_OK) print_error("%s\n", error.message);
    check_status(status, EXZ_OK);
}

void connect_to(exz_socket s, const char *endpoint) {
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error);
    if (status != EXZ_OK) print_error("%s\n", error.message);
    check_status(status, EXZ_OK);
}

void connect_later(exz_socket s, const char *endpoint) {
    check_status(exz_socket_connect(s, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
}

linked link_sockets(exz_socket bound, exz_socket connected, transport t) {
    linked pair = {bound, connected, ""};
    bind_somewhere(bound, t, pair.endpoint);
    connect_to(connected, pair.endpoint);
    check_status(exz_wait_peers(bound, 1, PATIENCE_MS), EXZ_OK);
    return pair;
}

linked link_types(exz_socket_type bound, exz_socket_type connected, transport t) {
    return link_sockets(open_socket(bound), open_socket(connected), t);
}

void close_linked(linked pair) {
    close_socket(pair.connected);
    close_socket(pair.bound);
}

void send_text(exz_socket s, const char *text) {
    check_status(exz_send(s, text, strlen(text), 0, PATIENCE_MS), EXZ_OK);
}

void expect_text(exz_socket s, const char *text) {
    char buffer[512];
    size_t size = 0;
    check_status(exz_recv(&size, s, buffer, sizeof buffer - 1, PATIENCE_MS), EXZ_OK);
    buffer[size] = '\0';
    check_text(buffer, text);
}

void check_part(exz_message message, size_t index, const char *text) {
    const void *data = NULL;
    size_t size = 0;
    check_status(exz_message_part(&data, &size, message, index), EXZ_OK);
    check_int(size, strlen(text));
    check(data != NULL);
    check(memcmp(data, text, size) == 0);
}

void check_carries(exz_socket from, exz_socket to) {
    static unsigned number;
    char text[32];
    snprintf(text, sizeof text, "still here %u", ++number);
    send_text(from, text);
    expect_text(to, text);
}

bool next_event_of(exz_event *event, exz_socket s, exz_event_kind kind, int32_t timeout_ms) {
    int64_t deadline = after_ms(timeout_ms);
    do {
        *event = (exz_event)EXZ_EVENT_INIT;
        exz_status status = exz_next_event(event, s, left_ms(deadline));
        if (status == EXZ_ERR_TIMEOUT) continue;
        check_status(status, EXZ_OK);
        if (event->kind == kind) return true;
    } while (now_ns() < deadline);
    return false;
}

exz_event expect_event(exz_socket s, exz_event_kind kind) {
    exz_event event;
    if (!next_event_of(&event, s, kind, PATIENCE_MS)) fail_msg("no event \"%s\" came", exz_event_name(kind));
    return event;
}

exz_event expect_next_event(exz_socket s, exz_event_kind kind) {
    exz_event event = EXZ_EVENT_INIT;
    check_status(exz_next_event(&event, s, PATIENCE_MS), EXZ_OK);
    check_text(exz_event_name(event.kind), exz_event_name(kind));
    return event;
}

void check_no_event(exz_socket s) {
    exz_event event = EXZ_EVENT_INIT;
    event.kind = 99;
    check_status(exz_next_event(&event, s, 0), EXZ_ERR_TIMEOUT);
    check_int(event.kind, 99);
}

exz_stats stats_of(exz_socket s) {
    exz_stats stats = EXZ_STATS_INIT;
    check_status(exz_socket_stats(&stats, s), EXZ_OK);
    return stats;
}

exz_state state_of(exz_socket s) {
    exz_state state = 99;
    check_status(exz_socket_state(&state, s), EXZ_OK);
    return state;
}
