/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscribers that misbehave: what they say is counted as theirs and nobody else's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "holdings.h"
#include "monotonic.h"
#include "raw_peer.h"
#include "sockets.h"

enum { LONGEST_TOPIC = 65536 };

/* Of `size` bytes: a number and what fills it up. To be freed. */
static char *long_topic(size_t size, int number) {
    char *topic = malloc(size + 1);
    check(topic != NULL);
    memset(topic, 't', size);
    snprintf(topic, size, "%d", number);
    topic[strlen(topic)] = 't';
    topic[size] = '\0';
    return topic;
}

static int join(const char *endpoint) {
    int descriptor = raw_connect(endpoint);
    check(raw_handshake(descriptor, "SUB"));
    return descriptor;
}

CASE(the_end_of_what_a_peer_never_had_is_nobody_elses) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    check_status(exz_subscribe(pair.connected, "weather"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, PATIENCE_MS), EXZ_OK);
    int stranger = join(pair.endpoint);
    for (int i = 0; i < 3; i++) raw_notice(stranger, false, "weather");
    raw_notice(stranger, true, "said");
    check_status(exz_wait_subscribers(pair.bound, "said", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    /* Its own it may end, once. */
    raw_notice(stranger, true, "weather");
    check_status(exz_wait_subscribers(pair.bound, "weather", 2, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < 3; i++) raw_notice(stranger, false, "weather");
    raw_notice(stranger, true, "again");
    check_status(exz_wait_subscribers(pair.bound, "again", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 2, 0), EXZ_ERR_TIMEOUT);
    close(stranger);
    expect_event(pair.bound, EXZ_EVENT_LOST);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    close_linked(pair);
}

CASE(events_nobody_reads_cost_little_whatever_the_topics) {
    enum { PAIRS = 300, ROOM = 8 << 20 };
    exz_socket pub = open_socket(EXZ_PUB);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(pub, TCP, endpoint);
    int peer = join(endpoint);
    raw_notice(peer, true, "first");
    check_status(exz_wait_subscribers(pub, "first", 1, PATIENCE_MS), EXZ_OK);
    const size_t before = what_is_held().heap;
    for (int i = 0; i < PAIRS; i++) {
        char *topic = long_topic(60000, i);
        raw_notice(peer, true, topic);
        raw_notice(peer, false, topic);
        free(topic);
    }
    raw_notice(peer, true, "last");
    check_status(exz_wait_subscribers(pub, "last", 1, PATIENCE_MS), EXZ_OK);
    check(what_is_held().heap < before + ROOM);
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED).topic, "first");
    exz_event event = expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED);
    check_int(event.topic_size, 60000);
    check_int(strlen(event.topic), sizeof event.topic - 1);
    close(peer);
    close_socket(pub);
}

CASE(a_topic_over_the_limit_costs_its_subscriber_the_link) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    char *topic = long_topic(LONGEST_TOPIC + 1, 1);
    check_status(exz_subscribe(pair.connected, topic), EXZ_ERR_INVALID);
    check_status(exz_unsubscribe(pair.connected, topic), EXZ_ERR_INVALID);
    check_status(exz_socket_set_bytes(pair.connected, ZMQ_SUBSCRIBE, topic, strlen(topic)), EXZ_ERR_INVALID);
    int peer = join(pair.endpoint);
    check_status(exz_wait_peers(pair.bound, 2, PATIENCE_MS), EXZ_OK);
    topic[LONGEST_TOPIC] = '\0';
    check_status(exz_subscribe(pair.connected, topic), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, topic, 1, PATIENCE_MS), EXZ_OK);
    raw_notice(peer, true, topic);
    check_status(exz_wait_subscribers(pair.bound, topic, 2, PATIENCE_MS), EXZ_OK);
    /* ZMTP 3.1 has ten bytes in front of the topic, ZMTP 3.0 one. */
    static const char claimed[1];
    raw_frame(peer, 0, LONGEST_TOPIC + 11, claimed, 1);
    check(raw_await_end(peer));
    close(peer);
    expect_event(pair.bound, EXZ_EVENT_LOST);
    check_int(stats_of(pair.bound).links_lost, 1);
    check_status(exz_wait_subscribers(pair.bound, topic, 1, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, topic, 2, 0), EXZ_ERR_TIMEOUT);
    free(topic);
    close_linked(pair);
}

CASE(a_publisher_sends_what_its_own_limit_allows) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    const size_t size = 1 << 20;
    char *payload = long_topic(size, 1);
    check_status(exz_publish(pair.bound, "t", payload, size, PATIENCE_MS), EXZ_OK);
    exz_message message = {0};
    check_status(exz_recv_message(&message, pair.connected, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, payload);
    check_status(exz_message_free(message), EXZ_OK);
    int64_t limit = 0;
    check_status(exz_socket_get_int(&limit, pair.bound, ZMQ_MAXMSGSIZE), EXZ_OK);
    check_int(limit, 64 << 20);
    check_status(exz_socket_set_int(pair.bound, ZMQ_MAXMSGSIZE, size - 1), EXZ_OK);
    check_status(exz_publish(pair.bound, "t", payload, size, 0), EXZ_ERR_TOO_LARGE);
    free(payload);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_publisher_sends_what_its_own_limit_allows),
        TEST(a_topic_over_the_limit_costs_its_subscriber_the_link),
        TEST(events_nobody_reads_cost_little_whatever_the_topics),
        TEST(the_end_of_what_a_peer_never_had_is_nobody_elses),
    };
    return cmocka_run_group_tests_name("hostile subscribers", tests, NULL, NULL);
}
