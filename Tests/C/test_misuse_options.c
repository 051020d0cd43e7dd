/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: options and policies with a field that can not be. And extreme ones that can. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "misuse.h"
#include "monotonic.h"

static exz_status never(void *user, __attribute__((unused)) uint32_t n) {
    *(bool *)user = true;
    return EXZ_OK;
}

/* The sentence names the field that was changed ("o.send_hwm = -1"), by its name in every language. */
static void expect_complaint(const exz_socket_options *options, exz_socket_type type, const char *change) {
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_options_check(options, type, &error), EXZ_ERR_INVALID);
    char field[32] = "";
    check_int(sscanf(strchr(change, '.') + 1, "%31[a-z]", field), 1);
    if (strcmp(field, "retry") != 0 && strcmp(field, "size") != 0) check(strstr(error.message, field));
    check(strlen(error.message) > 10);
    check_status(exz_socket_options_check(options, type, NULL), EXZ_ERR_INVALID);
    check_status(exz_socket_options_check(NULL, type, &error), EXZ_OK);
}

/* The defaults with one change do not open a socket. */
#define refuse_options(change)                                                                       \
    do {                                                                                             \
        exz_socket_options o = EXZ_SOCKET_OPTIONS_INIT;                                              \
        change;                                                                                      \
        in_row("%s", #change);                                                                       \
        refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, EXZ_PUB, &o), EXZ_ERR_INVALID);     \
        expect_complaint(&o, EXZ_PUB, #change);                                                      \
    } while (0)

/* The default policy with one change is refused wherever a policy goes. */
#define refuse_policy(change)                                                                        \
    do {                                                                                             \
        exz_socket_options o = EXZ_SOCKET_OPTIONS_INIT;                                              \
        exz_retry_policy p = EXZ_RETRY_POLICY_INIT;                                                  \
        change;                                                                                      \
        o.retry = p;                                                                                 \
        bool was_called = false;                                                                     \
        in_row("%s", #change);                                                                       \
        refuse(exz_backoff_open(&out.backoff, &p), EXZ_ERR_INVALID);                                 \
        refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &o), EXZ_ERR_INVALID);    \
        expect_complaint(&o, EXZ_PULL, #change);                                                     \
        refuse_with_error(exz_retry(&p, 1000, never, &was_called, &out.error), EXZ_ERR_INVALID);     \
        check(!was_called);                                                                          \
    } while (0)

CASE(options_out_of_range_are_refused) {
    static const char identity[256] = "i";
    refuse_options(o.size = 0);
    refuse_options(o.size = sizeof o - 1);
    refuse_options(o.size = sizeof o + 1);
    refuse_options(o.size = UINT32_MAX);
    refuse_options(o.send_hwm = -1);
    refuse_options(o.send_hwm = INT32_MIN);
    refuse_options(o.receive_hwm = -1);
    refuse_options(o.linger_ms = -1);
    refuse_options(o.default_timeout_ms = -1);
    refuse_options(o.on_full = 2);
    refuse_options(o.on_full = UINT32_MAX);
    refuse_options(o.wire_form = 2);
    refuse_options(o.wire_form = UINT32_MAX);
    refuse_options(o.heartbeat_interval_ms = -2);
    refuse_options(o.heartbeat_timeout_ms = -2);
    refuse_options(o.keepalive_ms = -1);
    refuse_options(o.max_message_size = -1);
    refuse_options(o.max_message_size = INT64_MIN);
    refuse_options(o.conflate = 2);
    refuse_options(o.interruptible = 3);
    refuse_options(o.send_buffer = -1);
    refuse_options(o.receive_buffer = -1);
    refuse_options(o.event_capacity = 0);
    refuse_options(o.reserved = 1);
    refuse_options(o.identity = identity; o.identity_size = 256);
    refuse_options(o.identity_size = 1);
    refuse_options(o.identity = "\0i"; o.identity_size = 2);
    refuse_options(o.retry.size = sizeof o.retry + 1);
}

CASE(an_identity_of_impossible_size_is_refused) {
    static const char identity[256] = "i";
    refuse_options(o.identity = identity; o.identity_size = SIZE_MAX / 2);
    refuse_options(o.identity = identity; o.identity_size = SIZE_MAX / 2 + 1);
    refuse_options(o.identity = identity; o.identity_size = SIZE_MAX);
}

CASE(conflating_is_for_types_whose_messages_have_one_part) {
    const uint32_t forms[] = {EXZ_WIRE_MULTIPART, EXZ_WIRE_SPACE};
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        for (size_t i = 0; i < COUNT_OF(forms); i++) {
            in_row("type %d, form %u", type, forms[i]);
            exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
            options.conflate = 1;
            options.wire_form = forms[i];
            if (type == EXZ_PUSH || type == EXZ_PULL || type == EXZ_DEALER ||
                (type == EXZ_SUB && forms[i] == EXZ_WIRE_SPACE)) {
                close_socket(open_with(type, &options));
            } else {
                refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, type, &options), EXZ_ERR_INVALID);
            }
        }
    }
}

CASE(policies_out_of_range_are_refused) {
    refuse_policy(p.size = 0);
    refuse_policy(p.size = sizeof p - 1);
    refuse_policy(p.size = sizeof p + 1);
    refuse_policy(p.max_attempts = UINT32_C(1) << 31);
    refuse_policy(p.max_attempts = UINT32_MAX);
    refuse_policy(p.initial_backoff_ms = -1);
    refuse_policy(p.initial_backoff_ms = INT32_MIN);
    refuse_policy(p.initial_backoff_ms = p.max_backoff_ms + 1);
    refuse_policy(p.max_backoff_ms = -1);
    refuse_policy(p.max_backoff_ms = 99);
    refuse_policy(p.multiplier = 0);
    refuse_policy(p.multiplier = 0.999);
    refuse_policy(p.multiplier = -2);
    refuse_policy(p.multiplier = NAN);
    refuse_policy(p.multiplier = INFINITY);
    refuse_policy(p.multiplier = -INFINITY);
    refuse_policy(p.jitter = EXZ_JITTER_PROPORTIONAL + 1);
    refuse_policy(p.jitter = UINT32_MAX);
    refuse_policy(p.attempt_timeout_ms = -1);
    refuse_policy(p.attempt_timeout_ms = INT32_MIN);
    refuse_policy(p.jitter = EXZ_JITTER_PROPORTIONAL; p.jitter_ratio = -0.1);
    refuse_policy(p.jitter = EXZ_JITTER_PROPORTIONAL; p.jitter_ratio = 1.1);
    refuse_policy(p.jitter = EXZ_JITTER_PROPORTIONAL; p.jitter_ratio = NAN);
    refuse_policy(p.jitter = EXZ_JITTER_PROPORTIONAL; p.jitter_ratio = INFINITY);
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
        MISUSE(options_out_of_range_are_refused),
        MISUSE(an_identity_of_impossible_size_is_refused),
        MISUSE(conflating_is_for_types_whose_messages_have_one_part),
        MISUSE(policies_out_of_range_are_refused),
        MISUSE(extreme_options_work),
        MISUSE(the_longest_keep_alive_works),
        MISUSE(an_identity_may_begin_with_anything_but_zero),
    };
    return cmocka_run_group_tests_name("misuse of options", tests, NULL, NULL);
}
