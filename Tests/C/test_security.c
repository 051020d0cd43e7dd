/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets with keys and passwords in their options: what they carry, whom they refuse, and what is refused there. */
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "data_lines.h"
#include "misuse.h"
#include "monotonic.h"
#include "option_fields.h"
#include "security_fields.h"
#include "statuses.h"

static exz_status connect_status(exz_socket s, const char *endpoint, exz_error *error) {
    *error = (exz_error)EXZ_ERROR_INIT;
    return exz_socket_connect(s, endpoint, 0, PATIENCE_MS, error);
}

/* Nobody gets in: the connect fails, and the server has no peer and nothing to receive. */
static void check_refused(exz_socket client, exz_socket server, const char *endpoint) {
    exz_error error;
    const exz_status status = connect_status(client, endpoint, &error);
    check(status != EXZ_OK && status != EXZ_ERR_TIMEOUT);
    check(strlen(error.message) > 0);
    check_int(stats_of(server).peers, 0);
    /* The client may hear of it first. */
    expect_event(server, EXZ_EVENT_PEER_REJECTED);
    check(stats_of(server).peers_rejected > 0);
    char byte;
    size_t size;
    check_status(exz_recv(&size, server, &byte, 1, 0), EXZ_ERR_TIMEOUT);
}

CASE(a_curve_link_carries_whichever_side_listens) {
    const key_pair server_keys = new_keys(), client_keys = new_keys();
    const exz_security as_server = curve_server(&server_keys, EXZ_SECURITY_ANYBODY);
    const exz_security as_client = curve_client(&client_keys, &server_keys);
    for (transport t = TCP; t <= IPC; t++) {
        for (int server_listens = 0; server_listens < 2; server_listens++) {
            in_row("%s, the %s listens", transport_name(t), server_listens ? "server" : "client");
            exz_socket server = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PAIR, &as_server);
            exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PAIR, &as_client);
            linked pair = server_listens ? link_sockets(server, client, t) : link_sockets(client, server, t);
            int64_t mechanism = -1;
            check_status(exz_socket_get_int(&mechanism, client, ZMQ_MECHANISM), EXZ_OK);
            check_int(mechanism, ZMQ_CURVE);
            check_carries(client, server);
            check_carries(server, client);
            close_linked(pair);
        }
    }
}

CASE(every_type_of_socket_carries_under_curve) {
    const struct {
        exz_socket_type server, client;
    } rows[] = {{EXZ_PULL, EXZ_PUSH}, {EXZ_REP, EXZ_REQ}, {EXZ_DEALER, EXZ_DEALER}, {EXZ_PAIR, EXZ_PAIR}};
    const key_pair server_keys = new_keys(), client_keys = new_keys();
    const exz_security as_server = curve_server(&server_keys, EXZ_SECURITY_ANYBODY);
    const exz_security as_client = curve_client(&client_keys, &server_keys);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("types %d and %d", rows[i].server, rows[i].client);
        linked pair = link_sockets(open_secured(EXZ_DEFAULT_CONTEXT, rows[i].server, &as_server),
                                   open_secured(EXZ_DEFAULT_CONTEXT, rows[i].client, &as_client), TCP);
        check_carries(pair.connected, pair.bound);
        close_linked(pair);
    }
    exz_socket publisher = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUB, &as_server);
    exz_socket subscriber = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_SUB, &as_client);
    check_status(exz_subscribe(subscriber, "t"), EXZ_OK);
    linked pair = link_sockets(publisher, subscriber, TCP);
    check_status(exz_wait_subscribers(publisher, "t", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(publisher, "t", "x", 1, PATIENCE_MS), EXZ_OK);
    exz_message message;
    check_status(exz_recv_message(&message, subscriber, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, "x");
    exz_message_free(message);
    close_linked(pair);
}

/* Without an authenticator there is nobody to allow it. */
CASE(a_server_is_closed_unless_it_says_anybody) {
    const key_pair server_keys = new_keys(), client_keys = new_keys();
    exz_security securities[3] = {curve_server(&server_keys, 0), EXZ_SECURITY_INIT, EXZ_SECURITY_INIT};
    securities[1].mechanism = EXZ_SECURITY_PLAIN_SERVER;
    securities[2].mechanism = EXZ_SECURITY_GUARDED;
    exz_security clients[3] = {curve_client(&client_keys, &server_keys), EXZ_SECURITY_INIT, EXZ_SECURITY_INIT};
    clients[1].mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    clients[1].username = "user";
    clients[1].password = "password";
    for (size_t i = 0; i < COUNT_OF(securities); i++) {
        for (transport t = TCP; t <= IPC; t++) {
            in_row("mechanism %d, %s", securities[i].mechanism, transport_name(t));
            exz_socket server = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &securities[i]);
            exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &clients[i]);
            char endpoint[ENDPOINT_SIZE];
            bind_somewhere(server, t, endpoint);
            check_refused(client, server, endpoint);
            close_socket(client);
            close_socket(server);
        }
    }
}

CASE(who_has_another_key_or_none_is_refused) {
    const key_pair server_keys = new_keys(), client_keys = new_keys(), others = new_keys();
    const exz_security as_server = curve_server(&server_keys, EXZ_SECURITY_ANYBODY);
    const exz_security wrong_server = curve_client(&client_keys, &others);
    exz_security plain = EXZ_SECURITY_INIT;
    plain.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    plain.username = "user";
    plain.password = "password";
    const exz_security *const strangers[] = {&wrong_server, NULL, &plain, &as_server};
    exz_socket server = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &as_server);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        in_row("stranger %zu", i);
        exz_socket stranger = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, strangers[i]);
        exz_error error;
        check_status(connect_status(stranger, endpoint, &error), EXZ_ERR_SECURITY);
        check_int(stats_of(server).peers, 0);
        close_socket(stranger);
    }
    const exz_security right = curve_client(&client_keys, &server_keys);
    exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &right);
    connect_to(client, endpoint);
    check_carries(client, server);
    close_socket(client);
    close_socket(server);
}

/* What the caller passes is copied: it may be gone, and connections are made again all the same. */
CASE(keys_are_copied_when_the_socket_is_opened) {
    key_pair server_keys = new_keys(), client_keys = new_keys();
    exz_security as_server = curve_server(&server_keys, EXZ_SECURITY_ANYBODY);
    exz_security as_client = curve_client(&client_keys, &server_keys);
    exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &as_client);
    exz_socket server = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &as_server);
    exz_socket next = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &as_server);
    memset(&server_keys, 'x', sizeof server_keys);
    memset(&client_keys, 'x', sizeof client_keys);
    memset(&as_server, 0xA5, sizeof as_server);
    memset(&as_client, 0xA5, sizeof as_client);
    linked pair = link_sockets(server, client, TCP);
    check_carries(client, server);
    close_socket(server);
    bind_to(next, pair.endpoint);
    check_status(exz_wait_peers(next, 1, PATIENCE_MS), EXZ_OK);
    check_carries(client, next);
    close_socket(next);
    close_socket(client);
}

/* A public key beside the secret one of a server has to fit, and need not be there. */
CASE(a_server_may_name_its_public_key) {
    const key_pair keys = new_keys();
    exz_security security = curve_server(&keys, EXZ_SECURITY_ANYBODY);
    security.public_key = keys.public_key;
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &security);
    char text[EXZ_CURVE_TEXT_SIZE];
    size_t size;
    check_status(exz_socket_get_bytes(&size, s, ZMQ_CURVE_PUBLICKEY, text, sizeof text), EXZ_OK);
    check_text(text, keys.public_key);
    close_socket(s);
}

CASE(no_security_by_name_is_the_same_as_none) {
    const exz_security none = EXZ_SECURITY_INIT;
    linked pair = link_sockets(open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &none), open_socket(EXZ_PUSH), TCP);
    check_carries(pair.connected, pair.bound);
    check_status(exz_socket_set_int(pair.bound, ZMQ_CURVE_SERVER, 1), EXZ_OK);
    close_linked(pair);
}

CASE(security_stays_as_it_was_opened_and_its_secrets_are_not_read_back) {
    const key_pair server_keys = new_keys(), client_keys = new_keys();
    const exz_security as_server = curve_server(&server_keys, 0);
    const exz_security as_client = curve_client(&client_keys, &server_keys);
    exz_security plain = EXZ_SECURITY_INIT;
    plain.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    plain.username = "user";
    plain.password = "password";
    const exz_security *const all[] = {&as_server, &as_client, &plain};
    const int32_t numbers[] = {ZMQ_CURVE_SERVER, ZMQ_PLAIN_SERVER, ZMQ_GSSAPI_SERVER, ZMQ_GSSAPI_PLAINTEXT,
                               93 /* ZMQ_ZAP_ENFORCE_DOMAIN */};
    const int32_t texts[] = {ZMQ_CURVE_PUBLICKEY,    ZMQ_CURVE_SECRETKEY,  ZMQ_CURVE_SERVERKEY,
                             ZMQ_PLAIN_USERNAME,     ZMQ_PLAIN_PASSWORD,   ZMQ_ZAP_DOMAIN,
                             ZMQ_GSSAPI_PRINCIPAL,   ZMQ_GSSAPI_SERVICE_PRINCIPAL};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, all[i]);
        for (size_t j = 0; j < COUNT_OF(numbers); j++) {
            in_row("mechanism %d, option %d", all[i]->mechanism, numbers[j]);
            check_status(exz_socket_set_int(s, numbers[j], 0), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_set_int(s, numbers[j], 1), EXZ_ERR_NOT_SUPPORTED);
        }
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            in_row("mechanism %d, option %d", all[i]->mechanism, texts[j]);
            check_status(exz_socket_set_bytes(s, texts[j], client_keys.public_key, 40), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_set_bytes(s, texts[j], NULL, 0), EXZ_ERR_NOT_SUPPORTED);
        }
        const int32_t secrets[] = {ZMQ_CURVE_SECRETKEY, ZMQ_PLAIN_PASSWORD};
        for (size_t j = 0; j < COUNT_OF(secrets); j++) {
            in_row("mechanism %d, option %d", all[i]->mechanism, secrets[j]);
            char room[256] = "nothing";
            size_t size = 0;
            check_status(exz_socket_get_bytes(&size, s, secrets[j], room, 41), EXZ_ERR_NOT_SUPPORTED);
            check_status(exz_socket_get_bytes(&size, s, secrets[j], room, 32), EXZ_ERR_NOT_SUPPORTED);
            check_text(room, "nothing");
        }
        close_socket(s);
    }
}

static void refuse_line(const data_line *line) {
    secured made = security_of(line->columns[0]);
    const exz_status expected = status_named(line->columns[1]);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &made.security;
    refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), expected);
    exz_error noted = EXZ_ERROR_INIT, error = EXZ_ERROR_INIT;
    check_status(exz_last_error(&noted), EXZ_OK);
    check(strstr(noted.message, line->columns[2]) != NULL);
    check_status(exz_socket_options_check(&options, EXZ_PULL, &error), expected);
    check_text(error.message, noted.message);
    /* Of what is given as a secret nothing is shown. */
    const char *const secrets[] = {made.security.secret_key, made.security.password};
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        if (secrets[i] != NULL && strlen(secrets[i]) > 8) check(strstr(error.message, secrets[i]) == NULL);
    free_secured(&made);
}

CASE(bad_security_is_refused) { for_each_line("bad-security.tsv", 4, refuse_line); }

CASE(the_init_function_fills_in_what_the_macro_does) {
    exz_security security;
    memset(&security, 0xA5, sizeof security);
    check_status(exz_security_init(&security), EXZ_OK);
    const exz_security macro = EXZ_SECURITY_INIT;
    check(security.size == macro.size && security.mechanism == macro.mechanism && security.flags == macro.flags);
    check(security.public_key == NULL && security.secret_key == NULL && security.server_key == NULL);
    check(security.username == NULL && security.password == NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_curve_link_carries_whichever_side_listens),
        TEST(every_type_of_socket_carries_under_curve),
        TEST(a_server_is_closed_unless_it_says_anybody),
        TEST(who_has_another_key_or_none_is_refused),
        TEST(keys_are_copied_when_the_socket_is_opened),
        TEST(a_server_may_name_its_public_key),
        TEST(no_security_by_name_is_the_same_as_none),
        TEST(security_stays_as_it_was_opened_and_its_secrets_are_not_read_back),
        MISUSE(bad_security_is_refused),
        TEST(the_init_function_fills_in_what_the_macro_does),
    };
    return cmocka_run_group_tests_name("security in options", tests, NULL, NULL);
}
