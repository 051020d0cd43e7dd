/* SPDX-License-Identifier: Apache-2.0
 *
 * What a context tells an operator, and where it can be asked to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monotonic.h"
#include "operators.h"
#include "places.h"
#include "security_fields.h"
#include "worker.h"

static exz_socket open_in(exz_context context, exz_socket_type type) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, type, NULL), EXZ_OK);
    return s;
}

static unsigned mode_of(const char *path) {
    struct stat status;
    check_int(stat(path, &status), 0);
    return status.st_mode & 07777;
}

CASE(a_document_tells_what_the_sockets_do) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], text[400];
    only_statistics(path);
    check_int(mode_of(path), 0600);
    check_int(mode_of(statistics_directory()), 0700);
    char *empty = read_statistics(path);
    snprintf(text, sizeof text, "{\"version\":1,\"library\":\"%s\",\"libzmq\":\"4.", exz_version_string());
    check_has(empty, text);
    snprintf(text, sizeof text, "\"pid\":%d,\"program\":\"", getpid());
    check_has(empty, text);
    check_has(empty, "\"sockets\":[],\"sockets_left_out\":0}\n");
    free(empty);

    linked pair = link_sockets(open_in(context, EXZ_PULL), open_in(context, EXZ_PUSH), TCP);
    for (int i = 0; i < 3; i++) check_carries(pair.connected, pair.bound);
    const exz_stats sent = stats_of(pair.connected), received = stats_of(pair.bound);
    char *whole = read_statistics(path);
    snprintf(text, sizeof text, "\"type\":\"PULL\",\"state\":\"ready\",\"security\":\"none\"");
    check_has(whole, text);
    snprintf(text, sizeof text, "\"bound\":[\"%s\"],\"links\":[],\"endpoints_left_out\":0,\"peers\":1", pair.endpoint);
    check_has(whole, text);
    snprintf(text, sizeof text,
             "\"links\":[{\"endpoint\":\"%s\",\"state\":\"ready\",\"attempts\":1,\"last_failure\":null}]",
             pair.endpoint);
    check_has(whole, text);
    snprintf(text, sizeof text, "\"messages_sent\":%llu,\"bytes_sent\":%llu,\"messages_received\":0,",
             (unsigned long long)sent.messages_sent, (unsigned long long)sent.bytes_sent);
    check_has(whole, text);
    snprintf(text, sizeof text, "\"messages_sent\":0,\"bytes_sent\":0,\"messages_received\":%llu,\"bytes_received\":%llu",
             (unsigned long long)received.messages_received, (unsigned long long)received.bytes_received);
    check_has(whole, text);
    check_has(whole, "\"held\":{\"messages\":0,\"bytes\":0},\"waiting\":{\"senders\":0,\"receivers\":0,\"others\":0}");
    check_has(whole, "\"last_error\":null");
    free(whole);
    close_linked(pair);
    free(await_statistics(path, "\"sockets\":[]"));
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(count_of_statistics(), 0);
    check(read_statistics(path) == NULL);
}

CASE(a_link_that_fails_is_told_with_its_reason) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], nowhere[ENDPOINT_SIZE], text[400];
    only_statistics(path);
    const int port = reserve_port(nowhere);
    exz_socket s = open_in(context, EXZ_PUSH);
    connect_later(s, nowhere);
    expect_event(s, EXZ_EVENT_FAILED);
    snprintf(text, sizeof text, "\"links\":[{\"endpoint\":\"%s\",\"state\":\"", nowhere);
    char *whole = await_statistics(path, "\"last_failure\":{\"status\":");
    check_has(whole, text);
    snprintf(text, sizeof text, "\"name\":\"%s\",\"text\":\"", exz_status_name(EXZ_ERR_REFUSED));
    check_has(whole, text);
    check_has(whole, "\"last_error\":{\"status\":");
    check_has(whole, "\"state\":\"connecting\",\"security\"");
    free(whole);
    check_status(exz_context_close(context, 0), EXZ_OK);
    close(port);
}

static exz_status receive_until_closed(void *argument) {
    exz_message message;
    return exz_recv_message(&message, *(exz_socket *)argument, PATIENCE_MS);
}

CASE(who_waits_and_what_is_held_is_told) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE], byte;
    size_t size;
    only_statistics(path);
    linked pair = link_sockets(open_in(context, EXZ_PULL), open_in(context, EXZ_PUSH), INPROC);
    send_text(pair.connected, "more than a byte");
    check_status(exz_recv(&size, pair.bound, &byte, 1, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    free(await_statistics(path, "\"held\":{\"messages\":1,\"bytes\":16}"));
    expect_text(pair.bound, "more than a byte");
    free(await_statistics(path, "\"held\":{\"messages\":0,\"bytes\":0}"));
    worker waiting;
    worker_start(&waiting, receive_until_closed, &pair.bound);
    free(await_statistics(path, "\"waiting\":{\"senders\":0,\"receivers\":1,\"others\":0}"));
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_status(worker_join(&waiting), EXZ_ERR_CLOSED);
}

CASE(nothing_that_is_secret_is_told) {
    const exz_context context = open_watched("ipc://*");
    char path[ENDPOINT_SIZE];
    only_statistics(path);
    const key_pair keys = new_keys(), others = new_keys();
    const exz_security server = curve_server(&keys, 0), client = curve_client(&others, &keys);
    secured plain = security_of("mechanism=3 username=somebody password=sesame");
    open_secured(context, EXZ_PULL, &server);
    open_secured(context, EXZ_PUSH, &client);
    open_secured(context, EXZ_PUSH, &plain.security);
    char *whole = read_statistics(path);
    check_has(whole, "\"security\":\"curve server\"");
    check_has(whole, "\"security\":\"curve client\"");
    check_has(whole, "\"security\":\"plain client\"");
    const char *secrets[] = {keys.secret_key, others.secret_key, "somebody", "sesame"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) check(strstr(whole, secrets[i]) == NULL);
    free(whole);
    free_secured(&plain);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

/* The sentence names what is wrong. */
static void refuse_endpoint(const char *endpoint, exz_status status, const char *what) {
    exz_context context = {77};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    exz_error error = EXZ_ERROR_INIT;
    options.stats_endpoint = endpoint;
    in_row("%s", endpoint);
    check_status(exz_context_open_with(&context, &options), status);
    check_int(context.id, 77);
    check_status(exz_last_error(&error), EXZ_OK);
    check_status(error.status, status);
    check_has(error.message, what);
}

CASE(what_makes_no_sense_is_named) {
    char long_path[200] = "ipc:///tmp/";
    memset(long_path + strlen(long_path), 'x', 120);
    refuse_endpoint("", EXZ_ERR_INVALID, "empty");
    refuse_endpoint("tcp://127.0.0.1:0", EXZ_ERR_INVALID, "over ipc");
    refuse_endpoint("inproc://here", EXZ_ERR_INVALID, "over ipc");
    refuse_endpoint("/tmp/here", EXZ_ERR_INVALID, "no transport");
    refuse_endpoint("ipc://", EXZ_ERR_INVALID, "path is missing");
    refuse_endpoint("ipc://a\nb", EXZ_ERR_INVALID, "control character");
    refuse_endpoint("ipc://\xFF", EXZ_ERR_INVALID, "UTF-8");
    refuse_endpoint(long_path, EXZ_ERR_INVALID, "at most 107");
    refuse_endpoint("ipc:///nowhere/at/all", EXZ_ERR_ADDRESS_NOT_AVAILABLE, "ipc:///nowhere/at/all");
}

CASE(a_path_is_taken_from_nobody) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE + 6];
    temporary_path(path);
    snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    FILE *file = fopen(path, "w");
    check(file != NULL && fputs("mine", file) >= 0 && fclose(file) == 0);
    refuse_endpoint(endpoint, EXZ_ERR_ADDRESS_IN_USE, "not a socket");
    check_int(unlink(path), 0);
    const exz_context context = open_watched(endpoint);
    refuse_endpoint(endpoint, EXZ_ERR_ADDRESS_IN_USE, "this process serves the path itself");
    char *whole = read_statistics(path);
    check_has(whole, "\"sockets\":[]");
    free(whole);
    check_status(exz_context_close(context, 0), EXZ_OK);
    /* It is free again. */
    check_status(exz_context_close(open_watched(endpoint), 0), EXZ_OK);
    check_int(access(path, F_OK), -1);
}

CASE(a_directory_that_others_may_write_to_is_refused) {
    check_int(rmdir(statistics_directory()), 0);
    check_int(mkdir(statistics_directory(), 0700), 0);
    check_int(chmod(statistics_directory(), 0777), 0);
    refuse_endpoint("ipc://*", EXZ_ERR_PERMISSION, "others may write to it");
    if (geteuid() == 0) {
        check_int(chmod(statistics_directory(), 0700), 0);
        check_int(chown(statistics_directory(), 65534, 65534), 0);
        refuse_endpoint("ipc://*", EXZ_ERR_PERMISSION, "belongs to user 65534");
    }
    check_int(rmdir(statistics_directory()), 0);
    char elsewhere[ENDPOINT_SIZE];
    temporary_path(elsewhere);
    check_int(mkdir(elsewhere, 0700), 0);
    check_int(symlink(elsewhere, statistics_directory()), 0);
    refuse_endpoint("ipc://*", EXZ_ERR_PERMISSION, "no directory");
    check_int(unlink(statistics_directory()), 0);
    check_status(exz_context_close(open_watched("ipc://*"), 0), EXZ_OK);
}

CASE(a_shutdown_ends_it) {
    open_watched("ipc://*");
    open_watched("ipc://*");
    check_int(count_of_statistics(), 2);
    check_status(exz_shutdown(PATIENCE_MS), EXZ_OK);
    check_int(count_of_statistics(), 0);
}

static int prepare(void **group) {
    (void)group;
    have_runtime_directory();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_document_tells_what_the_sockets_do),
        TEST(a_link_that_fails_is_told_with_its_reason),
        TEST(who_waits_and_what_is_held_is_told),
        TEST(nothing_that_is_secret_is_told),
        TEST(what_makes_no_sense_is_named),
        TEST(a_path_is_taken_from_nobody),
        TEST(a_directory_that_others_may_write_to_is_refused),
        TEST(a_shutdown_ends_it),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
