/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose link it is: told by events and messages, and ended with its key. */
#include <string.h>

#include "admission.h"
#include "monotonic.h"

CASE(who_it_is_is_told_by_events_and_messages) {
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        service s;
        open_guarded_service(&s, 0, t);
        const key_pair known = new_keys(), stranger = new_keys();
        exz_authenticator a = open_authenticator(s.context);
        check_status(exz_authenticator_allow_key(a, known.public_key, "camera 1"), EXZ_OK);
        exz_socket client = open_guarded_client(&s, &known);
        connect_to(client, s.endpoint);
        exz_event event = expect_event(s.socket, EXZ_EVENT_HANDSHAKEN);
        check_text(event.user_id, "camera 1");
        check_text(event.public_key, known.public_key);
        send_text(client, "x");
        exz_message message;
        check_status(exz_recv_message(&message, s.socket, PATIENCE_MS), EXZ_OK);
        char text[256];
        check_status(exz_message_property(text, sizeof text, message, "User-Id"), EXZ_OK);
        check_text(text, "camera 1");
        check_status(exz_message_property(text, sizeof text, message, "Public-Key"), EXZ_OK);
        check_text(text, known.public_key);
        exz_message_free(message);
        close_socket(client);
        event = expect_event(s.socket, EXZ_EVENT_LOST);
        check_text(event.user_id, "camera 1");
        check_text(event.public_key, known.public_key);
        check_status(knock(&s, &stranger), EXZ_ERR_SECURITY);
        event = expect_event(s.socket, EXZ_EVENT_PEER_REJECTED);
        check_status(event.status, EXZ_ERR_SECURITY);
        check(strstr(event.message, "key") != NULL);
        check_text(event.public_key, stranger.public_key);
        check_text(event.user_id, "");
        close_authenticator(a);
        close_guarded_service(&s);
    }
}

/* A server that connects decides as well as one that is bound. */
CASE(a_server_that_connects_lets_in_whom_it_knows) {
    const key_pair server_keys = new_keys(), known = new_keys(), stranger = new_keys();
    for (int is_known = 0; is_known < 2; is_known++) {
        in_row("known %d", is_known);
        exz_context context = new_context();
        exz_authenticator a = open_authenticator(context);
        check_status(exz_authenticator_allow_key(a, known.public_key, "friend"), EXZ_OK);
        const exz_security as_server = curve_server(&server_keys, 0),
                           as_client = curve_client(is_known ? &known : &stranger, &server_keys);
        exz_socket server = open_secured(context, EXZ_PUSH, &as_server);
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &as_client);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(client, TCP, endpoint);
        exz_error error = EXZ_ERROR_INIT;
        const exz_status status = exz_socket_connect(server, endpoint, 0, PATIENCE_MS, &error);
        if (is_known) {
            check_status(status, EXZ_OK);
            check_text(expect_event(server, EXZ_EVENT_HANDSHAKEN).user_id, "friend");
            check_carries(server, client);
            check_status(exz_authenticator_deny_key(a, known.public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
            check_text(expect_event(server, EXZ_EVENT_LOST).public_key, known.public_key);
        } else {
            check_status(status, EXZ_ERR_SECURITY);
        }
        close_socket(client);
        close_socket(server);
        end_context(context);
    }
}

/* Many clients of one address at once: each link is ended with its own key, and no other. */
enum { CROWD = 12 };

CASE(the_links_of_a_key_end_with_it_and_no_others) {
    for (transport t = TCP; t <= IPC; t++) {
        service s;
        open_guarded_service(&s, 0, t);
        exz_authenticator a = open_authenticator(s.context);
        key_pair keys[CROWD];
        exz_socket clients[CROWD];
        for (int i = 0; i < CROWD; i++) {
            keys[i] = new_keys();
            check_status(exz_authenticator_allow_key(a, keys[i].public_key, NULL), EXZ_OK);
            clients[i] = open_guarded_client(&s, &keys[i]);
            if (t == TCP) connect_later(clients[i], s.endpoint);
            else connect_to(clients[i], s.endpoint);
        }
        for (int i = 0; i < CROWD; i++) expect_event(clients[i], EXZ_EVENT_HANDSHAKEN);
        check_status(exz_wait_peers(s.socket, CROWD, PATIENCE_MS), EXZ_OK);
        for (int i = 0; i < CROWD; i += 2) {
            in_row("%s, %d", transport_name(t), i);
            check_status(exz_authenticator_deny_key(a, keys[i].public_key, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
            expect_event(clients[i], EXZ_EVENT_LOST);
        }
        for (int i = 0; i < CROWD; i++) {
            in_row("%s, %d", transport_name(t), i);
            if (i % 2 == 1) {
                check_int(stats_of(clients[i]).links_lost, 0);
                check_carries(clients[i], s.socket);
            }
            close_socket(clients[i]);
        }
        close_authenticator(a);
        close_guarded_service(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(who_it_is_is_told_by_events_and_messages),
        TEST(a_server_that_connects_lets_in_whom_it_knows),
        TEST(the_links_of_a_key_end_with_it_and_no_others),
    };
    return cmocka_run_group_tests_name("whose link it is", tests, NULL, NULL);
}
