/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics that a publisher would cut its link for, that libzmq garbles, or that take much stack: what one subscriber
 * asks of a message proxy must not be everybody's harm. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "proxied.h"

#define LONGEST 65536

/* Subscribes to a topic of so many bytes, as a peer does that keeps to no limits; or with a 0 takes that back. */
static void tell(exz_socket xsub, char kind, size_t size) {
    static char message[1 + LONGEST + 1];
    memset(message, 'x', sizeof message);
    message[0] = kind;
    check_status(exz_send(xsub, message, 1 + size, 0, PATIENCE_MS), EXZ_OK);
}

static void expect_news(exz_socket pub, exz_socket sub) {
    check_status(exz_publish(pub, "news", "rain", 4, PATIENCE_MS), EXZ_OK);
    exz_message message;
    check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, "rain");
    check_status(exz_message_free(message), EXZ_OK);
}

CASE(a_topic_that_no_publisher_takes_cuts_nobody_off) {
    proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
    exz_socket pub = at_front(&p, EXZ_PUB), sub = at_back(&p, EXZ_SUB), stranger = at_back(&p, EXZ_XSUB);
    check_status(exz_subscribe(sub, "news"), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "news", 1, PATIENCE_MS), EXZ_OK);
    const size_t refused[] = {246, 250, 255, LONGEST + 1};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        in_row("%zu bytes", refused[i]);
        tell(stranger, 1, refused[i]);
        tell(stranger, 0, refused[i]);
        char behind[16];
        snprintf(behind, sizeof behind, "behind %zu", i);
        check_status(exz_subscribe(stranger, behind), EXZ_OK);
        check_status(exz_wait_subscribers(pub, behind, 1, PATIENCE_MS), EXZ_OK);
        expect_news(pub, sub);
        check_int(stats_of(p.front).sends_refused, 2 * (i + 1));
    }
    check_int(stats_of(p.front).links_lost, 0);
    check_status(exz_proxy_pause(p.proxy, PATIENCE_MS), EXZ_OK);
    check_int(forwarded(p.proxy).undeliverable, 2 * COUNT_OF(refused));
    close_socket(stranger);
    close_socket(sub);
    close_socket(pub);
    close_proxied(&p);
}

/* libzmq does that by recursion. */
CASE(the_longest_topic_is_given_up_with_its_subscriber) {
    static char topic[LONGEST];
    memset(topic, 'x', sizeof topic);
    proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
    exz_socket pub = at_front(&p, EXZ_PUB), stranger = at_back(&p, EXZ_XSUB);
    tell(stranger, 1, LONGEST);
    check_status(exz_wait_subscribers_bytes(pub, topic, LONGEST, 1, PATIENCE_MS), EXZ_OK);
    close_socket(stranger);
    check_int(expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT).topic_size, LONGEST);
    check_int(forwarded(p.proxy).state, EXZ_PROXY_FORWARDING);
    close_socket(pub);
    close_proxied(&p);
}

CASE(topics_that_can_be_subscribed_to_pass_whatever_their_length) {
    static char topic[LONGEST];
    memset(topic, 'x', sizeof topic);
    proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
    exz_socket pub = at_front(&p, EXZ_PUB), stranger = at_back(&p, EXZ_XSUB);
    const size_t sizes[] = {LONGEST, 256, 245, 1, 0};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        in_row("%zu bytes", sizes[i]);
        tell(stranger, 1, sizes[i]);
        check_status(exz_wait_subscribers_bytes(pub, topic, sizes[i], 1, PATIENCE_MS), EXZ_OK);
    }
    check_int(stats_of(p.front).sends_refused, 0);
    close_socket(stranger);
    close_socket(pub);
    close_proxied(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_topic_that_no_publisher_takes_cuts_nobody_off),
        TEST(the_longest_topic_is_given_up_with_its_subscriber),
        TEST(topics_that_can_be_subscribed_to_pass_whatever_their_length),
    };
    return cmocka_run_group_tests_name("proxy topics", tests, NULL, NULL);
}
