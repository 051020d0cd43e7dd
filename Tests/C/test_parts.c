/* SPDX-License-Identifier: Apache-2.0
 *
 * exz_recv_parts(): each part of a message into a buffer of its own. */
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

#define BUFFER(array) {(array), sizeof(array), 0}

static void send_three(exz_socket s, const char *one, const char *two, const char *three) {
    const exz_part parts[] = {{one, strlen(one)}, {two, strlen(two)}, {three, strlen(three)}};
    check_status(exz_send_parts(s, parts, COUNT_OF(parts), PATIENCE_MS), EXZ_OK);
}

CASE(each_part_comes_into_its_own_buffer) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        char one[8] = "", two[8] = "", three[8] = "", four[8] = "untouch";
        exz_buffer buffers[] = {BUFFER(one), BUFFER(two), BUFFER(three), BUFFER(four)};
        size_t count = 0;
        send_three(pair.connected, "one", "", "three");
        check_status(exz_recv_parts(&count, pair.bound, buffers, COUNT_OF(buffers), PATIENCE_MS), EXZ_OK);
        check_int(count, 3);
        check_int(buffers[0].size, 3);
        check_int(buffers[1].size, 0);
        check_int(buffers[2].size, 5);
        check_text(one, "one");
        check_text(two, "");
        check_text(three, "three");
        check_text(four, "untouch");
        check_int(buffers[3].size, 0);
        /* One part is a message, too. */
        send_text(pair.connected, "single");
        check_status(exz_recv_parts(&count, pair.bound, buffers, 1, PATIENCE_MS), EXZ_OK);
        check_int(count, 1);
        check(memcmp(one, "single", 6) == 0);
        close_linked(pair);
    }
}

CASE(what_does_not_fit_is_kept_and_its_sizes_told) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    char one[8] = "same", two[4] = "old";
    exz_buffer buffers[] = {BUFFER(one), BUFFER(two)};
    size_t count = 0;
    send_three(pair.connected, "one", "four", "three");
    check_status(exz_recv_parts(&count, pair.bound, buffers, 2, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    check_int(count, 3);
    check_int(buffers[0].size, 3);
    check_int(buffers[1].size, 4);
    check_text(one, "same");
    char three[4] = "";
    exz_buffer more[] = {BUFFER(one), BUFFER(two), BUFFER(three)};
    check_status(exz_recv_parts(&count, pair.bound, more, 3, 0), EXZ_ERR_TOO_SMALL);
    check_int(more[2].size, 5);
    check_text(one, "same");
    char enough[5] = "";
    more[2] = (exz_buffer)BUFFER(enough);
    check_status(exz_recv_parts(&count, pair.bound, more, 3, 0), EXZ_OK);
    check(memcmp(two, "four", 4) == 0 && memcmp(enough, "three", 5) == 0);
    check_status(exz_recv_parts(&count, pair.bound, more, 3, 0), EXZ_ERR_TIMEOUT);
    close_linked(pair);
}

CASE(large_parts_come_whole) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const size_t size = 3 << 20;
    char *sent = malloc(size), *received = malloc(size), head[8];
    for (size_t i = 0; i < size; i++) sent[i] = (char)(i * 13 >> 4);
    const exz_part parts[] = {{"head", 4}, {sent, size}};
    check_status(exz_send_parts(pair.connected, parts, 2, PATIENCE_MS), EXZ_OK);
    exz_buffer buffers[] = {BUFFER(head), {received, size, 0}};
    size_t count = 0;
    check_status(exz_recv_parts(&count, pair.bound, buffers, 2, PATIENCE_MS), EXZ_OK);
    check_int(buffers[1].size, size);
    check(memcmp(sent, received, size) == 0);
    free(sent);
    free(received);
    close_linked(pair);
}

CASE(published_messages_come_in_topic_and_payload) {
    const uint32_t forms[] = {EXZ_WIRE_MULTIPART, EXZ_WIRE_SPACE};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.wire_form = forms[i];
        linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), TCP);
        check_status(exz_subscribe(pair.connected, "a"), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, "a", 1, PATIENCE_MS), EXZ_OK);
        check_status(exz_publish(pair.bound, "abc", "pay load", 8, PATIENCE_MS), EXZ_OK);
        char topic[8] = "", payload[16] = "";
        exz_buffer buffers[] = {BUFFER(topic), BUFFER(payload)};
        size_t count = 0;
        check_status(exz_recv_parts(&count, pair.connected, buffers, 2, PATIENCE_MS), EXZ_OK);
        check_int(count, 2);
        check_text(topic, "abc");
        check_text(payload, "pay load");
        close_linked(pair);
    }
}

CASE(nonsense_is_refused) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    send_text(pair.connected, "kept");
    char one[8];
    exz_buffer buffer = BUFFER(one), nowhere = {NULL, 1, 0};
    size_t count = 0;
    check_status(exz_recv_parts(NULL, pair.bound, &buffer, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.bound, NULL, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.bound, &buffer, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.bound, &buffer, SIZE_MAX, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.bound, &nowhere, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.bound, &buffer, 1, -2), EXZ_ERR_INVALID);
    check_status(exz_recv_parts(&count, pair.connected, &buffer, 1, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_recv_parts(&count, (exz_socket){0}, &buffer, 1, 0), EXZ_ERR_HANDLE);
    check_status(exz_recv_parts(&count, pair.bound, &buffer, 1, 0), EXZ_OK);
    check(memcmp(one, "kept", 4) == 0);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_part_comes_into_its_own_buffer), TEST(what_does_not_fit_is_kept_and_its_sizes_told),
        TEST(large_parts_come_whole),              TEST(published_messages_come_in_topic_and_payload),
        TEST(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
