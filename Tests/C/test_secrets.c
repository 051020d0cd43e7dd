/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a secret: it is in no memory of the library's when its owner is gone, and in nothing that is said. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "monotonic.h"
#include "own_memory.h"
#include "places.h"
#include "security_fields.h"

/* A secret key in both of its forms, masked, and a socket that has it. */
typedef struct kept {
    sought text, bytes;
} kept;

static kept keep(const char *secret_key) {
    unsigned char bytes[EXZ_CURVE_KEY_SIZE];
    size_t size;
    check_status(exz_curve_decode(&size, bytes, sizeof bytes, secret_key), EXZ_OK);
    const kept result = {seek(secret_key, EXZ_CURVE_TEXT_SIZE - 1), seek(bytes, sizeof bytes)};
    explicit_bzero(bytes, sizeof bytes);
    return result;
}

/* What sockets had is gone when the threads that look after them are. */
static void check_gone(const kept *secret) {
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    check_int(copies_in_memory(&secret->text), 0);
    check_int(copies_in_memory(&secret->bytes), 0);
}

CASE(a_copy_in_memory_is_found) {
    static const char text[] = "something that nobody else has in memory";
    char copy[sizeof text];
    const sought what = seek(text, sizeof text - 1);
    check_int(copies_in_memory(&what), 0);
    memcpy(copy, text, sizeof text);
    check_int(copies_in_memory(&what), 1);
    explicit_bzero(copy, sizeof copy);
    check_int(copies_in_memory(&what), 0);
}

/* Nothing is left behind by what makes keys, derives them, saves and loads them. */
__attribute__((noinline)) static kept make_save_and_load(void) {
    key_pair keys = new_keys(), loaded;
    char base[ENDPOINT_SIZE], path[ENDPOINT_SIZE + 16], public_key[EXZ_CURVE_TEXT_SIZE];
    check_status(exz_curve_public(public_key, keys.secret_key), EXZ_OK);
    temporary_path(base);
    check_status(exz_curve_save(base, NULL, keys.secret_key, NULL), EXZ_OK);
    snprintf(path, sizeof path, "%s.key_secret", base);
    check_status(exz_curve_load(loaded.public_key, loaded.secret_key, path, NULL), EXZ_OK);
    check_text(loaded.secret_key, keys.secret_key);
    const kept secret = keep(keys.secret_key);
    explicit_bzero(&keys, sizeof keys);
    explicit_bzero(&loaded, sizeof loaded);
    return secret;
}

CASE(what_is_made_saved_and_loaded_leaves_nothing_in_memory) {
    const kept secret = make_save_and_load();
    check_gone(&secret);
}

/* The caller's own keys are gone then. */
__attribute__((noinline)) static exz_socket open_with_new_keys(kept *secret, bool is_server) {
    key_pair own = new_keys(), other = new_keys();
    *secret = keep(own.secret_key);
    const exz_security security = is_server ? curve_server(&own, 0) : curve_client(&own, &other);
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &security);
    explicit_bzero(&own, sizeof own);
    explicit_bzero(&other, sizeof other);
    return s;
}

CASE(a_secret_key_is_gone_with_its_socket) {
    for (int is_server = 0; is_server < 2; is_server++) {
        in_row("as %s", is_server ? "server" : "client");
        kept secret;
        exz_socket s = open_with_new_keys(&secret, is_server);
        check(copies_in_memory(&secret.bytes) > 0);
        check_int(copies_in_memory(&secret.text), 0);
        close_socket(s);
        check_gone(&secret);
    }
}

/* The same by the numbers of libzmq's options. */
__attribute__((noinline)) static exz_socket open_by_numbers(sought *key, sought *password) {
    key_pair own = new_keys();
    unsigned char bytes[EXZ_CURVE_KEY_SIZE], read[EXZ_CURVE_KEY_SIZE];
    size_t size;
    check_status(exz_curve_decode(&size, bytes, sizeof bytes, own.secret_key), EXZ_OK);
    *key = seek(bytes, sizeof bytes);
    char text[] = "a password that is long enough to have a place of its own";
    *password = seek(text, strlen(text));
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
    check_status(exz_socket_set_bytes(s, ZMQ_PLAIN_PASSWORD, text, strlen(text)), EXZ_OK);
    check_status(exz_socket_set_bytes(s, ZMQ_CURVE_SECRETKEY, bytes, sizeof bytes), EXZ_OK);
    /* Into too little room, which takes another way. */
    check_status(exz_socket_get_bytes(&size, s, ZMQ_PLAIN_PASSWORD, read, 1), EXZ_ERR_TOO_SMALL);
    check_status(exz_socket_get_bytes(&size, s, ZMQ_CURVE_SECRETKEY, read, sizeof read), EXZ_OK);
    explicit_bzero(&own, sizeof own);
    explicit_bzero(bytes, sizeof bytes);
    explicit_bzero(read, sizeof read);
    explicit_bzero(text, sizeof text);
    return s;
}

CASE(secrets_that_were_set_by_number_are_gone_with_their_socket) {
    sought key, password;
    exz_socket s = open_by_numbers(&key, &password);
    check(copies_in_memory(&key) > 0);
    check(copies_in_memory(&password) > 0);
    close_socket(s);
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    check_int(copies_in_memory(&key), 0);
    check_int(copies_in_memory(&password), 0);
}

/* Also in the end of one that could not be opened, as its context is closed. */
CASE(a_secret_key_is_gone_when_no_socket_was_opened) {
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_context_close(context, 0), EXZ_OK);
    key_pair own = new_keys();
    const kept secret = keep(own.secret_key);
    exz_security security = curve_server(&own, 0);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    exz_socket s;
    check_status(exz_socket_open(&s, context, EXZ_PULL, &options), EXZ_ERR_CLOSED);
    check_status(exz_socket_options_check(&options, EXZ_PULL, NULL), EXZ_OK);
    security.server_key = own.public_key;
    check_status(exz_socket_options_check(&options, EXZ_PULL, NULL), EXZ_ERR_INVALID);
    explicit_bzero(&own, sizeof own);
    check_gone(&secret);
}

__attribute__((noinline)) static exz_socket open_with_password(sought *what) {
    char password[] = "p a s s w o r d   n u m b e r   0 0 0 0";
    snprintf(password + strlen(password) - 5, 6, "%05u", (unsigned)(now_ns() % 100000));
    *what = seek(password, strlen(password));
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_PLAIN_CLIENT;
    security.username = "user";
    security.password = password;
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &security);
    explicit_bzero(password, sizeof password);
    return s;
}

CASE(a_password_is_gone_with_its_socket) {
    sought what;
    exz_socket s = open_with_password(&what);
    check(copies_in_memory(&what) > 0);
    close_socket(s);
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    check_int(copies_in_memory(&what), 0);
}

static const char *never_said[2];
static atomic_int lines, betrayals;

static void listen_in(__attribute__((unused)) void *user, __attribute__((unused)) exz_log_level level,
                      const char *message) {
    lines++;
    for (size_t i = 0; i < COUNT_OF(never_said); i++)
        if (strstr(message, never_said[i]) != NULL) betrayals++;
}

static void check_silent(const char *text) {
    for (size_t i = 0; i < COUNT_OF(never_said); i++) check(strstr(text, never_said[i]) == NULL);
}

static void check_events_are_silent(exz_socket s) {
    exz_event event = EXZ_EVENT_INIT;
    while (exz_next_event(&event, s, 0) == EXZ_OK) {
        check_silent(event.message);
        check_silent(event.endpoint);
    }
}

CASE(no_error_no_event_and_no_line_of_the_log_has_a_secret) {
    const key_pair server_keys = new_keys(), client_keys = new_keys(), others = new_keys();
    never_said[0] = server_keys.secret_key;
    never_said[1] = client_keys.secret_key;
    check_status(exz_set_log(listen_in, NULL, EXZ_LOG_DEBUG), EXZ_OK);
    exz_security as_server = curve_server(&server_keys, EXZ_SECURITY_ANYBODY);
    exz_security as_client = curve_client(&client_keys, &server_keys);
    exz_security as_stranger = curve_client(&client_keys, &others);
    exz_socket server = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &as_server);
    exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &as_client);
    exz_socket stranger = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &as_stranger);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(stranger, endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_SECURITY);
    check_silent(error.message);
    connect_to(client, endpoint);
    check_carries(client, server);
    close_socket(stranger);
    check_events_are_silent(server);
    check_events_are_silent(client);
    close_socket(client);
    close_socket(server);
    /* A secret that is passed where it does not belong. */
    exz_security wrong[] = {as_client, as_server, as_client};
    wrong[0].server_key = server_keys.secret_key + 1;
    wrong[1].username = client_keys.secret_key;
    wrong[2].public_key = client_keys.secret_key;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.security = &wrong[i];
        check_status(exz_socket_options_check(&options, EXZ_PULL, &error), EXZ_ERR_INVALID);
        check_silent(error.message);
    }
    check_status(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK);
    check(lines > 0);
    check_int(betrayals, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_copy_in_memory_is_found),
        TEST(what_is_made_saved_and_loaded_leaves_nothing_in_memory),
        TEST(a_secret_key_is_gone_with_its_socket),
        TEST(secrets_that_were_set_by_number_are_gone_with_their_socket),
        TEST(a_secret_key_is_gone_when_no_socket_was_opened),
        TEST(a_password_is_gone_with_its_socket),
        TEST(no_error_no_event_and_no_line_of_the_log_has_a_secret),
    };
    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
