/* SPDX-License-Identifier: Apache-2.0 */
#include "proxied.h"

#include <sched.h>

#include "monotonic.h"

exz_proxy forward(exz_socket front, exz_socket back, exz_socket capture) {
    exz_proxy proxy = {0};
    exz_error error = EXZ_ERROR_INIT;
    if (exz_proxy_open(&proxy, front, back, capture, &error) != EXZ_OK) fail_msg("no proxy: %s", error.message);
    return proxy;
}

proxied open_proxied(exz_socket_type front, exz_socket_type back, transport t, const exz_socket_options *options) {
    proxied p = {.front = open_with(front, options), .back = open_with(back, options)};
    bind_somewhere(p.front, t, p.front_endpoint);
    bind_somewhere(p.back, t, p.back_endpoint);
    p.proxy = forward(p.front, p.back, (exz_socket){0});
    return p;
}

void end_forwarding(exz_proxy p) { check_status(exz_proxy_close(p, PATIENCE_MS), EXZ_OK); }

void close_proxied(proxied *p) {
    end_forwarding(p->proxy);
    close_socket(p->front);
    close_socket(p->back);
}

static exz_socket linked_to(const char *endpoint, exz_socket_type type) {
    exz_socket s = open_socket(type);
    connect_to(s, endpoint);
    return s;
}

exz_socket at_front(const proxied *p, exz_socket_type type) { return linked_to(p->front_endpoint, type); }

exz_socket at_back(const proxied *p, exz_socket_type type) { return linked_to(p->back_endpoint, type); }

exz_proxy_statistics forwarded(exz_proxy p) {
    exz_proxy_statistics statistics = EXZ_PROXY_STATISTICS_INIT;
    check_status(exz_proxy_stats(&statistics, p), EXZ_OK);
    return statistics;
}

void await_proxy_state(exz_proxy p, exz_proxy_state state) {
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (forwarded(p).state != state && left_ms(deadline) > 0) sched_yield();
    check_int(forwarded(p).state, state);
}

void await_full(exz_proxy p) {
    const int64_t deadline = after_ms(PATIENCE_MS);
    while (forwarded(p).waiting == 0 && left_ms(deadline) > 0) sched_yield();
    check(forwarded(p).waiting > 0);
}
