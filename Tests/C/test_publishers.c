/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes the short way of a publish, and what it must not keep a publisher from. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

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

static exz_status publish_patiently(void *publisher) {
    return exz_publish(*(exz_socket *)publisher, "full", "x", 1, 3 * PATIENCE_MS);
}

/* Who waits for room polls what libzmq says, and nobody else does meanwhile: it must not get lost, also if the wait
 * ends at that moment, and no publish follows. */
CASE(a_publisher_that_waits_for_room_hears_of_its_subscribers) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.send_hwm = options.receive_hwm = 1;
    linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), INPROC);
    check_status(exz_subscribe(pair.connected, "full"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "full", 1, PATIENCE_MS), EXZ_OK);
    while (exz_publish(pair.bound, "full", "x", 1, 0) == EXZ_OK) continue;
    for (int round = 0; round < 200; round++) {
        char during[16], at_the_end[16];
        snprintf(during, sizeof during, "%d", round);
        snprintf(at_the_end, sizeof at_the_end, "end %d", round);
        in_row("round %d", round);
        worker sender;
        worker_start(&sender, publish_patiently, &pair.bound);
        check_status(exz_subscribe(pair.connected, during), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, during, 1, PATIENCE_MS), EXZ_OK);
        worker_await_sleep(&sender);
        check_status(exz_subscribe(pair.connected, at_the_end), EXZ_OK);
        /* It may sleep elsewhere than in its wait. */
        while (!atomic_load(&sender.is_done)) check_status(exz_socket_cancel(pair.bound), EXZ_OK);
        check_status(worker_join(&sender), EXZ_ERR_CANCELED);
        exz_event event = EXZ_EVENT_INIT;
        do check_status(exz_next_event(&event, pair.bound, PATIENCE_MS), EXZ_OK);
        while (event.kind != EXZ_EVENT_SUBSCRIBER_JOINED || strcmp(event.topic, at_the_end) != 0);
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_of_every_size_are_published_counted_and_limited),
        TEST(a_publisher_that_does_nothing_else_hears_of_its_subscribers),
        TEST(a_publisher_that_waits_for_room_hears_of_its_subscribers),
    };
    return cmocka_run_group_tests_name("publishers", tests, NULL, NULL);
}
