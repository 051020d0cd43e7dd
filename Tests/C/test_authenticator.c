/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may come in: closed by default, keys, addresses, passwords, users. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "admission.h"

CASE(without_an_authenticator_nobody_comes_in) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_event event = expect_next_event(s.socket, EXZ_EVENT_NO_AUTHENTICATOR);
    check_status(event.status, EXZ_ERR_SECURITY);
    check(strstr(event.message, "authenticator") != NULL);
    expect_next_event(s.socket, EXZ_EVENT_LISTENING);
    const key_pair client = new_keys();
    check_status(knock(&s, &client), EXZ_ERR_SECURITY);
    event = expect_event(s.socket, EXZ_EVENT_PEER_REJECTED);
    check(strstr(event.message, "authenticator") != NULL);
    check_text(event.public_key, client.public_key);
    check_int(stats_of(s.socket).peers, 0);
    close_guarded_service(&s);
}

CASE(with_an_authenticator_nothing_is_said_of_its_lack) {
    exz_context context = new_context();
    const key_pair keys = new_keys();
    exz_authenticator a = open_authenticator(context);
    for (int anybody = 0; anybody < 2; anybody++) {
        if (anybody) close_authenticator(a);
        const exz_security security = curve_server(&keys, anybody ? EXZ_SECURITY_ANYBODY : 0);
        exz_socket s = open_secured(context, EXZ_PULL, &security);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(s, TCP, endpoint);
        expect_next_event(s, EXZ_EVENT_LISTENING);
        check_no_event(s);
        close_socket(s);
    }
    end_context(context);
}

CASE(anybody_comes_in_where_that_was_said) {
    service s;
    open_guarded_service(&s, EXZ_SECURITY_ANYBODY, TCP);
    const key_pair client = new_keys();
    check_status(knock(&s, &client), EXZ_OK);
    exz_authenticator a = open_authenticator(s.context);
    check_status(knock(&s, &client), EXZ_OK);
    check_status(exz_authenticator_deny_key(a, client.public_key, 0), EXZ_OK);
    check_status(knock(&s, &client), EXZ_ERR_SECURITY);
    close_authenticator(a);
    close_guarded_service(&s);
}

CASE(a_key_that_is_allowed_comes_in_and_another_does_not) {
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        service s;
        open_guarded_service(&s, 0, t);
        const key_pair friend = new_keys(), stranger = new_keys();
        exz_authenticator a = open_authenticator(s.context);
        check_status(exz_authenticator_allow_key(a, friend.public_key, "friend"), EXZ_OK);
        check_int(counts_of(a).keys, 1);
        check_status(knock(&s, &friend), EXZ_OK);
        check_status(knock(&s, &stranger), EXZ_ERR_SECURITY);
        const exz_authenticator_statistics counts = counts_of(a);
        check_int(counts.accepted, 1);
        check(counts.refused_key >= 1);
        check_int(counts.refused, counts.refused_key);
        check_status(exz_authenticator_deny_key(a, friend.public_key, 0), EXZ_OK);
        check_int(counts_of(a).keys, 0);
        check_status(knock(&s, &friend), EXZ_ERR_SECURITY);
        close_authenticator(a);
        close_guarded_service(&s);
    }
}

CASE(after_its_close_nobody_comes_in_and_another_may_be_opened) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair client = new_keys();
    exz_authenticator a = open_authenticator(s.context), second;
    check_status(exz_authenticator_allow_key(a, client.public_key, NULL), EXZ_OK);
    check_status(exz_authenticator_open(&second, s.context, NULL), EXZ_ERR_STATE);
    check_status(knock(&s, &client), EXZ_OK);
    close_authenticator(a);
    close_authenticator(a);
    check_status(exz_authenticator_allow_key(a, client.public_key, NULL), EXZ_ERR_CLOSED);
    check_status(knock(&s, &client), EXZ_ERR_SECURITY);
    second = open_authenticator(s.context);
    check_status(exz_authenticator_allow_key(second, client.public_key, NULL), EXZ_OK);
    check_status(knock(&s, &client), EXZ_OK);
    close_guarded_service(&s);
    exz_authenticator_statistics counts = EXZ_AUTHENTICATOR_STATISTICS_INIT;
    check_status(exz_authenticator_allow_key(second, client.public_key, NULL), EXZ_ERR_CLOSED);
    check_status(exz_authenticator_stats(&counts, second), EXZ_OK);
    close_authenticator(second);
}

CASE(addresses_are_looked_at_first) {
    service s;
    open_guarded_service(&s, 0, TCP);
    const key_pair client = new_keys();
    exz_authenticator a = open_authenticator(s.context);
    check_status(exz_authenticator_allow_key(a, client.public_key, NULL), EXZ_OK);
    check_status(exz_authenticator_allow_address(a, "10.0.0.0/8"), EXZ_OK);
    check_status(knock(&s, &client), EXZ_ERR_SECURITY);
    check(counts_of(a).refused_address > 0);
    check_status(exz_authenticator_allow_address(a, "127.0.0.0/8"), EXZ_OK);
    check_status(knock(&s, &client), EXZ_OK);
    check_status(exz_authenticator_deny_address(a, "127.0.0.1"), EXZ_OK);
    check_status(knock(&s, &client), EXZ_ERR_SECURITY);
    check_status(exz_authenticator_allow_address(a, "127.0.0.1"), EXZ_OK);
    check_status(knock(&s, &client), EXZ_OK);
    close_authenticator(a);
    close_guarded_service(&s);
}

CASE(a_name_comes_in_with_its_password) {
    exz_context context = new_context();
    exz_security as_server = EXZ_SECURITY_INIT, as_client = EXZ_SECURITY_INIT;
    as_server.mechanism = EXZ_SECURITY_PLAIN_SERVER;
    as_client.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    as_client.username = "anna";
    exz_socket server = open_secured(context, EXZ_PULL, &as_server);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    exz_authenticator a = open_authenticator(context);
    check_status(exz_authenticator_allow_password(a, "anna", "secret"), EXZ_OK);
    const struct {
        const char *name, *password;
        exz_status expected;
    } rows[] = {{"anna", "secret", EXZ_OK}, {"anna", "secret2", EXZ_ERR_SECURITY}, {"otto", "secret", EXZ_ERR_SECURITY}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("%s %s", rows[i].name, rows[i].password);
        as_client.username = rows[i].name;
        as_client.password = rows[i].password;
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &as_client);
        check_status(try_connect(client, endpoint), rows[i].expected);
        if (rows[i].expected == EXZ_OK) check_carries(client, server);
        close_socket(client);
    }
    check(counts_of(a).refused_password >= 2);
    close_socket(server);
    end_context(context);
}

CASE(a_guarded_socket_asks_for_the_address_or_the_user) {
    exz_security guarded = EXZ_SECURITY_INIT;
    guarded.mechanism = EXZ_SECURITY_GUARDED;
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        exz_context context = new_context();
        exz_socket server = open_secured(context, EXZ_PULL, &guarded), client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(server, t, endpoint);
        check_status(try_connect(client, endpoint), EXZ_ERR_SECURITY);
        exz_authenticator a = open_authenticator(context);
        check_status(try_connect(client, endpoint), EXZ_ERR_SECURITY);
        if (t == TCP) {
            check_status(exz_authenticator_allow_user(a, getuid()), EXZ_OK);
            check_status(try_connect(client, endpoint), EXZ_ERR_SECURITY);
            check_status(exz_authenticator_allow_address(a, "127.0.0.1"), EXZ_OK);
        } else {
            check_status(exz_authenticator_allow_address(a, "127.0.0.1"), EXZ_OK);
            check_status(try_connect(client, endpoint), EXZ_ERR_SECURITY);
            check_status(exz_authenticator_allow_user(a, getuid() + 1), EXZ_OK);
            check_status(try_connect(client, endpoint), EXZ_ERR_SECURITY);
            check(counts_of(a).refused_user > 0);
            check_status(exz_authenticator_allow_user(a, getuid()), EXZ_OK);
        }
        check_status(try_connect(client, endpoint), EXZ_OK);
        check_carries(client, server);
        close_socket(client);
        close_socket(server);
        end_context(context);
    }
}

/* A socket without security is nobody's to decide on, whatever else there is in its context. */
CASE(a_socket_without_security_is_as_open_as_ever) {
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    check_status(exz_authenticator_allow_address(a, "10.0.0.0/8"), EXZ_OK);
    exz_socket server = open_secured(context, EXZ_PULL, NULL), client = open_secured(context, EXZ_PUSH, NULL);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    connect_to(client, endpoint);
    check_carries(client, server);
    check_int(counts_of(a).accepted + counts_of(a).refused, 0);
    close_socket(client);
    close_socket(server);
    end_context(context);
}

/* Set up by the numbers of libzmq's options. */
CASE(by_number_it_is_closed_by_default_too) {
    const key_pair server_keys = new_keys(), client_keys = new_keys();
    for (int is_opened = 0; is_opened < 2; is_opened++) {
        in_row("opened by number: %d", is_opened);
        exz_socket server = open_socket(EXZ_PULL);
        if (is_opened) check_status(exz_socket_set_int(server, 93, 0), EXZ_OK);
        check_status(exz_socket_set_int(server, ZMQ_CURVE_SERVER, 1), EXZ_OK);
        check_status(exz_socket_set_bytes(server, ZMQ_CURVE_SECRETKEY, server_keys.secret_key, 40), EXZ_OK);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(server, TCP, endpoint);
        const exz_security as_client = curve_client(&client_keys, &server_keys);
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &as_client);
        check_status(try_connect(client, endpoint), is_opened ? EXZ_OK : EXZ_ERR_SECURITY);
        close_socket(client);
        close_socket(server);
    }
}

CASE(there_is_one_handler_in_a_context) {
    exz_context context = new_context();
    exz_socket own = open_secured(context, EXZ_REP, NULL);
    bind_to(own, "inproc://zeromq.zap.01");
    exz_authenticator a;
    check_status(exz_authenticator_open(&a, context, NULL), EXZ_ERR_ADDRESS_IN_USE);
    const key_pair keys = new_keys();
    const exz_security security = curve_server(&keys, 0);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    exz_socket s;
    check_status(exz_socket_open(&s, context, EXZ_PULL, &options), EXZ_ERR_ADDRESS_IN_USE);
    close_socket(own);
    a = open_authenticator(context);
    own = open_secured(context, EXZ_REP, NULL);
    check_status(exz_socket_bind(own, "inproc://zeromq.zap.01", 0, NULL), EXZ_ERR_ADDRESS_IN_USE);
    close_socket(own);
    end_context(context);
}

/* libzmq would end the process with the next handshake. */
CASE(only_what_can_answer_is_bound_where_a_handler_is) {
    exz_context context = new_context();
    exz_socket s = open_secured(context, EXZ_PULL, NULL), peer = open_secured(context, EXZ_PUSH, NULL);
    check_status(exz_socket_bind(s, "inproc://zeromq.zap.01", 0, NULL), EXZ_ERR_NOT_SUPPORTED);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(s, TCP, endpoint);
    connect_to(peer, endpoint);
    check_carries(peer, s);
    close_socket(peer);
    close_socket(s);
    end_context(context);
}

CASE(what_makes_no_sense_is_named) {
    exz_context context = new_context();
    exz_authenticator a;
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    exz_error error = EXZ_ERROR_INIT;
    const int32_t times[] = {0, -1, 4001};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        options.decision_timeout_ms = times[i];
        check_status(exz_authenticator_open(&a, context, &options), EXZ_ERR_INVALID);
        check_status(exz_last_error(&error), EXZ_OK);
        check(strstr(error.message, "decision_timeout") != NULL);
    }
    options = (exz_authenticator_options)EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.size -= 1;
    check_status(exz_authenticator_open(&a, context, &options), EXZ_ERR_INVALID);
    a = open_authenticator(context);
    const char *const addresses[] = {"", "host", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8",
                                     "::/129", "1.2.3", "fe80::1%lo", "tcp://127.0.0.1", "::ffff:10.0.0.0/95"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        in_row("%s", addresses[i]);
        check_status(exz_authenticator_allow_address(a, addresses[i]), EXZ_ERR_INVALID);
        check_status(exz_authenticator_deny_address(a, addresses[i]), EXZ_ERR_INVALID);
        check_status(exz_last_error(&error), EXZ_OK);
        check(strstr(error.message, "address") != NULL);
    }
    const key_pair keys = new_keys();
    char longer[300] = {0};
    memset(longer, 'x', sizeof longer - 1);
    check_status(exz_authenticator_allow_key(a, keys.public_key, longer), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_key(a, longer, NULL), EXZ_ERR_INVALID);
    check_status(exz_authenticator_deny_key(a, keys.public_key, 2), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_password(a, longer, "x"), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_password(a, "x", longer), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_password(a, "x", ""), EXZ_ERR_INVALID);
    check_status(exz_last_error(&error), EXZ_OK);
    check(strstr(error.message, "password") != NULL);
    close_authenticator(a);
    end_context(context);
}

/* Who may write to the file may connect; whoever comes first finds it like that. */
CASE(the_path_of_an_ipc_endpoint_has_the_mode_that_was_given) {
    char folder[] = "/tmp/exz-mode-XXXXXX", endpoint[ENDPOINT_SIZE];
    check(mkdtemp(folder) != NULL);
    const mode_t former = umask(022);
    const uint32_t modes[] = {0600, 0660, 0666, 0};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        in_row("%#o", modes[i]);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.ipc_mode = modes[i];
        exz_socket s = open_with(EXZ_PULL, &options), peer = open_socket(EXZ_PUSH);
        snprintf(endpoint, sizeof endpoint, "ipc://%s/path", folder);
        bind_to(s, endpoint);
        struct stat found;
        check(stat(endpoint + strlen("ipc://"), &found) == 0);
        check_int(found.st_mode & 0777, modes[i] != 0 ? modes[i] : 0755);
        connect_to(peer, endpoint);
        check_carries(peer, s);
        if (modes[i] != 0) {
            check_status(exz_socket_bind(s, "ipc://*", 0, NULL), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_bind(s, "ipc://@exz-mode", 0, NULL), EXZ_ERR_NOT_SUPPORTED);
        }
        close_socket(peer);
        close_socket(s);
    }
    umask(former);
    check(rmdir(folder) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_an_authenticator_nobody_comes_in),
        TEST(with_an_authenticator_nothing_is_said_of_its_lack),
        TEST(anybody_comes_in_where_that_was_said),
        TEST(a_key_that_is_allowed_comes_in_and_another_does_not),
        TEST(after_its_close_nobody_comes_in_and_another_may_be_opened),
        TEST(addresses_are_looked_at_first),
        TEST(a_name_comes_in_with_its_password),
        TEST(a_guarded_socket_asks_for_the_address_or_the_user),
        TEST(a_socket_without_security_is_as_open_as_ever),
        TEST(by_number_it_is_closed_by_default_too),
        TEST(there_is_one_handler_in_a_context),
        TEST(only_what_can_answer_is_bound_where_a_handler_is),
        TEST(what_makes_no_sense_is_named),
        TEST(the_path_of_an_ipc_endpoint_has_the_mode_that_was_given),
    };
    return cmocka_run_group_tests_name("who may come in", tests, NULL, NULL);
}
