/* SPDX-License-Identifier: Apache-2.0
 *
 * exz_context_open_with(): threads with their names, processors and scheduling, and a limit of sockets. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monotonic.h"
#include "sockets.h"

#define SOME_THREADS 64

/* The threads of this process whose names begin like this. */
typedef struct thread_list {
    size_t count;
    pid_t numbers[SOME_THREADS];
    char names[SOME_THREADS][32];
} thread_list;

static thread_list threads_named(const char *prefix) {
    thread_list list = {0};
    DIR *folder = opendir("/proc/self/task");
    check(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[300], name[32] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL) continue;
        if (fgets(name, sizeof name, file) != NULL) name[strcspn(name, "\n")] = 0;
        fclose(file);
        if (strncmp(name, prefix, strlen(prefix)) != 0 || list.count == SOME_THREADS) continue;
        list.numbers[list.count] = atoi(entry->d_name);
        memcpy(list.names[list.count++], name, sizeof name);
    }
    closedir(folder);
    return list;
}

static bool has(const thread_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], name) == 0) return true;
    }
    return false;
}

static exz_context open_context(const exz_context_options *options) {
    exz_context context = {0};
    check_status(exz_context_open_with(&context, options), EXZ_OK);
    return context;
}

static exz_socket open_in(exz_context context, exz_socket_type type) {
    exz_socket s = {0};
    check_status(exz_socket_open(&s, context, type, NULL), EXZ_OK);
    return s;
}

static void check_works(exz_context context) {
    linked pair = link_sockets(open_in(context, EXZ_PULL), open_in(context, EXZ_PUSH), TCP);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
}

/* The sentence names what is wrong. */
static void refuse_options(const exz_context_options *options, exz_status status, const char *what) {
    exz_context context = {77};
    exz_error error = EXZ_ERROR_INIT;
    in_row("%s", what);
    check_status(exz_context_open_with(&context, options), status);
    check_int(context.id, 77);
    check_status(exz_last_error(&error), EXZ_OK);
    check_status(error.status, status);
    if (strstr(error.message, what) == NULL) check_text(error.message, what);
}

CASE(the_defaults_are_those_of_a_plain_context) {
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT, filled;
    memset(&filled, 0xAB, sizeof filled);
    check_status(exz_context_options_init(&filled), EXZ_OK);
    check_status(exz_context_options_init(NULL), EXZ_ERR_INVALID);
    check_int(filled.size, options.size);
    check_int(filled.io_threads, options.io_threads);
    check_int(filled.max_sockets, options.max_sockets);
    check_int(filled.sched_policy, options.sched_policy);
    check_int(filled.sched_priority, options.sched_priority);
    check(filled.cpus == NULL && filled.cpu_count == 0 && filled.thread_name_prefix == NULL);
    exz_context with = open_context(&options), without = open_context(NULL);
    check_works(with);
    check_works(without);
    check_status(exz_context_close(with, 0), EXZ_OK);
    check_status(exz_context_close(without, 0), EXZ_OK);
}

CASE(threads_are_called_what_was_asked_for) {
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.io_threads = 3;
    options.thread_name_prefix = "cam_1.b";
    exz_context context = open_context(&options);
    check_works(context);
    thread_list threads = threads_named("cam_1.b-");
    check(has(&threads, "cam_1.b-reaper"));
    check(has(&threads, "cam_1.b-io-0"));
    check(has(&threads, "cam_1.b-io-1"));
    check(has(&threads, "cam_1.b-io-2"));
    /* As much as the kernel keeps. */
    check(has(&threads, "cam_1.b-supervi"));
    check_int(threads.count, 5);
    check_status(exz_context_close(context, 0), EXZ_OK);
    check_int(threads_named("cam_1.b-").count, 0);
}

CASE(threads_run_where_and_how_was_asked_for) {
    cpu_set_t all, one;
    check_int(sched_getaffinity(0, sizeof all, &all), 0);
    int32_t processor = 0;
    while (!CPU_ISSET(processor, &all)) processor++;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    for (int is_named = 0; is_named < 2; is_named++) {
        exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
        options.thread_name_prefix = is_named ? "here" : NULL;
        options.cpus = &processor;
        options.cpu_count = 1;
        options.sched_policy = SCHED_BATCH;
        exz_context context = open_context(&options);
        check_works(context);
        const char *prefixes[] = {is_named ? "here-" : "exz-supervisor", is_named ? "here-" : "ZMQbg"};
        for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
            thread_list threads = threads_named(prefixes[p]);
            check(threads.count >= (is_named ? 3 : p + 1));
            for (size_t i = 0; i < threads.count; i++) {
                cpu_set_t had;
                in_row("%s", threads.names[i]);
                check_int(sched_getaffinity(threads.numbers[i], sizeof had, &had), 0);
                check(CPU_EQUAL(&had, &one));
                check_int(sched_getscheduler(threads.numbers[i]), SCHED_BATCH);
            }
        }
        check_status(exz_context_close(context, 0), EXZ_OK);
    }
    /* The caller runs as before. */
    cpu_set_t had;
    check_int(sched_getaffinity(0, sizeof had, &had), 0);
    check(CPU_EQUAL(&had, &all));
    check_int(sched_getscheduler(0), SCHED_OTHER);
}

CASE(a_proxy_runs_as_the_context_of_its_front_says) {
    cpu_set_t all, one, had;
    check_int(sched_getaffinity(0, sizeof all, &all), 0);
    int32_t processor = 0;
    while (!CPU_ISSET(processor, &all)) processor++;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.thread_name_prefix = "cam";
    options.cpus = &processor;
    options.cpu_count = 1;
    options.sched_policy = SCHED_BATCH;
    exz_context context = open_context(&options);
    exz_socket front = open_in(context, EXZ_PULL), back = open_in(EXZ_DEFAULT_CONTEXT, EXZ_PUSH);
    exz_socket first = open_socket(EXZ_PUSH), last = open_socket(EXZ_PULL);
    linked in = link_sockets(front, first, TCP), out = link_sockets(back, last, TCP);
    exz_proxy proxy;
    check_status(exz_proxy_open(&proxy, front, back, (exz_socket){0}, NULL), EXZ_OK);
    /* By then the thread runs as it is to. */
    check_carries(first, last);
    thread_list threads = threads_named("cam-proxy");
    check_int(threads.count, 1);
    check_int(sched_getaffinity(threads.numbers[0], sizeof had, &had), 0);
    check(CPU_EQUAL(&had, &one));
    check_int(sched_getscheduler(threads.numbers[0]), SCHED_BATCH);
    check_status(exz_proxy_close(proxy, PATIENCE_MS), EXZ_OK);
    close_linked(in);
    close_linked(out);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

CASE(what_makes_no_sense_is_named) {
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    check_status(exz_context_open_with(NULL, &options), EXZ_ERR_INVALID);
    options.size = 8;
    refuse_options(&options, EXZ_ERR_INVALID, "EXZ_CONTEXT_OPTIONS_INIT");
    const uint32_t counts[] = {0, 65, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        char text[40];
        snprintf(text, sizeof text, "%u", counts[i]);
        options = (exz_context_options)EXZ_CONTEXT_OPTIONS_INIT;
        options.io_threads = counts[i];
        refuse_options(&options, EXZ_ERR_INVALID, text);
    }
    const int32_t processors[] = {-1, 1000, 1024, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(processors); i++) {
        char text[40];
        snprintf(text, sizeof text, "processor %d", processors[i]);
        options = (exz_context_options)EXZ_CONTEXT_OPTIONS_INIT;
        /* Beside one that there is. */
        const int32_t both[] = {processors[i], 0};
        options.cpus = both;
        options.cpu_count = 1 + i % 2;
        refuse_options(&options, EXZ_ERR_INVALID, text);
    }
    options = (exz_context_options)EXZ_CONTEXT_OPTIONS_INIT;
    options.cpu_count = 1;
    refuse_options(&options, EXZ_ERR_INVALID, "cpu_count");
    options.cpu_count = SIZE_MAX;
    refuse_options(&options, EXZ_ERR_INVALID, "cpu_count");
    options = (exz_context_options)EXZ_CONTEXT_OPTIONS_INIT;
    options.sched_policy = 77;
    refuse_options(&options, EXZ_ERR_INVALID, "77");
    options.sched_policy = SCHED_FIFO;
    options.sched_priority = 100;
    refuse_options(&options, EXZ_ERR_INVALID, "100");
    options.sched_policy = EXZ_SCHED_INHERITED;
    refuse_options(&options, EXZ_ERR_INVALID, "sched_priority is 100");
    const char *prefixes[] = {"", "ninechars", "a b", "a/b", "caf\xC3\xA9", "\xFF"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        options = (exz_context_options)EXZ_CONTEXT_OPTIONS_INIT;
        options.thread_name_prefix = prefixes[i];
        refuse_options(&options, EXZ_ERR_INVALID, "prefix");
    }
}

CASE(a_context_has_as_many_sockets_as_was_asked_for) {
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.max_sockets = 2;
    exz_context context = open_context(&options);
    exz_socket first = open_in(context, EXZ_PULL), third = {0};
    exz_socket second = open_in(context, EXZ_PUSH);
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_open(&third, context, EXZ_PULL, NULL), EXZ_ERR_LIMIT);
    check_status(exz_last_error(&error), EXZ_OK);
    check_text(error.message, "the context has its 2 sockets");
    linked pair = link_sockets(first, second, TCP);
    check_carries(pair.connected, pair.bound);
    close_linked(pair);
    check_works(context);
    check_status(exz_context_close(context, 0), EXZ_OK);
}

/* Without the right to it. What a child returns is 0 if all is well. */
static int open_without_rights(void) {
    exz_context context = {0};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.sched_policy = SCHED_FIFO;
    options.sched_priority = 10;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) return 1;
    if (exz_context_open_with(&context, &options) != EXZ_ERR_PERMISSION) return 2;
    options.sched_policy = EXZ_SCHED_INHERITED;
    options.sched_priority = 0;
    if (exz_context_open_with(&context, &options) != EXZ_OK) return 3;
    return exz_context_close(context, 0) == EXZ_OK ? 0 : 4;
}

CASE(a_scheduling_that_is_not_permitted_is_refused) {
    if (geteuid() != 0) skip_because("who is not root can not give rights up");
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) _exit(open_without_rights());
    int status = -1;
    check(waitpid(child, &status, 0) == child);
    check(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_defaults_are_those_of_a_plain_context),
        TEST(threads_are_called_what_was_asked_for),
        TEST(threads_run_where_and_how_was_asked_for),
        TEST(a_proxy_runs_as_the_context_of_its_front_says),
        TEST(what_makes_no_sense_is_named),
        TEST(a_context_has_as_many_sockets_as_was_asked_for),
        TEST(a_scheduling_that_is_not_permitted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
