/* SPDX-License-Identifier: Apache-2.0
 *
 * What is sent, refused and received adds up, and the statistics say the same, when everybody closes in good order. */
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "monotonic.h"
#include "places.h"
#include "worker.h"

enum { SESSIONS = 6, A_SESSION = 1500 };

static exz_socket_options short_queues(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = options.receive_hwm = 50;
    options.send_buffer = options.receive_buffer = 4096;
    options.on_full = EXZ_ON_FULL_WAIT;
    options.retry.initial_backoff_ms = 1;
    options.retry.max_backoff_ms = 20;
    return options;
}

static exz_socket open_short(exz_socket_type type) {
    const exz_socket_options options = short_queues();
    return open_with(type, &options);
}

/* Another socket takes over: its statistics begin with nothing, the numbers go on. */
static void take_over(account *a, exz_socket s) {
    a->s = s;
    a->messages = a->bytes = a->refused = a->timeouts = 0;
}

static exz_status send_a_session(void *argument) {
    account *a = argument;
    for (const uint64_t end = a->next + A_SESSION; a->next < end && a->surprise == EXZ_OK;) account_send(a);
    return a->surprise;
}

static exz_status publish_a_session(void *argument) {
    account *a = argument;
    for (const uint64_t end = a->next + A_SESSION; a->next < end && a->surprise == EXZ_OK;) account_publish(a);
    return a->surprise;
}

static exz_status close_patiently(void *argument) {
    account *a = argument;
    return exz_socket_close(a->s, PATIENCE_MS);
}

/* Receives on this thread what is sent on another meanwhile; all of it, once the sender is done. */
static void run_session(exz_status (*body)(void *), account *sender, account *receiver) {
    worker w;
    worker_start(&w, body, sender);
    while (!atomic_load(&w.is_done)) account_receive(receiver);
    check_status(worker_join(&w), EXZ_OK);
}

CASE(a_pipeline_whose_senders_come_and_go_adds_up) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        char endpoint[ENDPOINT_SIZE];
        account receiver = {.s = open_short(EXZ_PULL), .seed = 3}, sender = {.seed = 4};
        bind_somewhere(receiver.s, t, endpoint);
        for (int session = 0; session < SESSIONS; session++) {
            in_row("%s, session %d", transport_name(t), session);
            take_over(&sender, open_short(EXZ_PUSH));
            connect_to(sender.s, endpoint);
            run_session(send_a_session, &sender, &receiver);
            check_sender(&sender);
            worker closing;
            worker_start(&closing, close_patiently, &sender);
            account_receive_until(&receiver, sender.next);
            check_status(worker_join(&closing), EXZ_OK);
            check_receiver(&receiver);
        }
        check_int(receiver.messages, receiver.next);
        close_socket(receiver.s);
    }
}

/* What is sent while the receiver is away waits in the sender's queue. */
CASE(a_pipeline_whose_receivers_come_and_go_adds_up) {
    for (transport t = TCP; t <= IPC; t++) {
        char endpoint[ENDPOINT_SIZE];
        account receiver = {.s = open_short(EXZ_PULL), .seed = 5}, sender = {.s = open_short(EXZ_PUSH), .seed = 6};
        bind_somewhere(receiver.s, t, endpoint);
        connect_to(sender.s, endpoint);
        for (int session = 0; session < SESSIONS; session++) {
            in_row("%s, session %d", transport_name(t), session);
            run_session(send_a_session, &sender, &receiver);
            account_receive_until(&receiver, sender.next);
            check_sender(&sender);
            check_receiver(&receiver);
            check_status(exz_socket_close(receiver.s, PATIENCE_MS), EXZ_OK);
            expect_event(sender.s, EXZ_EVENT_LOST);
            for (int call = 0; call < 10; call++) account_send(&sender);
            check(sender.messages > (uint64_t)(session + 1) * A_SESSION);
            take_over(&receiver, open_short(EXZ_PULL));
            bind_to(receiver.s, endpoint);
        }
        account_receive_until(&receiver, sender.next);
        check_int(receiver.next, sender.messages);
        check_sender(&sender);
        check_receiver(&receiver);
        check_int(stats_of(sender.s).links_lost, SESSIONS);
        close_socket(sender.s);
        close_socket(receiver.s);
    }
}

/* With EXZ_ON_FULL_WAIT a subscriber gets everything from its subscription on, and what is published to nobody is
 * sent. */
CASE(a_publisher_that_waits_and_its_subscribers_add_up) {
    enum { TO_NOBODY = 20 };
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        char endpoint[ENDPOINT_SIZE];
        account publisher = {.s = open_short(EXZ_PUB), .seed = 7}, subscriber = {.seed = 8, .is_subscriber = true};
        bind_somewhere(publisher.s, t, endpoint);
        for (int session = 0; session < SESSIONS; session++) {
            in_row("%s, session %d", transport_name(t), session);
            take_over(&subscriber, open_short(EXZ_SUB));
            check_status(exz_subscribe(subscriber.s, ""), EXZ_OK);
            connect_to(subscriber.s, endpoint);
            check_status(exz_wait_subscribers(publisher.s, "", 1, PATIENCE_MS), EXZ_OK);
            subscriber.next = publisher.next;
            run_session(publish_a_session, &publisher, &subscriber);
            account_receive_until(&subscriber, publisher.next);
            check_receiver(&subscriber);
            check_sender(&publisher);
            close_socket(subscriber.s);
            expect_event(publisher.s, EXZ_EVENT_SUBSCRIBER_LEFT);
            const uint64_t refused = publisher.refused;
            for (int i = 0; i < TO_NOBODY; i++) account_publish(&publisher);
            check_int(publisher.refused, refused);
        }
        check_int(publisher.messages, SESSIONS * (A_SESSION + TO_NOBODY));
        check_sender(&publisher);
        close_socket(publisher.s);
    }
}

/* One that drops takes everything and says nothing: only gaps in the numbers tell, and never a message twice. */
CASE(what_a_publisher_drops_shows_in_the_numbers_alone) {
    enum { PUBLISHED = 20000 };
    exz_socket_options options = short_queues();
    options.on_full = EXZ_ON_FULL_DROP;
    linked pair = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), TCP);
    check_status(exz_subscribe(pair.connected, ""), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "", 1, PATIENCE_MS), EXZ_OK);
    account publisher = {.s = pair.bound, .seed = 9};
    while (publisher.messages < PUBLISHED) account_publish(&publisher);
    check_int(publisher.refused, 0);
    check_sender(&publisher);

    uint64_t received = 0, dropped = 0, next = 0;
    while (next < publisher.next) {
        exz_message message;
        const void *data = NULL;
        size_t size = 0;
        uint64_t number = 0;
        /* What comes next is known only when something does: one more is published until something arrives. */
        exz_status status = exz_recv_message(&message, pair.connected, 50);
        if (status == EXZ_ERR_TIMEOUT) account_publish(&publisher);
        if (status == EXZ_ERR_TIMEOUT) continue;
        check_status(status, EXZ_OK);
        check_status(exz_message_part(&data, &size, message, 1), EXZ_OK);
        check(numbered_read(data, size, &number));
        check_status(exz_message_free(message), EXZ_OK);
        check(number >= next);
        dropped += number - next;
        next = number + 1;
        received++;
    }
    check_int(received + dropped, publisher.messages);
    check(dropped > 0);
    check_int(stats_of(pair.connected).messages_received, received);
    check_sender(&publisher);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_pipeline_whose_senders_come_and_go_adds_up),
        TEST(a_pipeline_whose_receivers_come_and_go_adds_up),
        TEST(a_publisher_that_waits_and_its_subscribers_add_up),
        TEST(what_a_publisher_drops_shows_in_the_numbers_alone),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
