/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom events name as a peer was let in: with keys, with passwords and without, in every event that names a peer. */
#include <stdio.h>
#include <string.h>

#include "admission.h"
#include "monotonic.h"

static exz_status let_guests_in(void *user, const exz_auth_request *request, char *user_id) {
    (void)user;
    (void)request;
    strcpy(user_id, "camera");
    return EXZ_OK;
}

/* A server of which every client is let in as "camera". */
typedef struct house {
    exz_context context;
    exz_authenticator a;
    key_pair server_keys, client_keys;
    exz_security as_server, as_client;
    const char *client_key;
    exz_socket server;
    char endpoint[ENDPOINT_SIZE];
} house;

static const int mechanisms[] = {EXZ_SECURITY_CURVE_SERVER, EXZ_SECURITY_PLAIN_SERVER, EXZ_SECURITY_GUARDED};
static const char *const mechanism_names[] = {"CURVE", "PLAIN", "GUARDED"};

static void open_keeper(house *h, size_t mechanism) {
    *h = (house){.context = new_context(), .server_keys = new_keys(), .client_keys = new_keys(), .client_key = ""};
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.decide = let_guests_in;
    check_status(exz_authenticator_open(&h->a, h->context, &options), EXZ_OK);
    h->as_server = h->as_client = (exz_security)EXZ_SECURITY_INIT;
    h->as_server.mechanism = mechanisms[mechanism];
    if (h->as_server.mechanism == EXZ_SECURITY_CURVE_SERVER) {
        h->as_server = curve_server(&h->server_keys, 0);
        h->as_client = curve_client(&h->client_keys, &h->server_keys);
        h->client_key = h->client_keys.public_key;
    } else if (h->as_server.mechanism == EXZ_SECURITY_PLAIN_SERVER) {
        h->as_client.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
        h->as_client.username = "camera";
        h->as_client.password = "secret";
        check_status(exz_authenticator_allow_password(h->a, "camera", "secret"), EXZ_OK);
    }
}

static void open_server(house *h, exz_socket_type type, size_t mechanism, transport t) {
    open_keeper(h, mechanism);
    h->server = open_secured(h->context, type, &h->as_server);
    bind_somewhere(h->server, t, h->endpoint);
}

static exz_socket open_client(const house *h, exz_socket_type type) {
    return open_secured(EXZ_DEFAULT_CONTEXT, type, h->as_client.mechanism == 0 ? NULL : &h->as_client);
}

static void close_server(house *h) {
    close_socket(h->server);
    close_authenticator(h->a);
    end_context(h->context);
}

static void check_named(const house *h, const exz_event *event) {
    check_text(event->user_id, "camera");
    check_text(event->public_key, h->client_key);
}

static void expect_named(const house *h, exz_event_kind kind) {
    const exz_event event = expect_event(h->server, kind);
    check_named(h, &event);
}

CASE(who_comes_and_goes_is_named_with_every_mechanism) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        for (transport t = TCP; t <= IPC; t++) {
            in_row("%s %s", mechanism_names[m], transport_name(t));
            house h;
            open_server(&h, EXZ_PULL, m, t);
            for (int life = 0; life < 3; life++) {
                exz_socket client = open_client(&h, EXZ_PUSH);
                connect_to(client, h.endpoint);
                expect_named(&h, EXZ_EVENT_HANDSHAKEN);
                check_carries(client, h.server);
                close_socket(client);
                expect_named(&h, EXZ_EVENT_LOST);
            }
            close_server(&h);
        }
    }
}

/* A client that goes at once is gone before anybody has looked at it. */
CASE(who_goes_at_once_is_named_too) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        in_row("%s", mechanism_names[m]);
        house h;
        open_server(&h, EXZ_PULL, m, TCP);
        for (int i = 0; i < 40; i++) {
            exz_socket client = open_client(&h, EXZ_PUSH);
            connect_to(client, h.endpoint);
            close_socket(client);
            expect_named(&h, EXZ_EVENT_HANDSHAKEN);
            expect_named(&h, EXZ_EVENT_LOST);
        }
        close_server(&h);
    }
}

CASE(a_server_that_connects_names_whom_it_lets_in) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        in_row("%s", mechanism_names[m]);
        house h;
        open_keeper(&h, m);
        h.server = open_secured(h.context, EXZ_PULL, &h.as_server);
        exz_socket client = open_client(&h, EXZ_PUSH);
        bind_somewhere(client, TCP, h.endpoint);
        connect_to(h.server, h.endpoint);
        expect_named(&h, EXZ_EVENT_HANDSHAKEN);
        check_carries(client, h.server);
        close_socket(client);
        expect_named(&h, EXZ_EVENT_LOST);
        close_server(&h);
    }
}

CASE(subscribers_are_named_as_they_were_let_in) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        for (transport t = TCP; t <= IPC; t++) {
            in_row("%s %s", mechanism_names[m], transport_name(t));
            house h;
            open_server(&h, EXZ_PUB, m, t);
            exz_socket sub = open_client(&h, EXZ_SUB);
            check_status(exz_subscribe(sub, "first"), EXZ_OK);
            connect_to(sub, h.endpoint);
            expect_named(&h, EXZ_EVENT_SUBSCRIBER_JOINED);
            check_status(exz_subscribe(sub, "second"), EXZ_OK);
            expect_named(&h, EXZ_EVENT_SUBSCRIBER_JOINED);
            check_status(exz_unsubscribe(sub, "first"), EXZ_OK);
            expect_named(&h, EXZ_EVENT_SUBSCRIBER_LEFT);
            close_socket(sub);
            expect_named(&h, EXZ_EVENT_SUBSCRIBER_LEFT);
            close_server(&h);
        }
    }
}

/* Those who subscribe at the same moment: each notice says whose it is. */
CASE(each_of_many_subscribers_is_named) {
    enum { MANY = 12 };
    house h;
    open_server(&h, EXZ_PUB, 0, TCP);
    key_pair keys[MANY];
    exz_socket subs[MANY];
    char names[MANY][32];
    for (int i = 0; i < MANY; i++) {
        keys[i] = new_keys();
        snprintf(names[i], sizeof names[i], "camera %d", i);
        check_status(exz_authenticator_allow_key(h.a, keys[i].public_key, names[i]), EXZ_OK);
        const exz_security security = curve_client(&keys[i], &h.server_keys);
        subs[i] = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_SUB, &security);
        check_status(exz_subscribe(subs[i], names[i]), EXZ_OK);
        connect_later(subs[i], h.endpoint);
    }
    for (int round = 0; round < 2; round++) {
        const exz_event_kind kind = round == 0 ? EXZ_EVENT_SUBSCRIBER_JOINED : EXZ_EVENT_SUBSCRIBER_LEFT;
        for (int i = 0; i < MANY; i++) {
            const exz_event event = expect_event(h.server, kind);
            check_text(event.user_id, event.topic);
            int owner = 0;
            while (owner < MANY - 1 && strcmp(names[owner], event.topic) != 0) owner++;
            check_text(event.public_key, keys[owner].public_key);
        }
        for (int i = 0; i < MANY && round == 0; i++) close_socket(subs[i]);
    }
    close_server(&h);
}

CASE(whom_a_router_hears_no_more_is_named) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        in_row("%s", mechanism_names[m]);
        house h;
        open_server(&h, EXZ_ROUTER, m, TCP);
        exz_socket peers[2];
        for (int i = 0; i < 2; i++) {
            peers[i] = open_client(&h, EXZ_DEALER);
            check_status(exz_socket_set_bytes(peers[i], 5 /* ZMQ_ROUTING_ID */, "same", 4), EXZ_OK);
            connect_to(peers[i], h.endpoint);
            send_text(peers[i], "x");
            exz_message message;
            check_status(exz_recv_message(&message, h.server, PATIENCE_MS), EXZ_OK);
            exz_message_free(message);
        }
        expect_named(&h, EXZ_EVENT_PEER_REJECTED);
        close_socket(peers[0]);
        close_socket(peers[1]);
        close_server(&h);
    }
}

CASE(who_finds_no_place_is_named) {
    for (size_t m = 0; m < COUNT_OF(mechanisms); m++) {
        in_row("%s", mechanism_names[m]);
        house h;
        open_server(&h, EXZ_PAIR, m, TCP);
        exz_socket first = open_client(&h, EXZ_PAIR), second = open_client(&h, EXZ_PAIR);
        connect_to(first, h.endpoint);
        expect_named(&h, EXZ_EVENT_HANDSHAKEN);
        connect_later(second, h.endpoint);
        expect_named(&h, EXZ_EVENT_PEER_REJECTED);
        close_socket(second);
        close_socket(first);
        close_server(&h);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(who_comes_and_goes_is_named_with_every_mechanism),
        TEST(who_goes_at_once_is_named_too),
        TEST(a_server_that_connects_names_whom_it_lets_in),
        TEST(subscribers_are_named_as_they_were_let_in),
        TEST(each_of_many_subscribers_is_named),
        TEST(whom_a_router_hears_no_more_is_named),
        TEST(who_finds_no_place_is_named),
    };
    return cmocka_run_group_tests_name("as whom peers are named", tests, NULL, NULL);
}
