/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that threads may do with the two ends of one link at the same time, and every message arrives once. */
#include "traffic.h"

/* A table of combinations. Lists end with NULL. */
typedef struct combination {
    const char *name;
    traffic_part *senders[6], *receivers[6], *others[8];
} combination;

static void run(const combination *combinations, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const transport t = i % 2 == 0 ? INPROC : TCP;
        in_row("%s, %s", combinations[i].name, transport_name(t));
        linked link = traffic_link(t);
        run_traffic(link, combinations[i].senders, combinations[i].receivers, combinations[i].others);
        close_linked(link);
    }
}

CASE(several_senders) {
    static const combination all[] = {
        {"send", {send_singly, send_singly, send_singly, send_singly}, {receive_singly}, {NULL}},
        {"batches", {send_in_batches, send_in_batches, send_singly}, {receive_in_batches}, {NULL}},
        {"poll", {send_with_poll, send_with_poll, send_singly}, {receive_messages}, {NULL}},
    };
    run(all, COUNT_OF(all));
}

CASE(several_receivers) {
    static const combination all[] = {
        {"receive", {send_singly}, {receive_singly, receive_singly, receive_singly, receive_singly}, {NULL}},
        {"batches", {send_in_batches}, {receive_in_batches, receive_in_batches, receive_singly}, {NULL}},
        {"messages", {send_singly}, {receive_messages, receive_messages, receive_in_batches}, {NULL}},
    };
    run(all, COUNT_OF(all));
}

CASE(several_senders_and_receivers) {
    static const combination all[] = {
        {"single",
         {send_singly, send_singly, send_singly},
         {receive_singly, receive_singly, receive_singly},
         {NULL}},
        {"all kinds",
         {send_singly, send_in_batches, send_with_poll},
         {receive_singly, receive_messages, receive_in_batches},
         {NULL}},
    };
    run(all, COUNT_OF(all));
}

CASE(polls_while_others_receive) {
    static const combination all[] = {
        {"one poll", {send_singly, send_singly}, {receive_with_poll, receive_singly}, {NULL}},
        {"polls",
         {send_singly, send_with_poll},
         {receive_with_poll, receive_with_poll, receive_singly, receive_messages},
         {NULL}},
    };
    run(all, COUNT_OF(all));
}

CASE(a_descriptor_is_watched_while_others_receive) {
    static const combination all[] = {
        {"one watches", {send_singly, send_singly}, {receive_with_descriptor, receive_singly}, {NULL}},
        {"several watch",
         {send_singly, send_in_batches},
         {receive_with_descriptor, receive_with_descriptor, receive_with_poll, receive_singly},
         {NULL}},
    };
    run(all, COUNT_OF(all));
}

CASE(questions_options_and_waits_meanwhile) {
    static const combination all[] = {
        {"numbers", {send_singly, send_singly}, {receive_singly, receive_singly}, {ask_for_numbers, ask_for_numbers}},
        {"options", {send_singly, send_singly}, {receive_singly, receive_singly}, {change_options, change_options}},
        {"peers", {send_singly, send_singly}, {receive_singly, receive_singly}, {await_peers, await_peers}},
        {"events", {send_singly, send_singly}, {receive_singly, receive_singly}, {read_events, read_events}},
        {"all",
         {send_singly, send_in_batches, send_with_poll},
         {receive_singly, receive_with_poll, receive_with_descriptor},
         {ask_for_numbers, change_options, await_peers, read_events}},
    };
    run(all, COUNT_OF(all));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(several_senders),
        TEST(several_receivers),
        TEST(several_senders_and_receivers),
        TEST(polls_while_others_receive),
        TEST(a_descriptor_is_watched_while_others_receive),
        TEST(questions_options_and_waits_meanwhile),
    };
    return cmocka_run_group_tests_name("thread combinations", tests, NULL, NULL);
}
