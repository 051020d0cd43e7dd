/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of several threads on one socket, and other calls beside them. */
#include <string.h>

#include "monotonic.h"
#include "traffic.h"

typedef struct counter {
    exz_socket client, server;
    int64_t until_ns;
    atomic_uint asked;
    uint32_t served;
} counter;

static exz_status ask_often(void *argument) {
    counter *c = argument;
    while (now_ns() < c->until_ns) {
        const uint32_t number = atomic_fetch_add(&c->asked, 1);
        uint32_t answer = 0;
        size_t size = 0;
        const exz_status status =
            exz_request(&size, c->client, &number, sizeof number, &answer, sizeof answer, PATIENCE_MS, NULL);
        if (status != EXZ_OK) return status;
        if (size != sizeof answer || answer != ~number) return EXZ_ERR_PROTOCOL;
    }
    return EXZ_OK;
}

static exz_status serve(void *argument) {
    counter *c = argument;
    for (;; c->served++) {
        uint32_t number;
        size_t size;
        exz_status status = exz_recv(&size, c->server, &number, sizeof number, PATIENCE_MS);
        if (status != EXZ_OK || size == 0) return status;
        number = ~number;
        status = exz_send(c->server, &number, sizeof number, 0, PATIENCE_MS);
        if (status != EXZ_OK) return status;
    }
}

CASE(requests_of_several_threads_get_their_own_answers) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_types(EXZ_REP, EXZ_REQ, t);
        counter c = {.client = pair.connected, .server = pair.bound, .until_ns = after_ms(combination_ms())};
        worker serving, asking[4];
        worker_start(&serving, serve, &c);
        for (size_t i = 0; i < COUNT_OF(asking); i++) worker_start(&asking[i], ask_often, &c);
        for (size_t i = 0; i < COUNT_OF(asking); i++) check_status(worker_join(&asking[i]), EXZ_OK);
        check_status(exz_send(c.client, NULL, 0, 0, PATIENCE_MS), EXZ_OK);
        check_status(worker_join(&serving), EXZ_OK);
        check(c.served > 0);
        check_int(c.served, c.asked);
        close_linked(pair);
    }
}

/* A call on a REQ that waits while a request is made beside it. */
typedef struct beside {
    exz_socket client;
    char answer[16];
} beside;

static exz_status receive_beside(void *argument) {
    beside *b = argument;
    char buffer[16];
    size_t size;
    return exz_recv(&size, b->client, buffer, sizeof buffer, PATIENCE_MS);
}

static exz_status ask_beside(void *argument) {
    beside *b = argument;
    size_t size;
    return exz_request(&size, b->client, "new", 3, b->answer, sizeof b->answer, PATIENCE_MS, NULL);
}

static exz_status send_beside(void *argument) {
    beside *b = argument;
    return exz_send(b->client, "other", 5, 0, PATIENCE_MS);
}

/* Receives the requests up to "new", and answers that one. */
static void answer_new(exz_socket router) {
    const char *text = "";
    exz_message m;
    do {
        const void *data = NULL;
        size_t size = 0, count = 0;
        check_status(exz_recv_message(&m, router, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&count, m), EXZ_OK);
        check_status(exz_message_part(&data, &size, m, count - 1), EXZ_OK);
        text = size == 3 && memcmp(data, "new", 3) == 0 ? "new" : "another";
        if (strcmp(text, "new") == 0) {
            exz_part parts[8];
            check(count < COUNT_OF(parts));
            for (size_t i = 0; i < count - 1; i++)
                check_status(exz_message_part(&parts[i].data, &parts[i].size, m, i), EXZ_OK);
            parts[count - 1] = (exz_part){"yes", 4};
            check_status(exz_send_parts(router, parts, count, PATIENCE_MS), EXZ_OK);
        }
        check_status(exz_message_free(m), EXZ_OK);
    } while (strcmp(text, "new") != 0);
}

CASE(a_receive_that_waits_does_not_take_the_answer_of_a_request) {
    linked pair = link_types(EXZ_ROUTER, EXZ_REQ, TCP);
    beside b = {.client = pair.connected};
    worker receiving, asking;
    send_text(b.client, "old");
    worker_start(&receiving, receive_beside, &b);
    worker_await_sleep(&receiving);
    worker_start(&asking, ask_beside, &b);
    answer_new(pair.bound);
    check_status(worker_join(&asking), EXZ_OK);
    check_text(b.answer, "yes");
    check_status(worker_join(&receiving), EXZ_ERR_STATE);
    close_linked(pair);
}

CASE(a_send_that_waits_does_not_give_up_a_request) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket router = open_socket(EXZ_ROUTER);
    beside b = {.client = open_socket(EXZ_REQ)};
    worker sending, asking;
    bind_somewhere(router, TCP, endpoint);
    worker_start(&sending, send_beside, &b);
    worker_await_sleep(&sending);
    worker_start(&asking, ask_beside, &b);
    worker_await_sleep(&asking);
    connect_to(b.client, endpoint);
    answer_new(router);
    check_status(worker_join(&asking), EXZ_OK);
    check_text(b.answer, "yes");
    check_status(worker_join(&sending), EXZ_ERR_STATE);
    close_socket(b.client);
    close_socket(router);
}

static exz_status poll_beside(void *argument) {
    beside *b = argument;
    exz_poll_item item = {b->client, 0, EXZ_POLL_IN, 0};
    return exz_poll(&item, 1, 4 * PATIENCE_MS);
}

/* They see the answer before the request does, and can do nothing with it. */
CASE(polls_that_wait_do_not_keep_a_request_from_its_answer) {
    linked pair = link_types(EXZ_ROUTER, EXZ_REQ, TCP);
    beside b = {.client = pair.connected};
    worker polling[3], asking;
    for (size_t i = 0; i < COUNT_OF(polling); i++) {
        worker_start(&polling[i], poll_beside, &b);
        worker_await_sleep(&polling[i]);
    }
    worker_start(&asking, ask_beside, &b);
    worker_await_sleep(&asking);
    answer_new(pair.bound);
    check_status(worker_join(&asking), EXZ_OK);
    check_text(b.answer, "yes");
    check(asking.ended_ns - asking.began_ns < PATIENCE_MS * INT64_C(1000000));
    check_status(exz_socket_cancel(b.client), EXZ_OK);
    for (size_t i = 0; i < COUNT_OF(polling); i++) check_status(worker_join(&polling[i]), EXZ_ERR_CANCELED);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(requests_of_several_threads_get_their_own_answers),
        TEST(a_receive_that_waits_does_not_take_the_answer_of_a_request),
        TEST(a_send_that_waits_does_not_give_up_a_request),
        TEST(polls_that_wait_do_not_keep_a_request_from_its_answer),
    };
    return cmocka_run_group_tests_name("thread requests", tests, NULL, NULL);
}
