/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: endpoints that are none, at every function that takes one. */
#include <stdlib.h>
#include <string.h>

#include "data_lines.h"
#include "misuse.h"
#include "statuses.h"

static void refuse_to_bind(const char *endpoint, exz_status expected, const char *phrase) {
    refuse_with_error(exz_socket_bind(pull, endpoint, 0, &out.error), expected);
    check(strstr(out.error.message, phrase) != NULL);
    refuse(exz_socket_bind(pull, endpoint, 0, NULL), expected);
}

static void refuse_to_connect(const char *endpoint, exz_status expected, const char *phrase) {
    refuse_with_error(exz_socket_connect(pull, endpoint, 0, 0, &out.error), expected);
    check(strstr(out.error.message, phrase) != NULL);
    refuse_with_error(exz_socket_connect(pull, endpoint, EXZ_CONNECT_BACKGROUND, 0, &out.error), expected);
    check(strstr(out.error.message, phrase) != NULL);
    refuse(exz_socket_connect(pull, endpoint, 0, 0, NULL), expected);
    refuse(exz_socket_connect(pull, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), expected);
}

static void refuse_endpoint(const data_line *line) {
    size_t size;
    char *endpoint = unescaped(line->columns[0], &size);
    check(strlen(endpoint) == size);
    const char *use = line->columns[1];
    const exz_status expected = status_named(line->columns[2]);
    const char *phrase = line->columns[3];

    const bool both = strcmp(use, "both") == 0;
    check(both || strcmp(use, "bind") == 0 || strcmp(use, "connect") == 0);
    if (strcmp(use, "connect") != 0) refuse_to_bind(endpoint, expected, phrase);
    if (strcmp(use, "bind") != 0) refuse_to_connect(endpoint, expected, phrase);
    if (both) {
        refuse(exz_socket_unbind(pull, endpoint), expected);
        refuse(exz_socket_disconnect(pull, endpoint), expected);
    }
    free(endpoint);
}

CASE(bad_endpoints_are_refused) { for_each_line("bad-endpoints.tsv", 5, refuse_endpoint); }

/* An endpoint of so many bytes. */
static void lengthen(char *text, const char *start, size_t length) {
    memset(text, 'a', length);
    memcpy(text, start, strlen(start));
    text[length] = '\0';
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
        MISUSE(bad_endpoints_are_refused),
        MISUSE(an_error_tells_the_endpoint_as_far_as_it_has_room),
        MISUSE(the_longest_names_work),
    };
    return cmocka_run_group_tests_name("misuse of endpoints", tests, NULL, NULL);
}
