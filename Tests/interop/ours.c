/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer (peer.h) of this library. */
#include <experimance_zmq.h>

#include "peer.h"

static exz_context context;
static exz_authenticator authenticator;
static exz_socket server;

static void must(exz_status status, const char *what) {
    if (status == EXZ_OK) return;
    fprintf(stderr, "peer: %s: %s\n", what, exz_status_name(status));
    exit(1);
}

/* Who may come in, for each kind of server. */
static void open_door(const char *kind) {
    if (strstr(kind, "closed") != NULL || strcmp(kind, "null") == 0 || strcmp(kind, "curve-anybody") == 0) return;
    must(exz_authenticator_open(&authenticator, context, NULL), "an authenticator");
    if (strcmp(kind, "denied") == 0) {
        must(exz_authenticator_deny_address(authenticator, "127.0.0.1"), "an address");
    } else {
        must(exz_authenticator_allow_address(authenticator, "127.0.0.1"), "an address");
    }
    must(exz_authenticator_allow_password(authenticator, "camera", "secret"), "a password");
    must(exz_authenticator_allow_keys(authenticator, peer_setting("EXZ_KEYS"), 0), "the keys");
}

static exz_security server_security(const char *kind) {
    exz_security security = EXZ_SECURITY_INIT;
    if (begins_with(kind, "curve")) {
        security.mechanism = EXZ_SECURITY_CURVE_SERVER;
        security.secret_key = peer_setting("EXZ_SERVER_SECRET");
        if (strcmp(kind, "curve-anybody") == 0) security.flags = EXZ_SECURITY_ANYBODY;
    } else if (begins_with(kind, "plain")) {
        security.mechanism = EXZ_SECURITY_PLAIN_SERVER;
    } else if (strcmp(kind, "null") != 0) {
        security.mechanism = EXZ_SECURITY_GUARDED;
    }
    return security;
}

static exz_security client_security(const char *kind) {
    exz_security security = EXZ_SECURITY_INIT;
    if (begins_with(kind, "curve")) {
        const bool is_known = strcmp(kind, "curve-unknown") != 0, has_right_server = strcmp(kind, "curve-wrong") != 0;
        security.mechanism = EXZ_SECURITY_CURVE_CLIENT;
        security.public_key = peer_setting(is_known ? "EXZ_CLIENT_PUBLIC" : "EXZ_STRANGER_PUBLIC");
        security.secret_key = peer_setting(is_known ? "EXZ_CLIENT_SECRET" : "EXZ_STRANGER_SECRET");
        security.server_key = peer_setting(has_right_server ? "EXZ_SERVER_PUBLIC" : "EXZ_STRANGER_PUBLIC");
    } else if (begins_with(kind, "plain")) {
        security.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
        security.username = "camera";
        security.password = strcmp(kind, "plain-wrong") == 0 ? "guessed" : "secret";
    }
    return security;
}

static exz_socket open_with(exz_socket_type type, const exz_security *security) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = security;
    options.retry.max_attempts = 1;
    exz_socket s;
    must(exz_socket_open(&s, context, type, &options), "a socket");
    return s;
}

void peer_serve(const char *kind) {
    if (context.id != 0) must(exz_context_close(context, 0), "close");
    must(exz_context_open(&context), "a context");
    open_door(kind);
    const exz_security security = server_security(kind);
    server = open_with(EXZ_PULL, &security);
    must(exz_socket_bind(server, "tcp://127.0.0.1:*", PEER_PATIENCE_MS, NULL), "bind");
    char endpoint[PEER_ENDPOINT_SIZE];
    must(exz_socket_endpoint(server, endpoint, sizeof endpoint), "the endpoint");
    printf("at %s\n", endpoint);
}

static void say_who_came(void) {
    exz_message message;
    must(exz_recv_message(&message, server, PEER_PATIENCE_MS), "receive");
    char user[EXZ_USER_ID_SIZE];
    must(exz_message_property(user, sizeof user, message, "User-Id"), "the user");
    printf("in %s\n", user[0] != '\0' ? user : "-");
    exz_message_free(message);
}

void peer_told(void) {
    for (;;) {
        exz_event event = EXZ_EVENT_INIT;
        must(exz_next_event(&event, server, PEER_PATIENCE_MS), "an event");
        if (event.kind == EXZ_EVENT_HANDSHAKEN) {
            say_who_came();
            return;
        }
        if (event.kind != EXZ_EVENT_PEER_REJECTED) continue;
        printf("%s: %s\n", exz_status_name(event.status), event.message);
        return;
    }
}

void peer_call(const char *kind, const char *endpoint) {
    if (context.id == 0) must(exz_context_open(&context), "a context");
    const exz_security security = client_security(kind);
    exz_socket client = open_with(EXZ_PUSH, &security);
    exz_error error = EXZ_ERROR_INIT;
    const exz_status status = exz_socket_connect(client, endpoint, 0, PEER_PATIENCE_MS, &error);
    if (status == EXZ_OK) {
        must(exz_send(client, "hello", 5, 0, PEER_PATIENCE_MS), "send");
        puts("in -");
    } else {
        printf("%s: %s\n", exz_status_name(status), error.message);
    }
    must(exz_socket_close(client, PEER_PATIENCE_MS), "close");
}

int main(void) { return peer_main(); }
