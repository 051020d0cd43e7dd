/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody on the way sees of a CURVE connection: what docs/security.md says, and no more. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "security_fields.h"
#include "wires.h"
#include "worker.h"

/* Carries bytes between two connections and keeps all of them. */
typedef struct eavesdropper {
    int listener;
    char endpoint[ENDPOINT_SIZE], target[ENDPOINT_SIZE];
    uint8_t heard[1 << 16];
    size_t size;
    worker listening;
} eavesdropper;

static bool carry(eavesdropper *e, int from, int to) {
    if (e->size == sizeof e->heard) return false;
    ssize_t count = recv(from, e->heard + e->size, sizeof e->heard - e->size, 0);
    if (count <= 0) return false;
    e->size += (size_t)count;
    return send(to, e->heard + e->size - (size_t)count, (size_t)count, MSG_NOSIGNAL) == count;
}

static exz_status listen_in(void *argument) {
    eavesdropper *e = argument;
    const int client = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC), server = dial(e->target);
    if (client < 0 || server < 0) return EXZ_ERR_INTERNAL;
    struct pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    bool goes_on = true;
    while (goes_on && poll(both, 2, PATIENCE_MS) > 0) {
        if (both[0].revents != 0) goes_on = carry(e, client, server);
        if (both[1].revents != 0) goes_on = carry(e, server, client) && goes_on;
    }
    close(client);
    close(server);
    return EXZ_OK;
}

static bool has_heard(const eavesdropper *e, const void *what, size_t size) {
    return memmem(e->heard, e->size, what, size) != NULL;
}

static bool has_heard_text(const eavesdropper *e, const char *text) { return has_heard(e, text, strlen(text)); }

static bool has_heard_key(const eavesdropper *e, const char *text) {
    uint8_t key[EXZ_CURVE_KEY_SIZE];
    size_t size = 0;
    check_status(exz_curve_decode(&size, key, sizeof key, text), EXZ_OK);
    return has_heard(e, key, sizeof key) || has_heard_text(e, text);
}

/* One message from a publisher to its subscriber, and one from a DEALER with an identity, past somebody who listens. */
static void talk(eavesdropper *e, const exz_security *server, const exz_security *client, exz_socket_type bound,
                 exz_socket_type connected) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = server;
    exz_socket service = open_with(bound, &options);
    options.security = client;
    if (connected == EXZ_DEALER) {
        options.identity = "camera seven";
        options.identity_size = 12;
    }
    exz_socket guest = open_with(connected, &options);
    bind_somewhere(service, TCP, e->target);
    e->listener = listen_raw(TCP, e->endpoint);
    e->size = 0;
    worker_start(&e->listening, listen_in, e);
    if (connected == EXZ_SUB) check_status(exz_subscribe(guest, "a topic of ours"), EXZ_OK);
    connect_to(guest, e->endpoint);
    exz_message message;
    if (connected == EXZ_SUB) {
        check_status(exz_wait_subscribers(service, "a topic of ours", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(service, "a topic of ours", "what it says", 12, PATIENCE_MS), EXZ_OK);
        check_status(exz_recv_message(&message, guest, PATIENCE_MS), EXZ_OK);
    } else {
        send_text(guest, "what it says");
        check_status(exz_recv_message(&message, service, PATIENCE_MS), EXZ_OK);
    }
    exz_message_free(message);
    close_socket(guest);
    check_status(worker_join(&e->listening), EXZ_OK);
    close_socket(service);
    close(e->listener);
}

static const exz_socket_type pairs[][2] = {{EXZ_PUB, EXZ_SUB}, {EXZ_ROUTER, EXZ_DEALER}};
static eavesdropper e;

CASE(content_topics_types_identities_and_keys_are_not_to_be_seen) {
    const key_pair keys = new_keys(), own = new_keys();
    const exz_security server = curve_server(&keys, EXZ_SECURITY_ANYBODY), client = curve_client(&own, &keys);
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        in_row("pair %zu", i);
        talk(&e, &server, &client, pairs[i][0], pairs[i][1]);
        static const char *const hidden[] = {"what it says",  "a topic of ours", "camera seven", "Socket-Type", "PUB",
                                             "SUB",           "DEALER",          "ROUTER",       "Identity"};
        for (size_t j = 0; j < COUNT_OF(hidden); j++) {
            in_row("pair %zu, %s", i, hidden[j]);
            check(!has_heard_text(&e, hidden[j]));
        }
        check(!has_heard_key(&e, keys.public_key));
        check(!has_heard_key(&e, own.public_key));
        check(!has_heard_key(&e, keys.secret_key));
        check(!has_heard_key(&e, own.secret_key));
        /* That it is CURVE, how far the handshake has come, and the names of the commands are. */
        static const char *const plain[] = {"CURVE", "HELLO", "WELCOME", "INITIATE", "READY", "MESSAGE"};
        for (size_t j = 0; j < COUNT_OF(plain); j++) {
            in_row("pair %zu, %s", i, plain[j]);
            check(has_heard_text(&e, plain[j]));
        }
    }
}

/* The same eyes see all of it where there is no encryption: the test above could fail. */
CASE(without_security_all_of_it_is_to_be_seen) {
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        in_row("pair %zu", i);
        talk(&e, NULL, NULL, pairs[i][0], pairs[i][1]);
        check(has_heard_text(&e, "what it says"));
        check(has_heard_text(&e, "Socket-Type"));
        check(has_heard_text(&e, i == 0 ? "a topic of ours" : "camera seven"));
    }
}

/* A frame of a MESSAGE: 2 of the frame, 16 in front of the box, 16 of the box, 1 of flags. */
CASE(how_long_a_message_is_is_to_be_seen) {
    const key_pair keys = new_keys(), own = new_keys();
    const exz_security server = curve_server(&keys, EXZ_SECURITY_ANYBODY), client = curve_client(&own, &keys);
    talk(&e, &server, &client, EXZ_ROUTER, EXZ_DEALER);
    const uint8_t expected[] = {0, 12 + 33, 7, 'M', 'E', 'S', 'S', 'A', 'G', 'E'};
    check(has_heard(&e, expected, sizeof expected));
}

CASE(a_password_is_to_be_seen_by_everybody_on_the_way) {
    exz_context context;
    exz_authenticator door;
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_authenticator_open(&door, context, NULL), EXZ_OK);
    check_status(exz_authenticator_allow_password(door, "camera", "open sesame"), EXZ_OK);
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_PLAIN_SERVER;
    exz_socket service = open_secured(context, EXZ_PULL, &security);
    security.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    security.username = "camera";
    security.password = "open sesame";
    exz_socket guest = open_secured(context, EXZ_PUSH, &security);
    bind_somewhere(service, TCP, e.target);
    e.listener = listen_raw(TCP, e.endpoint);
    e.size = 0;
    worker_start(&e.listening, listen_in, &e);
    connect_to(guest, e.endpoint);
    check_carries(guest, service);
    close_socket(guest);
    check_status(worker_join(&e.listening), EXZ_OK);
    check(has_heard_text(&e, "open sesame"));
    check(has_heard_text(&e, "still here"));
    close(e.listener);
    close_socket(service);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(content_topics_types_identities_and_keys_are_not_to_be_seen),
        TEST(without_security_all_of_it_is_to_be_seen),
        TEST(how_long_a_message_is_is_to_be_seen),
        TEST(a_password_is_to_be_seen_by_everybody_on_the_way),
    };
    return cmocka_run_group_tests_name("what is seen of CURVE", tests, NULL, NULL);
}
