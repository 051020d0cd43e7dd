/* SPDX-License-Identifier: Apache-2.0
 *
 * An XPUB counts its subscribers, whether or not anybody receives its notices; and who does receives what libzmq would
 * have told, no more and no less. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "raw_peer.h"
#include "sockets.h"
#include "worker.h"

/* Of <zmq.h>. */
enum { XPUB_VERBOSE = 40, XPUB_MANUAL = 71, INVERT_MATCHING = 74, XPUB_VERBOSER = 78 };

/* The next message is this notice: a byte 1, or 0 for the end, and the topic. */
static void expect_notice(exz_socket xpub, char kind, const char *topic) {
    char notice[64];
    size_t size;
    check_status(exz_recv(&size, xpub, notice, sizeof notice - 1, PATIENCE_MS), EXZ_OK);
    notice[size] = '\0';
    check_int(notice[0], kind);
    check_text(notice + 1, topic);
}

static void expect_nothing(exz_socket xpub) {
    size_t size;
    exz_poll_item item = {.socket = xpub, .events = EXZ_POLL_IN};
    check_status(exz_poll(&item, 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_recv(&size, xpub, NULL, 0, 0), EXZ_ERR_TIMEOUT);
}

static exz_socket subscribed(const char *endpoint, const char *topic) {
    exz_socket sub = open_socket(EXZ_SUB);
    check_status(exz_subscribe(sub, topic), EXZ_OK);
    connect_to(sub, endpoint);
    return sub;
}

CASE(an_xpub_that_nobody_reads_counts_its_subscribers) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        exz_socket xpub = open_socket(EXZ_XPUB);
        bind_somewhere(xpub, t, endpoint);
        check_status(exz_wait_subscribers(xpub, "a", 1, 0), EXZ_ERR_TIMEOUT);
        exz_socket first = subscribed(endpoint, "a"), second = subscribed(endpoint, "a");
        check_status(exz_wait_subscribers(xpub, "abc", 2, PATIENCE_MS), EXZ_OK);
        check_status(exz_wait_subscribers_bytes(xpub, "a\0b", 3, 2, 0), EXZ_OK);
        check_status(exz_wait_subscribers(xpub, "abc", 3, 0), EXZ_ERR_TIMEOUT);
        check_status(exz_wait_subscribers(xpub, "b", 1, 0), EXZ_ERR_TIMEOUT);
        check_status(exz_publish(xpub, "abc", "x", 1, PATIENCE_MS), EXZ_OK);
        const exz_socket subs[] = {first, second};
        for (int i = 0; i < 2; i++) {
            exz_message message;
            check_status(exz_recv_message(&message, subs[i], PATIENCE_MS), EXZ_OK);
            check_part(message, 0, "abc");
            check_status(exz_message_free(message), EXZ_OK);
        }
        /* The first one is still to be received, and the other one was never to be told. */
        expect_notice(xpub, 1, "a");
        expect_nothing(xpub);
        close_socket(first);
        close_socket(second);
        expect_notice(xpub, 0, "a");
        check_status(exz_wait_subscribers(xpub, "a", 1, 0), EXZ_ERR_TIMEOUT);
        expect_nothing(xpub);
        close_socket(xpub);
    }
}

CASE(subscribers_are_found_although_sends_use_up_what_libzmq_says) {
    linked pair = link_types(EXZ_XPUB, EXZ_SUB, TCP);
    for (int i = 0; i < 200; i++) {
        char topic[16];
        snprintf(topic, sizeof topic, "%d", i);
        check_status(exz_subscribe(pair.connected, topic), EXZ_OK);
        /* Each send may use up what libzmq says of what has come. */
        for (int j = 0; j < 50; j++) check_status(exz_send(pair.bound, "none", 4, 0, 0), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, topic, 1, PATIENCE_MS), EXZ_OK);
    }
    for (int i = 0; i < 200; i++) {
        char topic[16];
        snprintf(topic, sizeof topic, "%d", i);
        expect_notice(pair.bound, 1, topic);
    }
    close_linked(pair);
}

typedef struct sending {
    exz_socket s;
    atomic_bool is_over;
} sending;

static exz_status send_all_the_time(void *argument) {
    sending *it = argument;
    while (!atomic_load(&it->is_over)) {
        exz_status status = exz_send(it->s, "none", 4, 0, 0);
        if (status != EXZ_OK) return status;
    }
    return EXZ_OK;
}

CASE(who_waits_for_subscribers_is_woken_while_another_thread_sends) {
    linked pair = link_types(EXZ_XPUB, EXZ_SUB, TCP);
    sending it = {pair.bound, false};
    worker sender;
    worker_start(&sender, send_all_the_time, &it);
    for (int i = 0; i < 100; i++) {
        char topic[16];
        snprintf(topic, sizeof topic, "%d", i);
        in_row("topic %s", topic);
        check_status(exz_subscribe(pair.connected, topic), EXZ_OK);
        check_status(exz_wait_subscribers(pair.bound, topic, 1, PATIENCE_MS), EXZ_OK);
    }
    atomic_store(&it.is_over, true);
    check_status(worker_join(&sender), EXZ_OK);
    close_linked(pair);
}

/* What libzmq tells, worked out anew: which client has which topic. */
enum { CLIENTS = 4, TOPICS = 3, STEPS = 300, ROOM = 64 };

typedef struct model {
    bool tells_each, tells_each_end;
    bool has[CLIENTS][TOPICS];
    int descriptors[CLIENTS];
    /* The subscriptions of a client that nobody else has, by number: each comes back as a notice, and when the client
     * is gone each has its end. */
    int markers[CLIENTS][STEPS], marker_count[CLIENTS];
    int last_marker;
} model;

typedef struct notices {
    char texts[ROOM + STEPS][16];
    int count;
} notices;

static void add(notices *all, char kind, const char *topic) {
    snprintf(all->texts[all->count++], sizeof all->texts[0], "%c%s", kind == 1 ? '+' : '-', topic);
}

static int holders(const model *m, int topic) {
    int count = 0;
    for (int i = 0; i < CLIENTS; i++) count += m->has[i][topic];
    return count;
}

static const char *const topic_names[TOPICS] = {"a", "ab", "b"};

/* By whichever call, in turn: what a notice is does not depend on who receives it. */
static void receive(exz_socket xpub, notices *all, int way) {
    char text[64] = "";
    size_t size = 0, count = 0;
    if (way % 3 == 0) {
        check_status(exz_recv(&size, xpub, text, sizeof text - 1, PATIENCE_MS), EXZ_OK);
    } else if (way % 3 == 1) {
        check_status(exz_recv_many(&count, xpub, text, sizeof text - 1, &size, 1, PATIENCE_MS), EXZ_OK);
    } else {
        exz_message message;
        check_status(exz_recv_message(&message, xpub, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&count, message), EXZ_OK);
        check_int(count, 1);
        const void *data;
        check_status(exz_message_part(&data, &size, message, 0), EXZ_OK);
        check(size < sizeof text);
        memcpy(text, data, size < sizeof text ? size : 0);
        check_status(exz_message_free(message), EXZ_OK);
    }
    text[size] = '\0';
    add(all, text[0], text + 1);
}

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

/* As many come as were expected, and the same; in this order, or in any. */
static void check_notices(exz_socket xpub, notices *expected, bool in_order, int way) {
    notices came = {0};
    while (came.count < expected->count) receive(xpub, &came, way);
    if (!in_order) {
        qsort(came.texts, (size_t)came.count, sizeof came.texts[0], by_text);
        qsort(expected->texts, (size_t)expected->count, sizeof expected->texts[0], by_text);
    }
    for (int i = 0; i < came.count; i++) check_text(came.texts[i], expected->texts[i]);
}

static void subscribe_or_end(model *m, int client, int topic, notices *expected) {
    const bool begins = rand() % 2 == 0;
    const int before = holders(m, topic);
    const bool had = m->has[client][topic];
    m->has[client][topic] = begins;
    const int after = holders(m, topic);
    raw_notice(m->descriptors[client], begins, topic_names[topic]);
    const bool is_told = begins ? before == 0 || m->tells_each : !had || after == 0 || m->tells_each_end;
    if (is_told) add(expected, begins, topic_names[topic]);
}

static void add_marker(model *m, int client, notices *expected) {
    char name[16];
    snprintf(name, sizeof name, "m%d", ++m->last_marker);
    m->markers[client][m->marker_count[client]++] = m->last_marker;
    raw_notice(m->descriptors[client], true, name);
    add(expected, 1, name);
}

static void leave(model *m, int client, notices *expected) {
    raw_reset(m->descriptors[client]);
    for (int topic = 0; topic < TOPICS; topic++) {
        if (!m->has[client][topic]) continue;
        m->has[client][topic] = false;
        if (m->tells_each_end || holders(m, topic) == 0) add(expected, 0, topic_names[topic]);
    }
    for (int i = 0; i < m->marker_count[client]; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", m->markers[client][i]);
        add(expected, 0, name);
    }
    m->marker_count[client] = 0;
}

static void come(model *m, int client, exz_socket xpub, const char *endpoint) {
    m->descriptors[client] = raw_connect(endpoint);
    check(raw_handshake(m->descriptors[client], "SUB"));
    notices expected = {0};
    add_marker(m, client, &expected);
    check_notices(xpub, &expected, true, client);
}

static void check_counts(const model *m, exz_socket xpub) {
    uint32_t a = 0, ab = 0;
    for (int i = 0; i < CLIENTS; i++) {
        a += m->has[i][0];
        ab += m->has[i][0] || m->has[i][1];
    }
    check_status(exz_wait_subscribers(xpub, "a", a, 0), EXZ_OK);
    check_status(exz_wait_subscribers(xpub, "a", a + 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_wait_subscribers(xpub, "abc", ab, 0), EXZ_OK);
    check_status(exz_wait_subscribers(xpub, "abc", ab + 1, 0), EXZ_ERR_TIMEOUT);
}

static void check_against_model(int option) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket xpub = open_socket(EXZ_XPUB);
    if (option != 0) check_status(exz_socket_set_int(xpub, option, 1), EXZ_OK);
    bind_somewhere(xpub, TCP, endpoint);
    static model m;
    m = (model){.tells_each = option != 0, .tells_each_end = option == XPUB_VERBOSER};
    for (int i = 0; i < CLIENTS; i++) come(&m, i, xpub, endpoint);
    for (int step = 0; step < STEPS; step++) {
        notices expected = {0};
        const int client = rand() % CLIENTS;
        in_row("option %d, step %d", option, step);
        if (rand() % 12 == 0) {
            leave(&m, client, &expected);
            check_notices(xpub, &expected, false, step);
            come(&m, client, xpub, endpoint);
            continue;
        }
        subscribe_or_end(&m, client, rand() % TOPICS, &expected);
        /* What a client says after it shows that it has been taken in, told or not. */
        add_marker(&m, client, &expected);
        check_notices(xpub, &expected, true, step);
        if (step % 2 == 0) check_counts(&m, xpub);
    }
    expect_nothing(xpub);
    for (int i = 0; i < CLIENTS; i++) close(m.descriptors[i]);
    close_socket(xpub);
}

CASE(an_xpub_is_told_what_libzmq_tells_by_default) {
    srand(1);
    check_against_model(0);
}

CASE(an_xpub_with_verbose_is_told_of_each_subscription) {
    srand(2);
    check_against_model(XPUB_VERBOSE);
}

CASE(an_xpub_with_verboser_is_told_of_each_end_as_well) {
    srand(3);
    check_against_model(XPUB_VERBOSER);
}

CASE(what_subscribers_send_beside_notices_comes_as_it_is_and_in_its_place) {
    linked pair = link_types(EXZ_XPUB, EXZ_XSUB, TCP);
    const exz_part parts[] = {{"two", 3}, {"parts", 5}};
    check_status(exz_subscribe(pair.connected, "a"), EXZ_OK);
    send_text(pair.connected, "hello");
    check_status(exz_send_parts(pair.connected, parts, 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_subscribe(pair.connected, "b"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "b", 1, PATIENCE_MS), EXZ_OK);
    expect_notice(pair.bound, 1, "a");
    expect_text(pair.bound, "hello");
    exz_message message;
    check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
    check_part(message, 0, "two");
    check_part(message, 1, "parts");
    check_status(exz_message_free(message), EXZ_OK);
    expect_notice(pair.bound, 1, "b");
    expect_nothing(pair.bound);
    close_linked(pair);
}

CASE(subscribers_are_counted_on_both_sides_of_a_proxy) {
    char front[ENDPOINT_SIZE], back[ENDPOINT_SIZE];
    exz_socket xsub = open_socket(EXZ_XSUB), xpub = open_socket(EXZ_XPUB), pub = open_socket(EXZ_PUB);
    bind_somewhere(xsub, TCP, front);
    bind_somewhere(xpub, TCP, back);
    exz_proxy proxy;
    check_status(exz_proxy_open(&proxy, xsub, xpub, (exz_socket){0}, NULL), EXZ_OK);
    connect_to(pub, front);
    exz_socket first = subscribed(back, "a"), second = subscribed(back, "a");
    check_status(exz_wait_subscribers(xpub, "a", 2, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "a", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "a", 2, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_publish(pub, "a", "x", 1, PATIENCE_MS), EXZ_OK);
    const exz_socket subs[] = {first, second};
    for (int i = 0; i < 2; i++) {
        exz_message message;
        check_status(exz_recv_message(&message, subs[i], PATIENCE_MS), EXZ_OK);
        check_status(exz_message_free(message), EXZ_OK);
    }
    close_socket(first);
    close_socket(second);
    expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT);
    check_status(exz_wait_subscribers(xpub, "a", 1, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_proxy_close(proxy, PATIENCE_MS), EXZ_OK);
    close_socket(pub);
    close_socket(xsub);
    close_socket(xpub);
}

/* What has come before is told as it would have been, and from then on libzmq tells what there is. */
CASE(an_xpub_that_can_not_count_says_so_and_is_told_all_the_same) {
    const int options[] = {XPUB_MANUAL, INVERT_MATCHING};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        in_row("option %d", options[i]);
        char endpoint[ENDPOINT_SIZE];
        exz_socket xpub = open_socket(EXZ_XPUB);
        bind_somewhere(xpub, TCP, endpoint);
        exz_socket first = subscribed(endpoint, "a"), second = subscribed(endpoint, "a");
        check_status(exz_wait_subscribers(xpub, "a", 2, PATIENCE_MS), EXZ_OK);
        check_status(exz_socket_set_int(xpub, options[i], 1), EXZ_OK);
        check_status(exz_wait_subscribers(xpub, "a", 0, 0), EXZ_ERR_NOT_SUPPORTED);
        expect_notice(xpub, 1, "a");
        expect_nothing(xpub);
        check_status(exz_subscribe(first, "b"), EXZ_OK);
        expect_notice(xpub, 1, "b");
        close_socket(first);
        close_socket(second);
        close_socket(xpub);
    }
    in_row("one that connects");
    linked pair = link_types(EXZ_SUB, EXZ_XPUB, TCP);
    check_status(exz_wait_subscribers(pair.connected, "a", 0, 0), EXZ_ERR_NOT_SUPPORTED);
    check_status(exz_subscribe(pair.bound, "a"), EXZ_OK);
    expect_notice(pair.connected, 1, "a");
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_xpub_that_nobody_reads_counts_its_subscribers),
        TEST(subscribers_are_found_although_sends_use_up_what_libzmq_says),
        TEST(who_waits_for_subscribers_is_woken_while_another_thread_sends),
        TEST(an_xpub_is_told_what_libzmq_tells_by_default),
        TEST(an_xpub_with_verbose_is_told_of_each_subscription),
        TEST(an_xpub_with_verboser_is_told_of_each_end_as_well),
        TEST(what_subscribers_send_beside_notices_comes_as_it_is_and_in_its_place),
        TEST(subscribers_are_counted_on_both_sides_of_a_proxy),
        TEST(an_xpub_that_can_not_count_says_so_and_is_told_all_the_same),
    };
    return cmocka_run_group_tests_name("xpub subscribers", tests, NULL, NULL);
}
