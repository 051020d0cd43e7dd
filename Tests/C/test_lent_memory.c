/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is lent for a send: it is given back once, when it is not needed any more, and stays the caller's when it
 * was not sent. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "sockets.h"

/* A block that is lent, and who waits for it. */
typedef struct loan {
    char *data;
    size_t size;
    atomic_int releases;
    void *released;
    sem_t back;
} loan;

static void lend(loan *l, size_t size) {
    memset(l, 0, sizeof *l);
    l->data = malloc(size > 0 ? size : 1);
    l->size = size;
    for (size_t i = 0; i < size; i++) l->data[i] = (char)(i * 31 >> 3);
    check_int(sem_init(&l->back, 0, 0), 0);
}

static void take_back(void *data, void *user) {
    loan *l = user;
    l->released = data;
    atomic_fetch_add(&l->releases, 1);
    sem_post(&l->back);
}

/* Until it has been given back; the watchdog is the bound. */
static void await_release(loan *l) {
    while (sem_wait(&l->back) != 0) continue;
    check(l->released == l->data);
    check_int(atomic_load(&l->releases), 1);
}

static void end_loan(loan *l, int releases) {
    check_int(atomic_load(&l->releases), releases);
    free(l->data);
    sem_destroy(&l->back);
}

static exz_status send_loan(exz_socket s, loan *l, int32_t timeout_ms) {
    return exz_send_owned(s, l->size > 0 ? l->data : NULL, l->size, take_back, l, timeout_ms);
}

CASE(lent_memory_of_any_size_arrives_and_comes_back_once) {
    const size_t sizes[] = {1, 33, 34, 8192, 65536, 1 << 20, 10 << 20};
    char *received = malloc(10 << 20);
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        linked pair = link_types(EXZ_PULL, EXZ_PUSH, t);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            in_row("%s, %zu bytes", transport_name(t), sizes[i]);
            loan l;
            size_t size = 0;
            lend(&l, sizes[i]);
            check_status(send_loan(pair.connected, &l, PATIENCE_MS), EXZ_OK);
            check_status(exz_recv(&size, pair.bound, received, 10 << 20, PATIENCE_MS), EXZ_OK);
            check_int(size, sizes[i]);
            check(memcmp(l.data, received, size) == 0);
            /* The receiver keeps its last message until the next: over inproc that is this one. */
            send_text(pair.connected, "next");
            expect_text(pair.bound, "next");
            await_release(&l);
            end_loan(&l, 1);
        }
        close_linked(pair);
    }
    free(received);
}

CASE(an_empty_loan_is_a_message) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    loan l;
    lend(&l, 0);
    check_status(send_loan(pair.connected, &l, PATIENCE_MS), EXZ_OK);
    expect_text(pair.bound, "");
    while (sem_wait(&l.back) != 0) continue;
    check(l.released == NULL);
    end_loan(&l, 1);
    close_linked(pair);
}

CASE(a_send_that_fails_leaves_the_memory_with_its_caller) {
    loan l;
    lend(&l, 100);
    exz_socket s = open_socket(EXZ_PUSH);
    check_status(send_loan(s, &l, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_send_owned(s, l.data, 100, NULL, &l, 0), EXZ_ERR_INVALID);
    check_status(exz_send_owned(s, NULL, 100, take_back, &l, 0), EXZ_ERR_INVALID);
    check_status(exz_send_owned(s, l.data, 100, take_back, &l, -2), EXZ_ERR_INVALID);
    check_status(exz_send_owned(s, l.data, SIZE_MAX, take_back, &l, 0), EXZ_ERR_INVALID);
    close_socket(s);
    check_status(send_loan(s, &l, PATIENCE_MS), EXZ_ERR_CLOSED);
    check_status(send_loan((exz_socket){0}, &l, PATIENCE_MS), EXZ_ERR_HANDLE);
    const exz_socket_type refuse[] = {EXZ_PULL, EXZ_SUB, EXZ_ROUTER};
    for (size_t i = 0; i < COUNT_OF(refuse); i++) {
        exz_socket other = open_socket(refuse[i]);
        check_status(send_loan(other, &l, 0), EXZ_ERR_NOT_SUPPORTED);
        close_socket(other);
    }
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.max_message_size = 99;
    linked pair = link_sockets(open_socket(EXZ_PULL), open_with(EXZ_PUSH, &options), TCP);
    check_status(send_loan(pair.connected, &l, PATIENCE_MS), EXZ_ERR_TOO_LARGE);
    close_linked(pair);
    end_loan(&l, 0);
}

CASE(a_loan_that_was_refused_can_be_sent_later) {
    loan l;
    lend(&l, 100000);
    exz_socket pusher = open_socket(EXZ_PUSH), puller = open_socket(EXZ_PULL);
    check_status(send_loan(pusher, &l, 0), EXZ_ERR_TIMEOUT);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(puller, TCP, endpoint);
    connect_to(pusher, endpoint);
    check_status(send_loan(pusher, &l, PATIENCE_MS), EXZ_OK);
    await_release(&l);
    char *received = malloc(l.size);
    size_t size = 0;
    check_status(exz_recv(&size, puller, received, l.size, PATIENCE_MS), EXZ_OK);
    check_int(size, l.size);
    free(received);
    close_socket(pusher);
    close_socket(puller);
    end_loan(&l, 1);
}

CASE(what_is_never_received_comes_back_with_the_close) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        exz_context context;
        check_status(exz_context_open(&context), EXZ_OK);
        exz_socket pusher, puller;
        check_status(exz_socket_open(&pusher, context, EXZ_PUSH, NULL), EXZ_OK);
        check_status(exz_socket_open(&puller, context, EXZ_PULL, NULL), EXZ_OK);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(puller, t, endpoint);
        connect_to(pusher, endpoint);
        loan loans[8];
        for (size_t i = 0; i < COUNT_OF(loans); i++) {
            lend(&loans[i], 1 << 20);
            check_status(send_loan(pusher, &loans[i], PATIENCE_MS), EXZ_OK);
        }
        check_status(exz_context_close(context, 0), EXZ_OK);
        for (size_t i = 0; i < COUNT_OF(loans); i++) {
            await_release(&loans[i]);
            end_loan(&loans[i], 1);
        }
    }
}

CASE(one_loan_for_many_subscribers_comes_back_once) {
    exz_socket publisher = open_socket(EXZ_PUB), subscribers[5];
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(publisher, TCP, endpoint);
    loan l;
    /* Nobody is there: it comes back at once. */
    lend(&l, 1000);
    check_status(send_loan(publisher, &l, PATIENCE_MS), EXZ_OK);
    await_release(&l);
    end_loan(&l, 1);
    for (size_t i = 0; i < COUNT_OF(subscribers); i++) {
        subscribers[i] = open_socket(EXZ_SUB);
        check_status(exz_subscribe(subscribers[i], ""), EXZ_OK);
        connect_to(subscribers[i], endpoint);
    }
    check_status(exz_wait_subscribers(publisher, "", COUNT_OF(subscribers), PATIENCE_MS), EXZ_OK);
    lend(&l, 100000);
    check_status(send_loan(publisher, &l, PATIENCE_MS), EXZ_OK);
    char *received = malloc(l.size);
    for (size_t i = 0; i < COUNT_OF(subscribers); i++) {
        size_t size = 0;
        check_status(exz_recv(&size, subscribers[i], received, l.size, PATIENCE_MS), EXZ_OK);
        check_int(size, l.size);
        check(memcmp(received, l.data, size) == 0);
    }
    await_release(&l);
    free(received);
    for (size_t i = 0; i < COUNT_OF(subscribers); i++) close_socket(subscribers[i]);
    close_socket(publisher);
    end_loan(&l, 1);
}

static void calls_back(void *data, void *user) {
    exz_socket *s = data;
    /* It may run with the socket's lock held: an answer, and no hang. */
    exz_status status = exz_send(*s, "x", 1, 0, 0);
    *(exz_status *)user = status;
}

CASE(a_release_that_calls_back_is_answered) {
    exz_socket publisher = open_socket(EXZ_PUB);
    exz_status answer = EXZ_OK;
    check_status(exz_send_owned(publisher, &publisher, sizeof publisher, calls_back, &answer, 0), EXZ_OK);
    check_status(answer, EXZ_ERR_STATE);
    close_socket(publisher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lent_memory_of_any_size_arrives_and_comes_back_once),
        TEST(an_empty_loan_is_a_message),
        TEST(a_send_that_fails_leaves_the_memory_with_its_caller),
        TEST(a_loan_that_was_refused_can_be_sent_later),
        TEST(what_is_never_received_comes_back_with_the_close),
        TEST(one_loan_for_many_subscribers_comes_back_once),
        TEST(a_release_that_calls_back_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
