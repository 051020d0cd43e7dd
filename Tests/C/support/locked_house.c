/* SPDX-License-Identifier: Apache-2.0 */
#include "locked_house.h"

#include "monotonic.h"

locked_house open_house(void) {
    locked_house h = {.context = new_context(), .keys = new_keys(), .guest_keys = new_keys()};
    h.door = open_authenticator(h.context);
    check_status(exz_authenticator_allow_key(h.door, h.guest_keys.public_key, "the guest"), EXZ_OK);
    const exz_security security = curve_server(&h.keys, 0);
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    options.heartbeat_interval_ms = 500;
    options.heartbeat_timeout_ms = HOUSE_HEARTBEAT_MS;
    check_status(exz_socket_open(&h.server, h.context, EXZ_PULL, &options), EXZ_OK);
    bind_somewhere(h.server, TCP, h.endpoint);
    h.guest = open_visitor(&h, &h.guest_keys);
    connect_to(h.guest, h.endpoint);
    check_status(exz_wait_peers(h.server, 1, PATIENCE_MS), EXZ_OK);
    return h;
}

void close_house(locked_house *h) {
    close_socket(h->guest);
    close_socket(h->server);
    close_authenticator(h->door);
    end_context(h->context);
}

exz_socket open_visitor(const locked_house *h, const key_pair *keys) {
    const exz_security security = curve_client(keys, &h->keys);
    return open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
}

void check_nothing_came(const locked_house *h) {
    exz_message message;
    check_status(exz_recv_message(&message, h->server, 0), EXZ_ERR_TIMEOUT);
}

void check_undisturbed(locked_house *h) {
    check_nothing_came(h);
    check_carries(h->guest, h->server);
    const exz_stats stats = stats_of(h->server);
    check_int(stats.messages_received, ++h->received);
    check_int(stats.peers, 1);
}

void check_rejected(locked_house *h, uint64_t rejected) {
    exz_event event;
    check(next_event_of(&event, h->server, EXZ_EVENT_PEER_REJECTED, PATIENCE_MS));
    check(event.status != EXZ_OK);
    check(event.message[0] != '\0');
    check_text(event.endpoint, h->endpoint);
    check_int(stats_of(h->server).peers_rejected, rejected);
}
