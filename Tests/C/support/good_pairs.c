/* SPDX-License-Identifier: Apache-2.0 */
#include "good_pairs.h"

#include <stdio.h>
#include <string.h>

#include "monotonic.h"

const good_type good_types[] = {
    {EXZ_PULL, EXZ_PUSH, "PUSH"},     {EXZ_SUB, EXZ_PUB, "PUB"},       {EXZ_REP, EXZ_REQ, "REQ"},
    {EXZ_ROUTER, EXZ_DEALER, "DEALER"}, {EXZ_DEALER, EXZ_DEALER, "DEALER"},
};
const size_t good_type_count = COUNT_OF(good_types);

linked open_good_pair(const good_type *type, const exz_socket_options *options) {
    exz_socket bound = open_with(type->bound, options);
    if (type->bound == EXZ_SUB) check_status(exz_subscribe(bound, ""), EXZ_OK);
    linked pair = link_sockets(bound, open_with(type->connected, options), TCP);
    if (type->connected == EXZ_PUB)
        check_status(exz_wait_subscribers(pair.connected, "topic", 1, PATIENCE_MS), EXZ_OK);
    return pair;
}

void check_exchange(const good_type *type, linked pair) {
    static unsigned number;
    char text[32];
    snprintf(text, sizeof text, "as it should be %u", ++number);
    if (type->connected == EXZ_PUB) {
        check_status(exz_publish(pair.connected, "topic", text, strlen(text), PATIENCE_MS), EXZ_OK);
    } else {
        send_text(pair.connected, text);
    }
    exz_message message;
    check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
    size_t count = 0;
    check_status(exz_message_count(&count, message), EXZ_OK);
    check_part(message, count - 1, text);
    check_status(exz_message_free(message), EXZ_OK);
    if (type->bound != EXZ_REP) return;
    send_text(pair.bound, text);
    expect_text(pair.connected, text);
}
