/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets for tests: opened, bound where nobody else is, linked in pairs, and asked for what happens to them. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "harness.h"

#define ENDPOINT_SIZE 256

typedef enum transport { TCP, IPC, INPROC } transport;
#define TRANSPORT_COUNT 3

const char *transport_name(transport t);

exz_socket open_socket(exz_socket_type type);
exz_socket open_with(exz_socket_type type, const exz_socket_options *options);
void close_socket(exz_socket s);

/* Binds the socket to an endpoint nobody has used; `endpoint` receives it as it is. */
void bind_somewhere(exz_socket s, transport t, char *endpoint);

void bind_to(exz_socket s, const char *endpoint);
void connect_to(exz_socket s, const char *endpoint);
void connect_later(exz_socket s, const char *endpoint);

/* Two sockets with a finished handshake between them. */
typedef struct linked {
    exz_socket bound;
    exz_socket connected;
    char endpoint[ENDPOINT_SIZE];
} linked;

linked link_sockets(exz_socket bound, exz_socket connected, transport t);
linked link_types(exz_socket_type bound, exz_socket_type connected, transport t);
void close_linked(linked pair);

/* Sends and receives texts. */
void send_text(exz_socket s, const char *text);
void expect_text(exz_socket s, const char *text);

/* That part of a received message is the text. */
void check_part(exz_message message, size_t index, const char *text);

/* One message through the link, to see that it still carries: `from` sends it, `to` receives it. */
void check_carries(exz_socket from, exz_socket to);

/* The next event of that kind; those before it are dropped. False when none comes in that time. */
bool next_event_of(exz_event *event, exz_socket s, exz_event_kind kind, int32_t timeout_ms);

/* An event that has to come: fails the test otherwise. */
exz_event expect_event(exz_socket s, exz_event_kind kind);

/* The very next event, which has to be of that kind. */
exz_event expect_next_event(exz_socket s, exz_event_kind kind);

/* There is no unread event. */
void check_no_event(exz_socket s);

exz_stats stats_of(exz_socket s);
exz_state state_of(exz_socket s);

#endif
