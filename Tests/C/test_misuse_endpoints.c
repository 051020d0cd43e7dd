/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: endpoints that are none, at every function that takes one. */
#include <stdio.h>
#include <string.h>

#include "misuse.h"

static void refuse_endpoint(const char *endpoint, exz_status expected) {
    in_row("\"%.100s\"", endpoint);
    refuse_with_error(exz_socket_bind(pull, endpoint, 0, &out.error), expected);
    refuse_with_error(exz_socket_connect(pull, endpoint, 0, 0, &out.error), expected);
    refuse_with_error(exz_socket_connect(pull, endpoint, EXZ_CONNECT_BACKGROUND, 0, &out.error), expected);
    refuse(exz_socket_bind(pull, endpoint, 0, NULL), expected);
    refuse(exz_socket_connect(pull, endpoint, 0, 0, NULL), expected);
    refuse(exz_socket_unbind(pull, endpoint), expected);
    refuse(exz_socket_disconnect(pull, endpoint), expected);
    check(strncmp(out.error.endpoint, "\xA5", 1) == 0);
}

CASE(text_that_is_no_endpoint_is_refused) {
    static const char *const texts[] = {
        "",
        " ",
        "tcp",
        "tcp:",
        "tcp:/",
        "tcp://",
        "tcp:127.0.0.1:5555",
        "tcp:/127.0.0.1:5555",
        "127.0.0.1:5555",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://:5555",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:99999",
        "tcp://127.0.0.1:4294967297",
        "tcp://127.0.0.1:18446744073709551617",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:+1",
        "tcp://127.0.0.1:0x50",
        "tcp://127.0.0.1:80a",
        "tcp://127.0.0.1:8 0",
        "tcp://127.0.0.1: 5555",
        "tcp://127.0.0.1:5555 ",
        " tcp://127.0.0.1:5555",
        "tcp:// 127.0.0.1:5555",
        "tcp://127.0.0.1:5555\n",
        "tcp://127.0.0.1:5555\t",
        "tcp://host name:5555",
        "tcp://host/path:5555",
        "tcp://user@host:5555",
        "tcp://127.0.0.1;127.0.0.1:5555",
        "tcp://::1:5555",
        "tcp://[::1:5555",
        "tcp://[]:5555",
        "tcp://[localhost]:5555",
        "tcp://[::1]",
        "ipc://",
        "inproc://",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) refuse_endpoint(texts[i], EXZ_ERR_INVALID);
}

CASE(no_transport_is_no_endpoint) {
    refuse_endpoint("://127.0.0.1:5555", EXZ_ERR_INVALID);
    refuse_endpoint("://", EXZ_ERR_INVALID);
}

CASE(transports_nobody_carries_are_refused) {
    static const char *const texts[] = {"udp://127.0.0.1:5555", "ws://127.0.0.1:5555", "http://127.0.0.1:80",
                                        "TCP://127.0.0.1:5555", "pgm://eth0;239.0.0.1:5555", "x://y"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) refuse_endpoint(texts[i], EXZ_ERR_NOT_SUPPORTED);
}

CASE(what_can_only_be_bound_can_not_be_connected_to) {
    static const char *const texts[] = {"tcp://127.0.0.1:0", "tcp://127.0.0.1:*", "tcp://*:5555", "tcp://*:*", "ipc://*"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        in_row("%s", texts[i]);
        refuse_with_error(exz_socket_connect(pull, texts[i], 0, 0, &out.error), EXZ_ERR_INVALID);
        refuse(exz_socket_connect(pull, texts[i], EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_ERR_INVALID);
    }
}

/* An endpoint of so many bytes. */
static void lengthen(char *text, const char *start, size_t length) {
    memset(text, 'a', length);
    memcpy(text, start, strlen(start));
    text[length] = '\0';
}

CASE(over_long_endpoints_are_refused) {
    static char text[1 << 20];
    const struct {
        const char *start;
        size_t length;
    } rows[] = {{"tcp://", 1025},  {"tcp://", sizeof text - 1},  {"ipc:///", 6 + 108}, {"ipc:///", sizeof text - 1},
                {"inproc://", 9 + 256}, {"inproc://", sizeof text - 1}, {"nothing", sizeof text - 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        lengthen(text, rows[i].start, rows[i].length);
        refuse_endpoint(text, EXZ_ERR_INVALID);
    }
    lengthen(text, "tcp://", 6 + 254);
    strcat(text, ":5555");
    refuse_endpoint(text, EXZ_ERR_INVALID);
}

CASE(an_error_tells_the_endpoint_as_far_as_it_has_room) {
    char text[400];
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_bind(pull, "tcp://127.0.0.1:65536", 0, &error), EXZ_ERR_INVALID);
    check_text(error.endpoint, "tcp://127.0.0.1:65536");
    check(strstr(error.message, "65536") != NULL);

    lengthen(text, "nothing://", 399);
    check(exz_socket_bind(pull, text, 0, &error) != EXZ_OK);
    check_int(strlen(error.endpoint), sizeof error.endpoint - 1);
    check(strncmp(error.endpoint, text, sizeof error.endpoint - 1) == 0);

    /* Cut between characters, not inside of one. */
    strcpy(text, "nothing://");
    for (int i = 0; i < 150; i++) strcat(text, "\xC3\xA4");
    check(exz_socket_bind(pull, text, 0, &error) != EXZ_OK);
    check_int(strlen(error.endpoint), 254);
    check(strncmp(error.endpoint, text, 254) == 0);
}

/* Repaired they would be other names: whoever asked for one would be bound to another. */
CASE(bytes_that_are_no_utf_8_are_no_endpoint) {
    static const char *const texts[] = {"\xFF\xFE",         "tcp://\xFF:5555",       "ipc://\xC3",
                                        "inproc://a\xFF",    "inproc://\xED\xA0\x80", "tcp://127.0.0.1:\xC3\x28",
                                        "inproc://\xC0\xAF"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        refuse_endpoint(texts[i], EXZ_ERR_INVALID);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_socket_bind(pull, texts[i], 0, &error), EXZ_ERR_INVALID);
        check(strstr(error.message, "UTF-8") != NULL);
    }
    refuse_endpoint("\xF0\x9F\x98\x80://x:1", EXZ_ERR_NOT_SUPPORTED);
    check_carries(push, pull);
}

CASE(the_longest_names_work) {
    char text[300];
    lengthen(text, "inproc://", 9 + 255);
    exz_socket a = open_socket(EXZ_PULL), b = open_socket(EXZ_PUSH);
    bind_to(a, text);
    connect_to(b, text);
    check_carries(b, a);
    close_socket(a);
    close_socket(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(text_that_is_no_endpoint_is_refused),
        MISUSE(no_transport_is_no_endpoint),
        MISUSE(transports_nobody_carries_are_refused),
        MISUSE(what_can_only_be_bound_can_not_be_connected_to),
        MISUSE(over_long_endpoints_are_refused),
        MISUSE(an_error_tells_the_endpoint_as_far_as_it_has_room),
        MISUSE(bytes_that_are_no_utf_8_are_no_endpoint),
        MISUSE(the_longest_names_work),
    };
    return cmocka_run_group_tests_name("misuse of endpoints", tests, NULL, NULL);
}
