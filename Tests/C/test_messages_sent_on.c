/* SPDX-License-Identifier: Apache-2.0
 *
 * Received messages: sent on to somebody else, looked at where they lie, and asked where they have come from. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

static exz_message receive(exz_socket s) {
    exz_message message = {0};
    check_status(exz_recv_message(&message, s, PATIENCE_MS), EXZ_OK);
    return message;
}

static void view(exz_message message, size_t index, const void **data, size_t *size) {
    check_status(exz_message_view(data, size, message, index), EXZ_OK);
}

CASE(a_message_goes_on_with_all_its_parts) {
    const size_t sizes[] = {0, 1, 33, 2047, 2048, 8192, 65536, 1 << 20};
    char *block = malloc(1 << 20);
    for (size_t i = 0; i < 1 << 20; i++) block[i] = (char)(i * 7 >> 2);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked in = link_types(EXZ_PULL, EXZ_PUSH, t), out = link_types(EXZ_PULL, EXZ_PUSH, t);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            for (int is_moved = 0; is_moved < 2; is_moved++) {
                in_row("%s, %zu bytes, %s", transport_name(t), sizes[i], is_moved ? "aligned" : "as it came");
                const exz_part parts[] = {{"head", 4}, {block, sizes[i]}, {block, sizes[i] / 2}};
                check_status(exz_send_parts(in.connected, parts, COUNT_OF(parts), PATIENCE_MS), EXZ_OK);
                exz_message message = receive(in.bound);
                const void *data;
                size_t size = 0;
                if (is_moved) check_status(exz_message_part(&data, &size, message, 1), EXZ_OK);
                check_status(exz_send_message(out.connected, message, PATIENCE_MS), EXZ_OK);
                check_status(exz_message_count(&size, message), EXZ_ERR_CLOSED);
                check_status(exz_send_message(out.connected, message, PATIENCE_MS), EXZ_ERR_CLOSED);
                check_status(exz_message_free(message), EXZ_OK);
                message = receive(out.bound);
                check_status(exz_message_count(&size, message), EXZ_OK);
                check_int(size, COUNT_OF(parts));
                for (size_t p = 0; p < COUNT_OF(parts); p++) {
                    view(message, p, &data, &size);
                    check_int(size, parts[p].size);
                    check(size == 0 || memcmp(data, parts[p].data, size) == 0);
                }
                check_status(exz_message_free(message), EXZ_OK);
            }
        }
        close_linked(in);
        close_linked(out);
    }
    free(block);
}

CASE(a_message_that_was_refused_is_still_there) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    send_text(pair.connected, "once more");
    exz_message message = receive(pair.bound);
    exz_socket nobody = open_socket(EXZ_PUSH);
    check_status(exz_send_message(nobody, message, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_send_message(nobody, message, -2), EXZ_ERR_INVALID);
    check_status(exz_send_message(pair.bound, message, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_send_message((exz_socket){0}, message, 0), EXZ_ERR_HANDLE);
    check_status(exz_send_message(nobody, (exz_message){0}, 0), EXZ_ERR_HANDLE);
    check_status(exz_send_message(nobody, (exz_message){pair.bound.id}, 0), EXZ_ERR_HANDLE);
    check_part(message, 0, "once more");
    check_status(exz_send_message(pair.connected, message, PATIENCE_MS), EXZ_OK);
    expect_text(pair.bound, "once more");
    close_socket(nobody);
    close_linked(pair);
}

CASE(a_published_message_goes_on_as_it_came) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.wire_form = EXZ_WIRE_SPACE;
    linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), TCP);
    linked out = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_publish(pair.bound, "topic", "pay load", 8, PATIENCE_MS), EXZ_OK);
    exz_message message = receive(pair.connected);
    check_part(message, 1, "pay load");
    check_status(exz_send_message(out.connected, message, PATIENCE_MS), EXZ_OK);
    expect_text(out.bound, "topic pay load");
    close_linked(pair);
    close_linked(out);
}

typedef struct sender {
    exz_socket socket;
    exz_message message;
    exz_status status;
} sender;

static void *send_on(void *argument) {
    sender *s = argument;
    s->status = exz_send_message(s->socket, s->message, 0);
    return NULL;
}

CASE(of_two_that_send_the_same_message_one_does) {
    linked in = link_types(EXZ_PULL, EXZ_PUSH, INPROC), out = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    for (int round = 0; round < 200; round++) {
        send_text(in.connected, "single");
        const sender one = {out.connected, receive(in.bound), -1};
        sender senders[2] = {one, one};
        pthread_t threads[2];
        for (size_t i = 0; i < 2; i++) check_int(pthread_create(&threads[i], NULL, send_on, &senders[i]), 0);
        int sent = 0;
        for (size_t i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            sent += senders[i].status == EXZ_OK;
            const exz_status status = senders[i].status;
            check(status == EXZ_OK || status == EXZ_ERR_STATE || status == EXZ_ERR_CLOSED);
        }
        check_int(sent, 1);
        expect_text(out.bound, "single");
    }
    size_t size;
    check_status(exz_recv(&size, out.bound, NULL, 0, 0), EXZ_ERR_TIMEOUT);
    close_linked(in);
    close_linked(out);
}

static void *free_it(void *argument) {
    sender *s = argument;
    s->status = exz_message_free(s->message);
    return NULL;
}

CASE(a_message_freed_while_it_is_sent_is_sent_or_not) {
    linked in = link_types(EXZ_PULL, EXZ_PUSH, INPROC), out = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    char block[5000] = "block";
    int sent = 0;
    for (int round = 0; round < 200; round++) {
        check_status(exz_send(in.connected, block, sizeof block, 0, PATIENCE_MS), EXZ_OK);
        const sender one = {out.connected, receive(in.bound), -1};
        sender pair[2] = {one, one};
        pthread_t threads[2];
        check_int(pthread_create(&threads[0], NULL, send_on, &pair[0]), 0);
        check_int(pthread_create(&threads[1], NULL, free_it, &pair[1]), 0);
        for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        check_status(pair[1].status, EXZ_OK);
        check(pair[0].status == EXZ_OK || pair[0].status == EXZ_ERR_CLOSED);
        sent += pair[0].status == EXZ_OK;
    }
    for (int i = 0; i < sent; i++) {
        size_t size = 0;
        check_status(exz_recv(&size, out.bound, block, sizeof block, PATIENCE_MS), EXZ_OK);
        check_int(size, sizeof block);
    }
    close_linked(in);
    close_linked(out);
}

CASE(a_view_is_the_part_and_is_not_moved) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    char block[100000];
    memset(block, 'v', sizeof block);
    check_status(exz_send(pair.connected, block, sizeof block, 0, PATIENCE_MS), EXZ_OK);
    exz_message message = receive(pair.bound);
    const void *first, *again, *aligned;
    size_t size = 0;
    view(message, 0, &first, &size);
    check_int(size, sizeof block);
    check(memcmp(first, block, size) == 0);
    view(message, 0, &again, &size);
    check(first == again);
    check_status(exz_message_part(&aligned, &size, message, 0), EXZ_OK);
    check((uintptr_t)aligned % 16 == 0);
    check_int(size, sizeof block);
    check_status(exz_message_view(&again, &size, message, 1), EXZ_ERR_INVALID);
    check_status(exz_message_view(NULL, &size, message, 0), EXZ_ERR_INVALID);
    check_status(exz_message_view(&again, NULL, message, 0), EXZ_ERR_INVALID);
    check_status(exz_message_free(message), EXZ_OK);
    check_status(exz_message_view(&again, &size, message, 0), EXZ_ERR_CLOSED);
    close_linked(pair);
}

static void check_property(exz_message message, const char *name, const char *expected) {
    char text[256] = "untouched";
    check_status(exz_message_property(text, sizeof text, message, name), EXZ_OK);
    check_text(text, expected);
}

CASE(a_message_tells_who_sent_it) {
    char block[9000] = "";
    const size_t sizes[] = {0, 5, 500, sizeof block};
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    for (transport t = TCP; t < INPROC; t++) {
        exz_socket dealer = open_with(EXZ_DEALER, &options);
        check_status(exz_socket_set_bytes(dealer, 5, "camera", 6), EXZ_OK);
        linked pair = link_sockets(open_socket(EXZ_DEALER), dealer, t);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            in_row("%s, %zu bytes", transport_name(t), sizes[i]);
            check_status(exz_send(dealer, block, sizes[i], 0, PATIENCE_MS), EXZ_OK);
            exz_message message = receive(pair.bound);
            check_property(message, "Socket-Type", "DEALER");
            check_property(message, "Identity", "camera");
            check_property(message, "User-Id", "");
            char address[256] = "";
            check_status(exz_message_property(address, sizeof address, message, "Peer-Address"), EXZ_OK);
            if (t == TCP) check_text(address, "127.0.0.1");
            check(address[0] != 0);
            char small[6];
            check_status(exz_message_property(small, sizeof small, message, "Identity"), EXZ_ERR_TOO_SMALL);
            check_status(exz_message_property(NULL, 0, message, "User-Id"), EXZ_ERR_TOO_SMALL);
            check_status(exz_message_property(NULL, 1, message, "User-Id"), EXZ_ERR_INVALID);
            check_status(exz_message_property(small, sizeof small, message, NULL), EXZ_ERR_INVALID);
            check_status(exz_message_property(small, sizeof small, message, "Hat-Size"), EXZ_ERR_INVALID);
            check_status(exz_message_free(message), EXZ_OK);
            check_status(exz_message_property(small, sizeof small, message, "User-Id"), EXZ_ERR_CLOSED);
        }
        close_linked(pair);
    }
}

CASE(a_message_within_the_process_has_no_known_sender) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    send_text(pair.connected, "near");
    exz_message message = receive(pair.bound);
    check_property(message, "Socket-Type", "");
    check_property(message, "Peer-Address", "");
    check_status(exz_message_free(message), EXZ_OK);
    close_linked(pair);
}

CASE(a_routers_messages_tell_who_sent_them) {
    exz_socket dealer = open_socket(EXZ_DEALER);
    check_status(exz_socket_set_bytes(dealer, 5, "lamp", 4), EXZ_OK);
    linked pair = link_sockets(open_socket(EXZ_ROUTER), dealer, TCP);
    for (int i = 0; i < 3; i++) {
        send_text(dealer, "on");
        exz_message message = receive(pair.bound);
        check_part(message, 0, "lamp");
        check_property(message, "Identity", "lamp");
        check_property(message, "Socket-Type", "DEALER");
        check_property(message, "Peer-Address", "127.0.0.1");
        /* Back to where it came from. */
        check_status(exz_send_message(pair.bound, message, PATIENCE_MS), EXZ_OK);
        expect_text(dealer, "on");
    }
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_message_goes_on_with_all_its_parts),
        TEST(a_message_that_was_refused_is_still_there),
        TEST(a_published_message_goes_on_as_it_came),
        TEST(of_two_that_send_the_same_message_one_does),
        TEST(a_message_freed_while_it_is_sent_is_sent_or_not),
        TEST(a_view_is_the_part_and_is_not_moved),
        TEST(a_message_tells_who_sent_it),
        TEST(a_message_within_the_process_has_no_known_sender),
        TEST(a_routers_messages_tell_who_sent_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
