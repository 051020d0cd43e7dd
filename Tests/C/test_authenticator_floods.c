/* SPDX-License-Identifier: Apache-2.0
 *
 * Strangers in numbers: half-open connections and wrong keys cost good peers nothing, and few descriptors. */
#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"
#include "raw_peer.h"

enum { STRANGERS = 400, MOST = 256 };

static int open_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    check(folder != NULL);
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

/* Whether so many connections of theirs have been ended by then. */
static bool await_ends(const int strangers[STRANGERS], int count, int64_t end) {
    static struct pollfd items[STRANGERS];
    for (int i = 0; i < STRANGERS; i++) items[i] = (struct pollfd){strangers[i], POLLRDHUP, 0};
    int ended = 0;
    while (ended < count && poll(items, STRANGERS, (int)left_ms(end)) > 0) {
        for (int i = 0; i < STRANGERS; i++) {
            if (items[i].fd < 0 || items[i].revents == 0) continue;
            items[i].fd = -1;
            ended++;
        }
    }
    return ended >= count;
}

/* The strangers' own ends are in this process, too. */
CASE(half_open_connections_are_bounded_and_good_peers_come_in) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair friend = new_keys();
    check_status(exz_authenticator_allow_key(a, friend.public_key, NULL), EXZ_OK);
    exz_socket before = open_guarded_client(&s, &friend);
    connect_to(before, s.endpoint);
    check_carries(before, s.socket);
    const int at_first = open_descriptors();
    static int strangers[STRANGERS];
    for (int i = 0; i < STRANGERS; i++) strangers[i] = raw_connect(s.endpoint);
    check_status(knock(&s, &friend), EXZ_OK);
    /* It takes some milliseconds. libzmq alone would keep each for five seconds. */
    const int64_t its_end = after_ms(4500), end = after_ms(PATIENCE_MS);
    check(await_ends(strangers, STRANGERS - MOST - 20, its_end));
    check(open_descriptors() <= at_first + STRANGERS + MOST + 20);
    /* The ones that were ended are among the rejected. */
    exz_event event = EXZ_EVENT_INIT;
    while (stats_of(s.socket).peers_rejected < STRANGERS - MOST) {
        check_status(exz_next_event(&event, s.socket, left_ms(end)), EXZ_OK);
    }
    check(stats_of(s.socket).peers_rejected >= STRANGERS - MOST);
    check_int(stats_of(before).links_lost, 0);
    check_carries(before, s.socket);
    for (int i = 0; i < STRANGERS; i++) close(strangers[i]);
    close_socket(before);
    close_guarded_service(&s);
}

CASE(wrong_keys_in_numbers_are_counted_exactly_and_cost_no_good_peer) {
    service s;
    open_guarded_service(&s, 0, TCP);
    exz_authenticator a = open_authenticator(s.context);
    const key_pair friend = new_keys(), stranger = new_keys();
    check_status(exz_authenticator_allow_key(a, friend.public_key, NULL), EXZ_OK);
    exz_socket before = open_guarded_client(&s, &friend);
    connect_to(before, s.endpoint);
    enum { KNOCKS = 100 };
    uint64_t refused = 0;
    for (int i = 0; i < KNOCKS; i++) {
        exz_socket client = open_guarded_client(&s, &stranger);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_socket_connect(client, s.endpoint, 0, PATIENCE_MS, &error), EXZ_ERR_SECURITY);
        refused += error.attempts;
        close_socket(client);
    }
    check_int(counts_of(a).refused_key, refused);
    check_int(counts_of(a).accepted, 1);
    check_status(knock(&s, &friend), EXZ_OK);
    check_int(stats_of(before).links_lost, 0);
    check_carries(before, s.socket);
    close_socket(before);
    close_guarded_service(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(half_open_connections_are_bounded_and_good_peers_come_in),
        TEST(wrong_keys_in_numbers_are_counted_exactly_and_cost_no_good_peer),
    };
    return cmocka_run_group_tests_name("strangers in numbers", tests, NULL, NULL);
}
