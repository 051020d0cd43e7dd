/* SPDX-License-Identifier: Apache-2.0
 *
 * Events say whose they are: the peer's address, its process over ipc, its identity on a ROUTER. Where libzmq leaves
 * open who it was, nobody is named. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"

/* What the other side sees of this end. */
static void own_address(int descriptor, char *address) {
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    check_int(getsockname(descriptor, (struct sockaddr *)&own, &size), 0);
    snprintf(address, ENDPOINT_SIZE, "tcp://127.0.0.1:%d", ntohs(own.sin_port));
}

static void own_process(char *address) {
    snprintf(address, ENDPOINT_SIZE, "localhost:%u:%u:%d", getuid(), getgid(), getpid());
}

/* READY begun, and long enough for a whole one. */
static void greet_and_begin_ready(int descriptor) {
    static const uint8_t beginning[60] = "\5READY\13Socket-Type\0\0\0\4PUSH\10Identity\0\0\0\377";
    raw_greet(descriptor);
    raw_frame(descriptor, FRAME_COMMAND, 255, beginning, sizeof beginning);
}

CASE(a_peer_that_comes_and_goes_is_named_by_its_address) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, endpoint);
    for (int life = 0; life < 3; life++) {
        int peer = raw_connect(endpoint);
        own_address(peer, address);
        check(raw_handshake(peer, "PUSH"));
        check_text(expect_event(pull, EXZ_EVENT_HANDSHAKEN).peer, address);
        close(peer);
        check_text(expect_event(pull, EXZ_EVENT_LOST).peer, address);
    }
    close_socket(pull);
}

CASE(an_ipv4_peer_of_a_socket_for_both_families_is_named_as_people_write_it) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_to(pull, "tcp://*:0");
    check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
    int peer = raw_connect(endpoint);
    own_address(peer, address);
    check(raw_handshake(peer, "PUSH"));
    check_text(expect_event(pull, EXZ_EVENT_HANDSHAKEN).peer, address);
    close(peer);
    close_socket(pull);
}

/* Events come in order: when one connection's is there, those that were made before it have been looked at. */
static void await_look(exz_socket bound, const char *endpoint) {
    int later = raw_connect(endpoint);
    check(raw_handshake(later, "PUSH"));
    expect_event(bound, EXZ_EVENT_HANDSHAKEN);
    close(later);
    expect_event(bound, EXZ_EVENT_LOST);
}

/* (One that says something wrong at once may be gone before anybody can have looked at it.) */
CASE(a_stranger_that_is_rejected_is_named) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, endpoint);
    int stranger = raw_connect(endpoint);
    own_address(stranger, address);
    await_look(pull, endpoint);
    raw_greet(stranger);
    raw_frame(stranger, FRAME_COMMAND, 5, "WRONG", 5);
    check(raw_await_end(stranger));
    check_text(expect_event(pull, EXZ_EVENT_PEER_REJECTED).peer, address);
    close(stranger);
    close_socket(pull);
}

CASE(a_local_peer_is_named_by_its_process_as_its_messages_name_it) {
    char process[ENDPOINT_SIZE], named[ENDPOINT_SIZE];
    own_process(process);
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, IPC);
    check_text(expect_event(pair.bound, EXZ_EVENT_HANDSHAKEN).peer, process);
    check_text(expect_event(pair.connected, EXZ_EVENT_HANDSHAKEN).peer, process);
    send_text(pair.connected, "hello");
    exz_message message;
    check_status(exz_recv_message(&message, pair.bound, PATIENCE_MS), EXZ_OK);
    check_status(exz_message_property(named, sizeof named, message, "Peer-Address"), EXZ_OK);
    check_text(named, process);
    check_status(exz_message_free(message), EXZ_OK);
    close_socket(pair.connected);
    check_text(expect_event(pair.bound, EXZ_EVENT_LOST).peer, process);
    close_socket(pair.bound);
}

CASE(a_link_to_a_name_says_at_which_address_it_is) {
    char endpoint[ENDPOINT_SIZE], name[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_to(pull, "tcp://127.0.0.1:0");
    check_status(exz_socket_endpoint(pull, endpoint, sizeof endpoint), EXZ_OK);
    snprintf(name, sizeof name, "tcp://localhost%.16s", strrchr(endpoint, ':'));
    connect_to(push, name);
    exz_event handshaken = expect_event(push, EXZ_EVENT_HANDSHAKEN);
    check_text(handshaken.endpoint, name);
    check_text(handshaken.peer, endpoint);
    close_socket(pull);
    exz_event lost = expect_event(push, EXZ_EVENT_LOST);
    check_text(lost.endpoint, name);
    check_text(lost.peer, endpoint);
    close_socket(push);
}

CASE(a_silent_stranger_does_not_hide_who_has_come) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, endpoint);
    int silent = raw_connect(endpoint), half = raw_connect(endpoint), peer = raw_connect(endpoint);
    raw_greet(half);
    own_address(peer, address);
    check(raw_handshake(peer, "PUSH"));
    check_text(expect_event(pull, EXZ_EVENT_HANDSHAKEN).peer, address);
    close(silent);
    close(half);
    close(peer);
    close_socket(pull);
}

CASE(nobody_is_named_where_either_of_two_may_have_come) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE], strange[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, endpoint);
    int stranger = raw_connect(endpoint);
    own_address(stranger, strange);
    greet_and_begin_ready(stranger);
    int peer = raw_connect(endpoint);
    own_address(peer, address);
    check(raw_handshake(peer, "PUSH"));
    check_text(expect_event(pull, EXZ_EVENT_HANDSHAKEN).peer, "");
    /* Their ends say who they are. */
    close(stranger);
    check_text(expect_event(pull, EXZ_EVENT_PEER_REJECTED).peer, strange);
    close(peer);
    check_text(expect_event(pull, EXZ_EVENT_LOST).peer, address);
    peer = raw_connect(endpoint);
    own_address(peer, address);
    check(raw_handshake(peer, "PUSH"));
    check_text(expect_event(pull, EXZ_EVENT_HANDSHAKEN).peer, address);
    close(peer);
    close_socket(pull);
}

/* What becomes of a connection, one step after the other. */
typedef enum trade { PEER, SILENT, HALF, BEGUN, WRONG, TRADE_COUNT } trade;

typedef struct visitor {
    trade trade;
    int descriptor, steps;
    char address[ENDPOINT_SIZE];
    bool is_named, is_ended;
} visitor;

enum { VISITORS = 6, ROUNDS = 60 };

static void step(visitor *v) {
    static const uint8_t ready[] = "\5READY\13Socket-Type\0\0\0\4PUSH";
    switch (v->steps++) {
    case 0:
        if (v->trade == BEGUN) greet_and_begin_ready(v->descriptor);
        if (v->trade == PEER || v->trade == HALF || v->trade == WRONG) raw_greet(v->descriptor);
        break;
    case 1:
        if (v->trade == PEER) {
            uint8_t answer[64 + sizeof ready + 1];
            raw_frame(v->descriptor, FRAME_COMMAND, sizeof ready - 1, ready, sizeof ready - 1);
            check_int(recv(v->descriptor, answer, sizeof answer, MSG_WAITALL), sizeof answer);
        }
        if (v->trade == WRONG) raw_frame(v->descriptor, FRAME_COMMAND, 5, "WRONG", 5);
        break;
    case 2: close(v->descriptor); break;
    }
}

static visitor *visitor_at(visitor *all, const char *address) {
    for (int i = 0; i < VISITORS; i++)
        if (strcmp(all[i].address, address) == 0) return &all[i];
    return NULL;
}

/* Of what an event says it is held true what the test knows. */
static void check_named(const exz_event *event, visitor *all) {
    if (event->peer[0] == '\0') return;
    visitor *named = visitor_at(all, event->peer);
    check(named != NULL);
    if (named == NULL) return;
    in_row("%s of %d, after %d steps", exz_event_name(event->kind), named->trade, named->steps);
    if (event->kind == EXZ_EVENT_HANDSHAKEN) {
        check(named->trade == PEER && !named->is_named);
        named->is_named = true;
    } else {
        check(!named->is_ended);
        named->is_ended = true;
        if (event->kind == EXZ_EVENT_PEER_REJECTED) check(!named->is_named);
    }
}

/* In whatever order connections are made, speak and end, nobody is named for what another one has done. */
CASE(nobody_is_named_wrongly_however_handshakes_overlap) {
    unsigned seed = 7;
    int named = 0, handshaken = 0, ended = 0;
    char endpoint[ENDPOINT_SIZE];
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, endpoint);
    for (int round = 0; round < ROUNDS; round++) {
        visitor all[VISITORS] = {0};
        for (int i = 0; i < VISITORS; i++) {
            all[i].trade = (trade)(rand_r(&seed) % TRADE_COUNT);
            all[i].descriptor = raw_connect(endpoint);
            own_address(all[i].descriptor, all[i].address);
        }
        if (round % 2 == 0) await_look(pull, endpoint);
        for (int left = 3 * VISITORS; left > 0;) {
            visitor *v = &all[rand_r(&seed) % VISITORS];
            if (v->steps == 3) continue;
            step(v);
            left--;
        }
        /* Each has ended then, as a peer or as a stranger. */
        for (int ends = 0; ends < VISITORS;) {
            exz_event event = EXZ_EVENT_INIT;
            check_status(exz_next_event(&event, pull, PATIENCE_MS), EXZ_OK);
            if (event.kind == EXZ_EVENT_HANDSHAKEN) handshaken++;
            if (event.kind == EXZ_EVENT_HANDSHAKEN && event.peer[0] != '\0') named++;
            if (event.kind == EXZ_EVENT_LOST || event.kind == EXZ_EVENT_PEER_REJECTED) ends++;
            check_named(&event, all);
        }
        for (int i = 0; i < VISITORS; i++) ended += all[i].is_ended;
    }
    print_message("%d of %d handshakes and %d of %d ends were named\n", named, handshaken, ended, ROUNDS * VISITORS);
    check(named > 0 && ended > 0);
    close_socket(pull);
}

static exz_socket open_dealer(const char *identity) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.identity = identity;
    options.identity_size = identity == NULL ? 0 : strlen(identity);
    options.retry.initial_backoff_ms = 20;
    options.retry.max_backoff_ms = 100;
    return open_with(EXZ_DEALER, &options);
}

static void expect_from(exz_socket router, const char *identity) {
    exz_message message;
    check_status(exz_recv_message(&message, router, PATIENCE_MS), EXZ_OK);
    if (identity != NULL) check_part(message, 0, identity);
    check_status(exz_message_free(message), EXZ_OK);
}

CASE(a_router_names_a_peer_it_has_heard_by_its_identity) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        exz_socket router = open_socket(EXZ_ROUTER), dealer = open_dealer("cam");
        bind_somewhere(router, t, endpoint);
        connect_to(dealer, endpoint);
        exz_event handshaken = expect_event(router, EXZ_EVENT_HANDSHAKEN);
        check_text(handshaken.identity, t == INPROC ? "cam" : "");
        send_text(dealer, "hello");
        expect_from(router, "cam");
        close_socket(dealer);
        exz_event lost = expect_event(router, EXZ_EVENT_LOST);
        check_int(lost.identity_size, 3);
        check_text(lost.identity, "cam");
        check_text(lost.peer, handshaken.peer);
        check((lost.peer[0] == '\0') == (t == INPROC));
        /* One that has chosen none has none. */
        dealer = open_dealer(NULL);
        connect_to(dealer, endpoint);
        send_text(dealer, "hello");
        expect_from(router, NULL);
        close_socket(dealer);
        check_int(expect_event(router, EXZ_EVENT_LOST).identity_size, 0);
        close_socket(router);
    }
}

CASE(the_older_of_two_with_one_identity_is_named) {
    for (transport t = TCP; t < INPROC; t++) {
        in_row("%s", transport_name(t));
        char endpoint[ENDPOINT_SIZE];
        exz_socket router = open_socket(EXZ_ROUTER), older = open_dealer("cam"), newer = open_dealer("cam");
        bind_somewhere(router, t, endpoint);
        connect_to(older, endpoint);
        exz_event first = expect_event(router, EXZ_EVENT_HANDSHAKEN);
        send_text(older, "hello");
        expect_from(router, "cam");
        connect_to(newer, endpoint);
        exz_event second = expect_event(router, EXZ_EVENT_HANDSHAKEN);
        send_text(newer, "hello");
        expect_from(router, "cam");
        exz_event rejected = expect_event(router, EXZ_EVENT_PEER_REJECTED);
        check_text(rejected.peer, first.peer);
        check_text(rejected.identity, "cam");
        check((strcmp(first.peer, second.peer) == 0) == (t == IPC));
        close_socket(newer);
        exz_event lost = expect_event(router, EXZ_EVENT_LOST);
        check_text(lost.peer, second.peer);
        check_text(lost.identity, "cam");
        close_socket(older);
        close_socket(router);
    }
}

CASE(a_subscriber_is_named_when_it_comes_and_goes) {
    char endpoint[ENDPOINT_SIZE], address[ENDPOINT_SIZE], second[ENDPOINT_SIZE];
    exz_socket pub = open_socket(EXZ_PUB);
    bind_somewhere(pub, TCP, endpoint);
    int sub = raw_connect(endpoint), other = raw_connect(endpoint);
    own_address(sub, address);
    own_address(other, second);
    check(raw_handshake(sub, "SUB") && raw_handshake(other, "SUB"));
    check_status(exz_wait_peers(pub, 2, PATIENCE_MS), EXZ_OK);
    raw_notice(sub, true, "a");
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED).peer, address);
    raw_notice(other, true, "a");
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED).peer, second);
    raw_notice(sub, false, "a");
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT).peer, address);
    /* The last one of a topic is known although it says nothing. */
    close(other);
    exz_event left = expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT);
    check_text(left.topic, "a");
    check_text(left.peer, second);
    raw_notice(sub, true, "b");
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED).peer, address);
    close(sub);
    close_socket(pub);
}

/* Its subscription may be seen before its connection is heard of. */
CASE(a_subscriber_that_comes_with_its_subscriptions_is_named) {
    enum { LIVES = 100 };
    char endpoint[ENDPOINT_SIZE];
    exz_socket pub = open_socket(EXZ_PUB);
    bind_somewhere(pub, TCP, endpoint);
    for (int life = 0; life < LIVES; life++) {
        in_row("life %d", life);
        exz_socket sub = open_socket(EXZ_SUB);
        check_status(exz_subscribe(sub, "a"), EXZ_OK);
        connect_to(sub, endpoint);
        check_status(exz_wait_subscribers(pub, "a", 1, PATIENCE_MS), EXZ_OK);
        exz_event joined = expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED);
        check(joined.peer[0] != '\0');
        close_socket(sub);
        check_text(expect_event(pub, EXZ_EVENT_LOST).peer, joined.peer);
    }
    close_socket(pub);
}

CASE(a_publisher_that_connects_names_its_subscriber) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket pub = open_socket(EXZ_PUB), sub = open_socket(EXZ_SUB);
    bind_somewhere(sub, TCP, endpoint);
    connect_to(pub, endpoint);
    check_status(exz_subscribe(sub, "a"), EXZ_OK);
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_JOINED).peer, endpoint);
    close_socket(sub);
    check_text(expect_event(pub, EXZ_EVENT_SUBSCRIBER_LEFT).peer, endpoint);
    close_socket(pub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_comes_and_goes_is_named_by_its_address),
        TEST(an_ipv4_peer_of_a_socket_for_both_families_is_named_as_people_write_it),
        TEST(a_stranger_that_is_rejected_is_named),
        TEST(a_local_peer_is_named_by_its_process_as_its_messages_name_it),
        TEST(a_link_to_a_name_says_at_which_address_it_is),
        TEST(a_silent_stranger_does_not_hide_who_has_come),
        TEST(nobody_is_named_where_either_of_two_may_have_come),
        TEST(nobody_is_named_wrongly_however_handshakes_overlap),
        TEST(a_router_names_a_peer_it_has_heard_by_its_identity),
        TEST(the_older_of_two_with_one_identity_is_named),
        TEST(a_subscriber_is_named_when_it_comes_and_goes),
        TEST(a_subscriber_that_comes_with_its_subscriptions_is_named),
        TEST(a_publisher_that_connects_names_its_subscriber),
    };
    return cmocka_run_group_tests_name("event peers", tests, NULL, NULL);
}
