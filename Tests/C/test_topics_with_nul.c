/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics with a NUL in them: bytes, as all others. */
#include <string.h>
#include <zmq.h>

#include "monotonic.h"
#include "sockets.h"

static exz_socket open_in_form(exz_socket_type type, uint32_t wire_form) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.wire_form = wire_form;
    return open_with(type, &options);
}

CASE(they_are_whole_in_both_forms_over_every_transport) {
    static const char topic[] = "a\0b", longer[] = "a\0b\0", other[] = "a\0c";
    const uint32_t forms[] = {EXZ_WIRE_MULTIPART, EXZ_WIRE_SPACE};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(forms); i++) {
            in_row("%s, form %u", transport_name(t), forms[i]);
            exz_socket pub = open_in_form(EXZ_PUB, forms[i]), sub = open_in_form(EXZ_SUB, forms[i]);
            check_status(exz_socket_set_bytes(sub, ZMQ_SUBSCRIBE, topic, 3), EXZ_OK);
            linked pair = link_sockets(pub, sub, t);
            check_status(exz_wait_subscribers_bytes(pub, longer, 4, 1, PATIENCE_MS), EXZ_OK);
            check_status(exz_wait_subscribers_bytes(pub, other, 3, 1, 0), EXZ_ERR_TIMEOUT);
            check_status(exz_wait_subscribers(pub, "a", 1, 0), EXZ_ERR_TIMEOUT);
            exz_event joined = expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED);
            check_int(joined.topic_size, 3);
            check(memcmp(joined.topic, topic, 4) == 0);
            check_status(exz_publish_bytes(pub, other, 3, "no", 2, PATIENCE_MS), EXZ_OK);
            check_status(exz_publish_bytes(pub, longer, 4, "yes", 3, PATIENCE_MS), EXZ_OK);
            char buffer[64];
            size_t count = 0, sizes[2];
            check_status(exz_recv_published(&count, sub, buffer, sizeof buffer, sizes, 1, PATIENCE_MS), EXZ_OK);
            check_int(sizes[0], 4);
            check_int(sizes[1], 3);
            check(memcmp(buffer, "a\0b\0yes", 7) == 0);
            check_status(exz_socket_set_bytes(sub, ZMQ_UNSUBSCRIBE, topic, 3), EXZ_OK);
            expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT);
            check_status(exz_publish_bytes(pub, NULL, 0, NULL, 0, PATIENCE_MS), EXZ_OK);
            close_linked(pair);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(they_are_whole_in_both_forms_over_every_transport),
    };
    return cmocka_run_group_tests_name("topics with NUL", tests, NULL, NULL);
}
