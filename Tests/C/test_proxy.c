/* SPDX-License-Identifier: Apache-2.0
 *
 * A message proxy: what goes in on one side comes out on the other, of each pair of types, whoever comes and goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "numbered.h"
#include "proxied.h"

static void send_numbered(exz_socket s, uint64_t number) {
    char message[NUMBERED_MAX];
    check_status(exz_send(s, message, numbered_write(message, number), 0, PATIENCE_MS), EXZ_OK);
}

static void expect_numbered(exz_socket s, uint64_t expected) {
    char message[NUMBERED_MAX];
    size_t size = 0;
    uint64_t number = 0;
    check_status(exz_recv(&size, s, message, sizeof message, PATIENCE_MS), EXZ_OK);
    check(numbered_read(message, size, &number));
    check_int(number, expected);
}

CASE(a_pipeline_keeps_its_order_and_loses_nothing) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, t, NULL);
        exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
        for (uint64_t n = 0; n < 20000; n++) {
            send_numbered(pusher, n);
            if (n >= 900) expect_numbered(puller, n - 900);
        }
        for (uint64_t n = 19100; n < 20000; n++) expect_numbered(puller, n);
        end_forwarding(p.proxy);
        check_int(stats_of(p.front).messages_received, 20000);
        check_int(stats_of(p.back).messages_sent, 20000);
        check_int(stats_of(p.back).bytes_sent, stats_of(p.front).bytes_received);
        close_socket(pusher);
        close_socket(puller);
        close_socket(p.front);
        close_socket(p.back);
    }
}

CASE(messages_go_on_with_all_their_parts_whatever_their_size) {
    const size_t sizes[] = {0, 1, 33, 34, 2047, 2048, 8192, 300000, 2 << 20};
    char *block = malloc(2 << 20);
    for (size_t i = 0; i < 2 << 20; i++) block[i] = (char)(i * 7 >> 3);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, t, NULL);
        exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            in_row("%s, %zu bytes", transport_name(t), sizes[i]);
            const exz_part parts[] = {{"head", 4}, {block, sizes[i]}, {"", 0}, {block, sizes[i] / 2}};
            check_status(exz_send_parts(pusher, parts, COUNT_OF(parts), PATIENCE_MS), EXZ_OK);
            exz_message message = {0};
            size_t count = 0;
            check_status(exz_recv_message(&message, puller, PATIENCE_MS), EXZ_OK);
            check_status(exz_message_count(&count, message), EXZ_OK);
            check_int(count, COUNT_OF(parts));
            for (size_t part = 0; part < COUNT_OF(parts); part++) {
                const void *data;
                size_t size = 0;
                check_status(exz_message_view(&data, &size, message, part), EXZ_OK);
                check_int(size, parts[part].size);
                check(size == 0 || memcmp(data, parts[part].data, size) == 0);
            }
            check_status(exz_message_free(message), EXZ_OK);
        }
        end_forwarding(p.proxy);
        check_int(stats_of(p.front).bytes_received, stats_of(pusher).bytes_sent);
        check_int(stats_of(p.back).bytes_sent, stats_of(pusher).bytes_sent);
        close_socket(pusher);
        close_socket(puller);
        close_proxied(&p);
    }
    free(block);
}

CASE(a_message_of_thousands_of_parts_is_one) {
    enum { PARTS = 20000 };
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
    exz_part *parts = malloc(PARTS * sizeof *parts);
    for (size_t i = 0; i < PARTS; i++) parts[i] = (exz_part){"part", i % 5};
    for (int round = 0; round < 3; round++) {
        in_row("round %d", round);
        check_status(exz_send_parts(pusher, parts, PARTS, PATIENCE_MS), EXZ_OK);
        send_text(pusher, "behind it");
        exz_message message = {0};
        size_t count = 0;
        check_status(exz_recv_message(&message, puller, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&count, message), EXZ_OK);
        check_int(count, PARTS);
        check_part(message, 3, "par");
        check_part(message, PARTS - 1, "part");
        check_status(exz_message_free(message), EXZ_OK);
        expect_text(puller, "behind it");
    }
    free(parts);
    close_socket(pusher);
    close_socket(puller);
    close_proxied(&p);
}

CASE(answers_find_the_way_back_to_who_has_asked) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        proxied p = open_proxied(EXZ_ROUTER, EXZ_DEALER, t, NULL);
        exz_socket clients[5], servers[2];
        for (size_t i = 0; i < COUNT_OF(servers); i++) servers[i] = at_back(&p, EXZ_REP);
        for (size_t i = 0; i < COUNT_OF(clients); i++) {
            exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
            const char name[] = {'c', (char)('0' + i)};
            /* Some have a name of their own, and some one of libzmq's. */
            if (i % 2 == 0) options.identity = name;
            if (i % 2 == 0) options.identity_size = sizeof name;
            clients[i] = open_with(EXZ_DEALER, &options);
            connect_to(clients[i], p.front_endpoint);
        }
        for (int round = 0; round < 10; round++) {
            /* All ask before anybody is answered. */
            for (size_t i = 0; i < COUNT_OF(clients); i++) {
                char question[32];
                snprintf(question, sizeof question, "%zu in round %d", i, round);
                const exz_part parts[] = {{"", 0}, {question, strlen(question)}};
                check_status(exz_send_parts(clients[i], parts, 2, PATIENCE_MS), EXZ_OK);
            }
            for (size_t answered = 0; answered < COUNT_OF(clients); answered++) {
                exz_poll_item items[] = {{servers[0], 0, EXZ_POLL_IN, 0}, {servers[1], 0, EXZ_POLL_IN, 0}};
                char question[32];
                size_t size = 0;
                check_status(exz_poll(items, 2, PATIENCE_MS), EXZ_OK);
                exz_socket server = items[0].revents != 0 ? servers[0] : servers[1];
                check_status(exz_recv(&size, server, question, sizeof question, PATIENCE_MS), EXZ_OK);
                check_status(exz_send(server, question, size, 0, PATIENCE_MS), EXZ_OK);
            }
            for (size_t i = 0; i < COUNT_OF(clients); i++) {
                char expected[32];
                exz_message message;
                snprintf(expected, sizeof expected, "%zu in round %d", i, round);
                check_status(exz_recv_message(&message, clients[i], PATIENCE_MS), EXZ_OK);
                check_part(message, 1, expected);
                check_status(exz_message_free(message), EXZ_OK);
            }
        }
        end_forwarding(p.proxy);
        for (size_t i = 0; i < COUNT_OF(clients); i++) close_socket(clients[i]);
        for (size_t i = 0; i < COUNT_OF(servers); i++) close_socket(servers[i]);
        check_status(exz_proxy_close(p.proxy, 0), EXZ_OK);
        close_socket(p.front);
        close_socket(p.back);
    }
}

CASE(an_answer_to_who_is_gone_is_counted_and_holds_nobody_up) {
    proxied p = open_proxied(EXZ_ROUTER, EXZ_DEALER, TCP, NULL);
    exz_socket server = at_back(&p, EXZ_ROUTER), gone = at_front(&p, EXZ_REQ), client = at_front(&p, EXZ_DEALER);
    check_status(exz_send(gone, "who hears this?", 15, 0, PATIENCE_MS), EXZ_OK);
    exz_message question;
    check_status(exz_recv_message(&question, server, PATIENCE_MS), EXZ_OK);
    close_socket(gone);
    expect_event(p.front, EXZ_EVENT_LOST);
    check_status(exz_send_message(server, question, PATIENCE_MS), EXZ_OK);
    send_text(client, "still there?");
    check_status(exz_recv_message(&question, server, PATIENCE_MS), EXZ_OK);
    check_status(exz_send_message(server, question, PATIENCE_MS), EXZ_OK);
    expect_text(client, "still there?");
    end_forwarding(p.proxy);
    check_int(stats_of(p.front).sends_refused, 1);
    close_socket(server);
    close_socket(client);
    close_socket(p.front);
    close_socket(p.back);
}

static exz_socket named_at_front(const proxied *p, const char *name) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.identity = name;
    options.identity_size = strlen(name);
    options.retry.initial_backoff_ms = 20;
    exz_socket s = open_with(EXZ_DEALER, &options);
    connect_to(s, p->front_endpoint);
    return s;
}

/* A server behind the proxy hears from that name, and says the same back. */
static void echo_to(exz_socket server, const char *name, const char *text) {
    exz_message message;
    check_status(exz_recv_message(&message, server, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, name);
    check_part(message, 2, text);
    check_status(exz_send_message(server, message, PATIENCE_MS), EXZ_OK);
}

CASE(what_a_peer_had_sent_before_it_was_restarted_is_answered_to_its_next_life) {
    proxied p = open_proxied(EXZ_ROUTER, EXZ_DEALER, TCP, NULL);
    exz_socket server = at_back(&p, EXZ_ROUTER);
    check_status(exz_proxy_pause(p.proxy, PATIENCE_MS), EXZ_OK);
    exz_socket first = named_at_front(&p, "worker");
    /* libzmq has looked at one of them before the identity is another one's. */
    send_text(first, "begun");
    send_text(first, "done");
    close_socket(first);
    expect_event(p.front, EXZ_EVENT_LOST);
    exz_socket second = named_at_front(&p, "worker");
    expect_event(p.front, EXZ_EVENT_HANDSHAKEN);
    check_status(exz_proxy_resume(p.proxy), EXZ_OK);
    echo_to(server, "worker", "begun");
    echo_to(server, "worker", "done");
    expect_text(second, "begun");
    expect_text(second, "done");
    close_socket(second);
    close_socket(server);
    close_proxied(&p);
}

CASE(of_two_with_one_identity_the_newer_is_forwarded_and_the_older_when_that_is_gone) {
    proxied p = open_proxied(EXZ_ROUTER, EXZ_DEALER, TCP, NULL);
    exz_socket server = at_back(&p, EXZ_ROUTER), older = named_at_front(&p, "cam");
    send_text(older, "from the older");
    echo_to(server, "cam", "from the older");
    expect_text(older, "from the older");
    exz_socket newer = named_at_front(&p, "cam");
    send_text(newer, "from the newer");
    echo_to(server, "cam", "from the newer");
    expect_text(newer, "from the newer");
    expect_event(p.front, EXZ_EVENT_PEER_REJECTED);
    close_socket(newer);
    expect_event(older, EXZ_EVENT_LOST);
    expect_event(older, EXZ_EVENT_HANDSHAKEN);
    send_text(older, "back");
    echo_to(server, "cam", "back");
    expect_text(older, "back");
    close_socket(older);
    close_socket(server);
    close_proxied(&p);
}

CASE(subscriptions_pass_through) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, t, NULL);
        exz_socket pub = at_front(&p, EXZ_PUB), sub = at_back(&p, EXZ_SUB), other = at_back(&p, EXZ_SUB);
        check_status(exz_wait_subscribers(pub, "news", 1, 0), EXZ_ERR_TIMEOUT);
        check_status(exz_subscribe(sub, "news"), EXZ_OK);
        check_status(exz_wait_subscribers(pub, "news", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pub, "news", "rain", 4, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pub, "sport", "lost", 4, PATIENCE_MS), EXZ_OK);
        check_status(exz_subscribe(other, "sport"), EXZ_OK);
        check_status(exz_wait_subscribed(other, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pub, "sport", "won", 3, PATIENCE_MS), EXZ_OK);
        exz_message message;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_part(message, 0, "news");
        check_part(message, 1, "rain");
        check_status(exz_message_free(message), EXZ_OK);
        check_status(exz_recv_message(&message, other, PATIENCE_MS), EXZ_OK);
        check_part(message, 1, "won");
        check_status(exz_message_free(message), EXZ_OK);
        check_status(exz_unsubscribe(sub, "news"), EXZ_OK);
        exz_event event = expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT);
        check_text(event.topic, "news");
        close_socket(pub);
        close_socket(sub);
        close_socket(other);
        close_proxied(&p);
    }
}

CASE(a_publisher_that_comes_later_knows_the_subscriptions) {
    proxied p = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
    exz_socket sub = at_back(&p, EXZ_SUB);
    check_status(exz_subscribe(sub, "news"), EXZ_OK);
    for (int round = 0; round < 5; round++) {
        in_row("publisher %d", round);
        exz_socket pub = at_front(&p, EXZ_PUB);
        check_status(exz_wait_subscribers(pub, "news", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pub, "news", "rain", 4, PATIENCE_MS), EXZ_OK);
        exz_message message;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_free(message), EXZ_OK);
        close_socket(pub);
    }
    close_socket(sub);
    close_proxied(&p);
}

CASE(it_outlives_all_its_peers) {
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    for (uint64_t round = 0; round < 20; round++) {
        in_row("round %ju", (uintmax_t)round);
        exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
        for (uint64_t n = 0; n < 10; n++) send_numbered(pusher, n);
        for (uint64_t n = 0; n < 10; n++) expect_numbered(puller, n);
        close_socket(pusher);
        close_socket(puller);
        /* The next message is not for who is gone. */
        expect_event(p.back, EXZ_EVENT_LOST);
    }
    check_int(forwarded(p.proxy).state, EXZ_PROXY_FORWARDING);
    close_proxied(&p);
}

CASE(three_in_a_row_forward_as_one) {
    proxied links[3];
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        links[i] = open_proxied(EXZ_XSUB, EXZ_XPUB, TCP, NULL);
        if (i > 0) connect_to(links[i].front, links[i - 1].back_endpoint);
    }
    exz_socket pub = at_front(&links[0], EXZ_PUB), sub = at_back(&links[2], EXZ_SUB);
    check_status(exz_subscribe(sub, "news"), EXZ_OK);
    check_status(exz_wait_subscribed(sub, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(pub, "news", "rain", 4, PATIENCE_MS), EXZ_OK);
    exz_message message;
    check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, "rain");
    check_status(exz_message_free(message), EXZ_OK);
    close_socket(pub);
    close_socket(sub);
    for (size_t i = 0; i < COUNT_OF(links); i++) close_proxied(&links[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_pipeline_keeps_its_order_and_loses_nothing),
        TEST(messages_go_on_with_all_their_parts_whatever_their_size),
        TEST(a_message_of_thousands_of_parts_is_one),
        TEST(answers_find_the_way_back_to_who_has_asked),
        TEST(an_answer_to_who_is_gone_is_counted_and_holds_nobody_up),
        TEST(what_a_peer_had_sent_before_it_was_restarted_is_answered_to_its_next_life),
        TEST(of_two_with_one_identity_the_newer_is_forwarded_and_the_older_when_that_is_gone),
        TEST(subscriptions_pass_through),
        TEST(a_publisher_that_comes_later_knows_the_subscriptions),
        TEST(it_outlives_all_its_peers),
        TEST(three_in_a_row_forward_as_one),
    };
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
