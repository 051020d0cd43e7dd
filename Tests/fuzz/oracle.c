/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "monotonic.h"

/* What a busy machine and a sanitizer may add to a time-out. */
#define LATE_NS INT64_C(10000000000)

void require(const desk *d, bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "%s: %s (last status: %s)\n", d->call, what, exz_status_name(d->status));
    abort();
}

void clear_desk(desk *d) {
    memset(&d->out, 0xA5, sizeof d->out);
    memset(d->out.items, 0, sizeof d->out.items);
    memset(d->out.buffer, 0xA5, sizeof d->out.buffer);
    d->out.stats.size = sizeof d->out.stats;
    d->out.proxy_stats.size = sizeof d->out.proxy_stats;
    d->out.fault_stats.size = sizeof d->out.fault_stats;
    d->out.auth_stats.size = sizeof d->out.auth_stats;
    d->out.event.size = sizeof d->out.event;
    d->out.error.size = sizeof d->out.error;
    memcpy(&d->before, &d->out, sizeof d->out);
}

void untouched_unless(desk *d, bool has_succeeded) {
    if (has_succeeded) {
        clear_desk(d);
        return;
    }
    if (memcmp(&d->out, &d->before, sizeof d->out) == 0) return;
    const char *out = (const char *)&d->out, *before = (const char *)&d->before;
    size_t place = 0;
    while (out[place] == before[place]) place++;
    fprintf(stderr, "%s: failed, but has written to byte %zu of the out-parameters\n", d->call, place);
    abort();
}

void call_begins(desk *d, const char *call, int32_t timeout_ms) {
    d->call = call;
    d->timeout_ms = timeout_ms;
    d->began_ns = now_ns();
}

static exz_status check_return(desk *d, exz_status status, bool is_exact) {
    d->status = status;
    const int64_t took = now_ns() - d->began_ns;
    const int64_t bound = d->timeout_ms > 0 ? (int64_t)d->timeout_ms * 1000000 : 0;
    require(d, status <= EXZ_OK && status >= EXZ_ERR_INTERNAL, "the status is none");
    /* Nothing here provokes what is unforeseen. */
    require(d, status != EXZ_ERR_INTERNAL, "the status is EXZ_ERR_INTERNAL");
    /* Calls with a longer time-out are made to end at once. */
    require(d, took < (bound < LATE_NS ? bound : 0) + LATE_NS, "it was late");
    if (is_exact && status == EXZ_ERR_TIMEOUT) require(d, took >= bound, "it timed out early");
    return status;
}

exz_status call_ends(desk *d, exz_status status) { return check_return(d, status, true); }
exz_status attempts_end(desk *d, exz_status status) { return check_return(d, status, false); }
