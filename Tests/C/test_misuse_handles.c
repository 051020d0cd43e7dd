/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: handles that are zero, stale, invented or of another kind, at every function that takes one. */
#include "misuse.h"

static exz_status poll_one(exz_socket s, uint16_t events) {
    exz_poll_item items[] = {{pull, 0, EXZ_POLL_IN, 77}, {s, 0, events, 77}};
    exz_status status = exz_poll(items, 2, 0);
    if (status != EXZ_ERR_CLOSED)
        for (size_t i = 0; i < 2; i++) check_int(items[i].revents, 77);
    return status;
}

static void refuse_more(exz_socket s, exz_status expected) {
    const size_t one = 1;
    size_t sent = 0;
    refuse(exz_send_many(&sent, s, "x", &one, 1, 0), expected);
    check_int(sent, 0);
    refuse(exz_recv_many(&sent, s, out.text, sizeof out.text, out.sizes, 2, 0), expected);
    refuse_with_error(exz_request(&out.size, s, "x", 1, out.text, sizeof out.text, 0, &out.error), expected);
    refuse_with_error(exz_request_idempotent(&out.size, s, "x", 1, out.text, sizeof out.text, 0, &out.error), expected);
    refuse(exz_request(&out.size, s, "x", 1, out.text, sizeof out.text, 0, NULL), expected);
    refuse_with_error(exz_proxy_open(&out.proxy, s, push, (exz_socket){0}, &out.error), expected);
    refuse_with_error(exz_proxy_open(&out.proxy, pull, s, (exz_socket){0}, &out.error), expected);
    /* Without a handle there is no capture. */
    if (s.id != 0) refuse(exz_proxy_open(&out.proxy, pull, push, s, NULL), expected);
    refuse(exz_socket_fd(&out.fd, s), expected);
    refuse(exz_socket_send_fd(&out.fd, s), expected);
    /* Without a handle the item is a descriptor. */
    if (s.id != 0) refuse(poll_one(s, EXZ_POLL_IN), expected);
    if (s.id != 0) refuse(poll_one(s, 0), expected);
    refuse_with_error(exz_socket_set_options(s, NULL, &out.error), expected);
    refuse(exz_socket_set_int(s, 17 /* ZMQ_LINGER */, 0), expected);
    refuse(exz_socket_get_int(&out.number, s, 17), expected);
    refuse(exz_socket_set_bytes(s, 5 /* ZMQ_ROUTING_ID */, "x", 1), expected);
    refuse(exz_socket_get_bytes(&out.size, s, 5, out.text, sizeof out.text), expected);
}

static void never_released(__attribute__((unused)) void *data, __attribute__((unused)) void *user) {
    fail_msg("memory that was not taken is released");
}

/* Every function on a socket. Closing answers differently: a closed one is closed already. */
static void refuse_socket(exz_socket s, exz_status expected, exz_status when_closing) {
    const exz_part part = {"x", 1};
    exz_buffer buffer = {out.text, sizeof out.text, 0};
    refuse(exz_socket_close(s, 0), when_closing);
    if (when_closing != EXZ_OK) refuse(exz_socket_close_start(&out.fd, s, 0), when_closing);
    refuse(exz_socket_close_start(NULL, s, 0), when_closing);
    refuse(exz_socket_cancel(s), expected);
    refuse_with_error(exz_socket_bind(s, "inproc://misuse", 0, &out.error), expected);
    refuse_with_error(exz_socket_connect(s, "inproc://misuse", 0, 0, &out.error), expected);
    refuse(exz_socket_bind(s, "inproc://misuse", 0, NULL), expected);
    refuse(exz_socket_connect(s, "inproc://misuse", EXZ_CONNECT_BACKGROUND, 0, NULL), expected);
    refuse(exz_socket_unbind(s, "inproc://misuse"), expected);
    refuse(exz_socket_disconnect(s, "inproc://misuse"), expected);
    refuse(exz_socket_endpoint(s, out.text, sizeof out.text), expected);
    refuse(exz_socket_state(&out.state, s), expected);
    refuse(exz_socket_stats(&out.stats, s), expected);
    refuse(exz_send(s, "x", 1, 0, 0), expected);
    refuse(exz_recv(&out.size, s, out.text, sizeof out.text, 0), expected);
    refuse(exz_send_parts(s, &part, 1, 0), expected);
    refuse(exz_recv_message(&out.message, s, 0), expected);
    refuse(exz_recv_parts(&out.size, s, &buffer, 1, 0), expected);
    refuse(exz_send_owned(s, &buffer, 1, never_released, NULL, 0), expected);
    refuse(exz_publish(s, "t", "x", 1, 0), expected);
    refuse(exz_publish_bytes(s, "t", 1, "x", 1, 0), expected);
    refuse(exz_subscribe(s, "t"), expected);
    refuse(exz_unsubscribe(s, "t"), expected);
    refuse(exz_wait_subscribers(s, "t", 0, 0), expected);
    refuse(exz_wait_subscribers_bytes(s, "t", 1, 0, 0), expected);
    refuse(exz_wait_subscribed(s, 0), expected);
    refuse(exz_wait_peers(s, 0, 0), expected);
    refuse(exz_next_event(&out.event, s, 0), expected);
    refuse_more(s, expected);
}

static void refuse_message(exz_message m, exz_status expected, exz_status when_freeing) {
    refuse(exz_message_count(&out.size, m), expected);
    refuse(exz_message_part(&out.data, &out.size, m, 0), expected);
    refuse(exz_message_view(&out.data, &out.size, m, 0), expected);
    refuse(exz_message_property(out.text, sizeof out.text, m, "Socket-Type"), expected);
    refuse(exz_send_message(push, m, 0), expected);
    refuse(exz_message_free(m), when_freeing);
}

static void refuse_backoff(exz_backoff b, exz_status expected, exz_status when_closing) {
    refuse(exz_backoff_next(&out.delay, b), expected);
    refuse(exz_backoff_reset(b), expected);
    refuse(exz_backoff_close(b), when_closing);
}

static void refuse_authenticator(exz_authenticator a, exz_status expected, exz_status when_closing) {
    static const char key[] = "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$";
    exz_authenticator_statistics counts = EXZ_AUTHENTICATOR_STATISTICS_INIT;
    refuse(exz_authenticator_allow_key(a, key, NULL), expected);
    refuse(exz_authenticator_deny_key(a, key, 0), expected);
    refuse(exz_authenticator_allow_keys(a, "/", 0), expected);
    refuse(exz_authenticator_allow_address(a, "::1"), expected);
    refuse(exz_authenticator_deny_address(a, "::1"), expected);
    refuse(exz_authenticator_allow_user(a, 0), expected);
    refuse(exz_authenticator_allow_group(a, 0), expected);
    refuse(exz_authenticator_allow_password(a, "x", "x"), expected);
    refuse(exz_authenticator_stats(&counts, a), expected);
    refuse(exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_ACCEPTED, 0, 0), expected);
    refuse(exz_authenticator_close(a, 0), when_closing);
}

static void refuse_context(exz_context c, exz_status expected, exz_status when_closing) {
    refuse(exz_socket_open(&out.socket, c, EXZ_PULL, NULL), expected);
    refuse(exz_context_end_waits(c), expected);
    refuse(exz_context_close(c, 0), when_closing);
}

/* One live handle of each kind, to be taken for another. */
typedef struct handles {
    exz_context context;
    exz_backoff backoff;
    exz_message message;
    exz_authenticator authenticator;
} handles;

static handles open_handles(void) {
    handles h;
    check_status(exz_context_open(&h.context), EXZ_OK);
    check_status(exz_backoff_open(&h.backoff, NULL), EXZ_OK);
    check_status(exz_authenticator_open(&h.authenticator, h.context, NULL), EXZ_OK);
    send_text(push, "a message");
    check_status(exz_recv_message(&h.message, pull, 1000), EXZ_OK);
    return h;
}

static void check_and_close(handles h) {
    exz_socket s = {0};
    int32_t delay = -1;
    check_part(h.message, 0, "a message");
    check_status(exz_backoff_next(&delay, h.backoff), EXZ_OK);
    check_status(exz_socket_open(&s, h.context, EXZ_PULL, NULL), EXZ_OK);
    check_status(exz_message_free(h.message), EXZ_OK);
    check_status(exz_backoff_close(h.backoff), EXZ_OK);
    check_status(exz_authenticator_close(h.authenticator, 0), EXZ_OK);
    check_status(exz_context_close(h.context, 0), EXZ_OK);
}

CASE(zero_is_no_handle) {
    refuse_socket((exz_socket){0}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    refuse_message((exz_message){0}, EXZ_ERR_HANDLE, EXZ_OK);
    refuse_backoff((exz_backoff){0}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    refuse_authenticator((exz_authenticator){0}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    refuse(exz_context_close(EXZ_DEFAULT_CONTEXT, 0), EXZ_ERR_INVALID);
}

static void refuse_stale(exz_socket s, handles h) {
    refuse_socket(s, EXZ_ERR_CLOSED, EXZ_OK);
    refuse_message(h.message, EXZ_ERR_CLOSED, EXZ_OK);
    refuse_backoff(h.backoff, EXZ_ERR_CLOSED, EXZ_OK);
    refuse_authenticator(h.authenticator, EXZ_ERR_CLOSED, EXZ_OK);
    refuse_context(h.context, EXZ_ERR_CLOSED, EXZ_OK);
}

CASE(a_stale_handle_is_closed_also_when_others_took_its_place) {
    exz_socket s = open_socket(EXZ_DEALER);
    handles h = open_handles();
    close_socket(s);
    check_and_close(h);
    refuse_stale(s, h);
    exz_socket others[8];
    for (size_t i = 0; i < COUNT_OF(others); i++) others[i] = open_socket(EXZ_DEALER);
    handles heirs = open_handles();
    refuse_stale(s, h);
    check_and_close(heirs);
    for (size_t i = 0; i < COUNT_OF(others); i++) close_socket(others[i]);
}

CASE(an_invented_handle_is_none) {
    const uint64_t generation = UINT64_C(1) << 24, kind = UINT64_C(0x20) << 56;
    const uint64_t numbers[] = {1,
                                UINT64_MAX,
                                UINT64_C(0x0123456789ABCDEF),
                                (uint64_t)(uintptr_t)&out,
                                push.id + 0xFFFF,
                                push.id + generation,
                                push.id - generation - generation * 1000,
                                push.id ^ (UINT64_C(1) << 55),
                                push.id ^ kind,
                                push.id & (UINT64_MAX >> 8),
                                push.id | 0xFFFFFF};
    handles h = open_handles();
    const uint64_t live[] = {h.message.id, h.backoff.id, h.context.id, h.authenticator.id};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        in_row("%#jx", (uintmax_t)numbers[i]);
        refuse_socket((exz_socket){numbers[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
        refuse_message((exz_message){numbers[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
        refuse_backoff((exz_backoff){numbers[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
        refuse_authenticator((exz_authenticator){numbers[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
        refuse_context((exz_context){numbers[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    }
    for (size_t i = 0; i < COUNT_OF(live); i++) {
        const uint64_t near[] = {live[i] + generation, live[i] + 0xFFFF, live[i] ^ kind};
        for (size_t j = 0; j < COUNT_OF(near); j++) {
            in_row("%#jx, near %#jx", (uintmax_t)near[j], (uintmax_t)live[i]);
            refuse_message((exz_message){near[j]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
            refuse_backoff((exz_backoff){near[j]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
            refuse_authenticator((exz_authenticator){near[j]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
            refuse_context((exz_context){near[j]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
        }
    }
    check_and_close(h);
}

CASE(a_handle_of_another_kind_is_none) {
    handles h = open_handles();
    const uint64_t others_than_sockets[] = {h.context.id, h.backoff.id, h.message.id};
    for (size_t i = 0; i < COUNT_OF(others_than_sockets); i++)
        refuse_socket((exz_socket){others_than_sockets[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    const uint64_t others_than_messages[] = {push.id, h.context.id, h.backoff.id};
    for (size_t i = 0; i < COUNT_OF(others_than_messages); i++)
        refuse_message((exz_message){others_than_messages[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    const uint64_t others_than_backoffs[] = {push.id, h.context.id, h.message.id};
    for (size_t i = 0; i < COUNT_OF(others_than_backoffs); i++)
        refuse_backoff((exz_backoff){others_than_backoffs[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    const uint64_t others_than_authenticators[] = {push.id, h.context.id, h.backoff.id, h.message.id};
    for (size_t i = 0; i < COUNT_OF(others_than_authenticators); i++)
        refuse_authenticator((exz_authenticator){others_than_authenticators[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    const uint64_t others_than_contexts[] = {push.id, h.backoff.id, h.message.id};
    for (size_t i = 0; i < COUNT_OF(others_than_contexts); i++)
        refuse_context((exz_context){others_than_contexts[i]}, EXZ_ERR_HANDLE, EXZ_ERR_HANDLE);
    check_and_close(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(zero_is_no_handle),
        MISUSE(a_stale_handle_is_closed_also_when_others_took_its_place),
        MISUSE(an_invented_handle_is_none),
        MISUSE(a_handle_of_another_kind_is_none),
    };
    return cmocka_run_group_tests_name("misuse of handles", tests, NULL, NULL);
}
