/* SPDX-License-Identifier: Apache-2.0
 *
 * Where it can not be told whose link it is: nobody is named, and a key that was taken away keeps no link all the same.
 * Peers that break off keep nobody waiting. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"
#include "raw_curve.h"

/* A connection that says nothing. Over ipc any peer of this process may be the one behind it. */
static int connect_silently(const char *endpoint) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = endpoint + strlen("ipc://");
    check(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(descriptor >= 0);
    check_int(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

CASE(in_doubt_a_link_ends_with_each_key_that_it_may_be_of) {
    service s;
    open_guarded_service(&s, 0, IPC);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair sure = new_keys(), gone = new_keys(), kept = new_keys(), other = new_keys();
    check_status(exz_authenticator_allow_key(a, sure.public_key, "sure"), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, gone.public_key, "gone"), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, kept.public_key, "kept"), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, other.public_key, "other"), EXZ_OK);
    /* One that comes alone is known. */
    exz_socket first = open_guarded_client(&s, &sure);
    connect_to(first, s.endpoint);
    check_text(expect_event(s.socket, EXZ_EVENT_HANDSHAKEN).user_id, "sure");
    /* Beside somebody who has not said yet who he is, the next ones are not. */
    const int silent = connect_silently(s.endpoint);
    exz_socket second = open_guarded_client(&s, &gone), third = open_guarded_client(&s, &kept);
    connect_to(second, s.endpoint);
    connect_to(third, s.endpoint);
    check_status(exz_wait_peers(s.socket, 3, PATIENCE_MS), EXZ_OK);
    check_carries(second, s.socket);
    check_carries(third, s.socket);
    /* A key that nobody can have come with ends nothing. */
    check_status(exz_authenticator_deny_key(a, other.public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    check_carries(second, s.socket);
    check_carries(third, s.socket);
    check_int(stats_of(second).links_lost + stats_of(third).links_lost, 0);
    check_status(exz_authenticator_deny_key(a, gone.public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    expect_event(second, EXZ_EVENT_LOST);
    /* Whose key is still allowed is back at once; who was known to be another one has not noticed. */
    expect_event(third, EXZ_EVENT_LOST);
    expect_event(third, EXZ_EVENT_HANDSHAKEN);
    check_carries(third, s.socket);
    check_carries(first, s.socket);
    check_int(stats_of(first).links_lost, 0);
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY, 1, PATIENCE_MS), EXZ_OK);
    check_status(knock(&s, &gone), EXZ_ERR_SECURITY);
    close(silent);
    close_socket(first);
    close_socket(second);
    close_socket(third);
    close_authenticator(a);
    close_guarded_service(&s);
}

/* What the server sees of this end. */
static void own_address(int descriptor, char *address) {
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    check_int(getsockname(descriptor, (struct sockaddr *)&own, &size), 0);
    snprintf(address, ENDPOINT_SIZE, "tcp://127.0.0.1:%d", ntohs(own.sin_port));
}

enum { ROUNDS = 60 };

/* Each breaks off when it has shown its key, which is when the server says yes to it. */
CASE(who_breaks_off_is_taken_for_nobody_else_and_nobody_waits_for_it) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair good = new_keys(), fickle = new_keys();
    check_status(exz_authenticator_allow_key(a, good.public_key, "good"), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, fickle.public_key, "fickle"), EXZ_OK);
    static char broken_off[ROUNDS][ENDPOINT_SIZE];
    for (int i = 0; i < ROUNDS; i++) {
        in_row("round %d", i);
        raw_curve c = raw_curve_connect(s.endpoint, s.keys.public_key, fickle.public_key, fickle.secret_key);
        own_address(c.descriptor, broken_off[i]);
        const bool is_in_time = raw_curve_go_through(&c, RAW_INITIATE);
        check(is_in_time);
        raw_curve_close(&c);
        check_status(knock(&s, &good), EXZ_OK);
    }
    check_status(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, ROUNDS, PATIENCE_MS), EXZ_OK);
    /* Nobody is named by another's name; it may be that one can not tell. */
    exz_event event = EXZ_EVENT_INIT;
    int good_ones = 0;
    while (exz_next_event(&event, s.socket, 0) == EXZ_OK) {
        if (event.user_id[0] == '\0' || event.peer[0] == '\0') continue;
        bool is_fickle = false;
        for (int i = 0; i < ROUNDS; i++) is_fickle = is_fickle || strcmp(event.peer, broken_off[i]) == 0;
        check_text(event.user_id, is_fickle ? "fickle" : "good");
        check_text(event.public_key, is_fickle ? fickle.public_key : good.public_key);
        if (!is_fickle) good_ones++;
    }
    check(good_ones > 0);
    close_authenticator(a);
    close_guarded_service(&s);
}

/* A yes that has met nobody is given up; the key that it was for keeps no link. */
CASE(a_key_whose_peers_broke_off_ends_as_well) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair good = new_keys(), fickle = new_keys();
    check_status(exz_authenticator_allow_key(a, good.public_key, "good"), EXZ_OK);
    check_status(exz_authenticator_allow_key(a, fickle.public_key, "fickle"), EXZ_OK);
    exz_socket client = open_guarded_client(&s, &good), other = open_guarded_client(&s, &fickle);
    for (int i = 0; i < 20; i++) {
        raw_curve c = raw_curve_connect(s.endpoint, s.keys.public_key, fickle.public_key, fickle.secret_key);
        check(raw_curve_go_through(&c, RAW_INITIATE));
        raw_curve_close(&c);
    }
    connect_to(client, s.endpoint);
    connect_to(other, s.endpoint);
    check_carries(client, s.socket);
    check_carries(other, s.socket);
    check_status(exz_authenticator_deny_key(a, fickle.public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    expect_event(other, EXZ_EVENT_LOST);
    check_carries(client, s.socket);
    check_status(knock(&s, &fickle), EXZ_ERR_SECURITY);
    close_socket(client);
    close_socket(other);
    close_authenticator(a);
    close_guarded_service(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(in_doubt_a_link_ends_with_each_key_that_it_may_be_of),
        TEST(who_breaks_off_is_taken_for_nobody_else_and_nobody_waits_for_it),
        TEST(a_key_whose_peers_broke_off_ends_as_well),
    };
    return cmocka_run_group_tests_name("links of which it can not be told whose they are", tests, NULL, NULL);
}
