/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that change when bytes come, in what pieces, and what they are. Nothing is measured but that nothing comes too
 * early: a busy machine may be late. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "raw_peer.h"
#include "wires.h"

/* --- time --------------------------------------------------------------------------------------------------------- */

CASE(latency_delays_in_order_and_lets_go_when_it_is_removed) {
    relayed r = open_relayed(TCP, TCP, 7);
    wire w = open_wire(&r);
    say(w.client, "before");
    hear_exactly(w.server, "before");
    exz_fault fault = fault_of(EXZ_FAULT_LATENCY);
    fault.delay_ms = 30;
    fault.jitter_ms = 30;
    uint32_t id = add_fault(r.proxy, fault);
    for (int i = 0; i < 20; i++) {
        char text[8];
        snprintf(text, sizeof text, "<%05d>", i);
        say(w.client, text);
    }
    for (int i = 0; i < 20; i++) {
        char text[8];
        snprintf(text, sizeof text, "<%05d>", i);
        hear_exactly(w.server, text);
    }
    await_strikes(r.proxy, id, 1);
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    fault.delay_ms = 50;
    fault.jitter_ms = 0;
    fault.direction = EXZ_FAULT_TO_TARGET;
    id = add_fault(r.proxy, fault);
    const int64_t began = now_ns();
    say(w.client, "later");
    say(w.server, "at once");
    hear_exactly(w.client, "at once");
    hear_exactly(w.server, "later");
    check(now_ns() - began >= INT64_C(50000000));
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    fault.delay_ms = 2147483647;
    id = add_fault(r.proxy, fault);
    say(w.client, "in three weeks");
    await_strikes(r.proxy, id, 1);
    hear_nothing(w.server);
    check_status(exz_fault_remove(r.proxy, id), EXZ_OK);
    hear_exactly(w.server, "in three weeks");
    close_wire(&w);
    close_relayed(&r);
}

CASE(bandwidth_takes_its_time) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    exz_fault fault = fault_of(EXZ_FAULT_BANDWIDTH);
    fault.bytes_per_second = 100000;
    fault.direction = EXZ_FAULT_TO_TARGET;
    const uint32_t id = add_fault(r.proxy, fault);
    static char block[40000], heard[sizeof block];
    memset(block, 'x', sizeof block);
    const int64_t began = now_ns();
    raw_say(w.client, block, sizeof block);
    for (size_t count = 0; count < sizeof heard;) {
        const ssize_t more = recv(w.server, heard + count, sizeof heard - count, 0);
        check(more > 0);
        count += (size_t)more;
    }
    /* 40,000 bytes at 100,000 a second, less what may be made up for and the last portion. */
    check(now_ns() - began >= INT64_C(300000000));
    await_strikes(r.proxy, id, 1);
    /* The way back is free. */
    raw_say(w.server, block, sizeof block);
    for (size_t count = 0; count < sizeof heard; count += (size_t)recv(w.client, heard, sizeof heard, 0)) {
    }
    close_wire(&w);
    close_relayed(&r);
}

CASE(slices_come_one_by_one) {
    relayed r = open_relayed(IPC, TCP, 0);
    exz_fault fault = fault_of(EXZ_FAULT_SLICE);
    fault.slice_bytes = 3;
    fault.slice_spread = 2;
    fault.pause_ms = 2;
    fault.direction = EXZ_FAULT_TO_CLIENT;
    const uint32_t id = add_fault(r.proxy, fault);
    wire w = open_wire(&r);
    const int64_t began = now_ns();
    say(w.server, "one two three four five six");
    await_strikes(r.proxy, id, 1);
    hear_exactly(w.client, "one two three four five six");
    /* At most five bytes each: six pieces, five pauses. */
    check(now_ns() - began >= INT64_C(10000000));
    close_wire(&w);
    close_relayed(&r);
}

/* --- content ------------------------------------------------------------------------------------------------------ */

static void hear_all(int descriptor, uint8_t *heard, size_t size) {
    for (size_t count = 0; count < size;) {
        const ssize_t more = recv(descriptor, heard + count, size - count, 0);
        check(more > 0);
        count += (size_t)more;
    }
}

CASE(corruption_flips_bits_at_its_rate_and_the_same_ones_again) {
    enum { SIZE = 100000 };
    static uint8_t sent[SIZE], heard[3][SIZE];
    exz_fault fault = fault_of(EXZ_FAULT_CORRUPT);
    fault.flip_rate = 0.01;
    fault.direction = EXZ_FAULT_TO_TARGET;
    for (int run = 0; run < 3; run++) {
        relayed r = open_relayed(TCP, TCP, run < 2 ? 42 : 43);
        const uint32_t id = add_fault(r.proxy, fault);
        wire w = open_wire(&r);
        /* In other pieces each time. */
        for (size_t place = 0; place < SIZE; place += 1000) {
            raw_say(w.client, sent + place, 1000);
            if (run == 1) hear_all(w.server, heard[run] + place, 1000);
        }
        if (run != 1) hear_all(w.server, heard[run], SIZE);
        await_strikes(r.proxy, id, 1);
        say(w.server, "as it is");
        hear_exactly(w.client, "as it is");
        close_wire(&w);
        close_relayed(&r);
    }
    int changed = 0;
    for (size_t i = 0; i < SIZE; i++) {
        changed += heard[0][i] != 0;
        check((heard[0][i] & (heard[0][i] - 1)) == 0);
    }
    /* 1,000 are expected, and 32 the standard deviation. */
    check(changed > 800 && changed < 1200);
    check(memcmp(heard[0], heard[1], SIZE) == 0);
    check(memcmp(heard[0], heard[2], SIZE) != 0);
}

static const transport transports[] = {TCP, IPC};

CASE(http_answers_as_a_web_server_does) {
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        relayed r = open_relayed(transports[i], TCP, 0);
        wire old = open_wire(&r);
        const uint32_t id = add_fault(r.proxy, fault_of(EXZ_FAULT_HTTP));
        say(old.client, "goes on");
        hear_exactly(old.server, "goes on");
        const int client = open_client(&r);
        say(client, "?");
        hear_exactly(client, "HTTP/1.1 400 Bad Request\r\n");
        check(raw_await_end(client));
        close(client);
        await_strikes(r.proxy, id, 1);
        struct pollfd somebody = {r.listener, POLLIN, 0};
        check_int(poll(&somebody, 1, 0), 0);
        close_wire(&old);
        close_relayed(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(latency_delays_in_order_and_lets_go_when_it_is_removed),
        TEST(bandwidth_takes_its_time),
        TEST(slices_come_one_by_one),
        TEST(corruption_flips_bits_at_its_rate_and_the_same_ones_again),
        TEST(http_answers_as_a_web_server_does),
    };
    return cmocka_run_group_tests_name("fault_bytes", tests, NULL, NULL);
}
