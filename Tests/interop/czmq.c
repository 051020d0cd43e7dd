/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer (peer.h) of czmq, with its zauth. Its context is the process's, and so is zauth: one kind of server a process.
 * */
#include <czmq.h>

#include "peer.h"

static zsock_t *server, *events;
static zactor_t *authenticator;

static void tell(const char *command, const char *argument) {
    peer_must(zstr_sendx(authenticator, command, argument, NULL) == 0, command);
    peer_must(zsock_wait(authenticator) == 0, command);
}

static void open_door(const char *kind) {
    if (strstr(kind, "closed") != NULL || strcmp(kind, "null") == 0) return;
    authenticator = zactor_new(zauth, NULL);
    peer_must(authenticator != NULL, "zauth");
    if (strcmp(kind, "denied") == 0) {
        tell("DENY", "127.0.0.1");
    } else {
        tell("ALLOW", "127.0.0.1");
    }
    tell("PLAIN", peer_setting("EXZ_PASSWORDS"));
    tell("CURVE", strcmp(kind, "curve-anybody") == 0 ? CURVE_ALLOW_ANY : peer_setting("EXZ_KEYS"));
}

static void set_up_server(const char *kind) {
    if (strcmp(kind, "null") != 0) zsock_set_zap_domain(server, "global");
    if (begins_with(kind, "curve")) {
        zsock_set_curve_server(server, 1);
        zsock_set_curve_secretkey(server, peer_setting("EXZ_SERVER_SECRET"));
    } else if (begins_with(kind, "plain")) {
        zsock_set_plain_server(server, 1);
    }
}

static void set_up_client(zsock_t *client, const char *kind) {
    if (begins_with(kind, "curve")) {
        const bool is_known = strcmp(kind, "curve-unknown") != 0, has_right_server = strcmp(kind, "curve-wrong") != 0;
        zsock_set_curve_publickey(client, peer_setting(is_known ? "EXZ_CLIENT_PUBLIC" : "EXZ_STRANGER_PUBLIC"));
        zsock_set_curve_secretkey(client, peer_setting(is_known ? "EXZ_CLIENT_SECRET" : "EXZ_STRANGER_SECRET"));
        zsock_set_curve_serverkey(client, peer_setting(has_right_server ? "EXZ_SERVER_PUBLIC" : "EXZ_STRANGER_PUBLIC"));
    } else if (begins_with(kind, "plain")) {
        zsock_set_plain_username(client, "camera");
        zsock_set_plain_password(client, strcmp(kind, "plain-wrong") == 0 ? "guessed" : "secret");
    }
}

/* Reads what libzmq says of a socket. */
static zsock_t *watch(zsock_t *watched) {
    static int number;
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://events-%d", ++number);
    peer_must(zmq_socket_monitor(zsock_resolve(watched), endpoint, ZMQ_EVENT_ALL) == 0, "a monitor");
    zsock_t *reader = zsock_new_pair(endpoint);
    peer_must(reader != NULL, endpoint);
    return reader;
}

/* Waits until a handshake has ended, and says how if nobody has come in. */
static bool say_failure(zsock_t *reader) {
    for (;;) {
        zmsg_t *message = zmsg_recv(reader);
        peer_must(message != NULL && zmsg_size(message) == 2, "an event");
        const byte *data = zframe_data(zmsg_first(message));
        uint16_t event;
        uint32_t value;
        memcpy(&event, data, sizeof event);
        memcpy(&value, data + sizeof event, sizeof value);
        zmsg_destroy(&message);
        switch (event) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return false;
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: printf("AUTH %u\n", value); return true;
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: puts("PROTOCOL"); return true;
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        case ZMQ_EVENT_DISCONNECTED: puts("NO_DETAIL"); return true;
        default: continue;
        }
    }
}

static void stop_watching(zsock_t *watched, zsock_t **reader) {
    zmq_socket_monitor(zsock_resolve(watched), NULL, 0);
    zsock_destroy(reader);
}

void peer_serve(const char *kind) {
    if (server != NULL) {
        stop_watching(server, &events);
        zsock_destroy(&server);
    } else {
        open_door(kind);
    }
    server = zsock_new(ZMQ_PULL);
    peer_must(server != NULL, "a socket");
    set_up_server(kind);
    zsock_set_rcvtimeo(server, PEER_PATIENCE_MS);
    events = watch(server);
    zsock_set_rcvtimeo(events, PEER_PATIENCE_MS);
    peer_must(zsock_bind(server, "tcp://127.0.0.1:*") > 0, "bind");
    printf("at %s\n", zsock_endpoint(server));
}

void peer_told(void) {
    if (say_failure(events)) return;
    zframe_t *frame = zframe_recv(server);
    peer_must(frame != NULL && zframe_streq(frame, "hello"), "the message");
    const char *user = zframe_meta(frame, "User-Id");
    printf("in %s\n", user != NULL && *user != '\0' ? user : "-");
    zframe_destroy(&frame);
}

void peer_call(const char *kind, const char *endpoint) {
    zsock_t *client = zsock_new(ZMQ_PUSH);
    peer_must(client != NULL, "a socket");
    set_up_client(client, kind);
    zsock_set_linger(client, PEER_PATIENCE_MS);
    zsock_t *reader = watch(client);
    zsock_set_rcvtimeo(reader, PEER_PATIENCE_MS);
    peer_must(zsock_connect(client, "%s", endpoint) == 0, "connect");
    if (say_failure(reader)) {
        zsock_set_linger(client, 0);
    } else {
        peer_must(zstr_send(client, "hello") == 0, "send");
        puts("in -");
    }
    stop_watching(client, &reader);
    zsock_destroy(&client);
}

int main(void) {
    zsys_handler_set(NULL);
    const int status = peer_main();
    zactor_destroy(&authenticator);
    return status;
}
