/* SPDX-License-Identifier: Apache-2.0
 *
 * Sending and receiving: one part and several, too large and too small, and nothing lost in between. */
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

static exz_part part(const char *text) { return (exz_part){text, strlen(text)}; }

static exz_message receive(exz_socket s, size_t parts) {
    exz_message message = {0};
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    size_t count = 0;
    check_status(exz_message_count(&count, message), EXZ_OK);
    check_int(count, parts);
    return message;
}

CASE(every_pattern_carries_over_every_transport) {
    const struct {
        exz_socket_type from, to;
    } patterns[] = {{EXZ_PUSH, EXZ_PULL}, {EXZ_PAIR, EXZ_PAIR}, {EXZ_DEALER, EXZ_DEALER}, {EXZ_REQ, EXZ_REP}};
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (size_t i = 0; i < COUNT_OF(patterns); i++) {
            in_row("%s, types %d and %d", transport_name(t), patterns[i].from, patterns[i].to);
            linked pair = link_types(patterns[i].to, patterns[i].from, t);
            check_carries(pair.connected, pair.bound);
            if (patterns[i].from != EXZ_PUSH) check_carries(pair.bound, pair.connected);
            close_linked(pair);
            pair = link_types(patterns[i].from, patterns[i].to, t);
            check_carries(pair.bound, pair.connected);
            close_linked(pair);
        }
    }
}

CASE(sizes_from_nothing_to_megabytes_arrive_whole) {
    const size_t sizes[] = {0, 1, 33, 34, 255, 256, 8192, 65536, 1 << 20, 10 << 20};
    char *sent = malloc(10 << 20), *received = malloc(10 << 20);
    for (size_t i = 0; i < 10 << 20; i++) sent[i] = (char)(i * 31 >> 3);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            in_row("%s, %zu bytes", transport_name(t), sizes[i]);
            size_t size = 99;
            check_status(exz_send(pair.connected, sizes[i] > 0 ? sent : NULL, sizes[i], 0, PATIENCE_MS), EXZ_OK);
            check_status(exz_recv(&size, pair.bound, received, 10 << 20, PATIENCE_MS), EXZ_OK);
            check_int(size, sizes[i]);
            check(memcmp(sent, received, size) == 0);
        }
        close_linked(pair);
    }
    free(sent);
    free(received);
}

CASE(a_message_that_does_not_fit_is_kept_and_its_size_told) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        char buffer[16] = "untouched";
        size_t size = 0;
        send_text(pair.connected, "twelve bytes");
        send_text(pair.connected, "next");
        check_status(exz_recv(&size, pair.bound, buffer, 11, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
        check_int(size, 12);
        check_text(buffer, "untouched");
        size = 0;
        check_status(exz_recv(&size, pair.bound, NULL, 0, 0), EXZ_ERR_TOO_SMALL);
        check_int(size, 12);
        check_status(exz_recv(&size, pair.bound, buffer, 12, 0), EXZ_OK);
        check(memcmp(buffer, "twelve bytes", 12) == 0);
        expect_text(pair.bound, "next");
        close_linked(pair);
    }
}

CASE(a_message_kept_for_its_size_can_be_taken_as_a_message) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    size_t size = 0;
    send_text(pair.connected, "whole");
    check_status(exz_recv(&size, pair.bound, NULL, 0, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    exz_message message = receive(pair.bound, 1);
    check_part(message, 0, "whole");
    check_status(exz_message_free(message), EXZ_OK);
    check_status(exz_recv(&size, pair.bound, NULL, 0, 0), EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

CASE(a_message_of_several_parts_is_kept_for_who_can_take_it) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        const exz_part parts[] = {part("one"), {NULL, 0}, part("three")};
        check_status(exz_send_parts(pair.connected, parts, COUNT_OF(parts), PATIENCE_MS), EXZ_OK);
        send_text(pair.connected, "next");
        char buffer[64];
        size_t size = 99;
        check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, PATIENCE_MS), EXZ_ERR_STATE);
        check_int(size, 99);
        check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, 0), EXZ_ERR_STATE);
        exz_message message = receive(pair.bound, 3);
        check_part(message, 0, "one");
        check_part(message, 1, "");
        check_part(message, 2, "three");
        check_status(exz_message_free(message), EXZ_OK);
        expect_text(pair.bound, "next");
        close_linked(pair);
    }
}

CASE(a_single_part_is_one_message_however_it_is_sent) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const exz_part only = part("only");
    check_status(exz_send_parts(pair.connected, &only, 1, PATIENCE_MS), EXZ_OK);
    expect_text(pair.bound, "only");
    send_text(pair.connected, "text");
    exz_message message = receive(pair.bound, 1);
    check_part(message, 0, "text");
    check_status(exz_message_free(message), EXZ_OK);
    close_linked(pair);
}

CASE(a_hundred_parts_arrive_in_order) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    unsigned char numbers[100];
    exz_part parts[100];
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        numbers[i] = (unsigned char)i;
        parts[i] = (exz_part){&numbers[i], 1};
    }
    check_status(exz_send_parts(pair.connected, parts, COUNT_OF(parts), PATIENCE_MS), EXZ_OK);
    exz_message message = receive(pair.bound, 100);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const void *data;
        size_t size;
        check_status(exz_message_part(&data, &size, message, i), EXZ_OK);
        check_int(size, 1);
        check_int(*(const unsigned char *)data, i);
    }
    check_status(exz_message_free(message), EXZ_OK);
    close_linked(pair);
}

CASE(a_message_outlives_its_socket_and_is_released_once) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    send_text(pair.connected, "keep");
    exz_message message = receive(pair.bound, 1);
    close_linked(pair);
    check_part(message, 0, "keep");
    const void *data = &data;
    size_t size = 99;
    check_status(exz_message_part(&data, &size, message, 1), EXZ_ERR_INVALID);
    check(data == &data && size == 99);
    check_status(exz_message_free(message), EXZ_OK);
    check_status(exz_message_free(message), EXZ_OK);
    check_status(exz_message_free((exz_message){0}), EXZ_OK);
    check_status(exz_message_part(&data, &size, message, 0), EXZ_ERR_CLOSED);
    check_status(exz_message_count(&size, message), EXZ_ERR_CLOSED);
}

CASE(messages_over_the_limit_are_refused_and_counted) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = 100;
    linked pair = link_sockets(open_socket(EXZ_PULL), open_with(EXZ_PUSH, &options), TCP);
    char block[101] = "";
    const exz_part parts[] = {{block, 60}, {block, 41}};
    check_status(exz_send(pair.connected, block, 101, 0, PATIENCE_MS), EXZ_ERR_TOO_LARGE);
    check_status(exz_send_parts(pair.connected, parts, 2, PATIENCE_MS), EXZ_ERR_TOO_LARGE);
    check_int(stats_of(pair.connected).sends_refused, 2);
    check_int(stats_of(pair.connected).messages_sent, 0);
    check_int(stats_of(pair.connected).last_error, EXZ_ERR_TOO_LARGE);
    check_status(exz_send(pair.connected, block, 100, 0, PATIENCE_MS), EXZ_OK);
    size_t size = 0;
    check_status(exz_recv(&size, pair.bound, block, sizeof block, PATIENCE_MS), EXZ_OK);
    check_int(size, 100);
    close_linked(pair);
}

CASE(a_peer_that_sends_too_much_loses_its_link_and_nobody_else_does) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = 1500;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_socket(EXZ_PUSH), TCP);
    exz_socket other = open_socket(EXZ_PUSH);
    connect_to(other, pair.endpoint);
    char block[1501] = "";
    check_status(exz_send(pair.connected, block, sizeof block, 0, PATIENCE_MS), EXZ_OK);
    expect_event(pair.bound, EXZ_EVENT_LOST);
    check_carries(other, pair.bound);
    close_socket(other);
    close_linked(pair);
}

CASE(types_that_only_send_or_only_receive_say_so) {
    const exz_socket_type receivers[] = {EXZ_SUB, EXZ_PULL}, senders[] = {EXZ_PUB, EXZ_PUSH};
    const exz_part x = part("x");
    size_t size = 99;
    exz_message message = {99};
    for (size_t i = 0; i < 2; i++) {
        exz_socket receiver = open_socket(receivers[i]), sender = open_socket(senders[i]);
        check_status(exz_send(receiver, "x", 1, 0, 0), EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_send_parts(receiver, &x, 1, 0), EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_recv(&size, sender, NULL, 0, 0), EXZ_ERR_NOT_SUPPORTED);
        check_status(exz_recv_message(&message, sender, 0), EXZ_ERR_NOT_SUPPORTED);
        close_socket(receiver);
        close_socket(sender);
    }
    check_int(size, 99);
    check_int(message.id, 99);
}

CASE(requests_and_replies_take_turns) {
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    size_t size;
    char buffer[16];
    check_status(exz_recv(&size, pair.connected, buffer, sizeof buffer, 0), EXZ_ERR_STATE);
    check_status(exz_send(pair.bound, "x", 1, 0, 0), EXZ_ERR_STATE);
    send_text(pair.connected, "question");
    expect_text(pair.bound, "question");
    check_status(exz_recv(&size, pair.bound, buffer, sizeof buffer, 0), EXZ_ERR_STATE);
    send_text(pair.bound, "answer to a question that is given up");
    send_text(pair.connected, "another question");
    expect_text(pair.bound, "another question");
    send_text(pair.bound, "answer");
    expect_text(pair.connected, "answer");
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

CASE(a_router_knows_its_peers_by_their_identity) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.identity = "worker";
    options.identity_size = 6;
    linked pair = link_sockets(open_socket(EXZ_ROUTER), open_with(EXZ_DEALER, &options), TCP);
    send_text(pair.connected, "hello");
    exz_message message = receive(pair.bound, 2);
    check_part(message, 0, "worker");
    check_part(message, 1, "hello");
    check_status(exz_message_free(message), EXZ_OK);
    const exz_part answer[] = {part("worker"), part("welcome")};
    check_status(exz_send_parts(pair.bound, answer, 2, PATIENCE_MS), EXZ_OK);
    expect_text(pair.connected, "welcome");
    close_linked(pair);
}

CASE(a_router_refuses_what_it_can_not_deliver) {
    exz_socket router = open_socket(EXZ_ROUTER);
    const exz_part message[] = {part("nobody"), part("hello")};
    check_status(exz_send_parts(router, message, 2, PATIENCE_MS), EXZ_ERR_UNREACHABLE);
    check_status(exz_send(router, "x", 1, 0, PATIENCE_MS), EXZ_ERR_NOT_SUPPORTED);
    check_int(stats_of(router).messages_sent, 0);
    check_int(stats_of(router).sends_refused, 2);
    close_socket(router);
}

CASE(a_request_is_not_answered_before_it_is_received) {
    linked pair = link_types(EXZ_REP, EXZ_REQ, TCP);
    send_text(pair.connected, "a long request");
    size_t size = 0;
    char small[2];
    check_status(exz_recv(&size, pair.bound, small, sizeof small, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    check_status(exz_send(pair.bound, "early", 5, 0, 0), EXZ_ERR_STATE);
    expect_text(pair.bound, "a long request");
    send_text(pair.bound, "reply");
    expect_text(pair.connected, "reply");
    close_linked(pair);
}

CASE(a_send_to_nobody_keeps_the_message) {
    const exz_socket_type types[] = {EXZ_PUSH, EXZ_DEALER, EXZ_PAIR, EXZ_REQ};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        exz_socket s = open_socket(types[i]);
        check_status(exz_send(s, "x", 1, 0, 0), EXZ_ERR_TIMEOUT);
        const exz_part parts[] = {part("x"), part("y")};
        check_status(exz_send_parts(s, parts, 2, 1), EXZ_ERR_TIMEOUT);
        exz_stats stats = stats_of(s);
        check_int(stats.messages_sent, 0);
        check_int(stats.sends_refused, 2);
        /* The one with no time at all did not wait. */
        check_int(stats.timeouts, 1);
        check_int(stats.last_error, EXZ_ERR_TIMEOUT);
        close_socket(s);
    }
}

CASE(a_full_queue_refuses_and_what_was_taken_arrives) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 5;
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), t);
        static char block[100000], received[sizeof block];
        uint32_t taken = 0, number;
        for (;; taken++) {
            memcpy(block, &taken, sizeof taken);
            if (exz_send(pair.connected, block, sizeof block, 0, 50) != EXZ_OK) break;
        }
        /* Both queues, and what the system holds on the way. */
        check(taken >= 10 && taken < (t == INPROC ? 11 : 500));
        check_int(stats_of(pair.connected).messages_sent, taken);
        check_int(stats_of(pair.connected).bytes_sent, (long long)taken * (long long)sizeof block);
        for (uint32_t i = 0; i < taken; i++) {
            size_t size;
            check_status(exz_recv(&size, pair.bound, received, sizeof received, PATIENCE_MS), EXZ_OK);
            memcpy(&number, received, sizeof number);
            check_int(number, i);
        }
        check_carries(pair.connected, pair.bound);
        check_int(stats_of(pair.bound).messages_received, taken + 1);
        close_linked(pair);
    }
}

CASE(conflate_keeps_the_newest) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.conflate = 1;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), INPROC);
    send_text(pair.connected, "old");
    send_text(pair.connected, "new");
    expect_text(pair.bound, "new");
    size_t size;
    check_status(exz_recv(&size, pair.bound, NULL, 0, 0), EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_pattern_carries_over_every_transport),
        TEST(sizes_from_nothing_to_megabytes_arrive_whole),
        TEST(a_message_that_does_not_fit_is_kept_and_its_size_told),
        TEST(a_message_kept_for_its_size_can_be_taken_as_a_message),
        TEST(a_message_of_several_parts_is_kept_for_who_can_take_it),
        TEST(a_single_part_is_one_message_however_it_is_sent),
        TEST(a_hundred_parts_arrive_in_order),
        TEST(a_message_outlives_its_socket_and_is_released_once),
        TEST(messages_over_the_limit_are_refused_and_counted),
        TEST(a_peer_that_sends_too_much_loses_its_link_and_nobody_else_does),
        TEST(types_that_only_send_or_only_receive_say_so),
        TEST(requests_and_replies_take_turns),
        TEST(a_router_knows_its_peers_by_their_identity),
        TEST(a_router_refuses_what_it_can_not_deliver),
        TEST(a_request_is_not_answered_before_it_is_received),
        TEST(a_send_to_nobody_keeps_the_message),
        TEST(a_full_queue_refuses_and_what_was_taken_arrives),
        TEST(conflate_keeps_the_newest),
    };
    return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
