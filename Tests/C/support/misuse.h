/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of misuse. refuse() makes a call that has to answer with a status, to have written nothing to the
 * out-parameters in `out`, and to have left the sockets on the bench as they were. */
#ifndef MISUSE_H
#define MISUSE_H

#include "sockets.h"

/* The sockets that are misused, each linked with one that is not. */
extern exz_socket push, pull, pub, sub;

/* The only place that misused calls get to write to. */
typedef struct out_parameters {
    exz_socket socket;
    exz_context context;
    exz_backoff backoff;
    exz_message message;
    exz_proxy proxy;
    exz_state state;
    int32_t delay;
    int fd;
    int64_t number;
    size_t sizes[2];
    exz_poll_item item;
    const void *data;
    size_t size;
    char text[64];
    exz_stats stats;
    exz_event event;
    exz_error error;
} out_parameters;

extern out_parameters out;

#define refuse(call, expected)                      \
    do {                                            \
        misuse_begins();                            \
        const exz_status answer = (call);           \
        check_status_at(answer, (expected), #call, __FILE__, __LINE__); \
        misuse_ends(#call);                         \
    } while (0)

/* The same for a call that is given `&out.error`, which has to be filled and to have something to say. */
#define refuse_with_error(call, expected)           \
    do {                                            \
        misuse_begins();                            \
        const exz_status answer = (call);           \
        check_status_at(answer, (expected), #call, __FILE__, __LINE__); \
        misuse_error_ends(#call, (expected));       \
    } while (0)

void misuse_begins(void);
void misuse_ends(const char *call);
void misuse_error_ends(const char *call, exz_status expected);

/* A test with a bench of its own. */
#define MISUSE(name) cmocka_unit_test_prestate_setup_teardown(name, misuse_test_begins, misuse_test_ends, (void *)#name)

int misuse_test_begins(void **state);
int misuse_test_ends(void **state);

#endif
