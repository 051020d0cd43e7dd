/* SPDX-License-Identifier: Apache-2.0
 *
 * libzmq's options by their numbers: what is set can be read, what is out of range or the library's own is refused. */
#include <string.h>
#include <zmq.h>

#include "monotonic.h"
#include "sockets.h"

static int64_t number_of(exz_socket s, int32_t option) {
    int64_t value = INT64_MIN;
    check_status(exz_socket_get_int(&value, s, option), EXZ_OK);
    return value;
}

CASE(numbers_can_be_set_and_read) {
    const struct {
        int32_t option;
        int64_t values[3];
    } rows[] = {
        {ZMQ_RATE, {1, 100, 1000}},
        {ZMQ_RECOVERY_IVL, {0, 1, 10000}},
        {ZMQ_SNDBUF, {-1, 0, 100000}},
        {ZMQ_RCVBUF, {-1, 0, 100000}},
        {ZMQ_LINGER, {0, 1, 100}},
        {ZMQ_BACKLOG, {1, 100, 1000}},
        {ZMQ_MAXMSGSIZE, {-1, 1024, INT64_C(5000000000)}},
        {ZMQ_SNDHWM, {0, 1, 100000}},
        {ZMQ_RCVHWM, {0, 1, 100000}},
        {ZMQ_MULTICAST_HOPS, {1, 2, 255}},
        {ZMQ_TCP_KEEPALIVE, {-1, 0, 1}},
        {ZMQ_TCP_KEEPALIVE_CNT, {-1, 1, 127}},
        {ZMQ_TCP_KEEPALIVE_IDLE, {-1, 1, 32767}},
        {ZMQ_TCP_KEEPALIVE_INTVL, {-1, 1, 32767}},
        {ZMQ_TOS, {0, 16, 255}},
        {ZMQ_HEARTBEAT_TTL, {0, 100, 65500}},
        {ZMQ_HEARTBEAT_TIMEOUT, {0, 1, 100000}},
        {ZMQ_TCP_MAXRT, {0, 1, 100000}},
        {ZMQ_PLAIN_SERVER, {0, 1, 0}},
        {ZMQ_CURVE_SERVER, {0, 1, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        exz_socket s = open_socket(EXZ_PUSH);
        for (size_t j = 0; j < COUNT_OF(rows[i].values); j++) {
            in_row("option %d, %jd", rows[i].option, (intmax_t)rows[i].values[j]);
            check_status(exz_socket_set_int(s, rows[i].option, rows[i].values[j]), EXZ_OK);
            check_int(number_of(s, rows[i].option), rows[i].values[j]);
        }
        close_socket(s);
    }
}

CASE(what_libzmq_tells_can_be_read) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    char endpoint[ENDPOINT_SIZE];
    size_t size = 0;
    check_int(number_of(pair.bound, ZMQ_TYPE), EXZ_PULL);
    check_int(number_of(pair.bound, ZMQ_MECHANISM), ZMQ_NULL);
    check_int(number_of(pair.bound, ZMQ_AFFINITY), 0);
    check_int(number_of(pair.connected, ZMQ_EVENTS), ZMQ_POLLOUT);
    check_int(number_of(pair.bound, ZMQ_EVENTS), 0);
    send_text(pair.connected, "x");
    exz_poll_item item = {pair.bound, 0, EXZ_POLL_IN, 0};
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    check_int(number_of(pair.bound, ZMQ_EVENTS), ZMQ_POLLIN);
    int32_t events = 0;
    check_status(exz_socket_get_bytes(&size, pair.bound, ZMQ_EVENTS, &events, sizeof events), EXZ_OK);
    check_int(size, sizeof events);
    check_int(events, ZMQ_POLLIN);
    check_status(exz_socket_get_bytes(&size, pair.bound, ZMQ_EVENTS, &events, 3), EXZ_ERR_TOO_SMALL);
    expect_text(pair.bound, "x");
    check_status(exz_socket_get_bytes(&size, pair.bound, ZMQ_LAST_ENDPOINT, endpoint, sizeof endpoint), EXZ_OK);
    check_int(size, strlen(pair.endpoint) + 1);
    check_text(endpoint, pair.endpoint);
    const int32_t hidden[] = {ZMQ_FD, ZMQ_RCVMORE};
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        int64_t value = 99;
        check_status(exz_socket_get_int(&value, pair.bound, hidden[i]), EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_socket_get_bytes(&size, pair.bound, hidden[i], endpoint, 4), EXZ_ERR_NOT_SUPPORTED);
        check_int(value, 99);
    }
    close_linked(pair);
}

CASE(bytes_can_be_set_and_read) {
    const struct {
        int32_t option;
        const char *bytes;
        size_t size, read;
    } rows[] = {
        {ZMQ_ROUTING_ID, "a\0b", 3, 3},
        {ZMQ_ROUTING_ID, "four", 4, 4},
        {ZMQ_ZAP_DOMAIN, "domain", 6, 7},
        {ZMQ_PLAIN_USERNAME, "user", 4, 5},
        {ZMQ_PLAIN_PASSWORD, "password", 8, 9},
    };
    exz_socket s = open_socket(EXZ_DEALER);
    char buffer[64];
    size_t size = 99;
    check_status(exz_socket_get_bytes(&size, s, ZMQ_ROUTING_ID, NULL, 0), EXZ_OK);
    check_int(size, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("option %d, \"%s\"", rows[i].option, rows[i].bytes);
        memset(buffer, 'z', sizeof buffer);
        check_status(exz_socket_set_bytes(s, rows[i].option, rows[i].bytes, rows[i].size), EXZ_OK);
        for (size_t room = 0; room < rows[i].read; room++) {
            size = 0;
            exz_status status = exz_socket_get_bytes(&size, s, rows[i].option, room > 0 ? buffer : NULL, room);
            check_status(status, EXZ_ERR_TOO_SMALL);
            check_int(size, rows[i].read);
        }
        check_status(exz_socket_get_bytes(&size, s, rows[i].option, buffer, rows[i].read), EXZ_OK);
        check_int(size, rows[i].read);
        check(memcmp(buffer, rows[i].bytes, rows[i].size) == 0);
        check_int(buffer[rows[i].read], 'z');
        /* A text is no number, whatever its length. */
        int64_t number = 99;
        check_status(exz_socket_get_int(&number, s, rows[i].option), EXZ_ERR_INVALID);
        check_int(number, 99);
        check_status(exz_socket_set_int(s, rows[i].option, 0x61616161), EXZ_ERR_INVALID);
    }
    check_status(exz_socket_get_bytes(&size, s, ZMQ_PLAIN_USERNAME, buffer, sizeof buffer), EXZ_OK);
    check_text(buffer, "user");
    close_socket(s);
}

CASE(what_is_out_of_range_is_refused) {
    const struct {
        int32_t option;
        int64_t value;
    } rows[] = {
        {ZMQ_HEARTBEAT_TTL, 66000},       {ZMQ_HEARTBEAT_TTL, -1},
        {ZMQ_HEARTBEAT_TTL, 6553600},     {ZMQ_HEARTBEAT_TTL, INT32_MIN},
        {ZMQ_HEARTBEAT_TIMEOUT, -2},      {ZMQ_TOS, -1},
        {ZMQ_TOS, 256},                   {ZMQ_TOS, INT32_MAX},
        {ZMQ_TCP_KEEPALIVE, 2},           {ZMQ_TCP_KEEPALIVE, -2},
        {ZMQ_TCP_KEEPALIVE_CNT, 0},       {ZMQ_TCP_KEEPALIVE_CNT, 128},
        {ZMQ_TCP_KEEPALIVE_IDLE, 0},      {ZMQ_TCP_KEEPALIVE_IDLE, 32768},
        {ZMQ_TCP_KEEPALIVE_INTVL, 0},     {ZMQ_TCP_KEEPALIVE_INTVL, 40000},
        {ZMQ_LINGER, -1},                 {ZMQ_LINGER, INT64_C(1) << 31},
        {ZMQ_SNDHWM, -1},                 {ZMQ_SNDHWM, INT64_C(1) << 32},
        {ZMQ_RCVHWM, -1},                 {ZMQ_MAXMSGSIZE, -2},
        {ZMQ_MAXMSGSIZE, INT64_MIN},      {ZMQ_RATE, 0},
        {ZMQ_RATE, INT64_C(1) << 40},     {ZMQ_TCP_MAXRT, -1},
        {ZMQ_PLAIN_SERVER, 2},            {ZMQ_ROUTING_ID, 1},
        {ZMQ_SUBSCRIBE, 1},               {ZMQ_TYPE, 1},
        {ZMQ_LAST_ENDPOINT, 1},           {ZMQ_EVENTS, 1},
        {0, 1},                           {-1, 1},
        {3, 1},                           {199, 1},
        {INT32_MAX, 1},                   {INT32_MIN, 1},
    };
    exz_socket s = open_socket(EXZ_PUSH);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("option %d, %jd", rows[i].option, (intmax_t)rows[i].value);
        int64_t before = 0, after = 0;
        exz_status readable = exz_socket_get_int(&before, s, rows[i].option);
        check_status(exz_socket_set_int(s, rows[i].option, rows[i].value), EXZ_ERR_INVALID);
        check_status(exz_socket_get_int(&after, s, rows[i].option), readable);
        check_int(after, before);
    }
    char long_name[256];
    memset(long_name, 'n', sizeof long_name);
    check_status(exz_socket_set_bytes(s, ZMQ_ROUTING_ID, long_name, 256), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_ROUTING_ID, NULL, 0), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_ROUTING_ID, "\0a", 2), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_ZAP_DOMAIN, NULL, 0), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_PLAIN_USERNAME, long_name, 256), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_CURVE_SERVERKEY, "short", 5), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_LINGER, "\0\0\0\0", 4), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, ZMQ_TOS, "\1\0\0\0", 4), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(s, 199, "x", 1), EXZ_ERR_INVALID);
    close_socket(s);
}

CASE(what_is_the_librarys_own_is_refused_on_every_type) {
    const int32_t own[] = {ZMQ_RCVTIMEO, ZMQ_SNDTIMEO, ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX, ZMQ_HANDSHAKE_IVL,
                           ZMQ_CONNECT_TIMEOUT, ZMQ_IMMEDIATE, ZMQ_IPV6, ZMQ_CONFLATE, ZMQ_ROUTER_MANDATORY,
                           ZMQ_ROUTER_RAW, ZMQ_REQ_RELAXED, ZMQ_CONNECT_ROUTING_ID, ZMQ_USE_FD,
                           ZMQ_SOCKS_PROXY, ZMQ_AFFINITY, ZMQ_HEARTBEAT_IVL, 31 /* ZMQ_IPV4ONLY */,
                           109 /* ZMQ_RECONNECT_STOP */};
    const int32_t of_xpub[] = {ZMQ_XPUB_VERBOSE, ZMQ_XPUB_VERBOSER, ZMQ_XPUB_MANUAL, ZMQ_XPUB_WELCOME_MSG,
                               ZMQ_INVERT_MATCHING};
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        exz_socket s = open_socket(type);
        for (size_t i = 0; i < COUNT_OF(own); i++) {
            in_row("type %d, option %d", type, own[i]);
            for (int64_t value = -1; value <= 1; value++)
                check_status(exz_socket_set_int(s, own[i], value), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_set_bytes(s, own[i], "\1\0\0\0", 4), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_set_bytes(s, own[i], NULL, 0), EXZ_ERR_NOT_SUPPORTED);
        }
        for (size_t i = 0; i < COUNT_OF(of_xpub); i++) {
            if (type == EXZ_XPUB || type == EXZ_XSUB) continue;
            in_row("type %d, option %d", type, of_xpub[i]);
            check_status(exz_socket_set_int(s, of_xpub[i], 1), EXZ_ERR_NOT_SUPPORTED);
        }
        in_row("type %d, numbered requests", type);
        check_status(exz_socket_set_int(s, ZMQ_REQ_CORRELATE, 1), type == EXZ_REQ ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        const exz_status expected = type == EXZ_SUB || type == EXZ_XSUB ? EXZ_ERR_NOT_SUPPORTED : EXZ_OK;
        in_row("type %d", type);
        check_status(exz_socket_set_int(s, ZMQ_SNDHWM, 10), expected);
        close_socket(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(numbers_can_be_set_and_read),
        TEST(what_libzmq_tells_can_be_read),
        TEST(bytes_can_be_set_and_read),
        TEST(what_is_out_of_range_is_refused),
        TEST(what_is_the_librarys_own_is_refused_on_every_type),
    };
    return cmocka_run_group_tests_name("options by number", tests, NULL, NULL);
}
