/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscribers that misbehave: what they say is counted as theirs and nobody else's. */
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "raw_peer.h"
#include "sockets.h"

/* A notice as a subscriber sends it: 1 begins a subscription, 0 ends it. */
static void say_notice(int descriptor, uint8_t begins, const char *topic) {
    uint8_t body[64] = {begins};
    size_t size = strlen(topic);
    check(size < sizeof body);
    memcpy(body + 1, topic, size);
    raw_frame(descriptor, 0, size + 1, body, size + 1);
}

static int join(const char *endpoint) {
    int descriptor = raw_connect(endpoint);
    check(raw_handshake(descriptor, "SUB"));
    return descriptor;
}

CASE(the_end_of_what_a_peer_never_had_is_nobody_elses) {
    linked pair = link_types(EXZ_PUB, EXZ_SUB, TCP);
    check_status(exz_subscribe(pair.connected, "weather"), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, PATIENCE_MS), EXZ_OK);
    int stranger = join(pair.endpoint);
    for (int i = 0; i < 3; i++) say_notice(stranger, 0, "weather");
    say_notice(stranger, 1, "said");
    check_status(exz_wait_subscribers(pair.bound, "said", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    /* Its own it may end, once. */
    say_notice(stranger, 1, "weather");
    check_status(exz_wait_subscribers(pair.bound, "weather", 2, PATIENCE_MS), EXZ_OK);
    for (int i = 0; i < 3; i++) say_notice(stranger, 0, "weather");
    say_notice(stranger, 1, "again");
    check_status(exz_wait_subscribers(pair.bound, "again", 1, PATIENCE_MS), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    check_status(exz_wait_subscribers(pair.bound, "weather", 2, 0), EXZ_ERR_TIMEOUT);
    close(stranger);
    expect_event(pair.bound, EXZ_EVENT_LOST);
    check_status(exz_wait_subscribers(pair.bound, "weather", 1, 0), EXZ_OK);
    close_linked(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_end_of_what_a_peer_never_had_is_nobody_elses),
    };
    return cmocka_run_group_tests_name("hostile subscribers", tests, NULL, NULL);
}
