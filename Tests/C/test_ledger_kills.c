/* SPDX-License-Identifier: Apache-2.0
 *
 * A receiver that is killed again and again: what is lost is no more than what was on its way to it, nothing comes
 * twice or in another order, and the sender's statistics are what it did. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "ledger.h"
#include "monotonic.h"
#include "places.h"
#include "worker.h"

enum {
    KILLS = 6,
    HWM = 50,
    BUFFER = 16384,
    /* libzmq writes and reads in portions of so many bytes. */
    PORTION = 8192,
    /* Bytes for one link: the receiver's queue, two kernel buffers of twice their nominal size, a portion on each side,
     * and the messages that were cut in two or received but not told. */
    ON_ITS_WAY = (HWM + 3) * NUMBERED_MAX + 4 * BUFFER + 2 * PORTION,
};

static atomic_bool is_enough;

static exz_status send_on(void *argument) {
    account *a = argument;
    while (!atomic_load(&is_enough) && a->surprise == EXZ_OK) account_send(a);
    return a->surprise;
}

static void start_receiver(child *c, const char *endpoint) {
    char line[32], hwm[16], buffer[16];
    snprintf(hwm, sizeof hwm, "%d", HWM);
    snprintf(buffer, sizeof buffer, "%d", BUFFER);
    child_start(c, sibling_program("ledger_receiver"), (const char *const[]){endpoint, hwm, buffer, NULL});
    child_expect_line(c, line, sizeof line);
    check_text(line, "ready");
}

/* Notes a line of the receiver: numbers only ever grow. */
static void note(account *told, const char *line) {
    char *end = NULL;
    const uint64_t number = strtoull(line, &end, 10);
    check(end != line && *end == '\0');
    check(number >= told->next);
    told->next = number + 1;
    told->messages++;
    char message[NUMBERED_MAX];
    told->bytes += numbered_write(message, number);
}

static void expect_lines(account *told, child *c, int count) {
    for (char line[32]; count > 0; count--) {
        child_expect_line(c, line, sizeof line);
        note(told, line);
    }
}

/* Kills it and notes what it had told by then. */
static void kill_receiver(account *told, child *c) {
    char line[32];
    check_int(kill(c->pid, SIGKILL), 0);
    while (child_line(c, line, sizeof line, PATIENCE_MS)) note(told, line);
    child_kill(c);
}

CASE(a_receiver_that_is_killed_loses_what_was_on_its_way) {
    for (transport t = TCP; t <= IPC; t++) {
        in_row("%s", transport_name(t));
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.send_hwm = HWM;
        options.send_buffer = BUFFER;
        options.retry.initial_backoff_ms = 1;
        options.retry.max_backoff_ms = 20;
        char endpoint[ENDPOINT_SIZE];
        int reservation = -1;
        if (t == TCP) reservation = reserve_port(endpoint);
        if (t == IPC) unused_endpoint(IPC, endpoint);
        child receiver;
        start_receiver(&receiver, endpoint);
        account sender = {.s = open_with(EXZ_PUSH, &options), .seed = 10}, told = {0};
        connect_to(sender.s, endpoint);
        atomic_store(&is_enough, false);
        worker w;
        worker_start(&w, send_on, &sender);
        for (int kills = 0; kills < KILLS; kills++) {
            expect_lines(&told, &receiver, 500);
            kill_receiver(&told, &receiver);
            start_receiver(&receiver, endpoint);
        }
        expect_lines(&told, &receiver, 500);
        atomic_store(&is_enough, true);
        check_status(worker_join(&w), EXZ_OK);
        /* The last receiver stays until it has had the last message. */
        while (told.next < sender.next) expect_lines(&told, &receiver, 1);
        check_sender(&sender);
        check_int(stats_of(sender.s).links_lost, KILLS);
        check(sender.messages >= told.messages);
        const uint64_t lost = sender.bytes - told.bytes;
        print_message("    %s: sent %llu, received %llu; %llu bytes lost in %d kills, at most %d each\n",
                      transport_name(t), (unsigned long long)sender.messages, (unsigned long long)told.messages,
                      (unsigned long long)lost, KILLS, ON_ITS_WAY);
        check(lost <= (uint64_t)KILLS * ON_ITS_WAY);
        close_socket(sender.s);
        kill_receiver(&told, &receiver);
        if (reservation >= 0) close(reservation);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_receiver_that_is_killed_loses_what_was_on_its_way),
    };
    return cmocka_run_group_tests_name("ledger with kills", tests, NULL, NULL);
}
