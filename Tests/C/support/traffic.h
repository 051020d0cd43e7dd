/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbered messages through one link while threads of all kinds use its two sockets: each number arrives exactly once.
 * Receivers wait with long time-outs, so one that is not woken fails the test. Queues are short and senders pause until
 * all has arrived, so that both sides wait, again and again. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "sockets.h"
#include "worker.h"

#define TRAFFIC_LIMIT 4000000
#define TRAFFIC_THREADS 16

typedef struct traffic {
    exz_socket from, to;
    /* The next number to send, and how many have arrived. */
    atomic_uint next, arrived;
    atomic_bool is_over, has_flaw;
    atomic_uchar *seen;
    int64_t until_ns;
} traffic;

/* How long one combination lasts: EXZ_COMBINATION_MS of the environment, else 200. */
int32_t combination_ms(void);

/* A thread's part. Senders and receivers return EXZ_OK when all is sent and received; others when the traffic is
 * over. */
typedef exz_status traffic_part(void *traffic);

traffic_part send_singly, send_in_batches, send_with_poll;
traffic_part receive_singly, receive_messages, receive_in_batches, receive_with_poll, receive_with_descriptor;
traffic_part ask_for_numbers, change_options, await_peers, read_events;

/* A link for traffic. */
linked traffic_link(transport t);

/* Runs the parts over the link; each list ends with NULL. Counts what arrived. */
void run_traffic(linked link, traffic_part *const senders[], traffic_part *const receivers[],
                 traffic_part *const others[]);

#endif
