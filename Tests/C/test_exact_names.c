/* SPDX-License-Identifier: Apache-2.0
 *
 * Names are bytes: two spellings of the same characters are two names, as they are for libzmq and the file system. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "places.h"

/* é as one character, and as an e with an accent. */
#define COMPOSED "caf\xC3\xA9"
#define DECOMPOSED "cafe\xCC\x81"

typedef struct spellings {
    char composed[ENDPOINT_SIZE], decomposed[ENDPOINT_SIZE];
} spellings;

static spellings spell(transport t) {
    spellings both;
    char path[ENDPOINT_SIZE];
    temporary_path(path);
    const char *scheme = t == IPC ? "ipc" : "inproc";
    check(snprintf(both.composed, ENDPOINT_SIZE, "%s://%.90s" COMPOSED, scheme, path) > 0);
    check(snprintf(both.decomposed, ENDPOINT_SIZE, "%s://%.90s" DECOMPOSED, scheme, path) > 0);
    return both;
}

static void check_another_name(transport t) {
    in_row("%s", transport_name(t));
    const spellings name = spell(t);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket composed = open_socket(EXZ_PULL), decomposed = open_socket(EXZ_PULL);
    exz_socket push = open_with(EXZ_PUSH, &options);
    bind_to(composed, name.composed);
    check(exz_socket_connect(push, name.decomposed, 0, 20, NULL) != EXZ_OK);
    check_status(exz_socket_unbind(composed, name.decomposed), EXZ_ERR_STATE);
    bind_to(decomposed, name.decomposed);
    connect_to(push, name.decomposed);
    check_carries(push, decomposed);
    check_int(stats_of(composed).peers, 0);
    check_status(exz_socket_disconnect(push, name.composed), EXZ_ERR_STATE);
    close_socket(push);
    close_socket(decomposed);
    close_socket(composed);
}

CASE(another_spelling_is_another_name) {
    check_another_name(INPROC);
    check_another_name(IPC);
}

static void check_carries_by(const char *name) {
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_to(pull, name);
    connect_to(push, name);
    check_carries(push, pull);
    check_status(exz_socket_disconnect(push, name), EXZ_OK);
    check_status(exz_socket_unbind(pull, name), EXZ_OK);
    close_socket(push);
    close_socket(pull);
}

CASE(a_path_and_a_name_may_have_spaces) {
    char path[ENDPOINT_SIZE], name[ENDPOINT_SIZE];
    temporary_path(path);
    check(snprintf(name, ENDPOINT_SIZE, "ipc://%.80s/Program Files " COMPOSED, path) > 0);
    check(mkdir(path, 0700) == 0);
    check_carries_by(name);
    check(rmdir(path) == 0);
    check(snprintf(name, ENDPOINT_SIZE, "ipc://@%.80s with a space", path) > 0);
    check_carries_by(name);
    check_carries_by("inproc:// a name ");
    /* Each socket has a monitor with a name of its own. */
    for (int number = 0; number < 50; number++) {
        check(snprintf(name, ENDPOINT_SIZE, "inproc://exz monitor %d", number) > 0);
        check_carries_by(name);
    }
}

static void check_both_at_once(transport t) {
    in_row("%s", transport_name(t));
    const spellings name = spell(t);
    exz_socket composed = open_socket(EXZ_PULL), decomposed = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_to(composed, name.composed);
    bind_to(decomposed, name.decomposed);
    connect_to(push, name.composed);
    connect_to(push, name.decomposed);
    check_int(stats_of(push).peers, 2);
    /* What is told of one link is not taken for the other's. */
    close_socket(decomposed);
    check_text(expect_event(push, EXZ_EVENT_LOST).endpoint, name.decomposed);
    check_int(stats_of(push).peers, 1);
    check_carries(push, composed);
    close_socket(push);
    close_socket(composed);
}

CASE(one_socket_has_a_link_to_each) {
    check_both_at_once(INPROC);
    check_both_at_once(IPC);
}

static void check_own_name(transport t) {
    in_row("%s", transport_name(t));
    const spellings name = spell(t);
    exz_socket own = open_socket(EXZ_DEALER), other = open_socket(EXZ_DEALER);
    bind_to(own, name.composed);
    bind_to(other, name.decomposed);
    connect_to(own, name.decomposed);
    check_carries(other, own);
    close_socket(own);
    close_socket(other);
}

CASE(a_socket_may_be_bound_to_one_and_connected_to_the_other) {
    check_own_name(INPROC);
    check_own_name(IPC);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(another_spelling_is_another_name),
        TEST(a_path_and_a_name_may_have_spaces),
        TEST(one_socket_has_a_link_to_each),
        TEST(a_socket_may_be_bound_to_one_and_connected_to_the_other),
    };
    return cmocka_run_group_tests_name("exact names", tests, NULL, NULL);
}
