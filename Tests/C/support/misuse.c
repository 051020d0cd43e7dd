/* SPDX-License-Identifier: Apache-2.0 */
#include "misuse.h"

#include <string.h>

#include "monotonic.h"

exz_socket push, pull, pub, sub;
out_parameters out;

static out_parameters before;
static linked pipeline, publishing;

int misuse_test_begins(void **state) {
    test_begins(state);
    pipeline = link_types(EXZ_PULL, EXZ_PUSH, INPROC);
    publishing = link_types(EXZ_PUB, EXZ_SUB, INPROC);
    pull = pipeline.bound;
    push = pipeline.connected;
    pub = publishing.bound;
    sub = publishing.connected;
    check_status(exz_subscribe(sub, "bench"), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "bench", 1, PATIENCE_MS), EXZ_OK);
    return 0;
}

int misuse_test_ends(void **state) {
    close_linked(pipeline);
    close_linked(publishing);
    return test_ends(state);
}

void misuse_begins(void) {
    memset(&out, 0xA5, sizeof out);
    out.stats.size = sizeof out.stats;
    out.event.size = sizeof out.event;
    out.error.size = sizeof out.error;
    memcpy(&before, &out, sizeof out);
}

static void check_bench(void) {
    check_carries(push, pull);
    check_status(exz_publish(pub, "bench", "works", 5, 0), EXZ_OK);
    exz_message message;
    check_status(exz_recv_message(&message, sub, PATIENCE_MS), EXZ_OK);
    check_part(message, 0, "bench");
    check_part(message, 1, "works");
    check_status(exz_message_free(message), EXZ_OK);
    const exz_socket all[] = {push, pull, pub, sub};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        check_int(state_of(all[i]), EXZ_STATE_READY);
        check_int(stats_of(all[i]).peers, 1);
    }
}

void misuse_ends(const char *call) {
    after_call(call);
    check(memcmp(&out, &before, sizeof out) == 0);
    check_bench();
    after_call(NULL);
}

void misuse_error_ends(const char *call, exz_status expected) {
    after_call(call);
    check_int(out.error.size, sizeof out.error);
    check_status(out.error.status, expected);
    check(memchr(out.error.message, '\0', sizeof out.error.message) != NULL);
    check(memchr(out.error.endpoint, '\0', sizeof out.error.endpoint) != NULL);
    check(strlen(out.error.message) > 0);
    check(out.error.elapsed_ms >= 0);
    before.error = out.error;
    misuse_ends(call);
}
