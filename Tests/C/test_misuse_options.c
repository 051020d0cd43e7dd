/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: options and policies with a field that can not be. And extreme ones that can. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "data_lines.h"
#include "misuse.h"
#include "monotonic.h"
#include "option_fields.h"
#include "statuses.h"

static exz_status never(void *user, __attribute__((unused)) uint32_t n) {
    *(bool *)user = true;
    return EXZ_OK;
}

static void expect_complaint(const exz_socket_options *options, exz_socket_type type, exz_status expected,
                             const char *named) {
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_options_check(options, type, &error), expected);
    check(strstr(error.message, named) != NULL);
    check(strlen(error.message) > 10);
    check_status(exz_socket_options_check(options, type, NULL), expected);
    check_status(exz_socket_options_check(NULL, type, &error), EXZ_OK);
}

/* The defaults with a change do not open a socket. */
static void refuse_options(const char *type, const char *changes, exz_status expected, const char *named) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    char *identity;
    change_option_fields(&options, changes, &identity);
    refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, type_named(type), &options), expected);
    expect_complaint(&options, type_named(type), expected, named);
    free(identity);
}

/* The default policy with a change is refused wherever a policy goes. */
static void refuse_policy(const char *changes, exz_status expected, const char *named) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    exz_retry_policy policy = EXZ_RETRY_POLICY_INIT;
    change_policy_fields(&policy, changes);
    options.retry = policy;
    bool was_called = false;
    refuse(exz_backoff_open(&out.backoff, &policy), expected);
    refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), expected);
    expect_complaint(&options, EXZ_PULL, expected, named);
    refuse_with_error(exz_retry(&policy, 1000, never, &was_called, &out.error), expected);
    check(strstr(out.error.message, named) != NULL);
    check(!was_called);
}

static void refuse_line(const data_line *line) {
    const char *type = line->columns[0], *changes = line->columns[1], *named = line->columns[3];
    const exz_status expected = status_named(line->columns[2]);
    if (strcmp(type, "policy") == 0) refuse_policy(changes, expected, named);
    else refuse_options(type, changes, expected, named);
}

CASE(bad_options_are_refused) { for_each_line("bad-options.tsv", 5, refuse_line); }

CASE(conflating_is_for_types_whose_messages_have_one_part) {
    const struct {
        exz_socket_type type;
        uint32_t form;
    } rows[] = {{EXZ_PUSH, EXZ_WIRE_MULTIPART},   {EXZ_PUSH, EXZ_WIRE_SPACE},   {EXZ_PULL, EXZ_WIRE_MULTIPART},
                {EXZ_PULL, EXZ_WIRE_SPACE},       {EXZ_DEALER, EXZ_WIRE_SPACE}, {EXZ_DEALER, EXZ_WIRE_MULTIPART},
                {EXZ_SUB, EXZ_WIRE_SPACE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("type %d, form %u", rows[i].type, rows[i].form);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.conflate = 1;
        options.wire_form = rows[i].form;
        close_socket(open_with(rows[i].type, &options));
    }
}

static void check_link_works(const exz_socket_options *options) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_sockets(open_with(EXZ_PULL, options), open_with(EXZ_PUSH, options), t);
        check_carries(pair.connected, pair.bound);
        close_linked(pair);
    }
}

/* The defaults with one change open sockets that link and carry. */
#define accept_options(change)                          \
    do {                                                \
        exz_socket_options o = EXZ_SOCKET_OPTIONS_INIT; \
        change;                                         \
        in_row("%s", #change);                          \
        check_link_works(&o);                           \
    } while (0)

CASE(extreme_options_work) {
    static const char identity[255] = "i";
    accept_options(o.send_hwm = 0; o.receive_hwm = 0);
    accept_options(o.send_hwm = 1; o.receive_hwm = 1);
    accept_options(o.send_hwm = INT32_MAX; o.receive_hwm = INT32_MAX);
    accept_options(o.linger_ms = 0);
    accept_options(o.linger_ms = INT32_MAX);
    accept_options(o.default_timeout_ms = 0);
    accept_options(o.default_timeout_ms = INT32_MAX);
    accept_options(o.heartbeat_interval_ms = 0; o.heartbeat_timeout_ms = 0);
    accept_options(o.heartbeat_interval_ms = 1000);
    accept_options(o.heartbeat_interval_ms = INT32_MAX);
    accept_options(o.heartbeat_interval_ms = INT32_MAX; o.heartbeat_timeout_ms = INT32_MAX);
    accept_options(o.keepalive_ms = 0);
    accept_options(o.keepalive_ms = 1);
    accept_options(o.keepalive_ms = 3600000);
    accept_options(o.max_message_size = 0);
    accept_options(o.max_message_size = INT64_MAX);
    accept_options(o.send_buffer = 1; o.receive_buffer = 1);
    accept_options(o.send_buffer = INT32_MAX; o.receive_buffer = INT32_MAX);
    accept_options(o.event_capacity = 1);
    accept_options(o.event_capacity = INT32_MAX);
    accept_options(o.identity = identity; o.identity_size = 1);
    accept_options(o.identity = identity; o.identity_size = 255);
    accept_options(o.retry.max_attempts = 0);
    accept_options(o.retry.max_attempts = INT32_MAX);
    accept_options(o.retry.initial_backoff_ms = 0; o.retry.max_backoff_ms = 0);
    accept_options(o.retry.initial_backoff_ms = INT32_MAX; o.retry.max_backoff_ms = INT32_MAX);
    accept_options(o.retry.multiplier = 1);
    accept_options(o.retry.multiplier = 1e308);
    accept_options(o.retry.attempt_timeout_ms = INT32_MAX);
    accept_options(o.retry.seed = UINT64_MAX);
}

CASE(the_longest_keep_alive_works) {
    accept_options(o.keepalive_ms = 32767000);
    accept_options(o.keepalive_ms = INT32_MAX);
}

CASE(an_identity_may_begin_with_anything_but_zero) {
    unsigned char first = 1;
    do {
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.identity = &first;
        options.identity_size = 1;
        close_socket(open_with(EXZ_DEALER, &options));
    } while (++first != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(bad_options_are_refused),
        MISUSE(conflating_is_for_types_whose_messages_have_one_part),
        MISUSE(extreme_options_work),
        MISUSE(the_longest_keep_alive_works),
        MISUSE(an_identity_may_begin_with_anything_but_zero),
    };
    return cmocka_run_group_tests_name("misuse of options", tests, NULL, NULL);
}
