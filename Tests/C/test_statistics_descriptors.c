/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics in a process that has no descriptors left: for who is to serve them, and for who reads. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "few_descriptors.h"
#include "forked.h"
#include "monotonic.h"
#include "operators.h"
#include "places.h"

/* In a child: 0 if that is done, or refused with a reason, and works when there are descriptors again. */
static void open_with_few(int descriptors, const char *endpoint) {
    exz_context context = {0};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    exz_error error = EXZ_ERROR_INIT;
    options.stats_endpoint = endpoint;
    leave_descriptors(descriptors);
    const exz_status status = exz_context_open_with(&context, &options);
    if (status != EXZ_OK) {
        child_must(status, EXZ_ERR_LIMIT, "exz_context_open_with");
        must(exz_last_error(&error), EXZ_OK);
        if (strstr(error.message, "open files") == NULL && strstr(error.message, "descriptor") == NULL) {
            fprintf(stderr, "child: %s\n", error.message);
            _exit(2);
        }
        if (count_of_statistics() != 0) _exit(3);
    }
    leave_as_usual();
    if (status != EXZ_OK) must(exz_context_open_with(&context, &options), EXZ_OK);
    must(exz_context_close(context, 0), EXZ_OK);
    _exit(count_of_statistics() == 0 ? 0 : 4);
}

CASE(without_descriptors_it_is_refused_with_the_reason) {
    check_status(exz_context_close(open_watched("ipc://*"), 0), EXZ_OK);
    for (int descriptors = 0; descriptors < 16; descriptors++) {
        in_row("%d descriptors left", descriptors);
        const pid_t child = fork_child();
        if (child == 0) open_with_few(descriptors, "ipc://*");
        check_child(child);
    }
}

/* In a child: readers come while there are no descriptors for them, each waking the server, and all are told later. */
static void serve_those_who_came_too_early(void) {
    enum { READERS = 20 };
    exz_context context = {0};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[ENDPOINT_SIZE], text[4096];
    int readers[READERS];
    options.stats_endpoint = "ipc://*";
    must(exz_context_open_with(&context, &options), EXZ_OK);
    only_statistics(path);
    if (strlen(path) >= sizeof address.sun_path) _exit(1);
    strcpy(address.sun_path, path);
    for (int i = 0; i < READERS; i++) readers[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    leave_descriptors(0);
    for (int i = 0; i < READERS; i++) {
        if (connect(readers[i], (struct sockaddr *)&address, sizeof address) != 0) _exit(2);
        /* Nobody is told while it is so, and alarms go off meanwhile. */
        struct pollfd item = {.fd = readers[i], .events = POLLIN};
        if (poll(&item, 1, i == 0 || i == READERS - 1 ? 200 : 0) != 0) _exit(3);
    }
    leave_as_usual();
    for (int i = 0; i < READERS; i++) {
        struct pollfd item = {.fd = readers[i], .events = POLLIN};
        if (poll(&item, 1, PATIENCE_MS) != 1 || read(readers[i], text, sizeof text) <= 0) _exit(4);
    }
    must(exz_context_close(context, 0), EXZ_OK);
    _exit(0);
}

CASE(readers_that_come_while_there_are_no_descriptors_are_told_later) {
    const pid_t child = fork_child();
    if (child == 0) serve_those_who_came_too_early();
    check_child(child);
}

static int prepare(void **group) {
    have_runtime_directory();
    return remember_limit(group);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_descriptors_it_is_refused_with_the_reason),
        TEST(readers_that_come_while_there_are_no_descriptors_are_told_later),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
