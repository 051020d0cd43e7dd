/* SPDX-License-Identifier: Apache-2.0
 *
 * What README.md says that sockets, contexts and threads need, measured. */
#include <pthread.h>
#include <string.h>

#include "holdings.h"
#include "monotonic.h"
#include "sockets.h"

/* The numbers of README.md. */
#define DESCRIPTORS_OF_A_SOCKET 3
#define DESCRIPTORS_OF_A_WAIT 1
#define DESCRIPTORS_OF_AN_EVENT_LOOP 1
#define THREADS_OF_A_CONTEXT 3
#define STACK_OF_A_CALLER (64 << 10)

#define SOCKETS 20

CASE(descriptors_of_a_socket) {
    exz_context context;
    exz_socket first, sockets[SOCKETS];
    check_status(exz_context_open(&context), EXZ_OK);
    check_status(exz_socket_open(&first, context, EXZ_DEALER, NULL), EXZ_OK);
    const holdings before = settle();
    for (int i = 0; i < SOCKETS; i++) check_status(exz_socket_open(&sockets[i], context, EXZ_DEALER, NULL), EXZ_OK);
    int expected = before.descriptors + SOCKETS * DESCRIPTORS_OF_A_SOCKET;
    check_int(settle().descriptors, expected);
    for (int i = 0; i < SOCKETS; i++) {
        char buffer[1];
        size_t size;
        check_status(exz_recv(&size, sockets[i], buffer, sizeof buffer, 1), EXZ_ERR_TIMEOUT);
    }
    expected += SOCKETS * DESCRIPTORS_OF_A_WAIT;
    check_int(settle().descriptors, expected);
    for (int i = 0; i < SOCKETS; i++) {
        int descriptor;
        check_status(exz_socket_fd(&descriptor, sockets[i]), EXZ_OK);
        check_status(exz_socket_send_fd(&descriptor, sockets[i]), EXZ_OK);
    }
    expected += SOCKETS * 2 * DESCRIPTORS_OF_AN_EVENT_LOOP;
    check_int(settle().descriptors, expected);
    for (int i = 0; i < SOCKETS; i++) close_socket(sockets[i]);
    check_int(settle().descriptors, before.descriptors);
    close_socket(first);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(threads_of_a_context) {
    const holdings before = settle();
    exz_context context;
    exz_socket sockets[SOCKETS];
    check_status(exz_context_open(&context), EXZ_OK);
    for (int i = 0; i < SOCKETS; i++) check_status(exz_socket_open(&sockets[i], context, EXZ_DEALER, NULL), EXZ_OK);
    check_int(settle().threads, before.threads + THREADS_OF_A_CONTEXT);
    for (int i = 0; i < SOCKETS; i++) close_socket(sockets[i]);
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(settle().threads, before.threads);
}

/* What the calls on the small stack have come to: the checks belong on the thread of the test. */
static exz_status outcome;
static const char *last_call = "";

#define must_be(call, expected)                          \
    do {                                                 \
        if ((outcome = (call)) != (expected)) {          \
            last_call = #call;                           \
            return NULL;                                 \
        }                                                \
    } while (0)

/* The calls that go deepest, each of them with what makes it take its longest way. */
static void *on_a_small_stack(void *unused) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 1;
    exz_error error = {.size = sizeof error};
    exz_event event = {.size = sizeof event};
    exz_stats stats = {.size = sizeof stats};
    exz_context context;
    exz_socket rep, req, pub, sub;
    exz_message message;
    char endpoint[ENDPOINT_SIZE], reply[16];
    const exz_part parts[] = {{"a", 1}, {"b", 1}};
    size_t size;
    int64_t value;
    outcome = EXZ_OK;
    must_be(exz_context_open(&context), EXZ_OK);
    must_be(exz_socket_open(&rep, context, EXZ_REP, &options), EXZ_OK);
    must_be(exz_socket_open(&req, context, EXZ_REQ, &options), EXZ_OK);
    must_be(exz_socket_bind(rep, "tcp://localhost:*", PATIENCE_MS, &error), EXZ_OK);
    must_be(exz_socket_endpoint(rep, endpoint, sizeof endpoint), EXZ_OK);
    must_be(exz_socket_connect(req, endpoint, 0, PATIENCE_MS, &error), EXZ_OK);
    must_be(exz_request(&size, req, "?", 1, reply, sizeof reply, 1, &error), EXZ_ERR_TIMEOUT);
    must_be(exz_recv_message(&message, rep, PATIENCE_MS), EXZ_OK);
    must_be(exz_message_free(message), EXZ_OK);
    must_be(exz_send_parts(rep, parts, 2, PATIENCE_MS), EXZ_OK);
    must_be(exz_socket_connect(req, "tcp://127.0.0.1:1", 0, PATIENCE_MS, &error), EXZ_ERR_REFUSED);
    must_be(exz_socket_open(&pub, context, EXZ_PUB, &options), EXZ_OK);
    must_be(exz_socket_open(&sub, context, EXZ_SUB, &options), EXZ_OK);
    must_be(exz_socket_bind(pub, "inproc://needs", PATIENCE_MS, &error), EXZ_OK);
    must_be(exz_subscribe(sub, "t"), EXZ_OK);
    must_be(exz_socket_connect(sub, "inproc://needs", 0, PATIENCE_MS, &error), EXZ_OK);
    must_be(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    must_be(exz_wait_subscribers(pub, "t", 1, PATIENCE_MS), EXZ_OK);
    must_be(exz_publish(pub, "t", "x", 1, PATIENCE_MS), EXZ_OK);
    exz_poll_item item = {.socket = sub, .events = EXZ_POLL_IN};
    must_be(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
    must_be(exz_next_event(&event, sub, PATIENCE_MS), EXZ_OK);
    must_be(exz_socket_stats(&stats, sub), EXZ_OK);
    must_be(exz_socket_get_int(&value, sub, 15), EXZ_OK);
    must_be(exz_socket_close(sub, 0), EXZ_OK);
    must_be(exz_context_close(context, 0), EXZ_OK);
    last_call = "";
    return unused;
}

CASE(a_caller_needs_no_larger_stack) {
    pthread_attr_t attributes;
    pthread_t thread;
    check_int(pthread_attr_init(&attributes), 0);
    check_int(pthread_attr_setstacksize(&attributes, STACK_OF_A_CALLER), 0);
    check_int(pthread_create(&thread, &attributes, on_a_small_stack, NULL), 0);
    check_int(pthread_join(thread, NULL), 0);
    check_text(last_call, "");
    pthread_attr_destroy(&attributes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(descriptors_of_a_socket),
        TEST(threads_of_a_context),
        TEST(a_caller_needs_no_larger_stack),
    };
    return cmocka_run_group_tests_name("needs", tests, NULL, NULL);
}
