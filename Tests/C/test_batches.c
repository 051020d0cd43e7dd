/* SPDX-License-Identifier: Apache-2.0
 *
 * Many messages in one call. */
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"
#include "worker.h"

enum { MANY = 3000 };

/* Message i: its number, and as many more bytes as the number says, up to a hundred. */
static size_t size_of(size_t i) { return sizeof i + i % 100; }

typedef struct batch {
    char *data;
    size_t sizes[MANY];
    size_t bytes;
} batch;

static batch *make_batch(void) {
    batch *b = calloc(1, sizeof *b);
    check(b != NULL);
    for (size_t i = 0; i < MANY; i++) b->bytes += b->sizes[i] = size_of(i);
    b->data = calloc(1, b->bytes);
    check(b->data != NULL);
    char *place = b->data;
    for (size_t i = 0; i < MANY; place += b->sizes[i++]) memcpy(place, &i, sizeof i);
    return b;
}

static void free_batch(batch *b) {
    free(b->data);
    free(b);
}

/* Receives until `upto` have come in all, checks each, and answers how many have. */
static size_t receive_until(exz_socket s, size_t first, size_t upto, size_t capacity) {
    char *buffer = malloc(capacity);
    size_t sizes[64];
    while (first < upto) {
        size_t count = 0;
        check_status(exz_recv_many(&count, s, buffer, capacity, sizes, COUNT_OF(sizes), PATIENCE_MS), EXZ_OK);
        check(count >= 1);
        const char *place = buffer;
        for (size_t i = 0; i < count; place += sizes[i++], first++) {
            size_t number = 0;
            check_int(sizes[i], size_of(first));
            memcpy(&number, place, sizeof number);
            check_int(number, first);
        }
    }
    free(buffer);
    return first;
}

typedef struct sending {
    exz_socket s;
    batch *b;
    size_t sent;
    int32_t timeout_ms;
} sending;

static exz_status send_batch(void *argument) {
    sending *x = argument;
    return exz_send_many(&x->sent, x->s, x->b->data, x->b->sizes, MANY, x->timeout_ms);
}

CASE(a_batch_arrives_whole_and_in_order) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        sending x = {pair.connected, make_batch(), 0, PATIENCE_MS};
        worker w;
        worker_start(&w, send_batch, &x);
        check_int(receive_until(pair.bound, 0, MANY, 2000), MANY);
        check_status(worker_join(&w), EXZ_OK);
        check_int(x.sent, MANY);
        check_int(stats_of(pair.connected).messages_sent, MANY);
        check_int(stats_of(pair.connected).bytes_sent, x.b->bytes);
        check_int(stats_of(pair.bound).messages_received, MANY);
        check_int(stats_of(pair.bound).bytes_received, x.b->bytes);
        free_batch(x.b);
        close_linked(pair);
    }
}

CASE(a_batch_that_the_deadline_cuts_says_how_many_went) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 100;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), INPROC);
    sending x = {pair.connected, make_batch(), 99, 50};
    int64_t began = now_ns();
    check_status(send_batch(&x), EXZ_ERR_TIMEOUT);
    check(now_ns() - began >= INT64_C(50000000));
    check(x.sent > 0 && x.sent < MANY);
    check_int(stats_of(pair.connected).messages_sent, x.sent);
    check_int(receive_until(pair.bound, 0, x.sent, 5000), x.sent);
    size_t count = 99, size = 0;
    char byte;
    check_status(exz_recv_many(&count, pair.bound, &byte, 1, &size, 1, 0), EXZ_ERR_TIMEOUT);
    check_int(count, 0);
    free_batch(x.b);
    close_linked(pair);
}

CASE(a_batch_ends_before_what_is_too_large) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = 2000;
    linked pair = link_sockets(open_socket(EXZ_PULL), open_with(EXZ_PUSH, &options), TCP);
    const char block[4001] = "";
    const size_t sizes[] = {1000, 1000, 2001};
    size_t sent = 0;
    check_status(exz_send_many(&sent, pair.connected, block, sizes, 3, PATIENCE_MS), EXZ_ERR_TOO_LARGE);
    check_int(sent, 2);

    char buffer[1500];
    size_t count = 99, got[4] = {0};
    check_status(exz_recv_many(&count, pair.bound, buffer, 999, got, 4, PATIENCE_MS), EXZ_ERR_TOO_SMALL);
    check_int(count, 0);
    check_int(got[0], 1000);
    for (int i = 0; i < 2; i++) {
        check_status(exz_recv_many(&count, pair.bound, buffer, sizeof buffer, got, 4, PATIENCE_MS), EXZ_OK);
        check_int(count, 1);
        check_int(got[0], 1000);
    }
    close_linked(pair);
}

CASE(a_message_of_several_parts_is_kept) {
    linked pair = link_types(EXZ_PAIR, EXZ_PAIR, TCP);
    const exz_part parts[] = {{"a", 1}, {"b", 1}};
    check_status(exz_send(pair.connected, "one", 3, 0, PATIENCE_MS), EXZ_OK);
    check_status(exz_send_parts(pair.connected, parts, 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_send(pair.connected, "two", 3, 0, PATIENCE_MS), EXZ_OK);
    char buffer[64];
    size_t count = 0, sizes[8];
    check_status(exz_recv_many(&count, pair.bound, buffer, sizeof buffer, sizes, 8, PATIENCE_MS), EXZ_OK);
    check_int(count, 1);
    check_status(exz_recv_many(&count, pair.bound, buffer, sizeof buffer, sizes, 8, PATIENCE_MS), EXZ_ERR_STATE);
    exz_message message;
    check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
    check_part(message, 1, "b");
    check_status(exz_message_free(message), EXZ_OK);
    expect_text(pair.bound, "two");
    close_linked(pair);
}

CASE(what_makes_no_sense_is_refused) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const size_t one[] = {1}, impossible[] = {SIZE_MAX}, overflowing[] = {SIZE_MAX / 2, SIZE_MAX / 2};
    size_t n = 99, sizes[1] = {99};
    char b[1];
    check_status(exz_send_many(NULL, pair.connected, "x", one, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, NULL, one, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, "x", NULL, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, "x", one, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, "x", one, 1, -2), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, "x", impossible, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.connected, "x", overflowing, 2, 0), EXZ_ERR_INVALID);
    check_status(exz_send_many(&n, pair.bound, "x", one, 1, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_send_many(&n, (exz_socket){0}, "x", one, 1, 0), EXZ_ERR_HANDLE);
    check_status(exz_recv_many(NULL, pair.bound, b, 1, sizes, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_many(&n, pair.bound, NULL, 1, sizes, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_many(&n, pair.bound, b, 1, NULL, 1, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_many(&n, pair.bound, b, 1, sizes, 0, 0), EXZ_ERR_INVALID);
    check_status(exz_recv_many(&n, pair.bound, b, 1, sizes, 1, -2), EXZ_ERR_INVALID);
    check_status(exz_recv_many(&n, pair.connected, b, 1, sizes, 1, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_recv_many(&n, (exz_socket){0}, b, 1, sizes, 1, 0), EXZ_ERR_HANDLE);
    check_int(sizes[0], 99);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

CASE(a_cancel_ends_a_batch_and_says_how_many_went) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 100;
    linked pair = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), INPROC);
    sending x = {pair.connected, make_batch(), 0, 4 * PATIENCE_MS};
    worker w;
    worker_start(&w, send_batch, &x);
    while (!atomic_load(&w.is_done)) {
        check_status(exz_socket_cancel(pair.connected), EXZ_OK);
        sched_yield();
    }
    check_status(worker_join(&w), EXZ_ERR_CANCELED);
    check_int(stats_of(pair.connected).messages_sent, x.sent);
    if (x.sent > 0) check_int(receive_until(pair.bound, 0, x.sent, 5000), x.sent);
    free_batch(x.b);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_batch_arrives_whole_and_in_order),
        TEST(a_batch_that_the_deadline_cuts_says_how_many_went),
        TEST(a_batch_ends_before_what_is_too_large),
        TEST(a_message_of_several_parts_is_kept),
        TEST(what_makes_no_sense_is_refused),
        TEST(a_cancel_ends_a_batch_and_says_how_many_went),
    };
    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
