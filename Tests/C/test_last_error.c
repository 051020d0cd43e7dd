/* SPDX-License-Identifier: Apache-2.0
 *
 * exz_last_error(): what went wrong with the last call that failed, on this thread. */
#include <pthread.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

static exz_error last(void) {
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_last_error(&error), EXZ_OK);
    check_int(error.size, sizeof error);
    return error;
}

static void check_last(exz_status status) {
    exz_error error = last();
    check_status(error.status, status);
    check_text(error.message, exz_strerror(status));
    check_text(error.endpoint, "");
}

/* Nothing has failed on a thread that has just begun. */
static void *fresh(void *status) {
    exz_error error = EXZ_ERROR_INIT;
    *(exz_status *)status = exz_last_error(&error) == EXZ_OK && error.message[0] == 0 ? error.status : -1;
    return NULL;
}

CASE(a_thread_without_failures_has_none) {
    check_status(exz_send((exz_socket){0}, "x", 1, 0, 0), EXZ_ERR_HANDLE);
    exz_status status = -1;
    pthread_t thread;
    check_int(pthread_create(&thread, NULL, fresh, &status), 0);
    pthread_join(thread, NULL);
    check_status(status, EXZ_OK);
    check_last(EXZ_ERR_HANDLE);
}

CASE(open_send_and_receive_tell_why_they_failed) {
    exz_socket s;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = -5;
    check_status(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &options), EXZ_ERR_INVALID);
    exz_error error = last();
    check_status(error.status, EXZ_ERR_INVALID);
    check(strstr(error.message, "-5") != NULL);
    check_status(exz_socket_open(&s, (exz_context){77}, EXZ_PUSH, NULL), EXZ_ERR_HANDLE);
    check_last(EXZ_ERR_HANDLE);

    size_t size = 0;
    s = open_socket(EXZ_PUSH);
    check_status(exz_send(s, "x", 1, 1, 0), EXZ_ERR_INVALID);
    check_last(EXZ_ERR_INVALID);
    check_status(exz_send(s, "x", 1, 0, 0), EXZ_ERR_TIMEOUT);
    check_last(EXZ_ERR_TIMEOUT);
    check_status(exz_recv(&size, s, NULL, 0, 0), EXZ_ERR_NOT_SUPPORTED);
    check_last(EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_publish(s, NULL, "x", 1, 0), EXZ_ERR_INVALID);
    check_last(EXZ_ERR_INVALID);
    close_socket(s);
    check_status(exz_recv(&size, s, NULL, 0, 0), EXZ_ERR_CLOSED);
    check_last(EXZ_ERR_CLOSED);
}

CASE(details_of_a_connect_are_there_twice_and_give_way_to_the_next_failure) {
    exz_socket s = open_socket(EXZ_PUSH);
    exz_error passed = EXZ_ERROR_INIT;
    check_status(exz_socket_connect(s, "nonsense://x", 0, 0, &passed), EXZ_ERR_NOT_SUPPORTED);
    exz_error error = last();
    check_status(error.status, passed.status);
    check_text(error.endpoint, "nonsense://x");
    check_text(error.message, passed.message);
    /* Nothing is left of it. */
    check_status(exz_send(s, "x", 1, 0, 0), EXZ_ERR_TIMEOUT);
    check_last(EXZ_ERR_TIMEOUT);
    /* Also without room for the details. */
    check_status(exz_socket_connect(s, "nonsense://y", 0, 0, NULL), EXZ_ERR_NOT_SUPPORTED);
    check_text(last().endpoint, "nonsense://y");
    close_socket(s);
}

CASE(success_leaves_the_last_failure_as_it_is) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    size_t size;
    check_status(exz_recv(&size, pair.bound, NULL, 0, 0), EXZ_ERR_TIMEOUT);
    check_carries(pair.connected, pair.bound);
    check_last(EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

CASE(a_wrong_struct_is_refused_and_not_noted) {
    check_status(exz_send((exz_socket){0}, "x", 1, 0, 0), EXZ_ERR_HANDLE);
    exz_error error = EXZ_ERROR_INIT;
    error.size = 8;
    check_status(exz_last_error(&error), EXZ_ERR_INVALID);
    check_status(exz_last_error(NULL), EXZ_ERR_INVALID);
    check_last(EXZ_ERR_HANDLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_thread_without_failures_has_none),
        TEST(open_send_and_receive_tell_why_they_failed),
        TEST(details_of_a_connect_are_there_twice_and_give_way_to_the_next_failure),
        TEST(success_leaves_the_last_failure_as_it_is),
        TEST(a_wrong_struct_is_refused_and_not_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
