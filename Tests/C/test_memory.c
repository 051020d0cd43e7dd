/* SPDX-License-Identifier: Apache-2.0
 *
 * Large messages without memory for a copy of them: nothing ends the process, and nothing is lost. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "holdings.h"
#include "monotonic.h"
#include "proxied.h"

#define LARGE ((size_t)30 << 20)
/* What the process may have beyond what it has: enough for all that is short. */
#define SLACK ((size_t)8 << 20)

static struct rlimit usual;

/* Again while libzmq still gives back what it has sent. */
static void limit_memory(void) {
    void *proof;
    check_int(getrlimit(RLIMIT_AS, &usual), 0);
    do {
        const struct rlimit tight = {address_space() + SLACK, usual.rlim_max};
        check_int(setrlimit(RLIMIT_AS, &tight), 0);
        proof = malloc(LARGE);
        free(proof);
    } while (proof != NULL);
}

static void lift_limit(void) { check_int(setrlimit(RLIMIT_AS, &usual), 0); }

static char *pattern(size_t size) {
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 31 >> 7);
    return bytes;
}

static void await_message(exz_socket s) {
    exz_poll_item item = {.socket = s, .events = EXZ_POLL_IN};
    check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
}

static void check_large_part(exz_message message, size_t index, const char *bytes) {
    const void *data = NULL;
    size_t size = 0;
    check_status(exz_message_part(&data, &size, message, index), EXZ_OK);
    check_int(size, LARGE);
    check((uintptr_t)data % 16 == 0);
    check(memcmp(data, bytes, LARGE) == 0);
}

CASE(a_large_message_is_received_without_memory_for_a_copy) {
    char *sent = pattern(LARGE);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t parts = 1; parts <= 2; parts++) {
            in_row("%s, %zu parts", transport_name(t), parts);
            linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
            const exz_part all[] = {{sent, LARGE}, {sent, LARGE}};
            check_status(exz_send_parts(pair.connected, all, parts, PATIENCE_MS), EXZ_OK);
            await_message(pair.bound);
            exz_message message;
            const void *data = NULL;
            size_t size = 0;
            limit_memory();
            check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
            /* There is no room to have it begin at an address that fits any type. It can be asked for again. */
            check_status(exz_message_part(&data, &size, message, 0), EXZ_ERR_NO_MEMORY);
            lift_limit();
            for (size_t i = 0; i < parts; i++) check_large_part(message, i, sent);
            check_status(exz_message_free(message), EXZ_OK);
            close_linked(pair);
        }
    }
    free(sent);
}

CASE(a_large_message_that_has_to_be_kept_needs_no_memory) {
    char *sent = pattern(LARGE), *received = malloc(LARGE);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    size_t size = 0;
    check_status(exz_send(pair.connected, sent, LARGE, 0, PATIENCE_MS), EXZ_OK);
    await_message(pair.bound);
    memset(received, 0, LARGE);
    limit_memory();
    check_status(exz_recv(&size, pair.bound, received, 1, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    check_int(size, LARGE);
    check_status(exz_recv(&size, pair.bound, received, LARGE, PATIENCE_MS), EXZ_OK);
    lift_limit();
    check(memcmp(sent, received, LARGE) == 0);
    close_linked(pair);
    free(sent);
    free(received);
}

CASE(a_large_message_that_can_not_be_taken_is_refused) {
    char *bytes = pattern(LARGE);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    exz_socket publisher = open_socket(EXZ_PUB);
    const exz_part part = {bytes, LARGE};
    const size_t size = LARGE;
    size_t sent = 1;
    limit_memory();
    check_status(exz_send(pair.connected, bytes, LARGE, 0, 0), EXZ_ERR_NO_MEMORY);
    check_status(exz_send_parts(pair.connected, &part, 1, 0), EXZ_ERR_NO_MEMORY);
    check_status(exz_send_many(&sent, pair.connected, bytes, &size, 1, 0), EXZ_ERR_NO_MEMORY);
    check_status(exz_publish(publisher, "topic", bytes, LARGE, 0), EXZ_ERR_NO_MEMORY);
    lift_limit();
    check_int(sent, 0);
    check_carries(pair.connected, pair.bound);
    close_socket(publisher);
    close_linked(pair);
    free(bytes);
}

/* The list of them is an array of Swift's, whose allocator ends the process. */
CASE(a_message_of_more_parts_than_there_is_memory_for_is_refused) {
    const size_t count = (size_t)1 << 19;
    exz_part *parts = calloc(count, sizeof *parts);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    limit_memory();
    const exz_status status = exz_send_parts(pair.connected, parts, count, 0);
    lift_limit();
    check_status(status, EXZ_ERR_NO_MEMORY);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
    free(parts);
}

/* A proxy's list of the parts on their way grows. */
CASE(a_message_that_a_proxy_has_no_memory_for_is_counted_and_stops_nothing) {
    const size_t count = (size_t)1 << 18;
    exz_part *parts = calloc(count, sizeof *parts);
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, INPROC, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
    check_status(exz_proxy_pause(p.proxy, PATIENCE_MS), EXZ_OK);
    check_status(exz_send_parts(pusher, parts, count, PATIENCE_MS), EXZ_OK);
    send_text(pusher, "behind it");
    char text[16] = "";
    size_t size = 0;
    limit_memory();
    const exz_status resumed = exz_proxy_resume(p.proxy);
    const exz_status received = exz_recv(&size, puller, text, sizeof text, PATIENCE_MS);
    lift_limit();
    check_status(resumed, EXZ_OK);
    check_status(received, EXZ_OK);
    check_text(text, "behind it");
    check_int(forwarded(p.proxy).undeliverable, 1);
    check_int(stats_of(p.front).last_error, EXZ_ERR_NO_MEMORY);
    check_carries(pusher, puller);
    close_socket(puller);
    close_socket(pusher);
    close_proxied(&p);
    free(parts);
}

static void check_too_long(const exz_error *error, exz_status status) {
    check_status(status, EXZ_ERR_INVALID);
    check_status(error->status, EXZ_ERR_INVALID);
    if (strstr(error->message, "more than 1024 bytes") == NULL) check_text(error->message, "more than 1024 bytes");
}

/* Text of C's has no size: somebody's endpoint may never end. */
CASE(text_of_any_length_is_refused_without_memory_for_it) {
    char *endless = malloc(LARGE);
    memset(endless, 'a', LARGE - 1);
    memcpy(endless, "ipc://", 6);
    endless[LARGE - 1] = '\0';
    exz_socket s = open_socket(EXZ_PUSH);
    exz_fault_proxy proxy = {77};
    exz_context context = {77};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.thread_name_prefix = endless;
    exz_error errors[4] = {EXZ_ERROR_INIT, EXZ_ERROR_INIT, EXZ_ERROR_INIT, EXZ_ERROR_INIT};
    exz_status statuses[7];
    limit_memory();
    statuses[0] = exz_socket_bind(s, endless, 0, &errors[0]);
    statuses[1] = exz_socket_connect(s, endless, 0, 0, &errors[1]);
    statuses[2] = exz_fault_proxy_open(&proxy, endless, "ipc://a", 0, &errors[2]);
    statuses[3] = exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", endless, 0, &errors[3]);
    statuses[4] = exz_socket_unbind(s, endless);
    statuses[5] = exz_socket_disconnect(s, endless);
    statuses[6] = exz_context_open_with(&context, &options);
    lift_limit();
    for (size_t i = 0; i < COUNT_OF(errors); i++) check_too_long(&errors[i], statuses[i]);
    for (size_t i = COUNT_OF(errors); i < COUNT_OF(statuses); i++) check_status(statuses[i], EXZ_ERR_INVALID);
    check_int(strlen(errors[0].endpoint), sizeof errors[0].endpoint - 1);
    close_socket(s);
    free(endless);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_large_message_is_received_without_memory_for_a_copy),
        TEST(a_large_message_that_has_to_be_kept_needs_no_memory),
        TEST(a_large_message_that_can_not_be_taken_is_refused),
        TEST(a_message_of_more_parts_than_there_is_memory_for_is_refused),
        TEST(a_message_that_a_proxy_has_no_memory_for_is_counted_and_stops_nothing),
        TEST(text_of_any_length_is_refused_without_memory_for_it),
    };
    /* What is freed is given back, and not kept for the next one who asks; and nothing is reserved for other threads,
     * which could be had in spite of a limit. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_ARENA_MAX, 1);
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
