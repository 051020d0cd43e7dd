/* SPDX-License-Identifier: Apache-2.0 */
#include "admission.h"

#include "monotonic.h"

exz_authenticator open_authenticator(exz_context context) {
    exz_authenticator a;
    check_status(exz_authenticator_open(&a, context, NULL), EXZ_OK);
    return a;
}

void close_authenticator(exz_authenticator a) {
    check_status(exz_authenticator_close(a, PATIENCE_MS), EXZ_OK);
}

exz_authenticator_statistics counts_of(exz_authenticator a) {
    exz_authenticator_statistics counts = EXZ_AUTHENTICATOR_STATISTICS_INIT;
    check_status(exz_authenticator_stats(&counts, a), EXZ_OK);
    return counts;
}

/* Until files of keys have been found to be others than they were then. */
static bool has_changed(exz_authenticator a, const exz_authenticator_statistics *then, int64_t end) {
    const exz_status status =
        exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES, then->key_changes + 1, left_ms(end));
    if (status != EXZ_ERR_TIMEOUT) check_status(status, EXZ_OK);
    return status == EXZ_OK;
}

void await_keys(exz_authenticator a, uint64_t expected) {
    const int64_t end = after_ms(PATIENCE_MS);
    exz_authenticator_statistics counts = counts_of(a);
    while (counts.keys != expected && has_changed(a, &counts, end)) counts = counts_of(a);
    check_int(counts.keys, expected);
}

void await_unreadable(exz_authenticator a, uint64_t expected) {
    const int64_t end = after_ms(PATIENCE_MS);
    exz_authenticator_statistics counts = counts_of(a);
    while (counts.unreadable_files != expected && has_changed(a, &counts, end)) counts = counts_of(a);
    check_int(counts.unreadable_files, expected);
}

exz_context new_context(void) {
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    return context;
}

void end_context(exz_context context) { check_status(exz_context_close(context, 0), EXZ_OK); }

exz_status try_connect(exz_socket s, const char *endpoint) {
    return exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL);
}

void open_guarded_service(service *made, uint32_t flags, transport t) {
    made->context = new_context();
    made->keys = new_keys();
    const exz_security security = curve_server(&made->keys, flags);
    made->socket = open_secured(made->context, EXZ_PULL, &security);
    bind_somewhere(made->socket, t, made->endpoint);
}

void close_guarded_service(service *s) {
    close_socket(s->socket);
    end_context(s->context);
}

exz_socket open_guarded_client(const service *s, const key_pair *keys) {
    const exz_security security = curve_client(keys, &s->keys);
    return open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
}

exz_status knock(const service *s, const key_pair *keys) {
    exz_socket client = open_guarded_client(s, keys);
    const exz_status status = try_connect(client, s->endpoint);
    if (status == EXZ_OK) check_carries(client, s->socket);
    close_socket(client);
    return status;
}
