/* SPDX-License-Identifier: Apache-2.0
 *
 * Who subscribes to one topic several times is one subscriber, until he has ended it as often. */
#include "monotonic.h"
#include "sockets.h"

/* Over inproc nothing says who it is that repeats himself. */
CASE(a_subscriber_that_repeats_itself_counts_once) {
    const exz_socket_type publishers[] = {EXZ_PUB, EXZ_XPUB}, subscribers[] = {EXZ_SUB, EXZ_XSUB};
    for (int i = 0; i < 2 * 2 * TRANSPORT_COUNT; i++) {
        const exz_socket_type one = publishers[i % 2], other = subscribers[i / 2 % 2];
        const transport t = (transport)(i / 4);
        in_row("%s, a publisher of type %d, a subscriber of type %d", transport_name(t), (int)one, (int)other);
        linked pair = link_types(one, other, t);
        for (int j = 0; j < 3; j++) check_status(exz_subscribe(pair.connected, "a"), EXZ_OK);
        /* What comes after it shows that it has come. */
        check_status(exz_subscribe(pair.connected, "first"), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "first", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "a", 2, 0), EXZ_ERR_TIMEOUT);
        for (int j = 0; j < 2; j++) check_status(exz_unsubscribe(pair.connected, "a"), EXZ_OK);
        check_status(exz_subscribe(pair.connected, "second"), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "second", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_OK);
        check_status(exz_publish(pair.bound, "abc", "x", 1, PATIENCE_MS), EXZ_OK);
        exz_message message;
        check_status(exz_recv_message(&message, pair.connected, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_free(message), EXZ_OK);
        check_status(exz_unsubscribe(pair.connected, "a"), EXZ_OK);
        check_status(exz_subscribe(pair.connected, "third"), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "third", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_ERR_TIMEOUT);
        /* One that was sent as a message has its end by a call too. */
        if (other == EXZ_XSUB) {
            check_status(exz_send(pair.connected, "\1b", 2, 0, 0), EXZ_OK);
            check_status(exz_wait_subscribers(pair.bound, "b", 1, PATIENCE_MS), EXZ_OK);
            check_status(exz_unsubscribe(pair.connected, "b"), EXZ_OK);
            check_status(exz_subscribe(pair.connected, "fourth"), EXZ_OK);
            check_status(exz_wait_subscribers(pair.bound, "fourth", 1, PATIENCE_MS), EXZ_OK);
            check_status(exz_wait_subscribers(pair.bound, "b", 1, 0), EXZ_ERR_TIMEOUT);
        }
        close_linked(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_subscriber_that_repeats_itself_counts_once),
    };
    return cmocka_run_group_tests_name("repeated subscriptions", tests, NULL, NULL);
}
