/* SPDX-License-Identifier: Apache-2.0
 *
 * What has to hold for every call, whatever it was given: its status is one of the header's, it is back in time and not
 * before, and a call that fails has written to no out-parameter but those for which the header says so. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>

#include "experimance_zmq.h"
#include "input.h"

#define BUFFER_SIZE 320
#define MANY 6

/* The only place that calls get to write to. */
typedef struct out_parameters {
    exz_socket socket;
    exz_context context;
    exz_backoff backoff;
    exz_canceler canceler;
    exz_proxy proxy;
    exz_fault_proxy fault_proxy;
    exz_authenticator authenticator;
    uint32_t fault;
    exz_message message;
    exz_state state;
    int32_t number;
    int fd;
    int64_t value;
    const void *data;
    size_t size;
    size_t sizes[2 * MANY];
    exz_poll_item items[MANY];
    char buffer[BUFFER_SIZE];
    exz_stats stats;
    exz_proxy_statistics proxy_stats;
    exz_fault_stats fault_stats;
    exz_authenticator_statistics auth_stats;
    exz_event event;
    exz_error error;
} out_parameters;

/* One thread's calls. */
typedef struct desk {
    input in;
    out_parameters out, before;
    const char *call;
    int32_t timeout_ms;
    int64_t began_ns;
    exz_status status;
} desk;

/* Makes a call under all the rules but that of the out-parameters. The time-out is what the call may take. */
#define TRY(d, timeout_ms, ...) (call_begins((d), #__VA_ARGS__, (timeout_ms)), call_ends((d), (__VA_ARGS__)))

/* A call that may be back with EXZ_ERR_TIMEOUT before its time: that was the reason of its last attempt. */
#define TRY_ATTEMPTS(d, timeout_ms, ...) \
    (call_begins((d), #__VA_ARGS__, (timeout_ms)), attempts_end((d), (__VA_ARGS__)))

/* That field may have been written. */
#define SPARE(d, field) memcpy(&(d)->before.field, &(d)->out.field, sizeof (d)->out.field)

/* Checks that nothing was written to the out-parameters, unless the call has succeeded; sets them up for the next
 * one. */
void untouched_unless(desk *d, bool has_succeeded);

/* Makes the out-parameters ready for the first call. */
void clear_desk(desk *d);

/* Ends the run with the name of the call if the condition does not hold. */
void require(const desk *d, bool holds, const char *what);

void call_begins(desk *d, const char *call, int32_t timeout_ms);
exz_status call_ends(desk *d, exz_status status);
exz_status attempts_end(desk *d, exz_status status);

#endif
