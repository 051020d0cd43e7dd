/* SPDX-License-Identifier: Apache-2.0
 *
 * A service comes back under its name at another address. */
#include <stdio.h>
#include <string.h>

#include "services.h"
#include "slow_names.h"

static exz_socket open_eager(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 5;
    options.retry.max_backoff_ms = 20;
    return open_with(type, &options);
}

static exz_socket open_service(exz_socket_type type, int number, char *port) {
    exz_socket s = open_socket(type);
    char endpoint[ENDPOINT_SIZE];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.%d:%s", number, port[0] != '\0' ? port : "*");
    bind_to(s, endpoint);
    check_status(exz_socket_endpoint(s, endpoint, sizeof endpoint), EXZ_OK);
    snprintf(port, 8, "%.7s", strrchr(endpoint, ':') + 1);
    return s;
}

CASE(a_link_goes_to_where_its_name_is_today) {
    char port[8] = "", endpoint[ENDPOINT_SIZE], text[8];
    size_t size;
    exz_socket service = open_service(EXZ_PULL, 2, port), s = open_eager(EXZ_PUSH);
    moving_name_is_at(2);
    snprintf(endpoint, sizeof endpoint, "tcp://" MOVING_NAME ":%s", port);
    connect_to(s, endpoint);
    check_carries(s, service);
    /* For a while it has no address. */
    moving_name_is_at(0);
    close_socket(service);
    check_text(expect_event(s, EXZ_EVENT_LOST).endpoint, endpoint);
    check_status(exz_send(s, "x", 1, 0, 50), EXZ_ERR_TIMEOUT);
    service = open_service(EXZ_PULL, 3, port);
    moving_name_is_at(3);
    exz_event event = expect_event(s, EXZ_EVENT_QUEUE_DROPPED);
    check_status(event.status, EXZ_ERR_PEER_LOST);
    check_text(event.endpoint, endpoint);
    check(strstr(event.message, "127.0.0.2") != NULL);
    check_status(exz_send(s, "y", 1, 0, 20000), EXZ_OK);
    check_status(exz_recv(&size, service, text, sizeof text, 20000), EXZ_OK);
    check(size == 1 && text[0] == 'y');
    check_int(stats_of(s).queues_dropped, 1);
    check_int(stats_of(s).reconnects, 1);
    check_int(stats_of(s).messages_sent, 2);
    close_socket(service);
    close_socket(s);
}

CASE(subscriptions_go_to_where_the_name_is_today) {
    const service_kind *kind = &service_kinds[1];
    char port[8] = "", endpoint[ENDPOINT_SIZE];
    exz_socket publisher = open_service(kind->service, 2, port), s = open_eager(kind->client);
    check_status(exz_subscribe(s, "topic"), EXZ_OK);
    moving_name_is_at(2);
    snprintf(endpoint, sizeof endpoint, "tcp://" MOVING_NAME ":%s", port);
    connect_to(s, endpoint);
    check_served(kind, publisher, s);
    close_socket(publisher);
    publisher = open_service(kind->service, 3, port);
    moving_name_is_at(3);
    check_served(kind, publisher, s);
    close_socket(publisher);
    close_socket(s);
}

/* A client whose service was there under the name at first, and is at another address now. */
static linked follow(exz_socket_type service, exz_socket_type client) {
    char port[8] = "", endpoint[ENDPOINT_SIZE];
    linked pair = {.bound = open_service(service, 2, port), .connected = open_eager(client)};
    moving_name_is_at(2);
    snprintf(endpoint, sizeof endpoint, "tcp://" MOVING_NAME ":%s", port);
    connect_to(pair.connected, endpoint);
    close_socket(pair.bound);
    pair.bound = open_service(service, 3, port);
    moving_name_is_at(3);
    check_status(exz_wait_peers(pair.bound, 1, 20000), EXZ_OK);
    return pair;
}

CASE(requests_go_to_where_the_name_is_today) {
    linked pair = follow(EXZ_REP, EXZ_REQ);
    check_int(stats_of(pair.connected).queues_dropped, 0);
    close_linked(pair);
}

CASE(a_pair_goes_to_where_the_name_is_today) {
    linked pair = follow(EXZ_PAIR, EXZ_PAIR);
    check_carries(pair.connected, pair.bound);
    check_carries(pair.bound, pair.connected);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_link_goes_to_where_its_name_is_today),
        TEST(subscriptions_go_to_where_the_name_is_today),
        TEST(requests_go_to_where_the_name_is_today),
        TEST(a_pair_goes_to_where_the_name_is_today),
    };
    return cmocka_run_group_tests_name("moving_names", tests, NULL, NULL);
}
