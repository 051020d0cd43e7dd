/* SPDX-License-Identifier: Apache-2.0
 *
 * Whichever way two hosts are cut off from each other, on this side or on the other, both notice in time: on quiet
 * links, with data under way, and behind a consumer that had stopped reading before. All the cuts are made at once. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cuts.h"
#include "monotonic.h"
#include "network.h"
#include "sockets.h"

/* The least keep-alive there is. */
#define KEEPALIVE_MS 4000

/* Of Linux 6.15 and later. */
#define RETRY_INTERVAL_OPTION 44

enum traffic { QUIET, SENDING, FULL, TRAFFIC_COUNT };
static const char *const traffic_names[] = {"quiet", "sending", "behind a consumer that does not read"};

/* The kernel's buffers are small and its questions far apart, as where a peer is far away. */
static exz_socket_options watchful(enum traffic traffic) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.keepalive_ms = KEEPALIVE_MS;
    if (traffic == FULL) options.send_hwm = options.receive_hwm = 1, options.send_buffer = options.receive_buffer = 4096;
    return options;
}

static void fill(exz_socket s) {
    char message[1024] = {0};
    exz_status status;
    do status = exz_send(s, message, sizeof message, 0, 500);
    while (status == EXZ_OK);
    check_status(status, EXZ_ERR_TIMEOUT);
}

static bool kernel_limits_retry_intervals(void) {
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), limit = 1000;
    bool does = setsockopt(s, IPPROTO_TCP, RETRY_INTERVAL_OPTION, &limit, sizeof limit) == 0;
    close(s);
    return does;
}

/* libzmq does not look at a connection that it does not read from, as the queue is full. */
static void expect_loss_once_read(exz_socket s) {
    char message[1024];
    size_t size;
    exz_event event;
    for (int64_t end = after_ms(PATIENCE_MS); now_ns() < end;) {
        if (next_event_of(&event, s, EXZ_EVENT_LOST, 0)) return;
        exz_recv(&size, s, message, sizeof message, 10);
    }
    expect_event(s, EXZ_EVENT_LOST);
}

static linked link_over_cable(int number, enum traffic traffic) {
    linked pair;
    const exz_socket_options options = watchful(traffic);
    pair.bound = bind_over_there(EXZ_PULL, &options, number, pair.endpoint);
    pair.connected = open_with(EXZ_PUSH, &options);
    connect_to(pair.connected, pair.endpoint);
    check_carries(pair.connected, pair.bound);
    return pair;
}

/* In milliseconds. Who still hears from the other side notices that one's silence after it has given up. */
static void expect_loss(exz_socket s, int64_t since, int32_t limit) {
    exz_event event = expect_event(s, EXZ_EVENT_LOST);
    check_status(event.status, EXZ_ERR_PEER_LOST);
    check_int((event.time_ns - since) / 1000000 > limit + GENEROUS_MS ? (event.time_ns - since) / 1000000 : 0, 0);
}

CASE(every_way_of_being_cut_off_is_noticed_in_time_on_both_sides) {
    need_network();
    if (!kernel_limits_retry_intervals()) skip_because("the kernel has no TCP_RTO_MAX_MS (Linux 6.15)");
    linked pairs[CUT_COUNT][TRAFFIC_COUNT];
    for (int i = 0; i < CUT_COUNT; i++) {
        network_add_cable(i);
        /* A round trip that takes long, to the kernel's mind. */
        network_change("ip route change 10.9.%d.0/24 dev va%d src 10.9.%d.1 rto_min 2s", i, i, i);
        for (enum traffic t = QUIET; t < TRAFFIC_COUNT; t++) pairs[i][t] = link_over_cable(i, t);
    }
    for (int i = 0; i < CUT_COUNT; i++) fill(pairs[i][FULL].connected);
    int64_t since[CUT_COUNT];
    for (int i = 0; i < CUT_COUNT; i++) {
        in_row("%s", cuts[i].name);
        since[i] = now_ns();
        cut_cable(i);
        for (int n = 0; n < 10; n++) send_text(pairs[i][SENDING].connected, "into the dark");
    }
    for (int i = 0; i < CUT_COUNT; i++) {
        for (enum traffic t = QUIET; t < TRAFFIC_COUNT; t++) {
            in_row("%s, %s", cuts[i].name, traffic_names[t]);
            expect_loss(pairs[i][t].connected, since[i], KEEPALIVE_MS);
            in_row("%s, %s, from the other side", cuts[i].name, traffic_names[t]);
            if (t == FULL) expect_loss_once_read(pairs[i][t].bound);
            else expect_loss(pairs[i][t].bound, since[i], 2 * KEEPALIVE_MS);
        }
    }
    for (int i = 0; i < CUT_COUNT; i++)
        for (enum traffic t = QUIET; t < TRAFFIC_COUNT; t++)
            exz_socket_close(pairs[i][t].bound, 0), exz_socket_close(pairs[i][t].connected, 0);
}

int main(void) {
    have_another_network();
    const struct CMUnitTest tests[] = {
        TEST(every_way_of_being_cut_off_is_noticed_in_time_on_both_sides),
    };
    return cmocka_run_group_tests_name("cuts", tests, NULL, NULL);
}
