/* SPDX-License-Identifier: Apache-2.0
 *
 * Options set by number do what the fields of exz_socket_options do that they stand for. */
#include <string.h>
#include <zmq.h>

#include "monotonic.h"
#include "sockets.h"

/* How many messages fit between a PUSH and a PULL that does not read. */
static int room_between(exz_socket push, exz_socket pull) {
    linked pair = link_sockets(pull, push, INPROC);
    int sent = 0;
    while (exz_send(push, "x", 1, 0, 0) == EXZ_OK) sent++;
    close_socket(pair.bound);
    close_socket(pair.connected);
    return sent;
}

CASE(high_water_marks_bound_the_queues) {
    const int32_t marks[] = {1, 7, 50};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        in_row("%d", marks[i]);
        exz_socket push = open_socket(EXZ_PUSH), pull = open_socket(EXZ_PULL);
        check_status(exz_socket_set_int(push, ZMQ_SNDHWM, marks[i]), EXZ_OK);
        check_status(exz_socket_set_int(pull, ZMQ_RCVHWM, marks[i]), EXZ_OK);
        check_int(room_between(push, pull), 2 * marks[i]);
    }
}

/* Told to the other end of a queue that has ended meanwhile, they would crash libzmq. */
CASE(high_water_marks_are_fixed_by_the_first_bind_or_connect) {
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    linked pair = link_sockets(pull, push, INPROC);
    const exz_socket both[] = {pull, push};
    for (size_t i = 0; i < COUNT_OF(both); i++)
        check_status(exz_socket_set_int(both[i], ZMQ_RCVHWM, 5), EXZ_ERR_STATE);
    check_status(exz_socket_set_int(push, ZMQ_SNDHWM, 5), EXZ_ERR_STATE);
    close_socket(pair.bound);
    check_status(exz_socket_set_int(push, ZMQ_SNDHWM, 5), EXZ_ERR_STATE);
    close_socket(pair.connected);
    exz_socket waiting = open_socket(EXZ_PUSH);
    check_status(exz_socket_connect(waiting, "inproc://nobody-yet", EXZ_CONNECT_BACKGROUND, 0, NULL), EXZ_OK);
    check_status(exz_socket_set_int(waiting, ZMQ_SNDHWM, 5), EXZ_ERR_STATE);
    close_socket(waiting);
}

/* A message that nobody takes, and a close that names no linger. */
static int64_t time_of_close(int32_t opened_with_ms, int32_t set_ms) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.linger_ms = opened_with_ms;
    options.send_hwm = options.receive_hwm = 1;
    exz_socket pull = open_with(EXZ_PULL, &options), push = open_with(EXZ_PUSH, &options);
    link_sockets(pull, push, TCP);
    static char large[1 << 20];
    /* Until the kernel takes no more either. */
    while (exz_send(push, large, sizeof large, 0, 50) == EXZ_OK) continue;
    check_status(exz_socket_set_int(push, ZMQ_LINGER, set_ms), EXZ_OK);
    int64_t began = now_ns();
    check_status(exz_socket_close(push, EXZ_DEFAULT_TIMEOUT), EXZ_OK);
    int64_t took = now_ns() - began;
    close_socket(pull);
    return took;
}

CASE(linger_is_what_a_close_without_one_gives) {
    check(time_of_close(PATIENCE_MS, 0) < GENEROUS_MS * INT64_C(1000000));
    check(time_of_close(0, 200) >= 200 * INT64_C(1000000));
    /* libzmq is not to wait for ever, whatever the number. */
    exz_socket s = open_socket(EXZ_PUSH);
    check_status(exz_socket_set_int(s, ZMQ_LINGER, -1), EXZ_ERR_INVALID);
    close_socket(s);
}

CASE(the_largest_message_is_known_to_sends_and_to_receives) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    static char data[5000];
    char buffer[sizeof data];
    size_t size;
    check_status(exz_socket_set_int(pair.connected, ZMQ_MAXMSGSIZE, 100), EXZ_OK);
    check_status(exz_send(pair.connected, data, 101, 0, 0), EXZ_ERR_TOO_LARGE);
    check_status(exz_send(pair.connected, data, 100, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_socket_set_int(pair.connected, ZMQ_MAXMSGSIZE, -1), EXZ_OK);
    check_status(exz_send(pair.connected, data, sizeof data, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
    check_int(size, 100);
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
    check_int(size, sizeof data);
    close_linked(pair);

    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    check_status(exz_socket_set_int(pull, ZMQ_MAXMSGSIZE, 2000), EXZ_OK);
    pair = link_sockets(pull, push, TCP);
    check_status(exz_send(push, data, 2000, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, pull, buffer, sizeof buffer, PATIENCE_MS), EXZ_OK);
    check_status(exz_send(push, data, 2001, 0, PATIENCE_MS), EXZ_OK);
    expect_event(pull, EXZ_EVENT_LOST);
    check_status(exz_recv(&size, pull, buffer, sizeof buffer, 0), EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

static exz_status fill(exz_socket pub) {
    exz_status status = EXZ_OK;
    for (int i = 0; i < 50 && status == EXZ_OK; i++) status = exz_publish(pub, "t", "x", 1, 0);
    return status;
}

static void drain(exz_socket s) {
    exz_message message;
    while (exz_recv_message(&message, s, 0) == EXZ_OK) check_status(exz_message_free(message), EXZ_OK);
}

CASE(a_publisher_waits_or_drops_as_it_is_told) {
    const exz_socket_type types[] = {EXZ_PUB, EXZ_XPUB};
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 2;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        exz_socket pub = open_with(types[i], &options), sub = open_with(EXZ_SUB, &options);
        check_status(exz_subscribe(sub, ""), EXZ_OK);
        link_sockets(sub, pub, INPROC);
        check_status(exz_wait_subscribed(sub, types[i] == EXZ_PUB ? PATIENCE_MS : 0),
                     types[i] == EXZ_PUB ? EXZ_OK : EXZ_ERR_TIMEOUT);
        exz_poll_item item = {pub, 0, EXZ_POLL_IN, 0};
        if (types[i] == EXZ_XPUB) check_status(exz_poll(&item, 1, PATIENCE_MS), EXZ_OK);
        for (int round = 0; round < 3; round++) {
            check_status(exz_socket_set_int(pub, ZMQ_XPUB_NODROP, 1), EXZ_OK);
            check_status(fill(pub), EXZ_ERR_TIMEOUT);
            check_status(exz_socket_set_int(pub, ZMQ_XPUB_NODROP, 0), EXZ_OK);
            check_status(fill(pub), EXZ_OK);
            /* libzmq forgets a queue it has dropped for, until it hears that there is room in it. */
            int64_t events;
            drain(sub);
            check_status(exz_socket_get_int(&events, pub, ZMQ_EVENTS), EXZ_OK);
        }
        check_status(exz_socket_set_int(pub, ZMQ_XPUB_NODROP, 2), EXZ_ERR_INVALID);
        close_socket(sub);
        close_socket(pub);
    }
}

static void publish(exz_socket pub, const char *topic, size_t size) {
    const exz_part parts[] = {{topic, size}, {"payload", 7}};
    check_status(exz_send_parts(pub, parts, 2, PATIENCE_MS), EXZ_OK);
}

/* The topic of the next message. */
static void expect_topic(exz_socket sub, const char *topic, size_t size) {
    exz_message message;
    const void *data;
    size_t length;
    check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_part(&data, &length, message, 0), EXZ_OK);
    check_int(length, size);
    check(memcmp(data, topic, size) == 0);
    check_status(exz_message_free(message), EXZ_OK);
}

CASE(topics_with_a_nul_are_subscribed_to_by_number) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    check_status(exz_socket_set_bytes(pair.connected, ZMQ_SUBSCRIBE, "a\0b", 3), EXZ_OK);
    check_status(exz_socket_set_bytes(pair.connected, ZMQ_SUBSCRIBE, "last", 4), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "a", 1);
    publish(pair.bound, "a\0c", 3);
    publish(pair.bound, "a\0b", 3);
    publish(pair.bound, "a\0bc", 4);
    publish(pair.bound, "last", 4);
    expect_topic(pair.connected, "a\0b", 3);
    expect_topic(pair.connected, "a\0bc", 4);
    expect_topic(pair.connected, "last", 4);
    check_status(exz_socket_set_bytes(pair.connected, ZMQ_UNSUBSCRIBE, "a\0b", 3), EXZ_OK);
    check_status(exz_wait_subscribed(pair.connected, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "a\0b", 3);
    publish(pair.bound, "last", 4);
    expect_topic(pair.connected, "last", 4);
    close_linked(pair);
}

CASE(both_ways_to_subscribe_count_together) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    exz_socket sub = pair.connected;
    check_status(exz_subscribe(sub, "end"), EXZ_OK);
    check_status(exz_subscribe(sub, "t"), EXZ_OK);
    check_status(exz_socket_set_bytes(sub, ZMQ_SUBSCRIBE, "t", 1), EXZ_OK);
    check_status(exz_unsubscribe(sub, "t"), EXZ_OK);
    check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "t", 1);
    expect_topic(sub, "t", 1);
    check_status(exz_socket_set_bytes(sub, ZMQ_UNSUBSCRIBE, "t", 1), EXZ_OK);
    check_status(exz_socket_set_bytes(sub, ZMQ_UNSUBSCRIBE, "t", 1), EXZ_OK);
    check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    publish(pair.bound, "t", 1);
    publish(pair.bound, "end", 3);
    expect_topic(sub, "end", 3);
    close_linked(pair);
}

CASE(only_a_sub_subscribes_and_to_topics_that_can_be_carried) {
    static const char topic[256] = "t";
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        exz_socket s = open_socket(type);
        const exz_status expected = type == EXZ_SUB ? EXZ_OK : EXZ_ERR_NOT_SUPPORTED;
        check_status(exz_socket_set_bytes(s, ZMQ_SUBSCRIBE, NULL, 0), expected);
        check_status(exz_socket_set_bytes(s, ZMQ_UNSUBSCRIBE, NULL, 0), expected);
        check_status(exz_socket_set_bytes(s, ZMQ_SUBSCRIBE, topic, 245), expected);
        if (type == EXZ_SUB) {
            for (size_t size = 246; size <= 255; size++)
                check_status(exz_socket_set_bytes(s, ZMQ_SUBSCRIBE, topic, size), EXZ_ERR_INVALID);
        }
        check_status(exz_socket_set_bytes(s, ZMQ_SUBSCRIBE, topic, 256), expected);
        close_socket(s);
    }
}

CASE(an_identity_is_the_name_a_router_knows) {
    exz_socket router = open_socket(EXZ_ROUTER), dealer = open_socket(EXZ_DEALER);
    check_status(exz_socket_set_bytes(dealer, ZMQ_ROUTING_ID, "me", 2), EXZ_OK);
    linked pair = link_sockets(router, dealer, TCP);
    send_text(dealer, "hello");
    exz_message message;
    check_status(exz_recv_message(&message, router, PATIENCE_MS), EXZ_OK);
    check_part(message, 0, "me");
    check_part(message, 1, "hello");
    check_status(exz_message_free(message), EXZ_OK);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(high_water_marks_bound_the_queues),
        TEST(high_water_marks_are_fixed_by_the_first_bind_or_connect),
        TEST(linger_is_what_a_close_without_one_gives),
        TEST(the_largest_message_is_known_to_sends_and_to_receives),
        TEST(a_publisher_waits_or_drops_as_it_is_told),
        TEST(topics_with_a_nul_are_subscribed_to_by_number),
        TEST(both_ways_to_subscribe_count_together),
        TEST(only_a_sub_subscribes_and_to_topics_that_can_be_carried),
        TEST(an_identity_is_the_name_a_router_knows),
    };
    return cmocka_run_group_tests_name("options at work", tests, NULL, NULL);
}
