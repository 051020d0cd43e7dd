/* SPDX-License-Identifier: Apache-2.0
 *
 * Many published messages in one call, in both wire forms. */
#include <stdio.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

enum { MANY = 2000 };

static linked link_publisher(uint32_t form, transport t) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.wire_form = form;
    options.send_hwm = options.receive_hwm = 0;
    linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), t);
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    return pair;
}

static void publish(exz_socket s, const char *topic, const char *payload) {
    check_status(exz_publish(s, topic, payload, strlen(payload), PATIENCE_MS), EXZ_OK);
}

/* The message at `place` is that topic and payload; answers where the next one begins. */
static const char *check_message(const char *place, const size_t *sizes, const char *topic, const char *payload) {
    check_int(sizes[0], strlen(topic));
    check_int(sizes[1], strlen(payload));
    check(memcmp(place, topic, sizes[0]) == 0);
    check(memcmp(place + sizes[0], payload, sizes[1]) == 0);
    return place + sizes[0] + sizes[1];
}

static void receive_all(uint32_t form, transport t) {
    linked pair = link_publisher(form, t);
    for (int i = 0; i < MANY; i++) {
        char topic[32], payload[64];
        snprintf(topic, sizeof topic, "topic-%d", i % 7);
        snprintf(payload, sizeof payload, "%*d and more", i % 40, i);
        publish(pair.bound, topic, payload);
    }
    char buffer[1000];
    size_t sizes[2 * 64];
    for (int i = 0; i < MANY;) {
        size_t count = 0;
        check_status(exz_recv_published(&count, pair.connected, buffer, sizeof buffer, sizes, 64, PATIENCE_MS), EXZ_OK);
        check(count >= 1 && count <= 64);
        const char *place = buffer;
        for (size_t m = 0; m < count; m++, i++) {
            char topic[32], payload[64];
            snprintf(topic, sizeof topic, "topic-%d", i % 7);
            snprintf(payload, sizeof payload, "%*d and more", i % 40, i);
            place = check_message(place, sizes + 2 * m, topic, payload);
        }
    }
    check_int(stats_of(pair.connected).messages_received, MANY);
    check_int(stats_of(pair.connected).bytes_received, stats_of(pair.bound).bytes_sent);
    close_linked(pair);
}

CASE(messages_arrive_whole_and_in_order) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s, two frames", transport_name(t));
        receive_all(EXZ_WIRE_MULTIPART, t);
        in_row("%s, one frame", transport_name(t));
        receive_all(EXZ_WIRE_SPACE, t);
    }
}

CASE(a_message_that_does_not_fit_says_what_it_needs_and_stays) {
    for (uint32_t form = EXZ_WIRE_MULTIPART; form <= EXZ_WIRE_SPACE; form++) {
        in_row("form %u", form);
        linked pair = link_publisher(form, TCP);
        publish(pair.bound, "a", "1");
        publish(pair.bound, "topic", "a longer payload");
        char buffer[10], large[64];
        size_t count = 99, sizes[4];
        check_status(exz_recv_published(&count, pair.connected, buffer, 10, sizes, 2, PATIENCE_MS), EXZ_OK);
        check_int(count, 1);
        check_message(buffer, sizes, "a", "1");
        for (int again = 0; again < 2; again++) {
            check_status(exz_recv_published(&count, pair.connected, buffer, 10, sizes, 2, PATIENCE_MS),
                         EXZ_ERR_TOO_SMALL);
            check_int(count, 0);
            check_int(sizes[0], 5);
            check_int(sizes[1], 16);
        }
        check_status(exz_recv_published(&count, pair.connected, large, sizeof large, sizes, 2, PATIENCE_MS), EXZ_OK);
        check_message(large, sizes, "topic", "a longer payload");
        close_linked(pair);
    }
}

CASE(what_is_no_topic_and_payload_is_kept_for_others) {
    exz_socket pub = open_socket(EXZ_XPUB), sub = open_socket(EXZ_SUB);
    linked pair = link_sockets(pub, sub, TCP);
    check_status(exz_subscribe(sub, ""), EXZ_OK);
    char notice[8];
    size_t size;
    check_status(exz_recv(&size, pub, notice, sizeof notice, PATIENCE_MS), EXZ_OK);
    const exz_part three[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    publish(pub, "before", "1");
    check_status(exz_send(pub, "alone", 5, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_send_parts(pub, three, 3, PATIENCE_MS), EXZ_OK);
    publish(pub, "after", "2");
    char buffer[64];
    size_t count, sizes[8];
    check_status(exz_recv_published(&count, sub, buffer, sizeof buffer, sizes, 4, PATIENCE_MS), EXZ_OK);
    check_int(count, 1);
    for (size_t parts = 1; parts <= 3; parts += 2) {
        check_status(exz_recv_published(&count, sub, buffer, sizeof buffer, sizes, 4, PATIENCE_MS), EXZ_ERR_STATE);
        exz_message message;
        size_t found = 0;
        check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&found, message), EXZ_OK);
        check_int(found, parts);
        check_status(exz_message_free(message), EXZ_OK);
    }
    check_status(exz_recv_published(&count, sub, buffer, sizeof buffer, sizes, 4, PATIENCE_MS), EXZ_OK);
    check_message(buffer, sizes, "after", "2");
    close_linked(pair);
}

CASE(wrong_arguments_and_types_are_told) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    exz_socket sub = open_socket(EXZ_SUB);
    char buffer[8];
    size_t count = 99, sizes[2];
    check_status(exz_recv_published(&count, pair.bound, buffer, 8, sizes, 1, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_recv_published(NULL, sub, buffer, 8, sizes, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, NULL, 8, sizes, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, buffer, 8, NULL, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, buffer, 8, sizes, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, buffer, 8, sizes, SIZE_MAX, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, buffer, 8, sizes, 1, -2), EXZ_ERR_INVALID);
    check_status(exz_recv_published(&count, sub, buffer, 8, sizes, 1, 0), EXZ_ERR_TIMEOUT);
    check_int(count, 0);
    close_socket(sub);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_arrive_whole_and_in_order),
        TEST(a_message_that_does_not_fit_says_what_it_needs_and_stays),
        TEST(what_is_no_topic_and_payload_is_kept_for_others),
        TEST(wrong_arguments_and_types_are_told),
    };
    return cmocka_run_group_tests_name("published batches", tests, NULL, NULL);
}
