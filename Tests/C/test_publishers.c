/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes the short way of a publish, and what it must not keep a publisher from. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

/* Where a message is short, and where it is too large. */
CASE(messages_of_every_size_are_published_counted_and_limited) {
    static const size_t payloads[] = {0, 1, 2046, 2047, 2048, 3999, 4000};
    enum { LIMIT = 4000, TOPIC = 1 };
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = LIMIT;
    linked pair = link_sockets(open_with(EXZ_PUB, &options), open_socket(EXZ_SUB), TCP);
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    char payload[LIMIT], received[LIMIT + TOPIC];
    uint64_t messages = 0, bytes = 0;
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        in_row("%zu bytes", payloads[i]);
        memset(payload, 'a' + (int)i, sizeof payload);
        bool fits = payloads[i] + TOPIC <= LIMIT;
        check_status(exz_publish(pair.bound, "t", payload, payloads[i], 0), fits ? EXZ_OK : EXZ_ERR_TOO_LARGE);
        if (fits) {
            size_t sizes[2], count;
            check_status(exz_recv_published(&count, pair.connected, received, sizeof received, sizes, 1, PATIENCE_MS),
                         EXZ_OK);
            check_int(sizes[0], TOPIC);
            check_int(sizes[1], payloads[i]);
            check(memcmp(received + TOPIC, payload, payloads[i]) == 0);
            messages++;
            bytes += TOPIC + payloads[i];
        }
        check_int(stats_of(pair.bound).messages_sent, messages);
        check_int(stats_of(pair.bound).bytes_sent, bytes);
    }
    check_int(stats_of(pair.bound).sends_refused, 1);
    close_linked(pair);
}

/* A publish may use up libzmq's word of a subscription, and who publishes gives nobody else a chance to hear it. */
CASE(a_publisher_that_does_nothing_else_hears_of_its_subscribers) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    char topic[16];
    for (int round = 0; round < 200; round++) {
        in_row("round %d", round);
        snprintf(topic, sizeof topic, "%d", round);
        check_status(exz_subscribe(pair.connected, topic), EXZ_OK);
        exz_event event = EXZ_EVENT_INIT;
        exz_status status;
        do {
            check_status(exz_publish(pair.bound, "nobody's", "x", 1, 0), EXZ_OK);
            status = exz_next_event(&event, pair.bound, 0);
        } while (status == EXZ_ERR_TIMEOUT || (status == EXZ_OK && event.kind != EXZ_EVENT_SUBSCRIBER_JOINED));
        check_status(status, EXZ_OK);
        check_text(event.topic, topic);
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_of_every_size_are_published_counted_and_limited),
        TEST(a_publisher_that_does_nothing_else_hears_of_its_subscribers),
    };
    return cmocka_run_group_tests_name("publishers", tests, NULL, NULL);
}
