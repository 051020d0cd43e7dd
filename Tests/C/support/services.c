/* SPDX-License-Identifier: Apache-2.0 */
#include "services.h"

#include <stdio.h>
#include <string.h>

#include "monotonic.h"

const service_kind service_kinds[SERVICE_KINDS] = {
    {"push and pull", EXZ_PULL, EXZ_PUSH},
    {"publish and subscribe", EXZ_PUB, EXZ_SUB},
    {"request and reply", EXZ_REP, EXZ_REQ},
};

exz_socket open_client_of(const service_kind *kind, const exz_socket_options *options) {
    exz_socket s = open_with(kind->client, options);
    if (kind->client == EXZ_SUB) check_status(exz_subscribe(s, ""), EXZ_OK);
    return s;
}

static void check_published(exz_socket service, exz_socket client) {
    static unsigned number;
    char text[32];
    snprintf(text, sizeof text, "news %u", ++number);
    check_status(exz_wait_subscribers(service, "topic", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(service, "topic", text, strlen(text), PATIENCE_MS), EXZ_OK);
    exz_message message;
    check_status(exz_recv_message(&message, client, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, text);
    check_status(exz_message_free(message), EXZ_OK);
}

void check_served(const service_kind *kind, exz_socket service, exz_socket client) {
    if (kind->service == EXZ_PUB) {
        check_published(service, client);
        return;
    }
    check_carries(client, service);
    if (kind->service == EXZ_REP) check_carries(service, client);
}
