/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions, names, numbers and defaults: what never waits and needs no socket. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "data_lines.h"
#include "statuses.h"

_Static_assert(EXZ_PAIR == ZMQ_PAIR && EXZ_PUB == ZMQ_PUB && EXZ_SUB == ZMQ_SUB, "numbered as libzmq numbers them");
_Static_assert(EXZ_REQ == ZMQ_REQ && EXZ_REP == ZMQ_REP && EXZ_DEALER == ZMQ_DEALER, "numbered as libzmq numbers them");
_Static_assert(EXZ_ROUTER == ZMQ_ROUTER && EXZ_PULL == ZMQ_PULL && EXZ_PUSH == ZMQ_PUSH, "as libzmq numbers them");
_Static_assert(EXZ_XPUB == ZMQ_XPUB && EXZ_XSUB == ZMQ_XSUB, "numbered as libzmq numbers them");

CASE(the_loaded_library_has_the_version_of_the_header) {
    check_int(exz_version(), EXZ_VERSION_MAJOR * 10000 + EXZ_VERSION_MINOR * 100 + EXZ_VERSION_PATCH);
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", EXZ_VERSION_MAJOR, EXZ_VERSION_MINOR, EXZ_VERSION_PATCH);
    check_text(exz_version_string(), text);
    check(exz_version_string() == exz_version_string());
}

static size_t statuses_with_a_name;

static void check_texts(const data_line *line) {
    const exz_status number = status_numbered(line->columns[0]);
    const char *name = line->columns[1];
    check_text(exz_status_name(number), name);
    check_text(exz_strerror(number), line->columns[2]);
    check(exz_strerror(number) == exz_strerror(number));
    if (strcmp(name, "EXZ_ERR_UNKNOWN") == 0) return;
    check_int(status_named(name), number);
    statuses_with_a_name++;
}

CASE(every_status_keeps_its_number_its_name_and_its_explanation) {
    statuses_with_a_name = 0;
    for_each_line("statuses.tsv", 5, check_texts);
    check_int(statuses_with_a_name, named_status_count);
}

CASE(every_status_has_an_explanation_of_its_own) {
    for (size_t i = 0; i < named_status_count; i++) {
        in_row("%s", named_statuses[i].name);
        const char *text = exz_strerror(named_statuses[i].constant);
        for (size_t j = 0; j < i; j++) check(strcmp(text, exz_strerror(named_statuses[j].constant)) != 0);
    }
}

CASE(every_event_kind_has_a_name_of_its_own) {
    check_text(exz_event_name(EXZ_EVENT_CONNECTING), "connecting");
    for (exz_event_kind kind = EXZ_EVENT_CONNECTING; kind <= EXZ_EVENT_NO_AUTHENTICATOR; kind++) {
        in_row("kind %u", kind);
        check(strlen(exz_event_name(kind)) > 0);
        check(strcmp(exz_event_name(kind), "unknown") != 0);
        for (exz_event_kind other = EXZ_EVENT_CONNECTING; other < kind; other++)
            check(strcmp(exz_event_name(kind), exz_event_name(other)) != 0);
    }
    const exz_event_kind others[] = {0, EXZ_EVENT_NO_AUTHENTICATOR + 1, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(others); i++) check_text(exz_event_name(others[i]), "unknown");
}

CASE(the_init_functions_fill_in_what_the_macros_do) {
    exz_retry_policy policy, policy_macro = EXZ_RETRY_POLICY_INIT;
    memset(&policy, 0xA5, sizeof policy);
    check_status(exz_retry_policy_init(&policy), EXZ_OK);
    check(memcmp(&policy, &policy_macro, sizeof policy) == 0);

    exz_socket_options options, options_macro = EXZ_SOCKET_OPTIONS_INIT;
    memset(&options, 0xA5, sizeof options);
    check_status(exz_socket_options_init(&options), EXZ_OK);
    /* What is behind the last field belongs to nobody. */
    check(memcmp(&options, &options_macro, offsetof(exz_socket_options, ipc_mode) + sizeof options.ipc_mode) == 0);
}

CASE(the_defaults_are_the_documented_ones) {
    const exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    check_int(options.size, sizeof options);
    check_int(options.send_hwm, 1000);
    check_int(options.receive_hwm, 1000);
    check_int(options.linger_ms, 1000);
    check_int(options.default_timeout_ms, 1000);
    check_int(options.on_full, EXZ_ON_FULL_DROP);
    check_int(options.wire_form, EXZ_WIRE_MULTIPART);
    check_int(options.heartbeat_interval_ms, EXZ_HEARTBEAT_DEFAULT);
    check_int(options.heartbeat_timeout_ms, EXZ_HEARTBEAT_DEFAULT);
    check_int(options.keepalive_ms, 5000);
    check_int(options.max_message_size, 64 << 20);
    check_int(options.conflate, 0);
    check_int(options.interruptible, 0);
    check_int(options.send_buffer, 0);
    check_int(options.receive_buffer, 0);
    check_int(options.event_capacity, 1000);
    check(options.identity == NULL && options.identity_size == 0);

    const exz_retry_policy policy = options.retry;
    check_int(policy.size, sizeof policy);
    check_int(policy.max_attempts, 6);
    check_int(policy.initial_backoff_ms, 100);
    check_int(policy.max_backoff_ms, 30000);
    check(policy.multiplier == 2.0);
    check_int(policy.jitter, EXZ_JITTER_EQUAL);
    check_int(policy.attempt_timeout_ms, 0);
    check(policy.jitter_ratio == 0.2);
    check_int(policy.seed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_loaded_library_has_the_version_of_the_header),
        TEST(every_status_keeps_its_number_its_name_and_its_explanation),
        TEST(every_status_has_an_explanation_of_its_own),
        TEST(every_event_kind_has_a_name_of_its_own),
        TEST(the_init_functions_fill_in_what_the_macros_do),
        TEST(the_defaults_are_the_documented_ones),
    };
    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
