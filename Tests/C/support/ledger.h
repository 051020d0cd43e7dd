/* SPDX-License-Identifier: Apache-2.0
 *
 * Accounts of numbered messages: what each side of a stream has had from its calls, to be compared with the other
 * side's and with exz_stats. */
#ifndef LEDGER_H
#define LEDGER_H

#include "numbered.h"
#include "sockets.h"

/* One side of a stream. */
typedef struct account {
    exz_socket s;
    /* The number of the next message to send, or of the next one expected. */
    uint64_t next;
    uint64_t messages, bytes, refused, timeouts;
    /* Of the choices that are left to chance. */
    unsigned seed;
    /* The first status no call should have answered with; looked at when the thread is done. */
    exz_status surprise;
    /* Receives in two parts. */
    bool is_subscriber;
} account;

/* One call of exz_send() or exz_send_many() with the next messages, and little time. On any thread. */
void account_send(account *a);

/* The same with exz_publish(). */
void account_publish(account *a);

/* One call of one of the ways to receive, some with too little room, and little time. What comes has to be what is
 * next. */
void account_receive(account *a);

/* Receives until that number is next, and finds that there is nothing behind it. */
void account_receive_until(account *a, uint64_t next);

/* The account is what the socket's statistics say. */
void check_sender(const account *a);
void check_receiver(const account *a);

#endif
