/* SPDX-License-Identifier: Apache-2.0
 *
 * Publishing and subscribing: topics, both wire forms, waiting for each other, full queues. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

static void publish(exz_socket s, const char *topic, const char *payload) {
    check_status(exz_publish(s, topic, payload, strlen(payload), PATIENCE_MS), EXZ_OK);
}

static void subscribe(exz_socket s, const char *topic) { check_status(exz_subscribe(s, topic), EXZ_OK); }

static void expect_published(exz_socket s, const char *topic, const char *payload) {
    exz_message message = {0};
    size_t count = 0;
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_count(&count, message), EXZ_OK);
    check_int(count, 2);
    check_part(message, 0, topic);
    check_part(message, 1, payload);
    check_status(exz_message_free(message), EXZ_OK);
}

static exz_socket open_in_form(exz_socket_type type, uint32_t wire_form) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.wire_form = wire_form;
    return open_with(type, &options);
}

/* A subscriber's queue and a publisher that waits for it hold one message each. */
static linked link_tightly(uint32_t on_full) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.on_full = on_full;
    options.send_hwm = options.receive_hwm = 1;
    return link_sockets(open_with(EXZ_SUB, &options), open_with(EXZ_PUB, &options), INPROC);
}

CASE(topics_are_prefixes_in_both_forms_over_every_transport) {
    const uint32_t forms[] = {EXZ_WIRE_MULTIPART, EXZ_WIRE_SPACE};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(forms); i++) {
            in_row("%s, form %u", transport_name(t), forms[i]);
            exz_socket pub = open_in_form(EXZ_PUB, forms[i]), sub = open_in_form(EXZ_SUB, forms[i]);
            subscribe(sub, "weather");
            linked pair = link_sockets(pub, sub, t);
            check_status(exz_wait_subscribers(pub, "weather/north", 1, PATIENCE_MS), EXZ_OK);
            publish(pub, "weather", "sunny later");
            publish(pub, "traffic", "dense");
            publish(pub, "weather/north", "");
            publish(pub, "weather", "rain");
            expect_published(sub, "weather", "sunny later");
            expect_published(sub, "weather/north", "");
            expect_published(sub, "weather", "rain");
            close_linked(pair);
        }
    }
}

CASE(the_space_form_is_one_frame) {
    exz_socket pub = open_in_form(EXZ_PUB, EXZ_WIRE_SPACE), sub = open_in_form(EXZ_SUB, EXZ_WIRE_SPACE);
    subscribe(sub, "");
    linked pair = link_sockets(pub, sub, TCP);
    check_status(exz_wait_subscribers(pub, "", 1, PATIENCE_MS), EXZ_OK);
    publish(pub, "topic", "two words");
    expect_text(sub, "topic two words");
    /* It would come as another topic. */
    check_status(exz_publish(pub, "two words", "x", 1, 0), EXZ_ERR_INVALID);
    publish(pub, "next", "x");
    expect_text(sub, "next x");
    close_linked(pair);
}

CASE(the_multipart_form_is_not_for_a_receive_of_one_part) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    subscribe(pair.connected, "");
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "topic", "payload");
    char buffer[64];
    size_t size;
    check_status(exz_recv(&size, pair.connected, buffer, sizeof buffer, PATIENCE_MS), EXZ_ERR_STATE);
    expect_published(pair.connected, "topic", "payload");
    close_linked(pair);
}

CASE(a_publisher_drops_what_nobody_wants_without_waiting) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    for (int i = 0; i < 3000; i++) check_status(exz_publish(pair.bound, "nobody", "x", 1, 0), EXZ_OK);
    subscribe(pair.connected, "somebody");
    check_status(exz_wait_subscribers(pair.bound, "somebody", 1, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "somebody", "first");
    expect_published(pair.connected, "somebody", "first");
    close_linked(pair);
}

CASE(subscriptions_count) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    subscribe(pair.connected, "twice");
    subscribe(pair.connected, "twice");
    subscribe(pair.connected, "end");
    check_status(exz_unsubscribe(pair.connected, "twice"), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "twice", "still");
    expect_published(pair.connected, "twice", "still");

    check_status(exz_unsubscribe(pair.connected, "twice"), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "twice", "gone");
    publish(pair.bound, "end", "");
    expect_published(pair.connected, "end", "");
    close_linked(pair);
}

CASE(unsubscribing_what_was_never_subscribed_is_fine) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    check_status(exz_unsubscribe(pair.connected, "never"), EXZ_OK);
    subscribe(pair.connected, "never");
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "never", "yet");
    expect_published(pair.connected, "never", "yet");
    close_linked(pair);
}

CASE(waiting_for_subscribers_counts_each_once) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    exz_socket second = open_socket(EXZ_SUB);
    check_status(exz_wait_subscribers(pair.bound, "a/b", 0, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a/b", 1, 0), EXZ_ERR_TIMEOUT);
    subscribe(pair.connected, "a");
    subscribe(pair.connected, "a/b");
    subscribe(pair.connected, "");
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a/b", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a/b", 2, 0), EXZ_ERR_TIMEOUT);
    subscribe(second, "a/b");
    connect_to(second, pair.endpoint);
    check_status(exz_wait_subscribers(pair.bound, "a/b", 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a", 2, 0), EXZ_ERR_TIMEOUT);
    close_socket(second);
    close_linked(pair);
}

CASE(a_publisher_hears_of_subscribers_coming_and_going) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PUB, EXZ_SUB, t);
        subscribe(pair.connected, "topic");
        exz_event joined = expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_JOINED);
        check_text(joined.topic, "topic");
        check_int(joined.topic_size, 5);
        check_int(joined.count, 1);
        check_status(exz_unsubscribe(pair.connected, "topic"), EXZ_OK);
        exz_event left = expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_LEFT);
        check_text(left.topic, "topic");
        check_int(left.count, 0);
        subscribe(pair.connected, "again");
        check_text(expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_JOINED).topic, "again");
        close_socket(pair.connected);
        check_text(expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_LEFT).topic, "again");
        check_status(exz_wait_subscribers(pair.bound, "again", 1, 0), EXZ_ERR_TIMEOUT);
        close_socket(pair.bound);
    }
}

CASE(a_topic_may_be_any_bytes) {
    static const char *const topics[] = {"\xFF\xFE", "caf\xC3\xA9", "cafe\xCC\x81", "\xC3"};
    for (size_t i = 0; i < COUNT_OF(topics); i++) {
        in_row("%zu", i);
        linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
        subscribe(pair.connected, topics[i]);
        exz_event joined = expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_JOINED);
        check_text(joined.topic, topics[i]);
        check_int(joined.topic_size, strlen(topics[i]));
        /* As bytes, none of them is the beginning of another. */
        for (size_t j = 0; j < COUNT_OF(topics); j++) {
            check_status(exz_wait_subscribers(pair.bound, topics[j], 1, 0), i == j ? EXZ_OK : EXZ_ERR_TIMEOUT);
            publish(pair.bound, topics[j], "payload");
        }
        expect_published(pair.connected, topics[i], "payload");
        size_t size;
        char byte;
        check_status(exz_recv(&size, pair.connected, &byte, 1, 0), EXZ_ERR_TIMEOUT);
        close_linked(pair);
    }
}

CASE(being_subscribed_is_proved_at_every_publisher) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_socket sub = open_socket(EXZ_SUB), pubs[3];
        subscribe(sub, "topic");
        check_status(exz_wait_subscribed(sub, 0), EXZ_ERR_TIMEOUT);
        char endpoint[ENDPOINT_SIZE];
        for (size_t i = 0; i < COUNT_OF(pubs); i++) {
            pubs[i] = open_socket(EXZ_PUB);
            bind_somewhere(pubs[i], t, endpoint);
            connect_to(sub, endpoint);
        }
        check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
        for (size_t i = 0; i < COUNT_OF(pubs); i++) publish(pubs[i], "topic", "first");
        for (size_t i = 0; i < COUNT_OF(pubs); i++) expect_published(sub, "topic", "first");
        for (size_t i = 0; i < COUNT_OF(pubs); i++) close_socket(pubs[i]);
        close_socket(sub);
    }
}

CASE(waiting_to_be_subscribed_loses_nothing_that_arrives_meanwhile) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    subscribe(pair.connected, "");
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    char number[16];
    for (int i = 0; i < 100; i++) {
        snprintf(number, sizeof number, "%d", i);
        publish(pair.bound, "n", number);
        if (i % 20 == 0) check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    }
    for (int i = 0; i < 100; i++) {
        snprintf(number, sizeof number, "%d", i);
        expect_published(pair.connected, "n", number);
    }
    close_linked(pair);
}

CASE(topics_of_odd_lengths_work_where_libzmq_carries_them) {
    const size_t lengths[] = {0, 1, 244, 245, 256, 257, 1000};
    char topic[1001];
    memset(topic, 't', sizeof topic);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        in_row("%zu bytes", lengths[i]);
        linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
        topic[lengths[i]] = '\0';
        subscribe(pair.connected, topic);
        check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, topic, 1, PATIENCE_MS), EXZ_OK);
        exz_event joined = expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_JOINED);
        check_int(joined.topic_size, lengths[i]);
        check_int(strlen(joined.topic), lengths[i] < sizeof joined.topic ? lengths[i] : sizeof joined.topic - 1);
        publish(pair.bound, topic, "payload");
        expect_published(pair.connected, topic, "payload");
        topic[lengths[i]] = 't';
        close_linked(pair);
    }
}

CASE(a_publisher_that_waits_loses_nothing) {
    linked pair = link_tightly(EXZ_ON_FULL_WAIT);
    subscribe(pair.bound, "");
    check_status(exz_wait_subscribers(pair.connected, "", 1, PATIENCE_MS), EXZ_OK);
    int taken = 0;
    char number[16];
    for (;; taken++) {
        snprintf(number, sizeof number, "%d", taken);
        exz_status status = exz_publish(pair.connected, "n", number, strlen(number), 20);
        if (status == EXZ_OK) continue;
        check_status(status, EXZ_ERR_TIMEOUT);
        break;
    }
    check(taken >= 1);
    check_int(stats_of(pair.connected).messages_sent, taken);
    for (int i = 0; i < taken; i++) {
        snprintf(number, sizeof number, "%d", i);
        expect_published(pair.bound, "n", number);
    }
    publish(pair.connected, "n", "after");
    expect_published(pair.bound, "n", "after");
    close_linked(pair);
}

CASE(a_publisher_that_drops_never_waits) {
    linked pair = link_tightly(EXZ_ON_FULL_DROP);
    subscribe(pair.bound, "");
    check_status(exz_wait_subscribers(pair.connected, "", 1, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < 5000; i++) check_status(exz_publish(pair.connected, "n", "x", 1, 0), EXZ_OK);
    expect_published(pair.bound, "n", "x");
    close_linked(pair);
}

CASE(only_the_types_that_can_do) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        exz_socket s = open_socket(type);
        bool publishes = type == EXZ_PUB || type == EXZ_XPUB;
        check_status(exz_publish(s, "t", "x", 1, 0), publishes ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        bool subscribes = type == EXZ_SUB || type == EXZ_XSUB;
        check_status(exz_subscribe(s, "t"), subscribes ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_unsubscribe(s, "t"), subscribes ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_wait_subscribers(s, "t", 0, 0), publishes ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_wait_subscribed(s, 0), type == EXZ_SUB ? EXZ_ERR_TIMEOUT : EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_wait_peers(s, 0, 0), EXZ_OK);
        close_socket(s);
    }
}

CASE(an_xpub_and_an_xsub_speak_with_the_usual_types) {
    linked xpub = link_types(EXZ_XPUB, EXZ_SUB, TCP);
    subscribe(xpub.connected, "t");
    expect_text(xpub.bound, "\1t");
    publish(xpub.bound, "t", "x");
    expect_published(xpub.connected, "t", "x");
    close_linked(xpub);

    linked xsub = link_types(EXZ_PUB, EXZ_XSUB, TCP);
    send_text(xsub.connected, "\1t");
    check_status(exz_wait_subscribers(xsub.bound, "t", 1, PATIENCE_MS), EXZ_OK);
    publish(xsub.bound, "t", "x");
    expect_published(xsub.connected, "t", "x");
    subscribe(xsub.connected, "u");
    subscribe(xsub.connected, "u");
    check_status(exz_unsubscribe(xsub.connected, "u"), EXZ_OK);
    subscribe(xsub.connected, "last");
    check_status(exz_wait_subscribers(xsub.bound, "last", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(xsub.bound, "u", 1, 0), EXZ_OK);
    check_status(exz_unsubscribe(xsub.connected, "u"), EXZ_OK);
    check_text(expect_event(xsub.bound, EXZ_EVENT_SUBSCRIBER_LEFT).topic, "u");
    check_status(exz_unsubscribe(xsub.connected, "never"), EXZ_OK);
    close_linked(xsub);
}

CASE(a_subscriber_that_repeats_itself_is_one) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    subscribe(pair.connected, "a");
    subscribe(pair.connected, "a");
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a", 2, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_unsubscribe(pair.connected, "a"), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_OK);
    check_status(exz_unsubscribe(pair.connected, "a"), EXZ_OK);
    check_int(expect_event(pair.bound, EXZ_EVENT_SUBSCRIBER_LEFT).count, 0);
    check_status(exz_wait_subscribers(pair.bound, "a", 1, 0), EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

CASE(subscribers_of_an_endpoint_that_is_unbound_are_gone) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    char second[ENDPOINT_SIZE];
    bind_somewhere(pair.bound, TCP, second);
    exz_socket other = open_socket(EXZ_SUB);
    subscribe(pair.connected, "a");
    subscribe(other, "a");
    subscribe(other, "ab");
    connect_to(other, second);
    check_status(exz_wait_subscribers(pair.bound, "ab", 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_socket_unbind(pair.bound, pair.endpoint), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "ab", 2, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_wait_subscribers(pair.bound, "ab", 1, 0), EXZ_OK);
    close_socket(other);
    close_linked(pair);
}

CASE(a_topic_of_a_megabyte_keeps_the_deadline) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    subscribe(pair.connected, "t");
    check_status(exz_wait_subscribers(pair.bound, "t", 1, PATIENCE_MS), EXZ_OK);
    char *topic = malloc(1000001);
    check(topic != NULL);
    memset(topic, 't', 1000000);
    topic[1000000] = '\0';
    int64_t began = now_ns();
    check_status(exz_wait_subscribers(pair.bound, topic, 1, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, topic, 2, 50), EXZ_ERR_TIMEOUT);
    check(now_ns() - began < (50 + GENEROUS_MS) * INT64_C(1000000));
    free(topic);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_subscriber_that_repeats_itself_is_one),
        TEST(subscribers_of_an_endpoint_that_is_unbound_are_gone),
        TEST(a_topic_of_a_megabyte_keeps_the_deadline),
        TEST(topics_are_prefixes_in_both_forms_over_every_transport),
        TEST(the_space_form_is_one_frame),
        TEST(the_multipart_form_is_not_for_a_receive_of_one_part),
        TEST(a_publisher_drops_what_nobody_wants_without_waiting),
        TEST(subscriptions_count),
        TEST(unsubscribing_what_was_never_subscribed_is_fine),
        TEST(waiting_for_subscribers_counts_each_once),
        TEST(a_publisher_hears_of_subscribers_coming_and_going),
        TEST(a_topic_may_be_any_bytes),
        TEST(being_subscribed_is_proved_at_every_publisher),
        TEST(waiting_to_be_subscribed_loses_nothing_that_arrives_meanwhile),
        TEST(topics_of_odd_lengths_work_where_libzmq_carries_them),
        TEST(a_publisher_that_waits_loses_nothing),
        TEST(a_publisher_that_drops_never_waits),
        TEST(only_the_types_that_can_do),
        TEST(an_xpub_and_an_xsub_speak_with_the_usual_types),
    };
    return cmocka_run_group_tests_name("publishing", tests, NULL, NULL);
}
