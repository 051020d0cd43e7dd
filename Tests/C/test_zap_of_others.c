/* SPDX-License-Identifier: Apache-2.0
 *
 * A handler of RFC 27 that the program has itself, and one that does not keep to it: whatever it answers, nobody comes
 * in by a mistake. And the library's own, which nobody else can ask. */
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "impostor.h"
#include "locked_house.h"
#include "monotonic.h"
#include "wires.h"
#include "worker.h"

#define HANDLER "inproc://zeromq.zap.01"

/* An answer of five to eight parts, from the second on; "=" is the number of the request. */
typedef struct answer {
    const char *name;
    const char *parts[8];
    int32_t status;
} answer;

static const answer answers[] = {
    {"a yes", {"1.0", "=", "200", "OK", "somebody", ""}, EXZ_OK},
    {"a no", {"1.0", "=", "400", "No", "", ""}, EXZ_ERR_SECURITY},
    {"an error", {"1.0", "=", "500", "Broken", "", ""}, EXZ_ERR_SECURITY},
    {"another version", {"2.0", "=", "200", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"no version", {"", "=", "200", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"the number of another request", {"1.0", "77", "200", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"a status of four digits", {"1.0", "=", "2000", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"a status without digits", {"1.0", "=", "yes", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"a status that begins like a yes", {"1.0", "=", "20", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"an unknown status", {"1.0", "=", "299", "OK", "", ""}, EXZ_ERR_SECURITY},
    {"no metadata", {"1.0", "=", "200", "OK", ""}, EXZ_ERR_SECURITY},
    {"nothing but a status", {"1.0", "=", "200"}, EXZ_ERR_SECURITY},
    {"nothing", {""}, EXZ_ERR_SECURITY},
    {"one part too many", {"1.0", "=", "200", "OK", "", "", "more"}, EXZ_ERR_SECURITY},
    {"metadata that is none", {"1.0", "=", "200", "OK", "", "\xFF\xFF\xFF"}, EXZ_ERR_SECURITY},
};

typedef struct handler {
    exz_socket s;
    const answer *says;
    atomic_int asked;
} handler;

static exz_status handle(void *argument) {
    handler *h = argument;
    for (;;) {
        exz_message request;
        exz_status status = exz_recv_message(&request, h->s, 100);
        if (status == EXZ_ERR_TIMEOUT) continue;
        if (status != EXZ_OK) return status;
        const void *number = NULL;
        size_t number_size = 0, count = 0;
        exz_message_part(&number, &number_size, request, 1);
        exz_part parts[8];
        for (; count < 8 && h->says->parts[count] != NULL; count++) {
            const char *text = h->says->parts[count];
            parts[count] = strcmp(text, "=") == 0 ? (exz_part){number, number_size} : (exz_part){text, strlen(text)};
        }
        h->asked++;
        status = exz_send_parts(h->s, parts, count, PATIENCE_MS);
        exz_message_free(request);
        if (status != EXZ_OK) return status;
    }
}

/* A handler that says yes to everybody, and calls each the same. */
static void begin_handler(handler *h, worker *handling, exz_context context) {
    *h = (handler){.says = &answers[0]};
    check_status(exz_socket_open(&h->s, context, EXZ_REP, NULL), EXZ_OK);
    bind_to(h->s, HANDLER);
    worker_start(handling, handle, h);
}

static void end_handler(handler *h, worker *handling) {
    close_socket(h->s);
    check_status(worker_join(handling), EXZ_ERR_CLOSED);
}

static void set_text(exz_socket s, int32_t option, const char *text) {
    check_status(exz_socket_set_bytes(s, option, text, strlen(text)), EXZ_OK);
}

static exz_status try_to_come(const key_pair *keys, const key_pair *server, const char *endpoint) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    const exz_security security = curve_client(keys, server);
    options.security = &security;
    options.retry.max_attempts = 1;
    exz_socket client = open_with(EXZ_PUSH, &options);
    const exz_status status = exz_socket_connect(client, endpoint, 0, PATIENCE_MS, NULL);
    close_socket(client);
    return status;
}

CASE(a_handler_that_does_not_keep_to_the_rules_lets_nobody_in) {
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    handler h;
    worker handling;
    begin_handler(&h, &handling, context);
    const key_pair keys = new_keys(), guest = new_keys();
    exz_socket server;
    check_status(exz_socket_open(&server, context, EXZ_PULL, NULL), EXZ_OK);
    check_status(exz_socket_set_int(server, ZMQ_CURVE_SERVER, 1), EXZ_OK);
    set_text(server, ZMQ_CURVE_SECRETKEY, keys.secret_key);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    uint64_t rejected = 0;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        in_row("%s", answers[i].name);
        h.says = &answers[i];
        const int asked = h.asked;
        check_status(try_to_come(&guest, &keys, endpoint), answers[i].status);
        check_int(h.asked, asked + 1);
        expect_event(server, answers[i].status == EXZ_OK ? EXZ_EVENT_HANDSHAKEN : EXZ_EVENT_PEER_REJECTED);
        rejected += answers[i].status != EXZ_OK;
        check_int(stats_of(server).peers_rejected, rejected);
    }
    h.says = &answers[0];
    check_status(try_to_come(&guest, &keys, endpoint), EXZ_OK);
    close_socket(server);
    end_handler(&h, &handling);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

/* ZMQ_ZAP_ENFORCE_DOMAIN, which <zmq.h> shows only with its drafts. */
enum { ENFORCES_DOMAIN = 93 };

typedef struct server {
    exz_socket s;
    char endpoint[ENDPOINT_SIZE];
} server;

static server open_server(exz_context context, bool is_closed) {
    server made = {.s = open_secured(context, EXZ_PULL, NULL)};
    if (is_closed) check_status(exz_socket_set_int(made.s, ENFORCES_DOMAIN, 1), EXZ_OK);
    bind_somewhere(made.s, TCP, made.endpoint);
    return made;
}

static void check_heard(exz_socket s, int peer, const char *user_id) {
    raw_frame(peer, 0, 5, "hello", 5);
    exz_message message;
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    check_property(message, "User-Id", user_id);
    check_property(message, "Public-Key", "");
    exz_message_free(message);
}

/* Whom the server takes a newcomer for who says that it is somebody else. */
static void check_taken_for(const server *s, const char *user_id) {
    const int peer = impostor_connect(s->endpoint);
    check_heard(s->s, peer, user_id);
    close(peer);
}

CASE(a_user_id_is_believed_where_everybody_has_been_asked_about) {
    exz_context context = new_context(), elsewhere = new_context();
    const server early = open_server(context, false), closed = open_server(context, true);
    handler h;
    worker handling;
    begin_handler(&h, &handling, context);
    const server asked = open_server(context, false), other = open_server(elsewhere, false);
    check_taken_for(&asked, "somebody");
    check_taken_for(&closed, "somebody");
    /* Others may have come before the handler, or where it is not asked. */
    check_taken_for(&early, "");
    check_taken_for(&other, "");
    const int insider = impostor_connect(closed.endpoint);
    check_heard(closed.s, insider, "somebody");
    end_handler(&h, &handling);
    check_taken_for(&asked, "");
    check_heard(closed.s, insider, "somebody");
    close(insider);
    /* Another one knows nothing of those who came meanwhile. */
    begin_handler(&h, &handling, context);
    check_taken_for(&asked, "");
    check_taken_for(&closed, "somebody");
    const server late = open_server(context, false);
    check_taken_for(&late, "somebody");
    check_status(exz_socket_set_int(late.s, ENFORCES_DOMAIN, 0), EXZ_OK);
    check_taken_for(&late, "");
    end_handler(&h, &handling);
    end_context(context);
    end_context(elsewhere);
}

/* A client asks nobody about its server, which may say what it likes. */
static void say_as_plain_server(int peer) {
    const uint8_t greeting[64] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, 'P', 'L', 'A', 'I', 'N', [32] = 1};
    uint8_t heard[256], head[2];
    raw_say(peer, greeting, sizeof greeting);
    check(raw_hear(peer, heard, 64));
    check(raw_hear(peer, head, sizeof head) && raw_hear(peer, heard, head[1]));
    raw_frame(peer, FRAME_COMMAND, 8, "\7WELCOME", 8);
    check(raw_hear(peer, head, sizeof head) && raw_hear(peer, heard, head[1]));
    impostor_say_ready(peer);
}

CASE(a_client_takes_no_server_for_whom_it_says_it_is) {
    exz_context context = new_context();
    handler h;
    worker handling;
    begin_handler(&h, &handling, context);
    char endpoint[ENDPOINT_SIZE];
    const int listener = listen_raw(TCP, endpoint);
    exz_socket client = open_secured(context, EXZ_PULL, NULL);
    check_status(exz_socket_set_int(client, ENFORCES_DOMAIN, 1), EXZ_OK);
    set_text(client, ZMQ_PLAIN_USERNAME, "user");
    set_text(client, ZMQ_PLAIN_PASSWORD, "password");
    check_status(exz_socket_connect(client, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    const int peer = raw_accept(listener);
    say_as_plain_server(peer);
    check_heard(client, peer, "");
    close(peer);
    close(listener);
    end_handler(&h, &handling);
    end_context(context);
}

/* The program's handler or the library's: whoever comes second is told. */
CASE(there_is_one_handler_in_a_context) {
    exz_context context;
    exz_authenticator door;
    check_status(exz_context_open(&context), EXZ_OK);
    exz_socket own = {0};
    check_status(exz_socket_open(&own, context, EXZ_REP, NULL), EXZ_OK);
    bind_to(own, HANDLER);
    check_status(exz_authenticator_open(&door, context, NULL), EXZ_ERR_ADDRESS_IN_USE);
    const key_pair keys = new_keys();
    const exz_security security = curve_server(&keys, 0);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    exz_socket server;
    check_status(exz_socket_open(&server, context, EXZ_PULL, &options), EXZ_ERR_ADDRESS_IN_USE);
    close_socket(own);
    check_status(exz_context_close(context, 0), EXZ_OK);

    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_authenticator_open(&door, context, NULL), EXZ_OK);
    check_status(exz_socket_open(&own, context, EXZ_REP, NULL), EXZ_OK);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_bind(own, HANDLER, 0, &error), EXZ_ERR_ADDRESS_IN_USE);
    close_socket(own);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

/* Whoever could ask it could have it believe that a connection is somebody's. */
CASE(nobody_but_libzmq_can_ask_the_library) {
    static const exz_socket_type askers[] = {EXZ_REQ, EXZ_DEALER, EXZ_ROUTER};
    locked_house h = open_house();
    for (size_t i = 0; i < COUNT_OF(askers); i++) {
        in_row("type %d", askers[i]);
        exz_socket asker;
        check_status(exz_socket_open(&asker, h.context, askers[i], NULL), EXZ_OK);
        check_status(exz_socket_connect(asker, HANDLER, 0, 50, NULL), EXZ_ERR_REFUSED);
        close_socket(asker);
    }
    check_undisturbed(&h);
    close_house(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_handler_that_does_not_keep_to_the_rules_lets_nobody_in),
        TEST(a_user_id_is_believed_where_everybody_has_been_asked_about),
        TEST(a_client_takes_no_server_for_whom_it_says_it_is),
        TEST(there_is_one_handler_in_a_context),
        TEST(nobody_but_libzmq_can_ask_the_library),
    };
    return cmocka_run_group_tests_name("handlers of others", tests, NULL, NULL);
}
