/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: NULL where something has to be, time-outs, flags and types that mean nothing, structs of another version. */
#include "admission.h"
#include "misuse.h"
#include "monotonic.h"

static const char public_key[] = "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$";
static const char secret_key[] = "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a";

static exz_status never(__attribute__((unused)) void *user, __attribute__((unused)) uint32_t n) { return EXZ_OK; }

CASE(null_is_refused_where_something_has_to_be) {
    const exz_part hollow = {NULL, 1};
    exz_message m;
    exz_backoff b;
    check_status(exz_backoff_open(&b, NULL), EXZ_OK);
    exz_authenticator a = open_authenticator(EXZ_DEFAULT_CONTEXT);
    send_text(push, "m");
    check_status(exz_recv_message(&m, pull, PATIENCE_MS), EXZ_OK);

    refuse(exz_retry_policy_init(NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_options_init(NULL), EXZ_ERR_INVALID);
    refuse(exz_backoff_open(NULL, NULL), EXZ_ERR_INVALID);
    refuse(exz_backoff_next(NULL, b), EXZ_ERR_INVALID);
    refuse(exz_context_open(NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_open(NULL, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_bind(pull, NULL, 0, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_connect(pull, NULL, 0, 0, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_connect(pull, NULL, EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_unbind(pull, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_disconnect(pull, NULL), EXZ_ERR_INVALID);
    refuse(exz_socket_endpoint(pull, NULL, 64), EXZ_ERR_INVALID);
    refuse(exz_socket_endpoint(pull, NULL, 0), EXZ_ERR_INVALID);
    refuse(exz_socket_state(NULL, pull), EXZ_ERR_INVALID);
    refuse(exz_socket_stats(NULL, pull), EXZ_ERR_INVALID);
    refuse(exz_send(push, NULL, 1, 0, 0), EXZ_ERR_INVALID);
    refuse(exz_recv(NULL, pull, out.text, sizeof out.text, 0), EXZ_ERR_INVALID);
    refuse(exz_recv(&out.size, pull, NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_send_parts(push, NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_send_parts(push, &hollow, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_recv_message(NULL, pull, 0), EXZ_ERR_INVALID);
    refuse(exz_message_count(NULL, m), EXZ_ERR_INVALID);
    refuse(exz_message_part(NULL, &out.size, m, 0), EXZ_ERR_INVALID);
    refuse(exz_message_part(&out.data, NULL, m, 0), EXZ_ERR_INVALID);
    refuse(exz_message_view(NULL, &out.size, m, 0), EXZ_ERR_INVALID);
    refuse(exz_message_view(&out.data, NULL, m, 0), EXZ_ERR_INVALID);
    refuse(exz_message_property(NULL, 1, m, "Socket-Type"), EXZ_ERR_INVALID);
    refuse(exz_message_property(out.text, sizeof out.text, m, NULL), EXZ_ERR_INVALID);
    refuse(exz_send_owned(push, out.text, 1, NULL, NULL, 0), EXZ_ERR_INVALID);
    refuse(exz_recv_parts(&out.size, pull, NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_publish(pub, NULL, "x", 1, 0), EXZ_ERR_INVALID);
    refuse(exz_publish(pub, "t", NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_publish_bytes(pub, NULL, 1, "x", 1, 0), EXZ_ERR_INVALID);
    refuse(exz_publish_bytes(pub, "t", 1, NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_subscribe(sub, NULL), EXZ_ERR_INVALID);
    refuse(exz_unsubscribe(sub, NULL), EXZ_ERR_INVALID);
    refuse(exz_wait_subscribers(pub, NULL, 0, 0), EXZ_ERR_INVALID);
    refuse(exz_wait_subscribers_bytes(pub, NULL, 1, 0, 0), EXZ_ERR_INVALID);
    refuse(exz_next_event(NULL, pull, 0), EXZ_ERR_INVALID);
    refuse(exz_request(NULL, pull, "x", 1, out.text, sizeof out.text, 0, NULL), EXZ_ERR_INVALID);
    refuse(exz_request(&out.size, pull, NULL, 1, out.text, sizeof out.text, 0, NULL), EXZ_ERR_INVALID);
    refuse(exz_request(&out.size, pull, "x", 1, NULL, 1, 0, NULL), EXZ_ERR_INVALID);
    refuse_with_error(exz_request_idempotent(NULL, pull, "x", 1, NULL, 0, 0, &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_request_idempotent(&out.size, pull, NULL, 1, NULL, 0, 0, &out.error), EXZ_ERR_INVALID);
    refuse(exz_socket_fd(NULL, pull), EXZ_ERR_INVALID);
    refuse(exz_socket_send_fd(NULL, push), EXZ_ERR_INVALID);
    refuse_with_error(exz_proxy_open(NULL, pull, push, (exz_socket){0}, &out.error), EXZ_ERR_INVALID);
    refuse(exz_authenticator_open(NULL, EXZ_DEFAULT_CONTEXT, NULL), EXZ_ERR_INVALID);
    refuse(exz_authenticator_options_init(NULL), EXZ_ERR_INVALID);
    refuse(exz_authenticator_stats(NULL, a), EXZ_ERR_INVALID);
    refuse(exz_authenticator_allow_key(a, NULL, "user"), EXZ_ERR_INVALID);
    refuse(exz_authenticator_deny_key(a, NULL, 0), EXZ_ERR_INVALID);
    refuse(exz_authenticator_allow_keys(a, NULL, 0), EXZ_ERR_INVALID);
    refuse(exz_authenticator_allow_address(a, NULL), EXZ_ERR_INVALID);
    refuse(exz_authenticator_deny_address(a, NULL), EXZ_ERR_INVALID);
    refuse(exz_authenticator_allow_password(a, NULL, "x"), EXZ_ERR_INVALID);
    refuse(exz_authenticator_allow_password(a, "x", NULL), EXZ_ERR_INVALID);
    refuse(exz_poll(NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_socket_get_int(NULL, pull, 16 /* ZMQ_TYPE */), EXZ_ERR_INVALID);
    refuse(exz_socket_set_bytes(pull, 5 /* ZMQ_ROUTING_ID */, NULL, 1), EXZ_ERR_INVALID);
    refuse(exz_socket_get_bytes(NULL, pull, 5, out.text, sizeof out.text), EXZ_ERR_INVALID);
    refuse(exz_socket_get_bytes(&out.size, pull, 5, NULL, 1), EXZ_ERR_INVALID);
    refuse(exz_curve_keypair(NULL, out.text), EXZ_ERR_INVALID);
    refuse(exz_curve_keypair(out.text, NULL), EXZ_ERR_INVALID);
    refuse(exz_curve_public(NULL, secret_key), EXZ_ERR_INVALID);
    refuse(exz_curve_public(out.text, NULL), EXZ_ERR_INVALID);
    refuse(exz_curve_encode(NULL, 10, "1234", 4), EXZ_ERR_INVALID);
    refuse(exz_curve_encode(out.text, 10, NULL, 4), EXZ_ERR_INVALID);
    refuse(exz_curve_decode(NULL, out.text, 10, "Hello"), EXZ_ERR_INVALID);
    refuse(exz_curve_decode(&out.size, NULL, 10, "Hello"), EXZ_ERR_INVALID);
    refuse(exz_curve_decode(&out.size, out.text, 10, NULL), EXZ_ERR_INVALID);
    refuse_with_error(exz_curve_save(NULL, NULL, secret_key, &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_curve_save("never", NULL, NULL, &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_curve_load(NULL, out.text, "never", &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_curve_load(out.text, NULL, NULL, &out.error), EXZ_ERR_INVALID);
    refuse(exz_security_init(NULL), EXZ_ERR_INVALID);
    refuse(exz_retry(NULL, 0, NULL, NULL, NULL), EXZ_ERR_INVALID);
    refuse_with_error(exz_retry(NULL, 0, NULL, NULL, &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_socket_bind(pull, NULL, 0, &out.error), EXZ_ERR_INVALID);
    refuse_with_error(exz_socket_connect(pull, NULL, 0, 0, &out.error), EXZ_ERR_INVALID);

    check_part(m, 0, "m");
    check_status(exz_message_free(m), EXZ_OK);
    check_status(exz_backoff_close(b), EXZ_OK);
    close_authenticator(a);
}

CASE(negative_time_outs_other_than_the_default_are_refused) {
    const int32_t timeouts[] = {-2, -1000, INT32_MIN};
    const exz_part part = {"x", 1};
    exz_buffer buffer = {NULL, 0, 0};
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    exz_authenticator a = open_authenticator(context);
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        const int32_t t = timeouts[i];
        in_row("%d", t);
        refuse_with_error(exz_socket_bind(pull, "inproc://never", t, &out.error), EXZ_ERR_INVALID);
        refuse_with_error(exz_socket_connect(pull, "inproc://never", 0, t, &out.error), EXZ_ERR_INVALID);
        refuse(exz_send(push, "x", 1, 0, t), EXZ_ERR_INVALID);
        refuse(exz_recv(&out.size, pull, out.text, sizeof out.text, t), EXZ_ERR_INVALID);
        refuse(exz_send_parts(push, &part, 1, t), EXZ_ERR_INVALID);
        refuse(exz_recv_message(&out.message, pull, t), EXZ_ERR_INVALID);
        refuse(exz_recv_parts(&out.size, pull, &buffer, 1, t), EXZ_ERR_INVALID);
        refuse(exz_publish(pub, "t", "x", 1, t), EXZ_ERR_INVALID);
        refuse(exz_wait_subscribers(pub, "t", 0, t), EXZ_ERR_INVALID);
        refuse(exz_publish_bytes(pub, "t", 1, "x", 1, t), EXZ_ERR_INVALID);
        refuse(exz_wait_subscribers_bytes(pub, "t", 1, 0, t), EXZ_ERR_INVALID);
        refuse(exz_wait_subscribed(sub, t), EXZ_ERR_INVALID);
        refuse(exz_wait_peers(pull, 0, t), EXZ_ERR_INVALID);
        refuse(exz_next_event(&out.event, pull, t), EXZ_ERR_INVALID);
        refuse_with_error(exz_request(&out.size, pull, "x", 1, NULL, 0, t, &out.error), EXZ_ERR_INVALID);
        refuse_with_error(exz_request_idempotent(&out.size, pull, "x", 1, NULL, 0, t, &out.error), EXZ_ERR_INVALID);
        refuse(exz_poll(&out.item, 0, t), EXZ_ERR_INVALID);
        refuse(exz_socket_close(pull, t), EXZ_ERR_INVALID);
        refuse(exz_context_close(context, t), EXZ_ERR_INVALID);
        refuse(exz_authenticator_close(a, t), EXZ_ERR_INVALID);
        refuse(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 0, t), EXZ_ERR_INVALID);
        refuse_with_error(exz_retry(NULL, t, never, NULL, &out.error), EXZ_ERR_INVALID);
    }
    /* None has closed it. */
    check_status(exz_authenticator_allow_address(a, "::1"), EXZ_OK);
    close_authenticator(a);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(unknown_flags_and_types_are_refused) {
    exz_authenticator a = open_authenticator(EXZ_DEFAULT_CONTEXT);
    for (unsigned bit = 0; bit < 32; bit++) {
        in_row("bit %u", bit);
        const uint32_t flag = UINT32_C(1) << bit;
        refuse(exz_send(push, "x", 1, flag, 0), EXZ_ERR_INVALID);
        if (flag != EXZ_AUTHENTICATOR_END_LINKS) {
            refuse(exz_authenticator_deny_key(a, public_key, flag), EXZ_ERR_INVALID);
            refuse(exz_authenticator_deny_key(a, public_key, flag | EXZ_AUTHENTICATOR_END_LINKS), EXZ_ERR_INVALID);
            refuse(exz_authenticator_allow_keys(a, "/", flag), EXZ_ERR_INVALID);
        }
        if (flag == EXZ_CONNECT_BACKGROUND) continue;
        refuse_with_error(exz_socket_connect(pull, "inproc://never", flag, 0, &out.error), EXZ_ERR_INVALID);
        refuse(exz_socket_connect(pull, "inproc://never", flag | EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_ERR_INVALID);
    }
    close_authenticator(a);
    const exz_socket_type types[] = {-1, EXZ_XSUB + 1, 12, 99, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        refuse(exz_socket_open(&out.socket, EXZ_DEFAULT_CONTEXT, types[i], NULL), EXZ_ERR_INVALID);
    }
}

/* The sizes of structs this version does not know. */
static const uint32_t wrong_sizes[] = {0, 1, 4, 8, 1000000, UINT32_MAX};

static exz_status stats_of_size(uint32_t size) {
    exz_stats stats = EXZ_STATS_INIT;
    stats.size = size;
    stats.peers = 99;
    exz_status status = exz_socket_stats(&stats, pull);
    check_int(stats.peers, 99);
    return status;
}

static exz_status event_of_size(uint32_t size) {
    exz_event event = EXZ_EVENT_INIT;
    event.size = size;
    event.kind = 99;
    exz_status status = exz_next_event(&event, pull, 0);
    check_int(event.kind, 99);
    return status;
}

static exz_status counts_of_size(uint32_t size, exz_authenticator a) {
    exz_authenticator_statistics counts = EXZ_AUTHENTICATOR_STATISTICS_INIT;
    counts.size = size;
    counts.pending = 99;
    exz_status status = exz_authenticator_stats(&counts, a);
    check_int(counts.pending, 99);
    return status;
}

static exz_status open_with_size(uint32_t size) {
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.size = size;
    exz_authenticator opened = {77};
    exz_status status = exz_authenticator_open(&opened, EXZ_DEFAULT_CONTEXT, &options);
    check_int(opened.id, 77);
    return status;
}

static exz_status error_of_size(uint32_t size, int door) {
    exz_error error = EXZ_ERROR_INIT;
    error.size = size;
    error.attempts = 99;
    exz_status status = door == 0   ? exz_socket_bind(pull, "inproc://never", 0, &error)
                        : door == 1 ? exz_socket_connect(pull, "inproc://never", EXZ_CONNECT_BACKGROUND, 0, &error)
                        : door == 2 ? exz_request(&out.size, pull, "x", 1, NULL, 0, 0, &error)
                        : door == 3 ? exz_curve_load(out.text, NULL, "never", &error)
                        : door == 4 ? exz_curve_save("never", NULL, secret_key, &error)
                        : door == 5 ? exz_request_idempotent(&out.size, pull, "x", 1, NULL, 0, 0, &error)
                                    : exz_retry(NULL, 0, never, NULL, &error);
    check_int(error.attempts, 99);
    check_text(error.message, "");
    return status;
}

CASE(structs_of_another_size_are_refused) {
    const uint32_t right[] = {sizeof(exz_stats), sizeof(exz_event), sizeof(exz_error),
                              sizeof(exz_authenticator_statistics), sizeof(exz_authenticator_options)};
    const exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    for (size_t i = 0; i < COUNT_OF(wrong_sizes); i++) {
        in_row("%u", wrong_sizes[i]);
        refuse(stats_of_size(wrong_sizes[i]), EXZ_ERR_INVALID);
        refuse(event_of_size(wrong_sizes[i]), EXZ_ERR_INVALID);
        refuse(counts_of_size(wrong_sizes[i], a), EXZ_ERR_INVALID);
        refuse(open_with_size(wrong_sizes[i]), EXZ_ERR_INVALID);
        for (int door = 0; door < 7; door++) refuse(error_of_size(wrong_sizes[i], door), EXZ_ERR_INVALID);
    }
    for (int off = -1; off <= 1; off += 2) {
        in_row("%d from the right size", off);
        refuse(stats_of_size(right[0] + (uint32_t)off), EXZ_ERR_INVALID);
        refuse(event_of_size(right[1] + (uint32_t)off), EXZ_ERR_INVALID);
        refuse(counts_of_size(right[3] + (uint32_t)off, a), EXZ_ERR_INVALID);
        refuse(open_with_size(right[4] + (uint32_t)off), EXZ_ERR_INVALID);
        for (int door = 0; door < 7; door++) refuse(error_of_size(right[2] + (uint32_t)off, door), EXZ_ERR_INVALID);
    }
    close_authenticator(a);
    end_context(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(null_is_refused_where_something_has_to_be),
        MISUSE(negative_time_outs_other_than_the_default_are_refused),
        MISUSE(unknown_flags_and_types_are_refused),
        MISUSE(structs_of_another_size_are_refused),
    };
    return cmocka_run_group_tests_name("misuse of arguments", tests, NULL, NULL);
}
