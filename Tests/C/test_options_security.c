/* SPDX-License-Identifier: Apache-2.0
 *
 * Security set up by number: CURVE and PLAIN links carry messages, and what is rejected is told so. */
#include <string.h>
#include <zmq.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

/* Key pairs in text, as zmq_curve_keypair() makes them. */
static const char server_public[] = "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$";
static const char server_secret[] = "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a";
static const char client_public[] = "m*732i.G9cl]xj#QZShwNdXwFesg9Y1P!<a45I-c";
static const char client_secret[] = "mFX9LB#Y/*TXI*^u1v/pAW=Ib@=<CQ^O#Jz<ukkd";

static void set_text(exz_socket s, int32_t option, const char *text) {
    check_status(exz_socket_set_bytes(s, option, text, strlen(text)), EXZ_OK);
}

static exz_socket open_in(exz_context context, exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 10;
    exz_socket s;
    check_status(exz_socket_open(&s, context, type, &options), EXZ_OK);
    return s;
}

static exz_socket open_unbound_server(exz_socket_type type) {
    exz_socket s = open_in(EXZ_DEFAULT_CONTEXT, type);
    /* ZMQ_ZAP_ENFORCE_DOMAIN, which <zmq.h> keeps to itself: else nobody would come in without a handler. */
    check_status(exz_socket_set_int(s, 93, 0), EXZ_OK);
    check_status(exz_socket_set_int(s, ZMQ_CURVE_SERVER, 1), EXZ_OK);
    set_text(s, ZMQ_CURVE_SECRETKEY, server_secret);
    return s;
}

static exz_socket open_curve_server(exz_socket_type type, char *endpoint) {
    exz_socket s = open_unbound_server(type);
    bind_somewhere(s, TCP, endpoint);
    return s;
}

static exz_socket open_curve_client(exz_socket_type type, const char *server_key) {
    exz_socket s = open_in(EXZ_DEFAULT_CONTEXT, type);
    set_text(s, ZMQ_CURVE_PUBLICKEY, client_public);
    set_text(s, ZMQ_CURVE_SECRETKEY, client_secret);
    set_text(s, ZMQ_CURVE_SERVERKEY, server_key);
    return s;
}

static void check_security_failure(exz_socket s, const char *endpoint) {
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_connect(s, endpoint, 0, PATIENCE_MS, &error);
    if (status != EXZ_ERR_SECURITY) print_error("%s\n", error.message);
    check_status(status, EXZ_ERR_SECURITY);
    check_status(error.status, EXZ_ERR_SECURITY);
    check(strlen(error.message) > 0);
}

CASE(a_curve_link_carries) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket server = open_curve_server(EXZ_REP, endpoint);
    exz_socket client = open_curve_client(EXZ_REQ, server_public);
    int64_t mechanism = -1;
    check_status(exz_socket_get_int(&mechanism, client, ZMQ_MECHANISM), EXZ_OK);
    check_int(mechanism, ZMQ_CURVE);
    connect_to(client, endpoint);
    check_carries(client, server);
    check_carries(server, client);
    close_socket(client);
    close_socket(server);
}

CASE(a_wrong_server_key_is_a_matter_of_security) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket server = open_curve_server(EXZ_PULL, endpoint);
    exz_socket client = open_curve_client(EXZ_PUSH, client_public);
    check_security_failure(client, endpoint);
    exz_event event = expect_event(server, EXZ_EVENT_PEER_REJECTED);
    check(strlen(event.message) > 0);
    check(stats_of(server).peers_rejected > 0);
    check_int(stats_of(server).peers, 0);
    close_socket(client);
    client = open_curve_client(EXZ_PUSH, server_public);
    connect_to(client, endpoint);
    check_carries(client, server);
    close_socket(client);
    close_socket(server);
}

CASE(a_client_without_security_is_rejected_and_one_with_finds_none) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket server = open_curve_server(EXZ_PULL, endpoint), client = open_in(EXZ_DEFAULT_CONTEXT, EXZ_PUSH);
    check_security_failure(client, endpoint);
    close_socket(client);
    close_socket(server);
    server = open_in(EXZ_DEFAULT_CONTEXT, EXZ_PULL);
    client = open_curve_client(EXZ_PUSH, server_public);
    bind_somewhere(server, TCP, endpoint);
    check_security_failure(client, endpoint);
    close_socket(client);
    close_socket(server);
}

/* Our own look at a listener that has said no is none, whichever of the two is the server. */
CASE(who_does_not_fit_under_curve_is_rejected_once_for_each_attempt) {
    for (int server_listens = 0; server_listens < 2; server_listens++) {
        in_row("the %s listens", server_listens ? "server" : "client");
        char endpoint[ENDPOINT_SIZE];
        exz_socket listener, stranger, peer;
        if (server_listens) {
            listener = open_curve_server(EXZ_PULL, endpoint);
            stranger = open_curve_client(EXZ_SUB, server_public);
            peer = open_curve_client(EXZ_PUSH, server_public);
        } else {
            listener = open_curve_client(EXZ_PULL, server_public);
            bind_somewhere(listener, TCP, endpoint);
            stranger = open_unbound_server(EXZ_SUB);
            peer = open_unbound_server(EXZ_PUSH);
        }
        exz_error error = EXZ_ERROR_INIT;
        check(exz_socket_connect(stranger, endpoint, 0, PATIENCE_MS, &error) != EXZ_OK);
        close_socket(stranger);
        connect_to(peer, endpoint);
        /* What came before it has been heard of by then. */
        check_status(exz_wait_peers(listener, 1, PATIENCE_MS), EXZ_OK);
        check_int(stats_of(listener).peers_rejected, error.attempts);
        close_socket(peer);
        close_socket(listener);
    }
}

CASE(keys_can_be_read_as_bytes_and_as_text) {
    exz_socket s = open_curve_client(EXZ_PUSH, server_public);
    const struct {
        int32_t option;
        const char *text;
    } keys[] = {{ZMQ_CURVE_PUBLICKEY, client_public},
                {ZMQ_CURVE_SECRETKEY, client_secret},
                {ZMQ_CURVE_SERVERKEY, server_public}};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        in_row("option %d", keys[i].option);
        char text[41], bytes[32], again[41];
        size_t size = 0;
        check_status(exz_socket_get_bytes(&size, s, keys[i].option, text, sizeof text), EXZ_OK);
        check_int(size, 41);
        check_text(text, keys[i].text);
        check_status(exz_socket_get_bytes(&size, s, keys[i].option, bytes, sizeof bytes), EXZ_OK);
        check_int(size, 32);
        check_status(exz_socket_set_bytes(s, keys[i].option, bytes, sizeof bytes), EXZ_OK);
        check_status(exz_socket_get_bytes(&size, s, keys[i].option, again, sizeof again), EXZ_OK);
        check_text(again, keys[i].text);
        int64_t number = 99;
        check_status(exz_socket_get_int(&number, s, keys[i].option), EXZ_ERR_INVALID);
    }
    close_socket(s);
}

/* Says who may come in: the handler of RFC 27, as a user writes it. */
static exz_status guard(void *argument) {
    exz_socket *s = argument;
    for (;;) {
        exz_message request;
        exz_status status = exz_recv_message(&request, *s, 50);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK) return status;
        const void *data[8] = {NULL};
        size_t sizes[8] = {0}, count = 0;
        exz_message_count(&count, request);
        for (size_t i = 0; i < count && i < 8; i++) exz_message_part(&data[i], &sizes[i], request, i);
        const bool is_known = count == 8 && sizes[5] == 5 && memcmp(data[5], "PLAIN", 5) == 0 && sizes[6] == 4 &&
                              memcmp(data[6], "user", 4) == 0 && sizes[7] == 6 && memcmp(data[7], "secret", 6) == 0;
        const exz_part answer[] = {{"1.0", 3},        {data[1], sizes[1]}, {is_known ? "200" : "400", 3}, {"", 0},
                                   {data[6], sizes[6]}, {"", 0}};
        status = exz_send_parts(*s, answer, COUNT_OF(answer), PATIENCE_MS);
        exz_message_free(request);
        if (status != EXZ_OK) return status;
    }
}

CASE(a_plain_link_carries_for_who_knows_the_password) {
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    exz_socket handler = open_in(context, EXZ_REP), server = open_in(context, EXZ_PULL);
    bind_to(handler, "inproc://zeromq.zap.01");
    worker guarding;
    worker_start(&guarding, guard, &handler);
    check_status(exz_socket_set_int(server, ZMQ_PLAIN_SERVER, 1), EXZ_OK);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    const char *const passwords[] = {"wrong", "secret"};
    for (size_t i = 0; i < COUNT_OF(passwords); i++) {
        in_row("%s", passwords[i]);
        exz_socket client = open_in(context, EXZ_PUSH);
        set_text(client, ZMQ_PLAIN_USERNAME, "user");
        set_text(client, ZMQ_PLAIN_PASSWORD, passwords[i]);
        if (i == 0) {
            check_security_failure(client, endpoint);
        } else {
            connect_to(client, endpoint);
            check_carries(client, server);
            check_int(stats_of(server).peers_rejected, 1);
        }
        close_socket(client);
    }
    close_socket(server);
    close_socket(handler);
    check_status(worker_join(&guarding), EXZ_ERR_CLOSED);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_curve_link_carries),
        TEST(a_wrong_server_key_is_a_matter_of_security),
        TEST(a_client_without_security_is_rejected_and_one_with_finds_none),
        TEST(who_does_not_fit_under_curve_is_rejected_once_for_each_attempt),
        TEST(keys_can_be_read_as_bytes_and_as_text),
        TEST(a_plain_link_carries_for_who_knows_the_password),
    };
    return cmocka_run_group_tests_name("security by number", tests, NULL, NULL);
}
