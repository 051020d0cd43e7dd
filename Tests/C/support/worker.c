/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"

static void *run(void *argument) {
    worker *w = argument;
    atomic_store(&w->id, gettid());
    w->began_ns = now_ns();
    w->status = w->body(w->argument);
    w->ended_ns = now_ns();
    atomic_store(&w->is_done, true);
    return NULL;
}

void worker_start(worker *w, exz_status (*body)(void *argument), void *argument) {
    w->body = body;
    w->argument = argument;
    atomic_init(&w->id, 0);
    atomic_init(&w->is_done, false);
    check_int(pthread_create(&w->thread, NULL, run, w), 0);
}

static bool is_asleep(pid_t thread) {
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    bool has_line = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    const char *state = has_line ? strrchr(line, ')') : NULL;
    return state != NULL && strncmp(state, ") S", 3) == 0;
}

void worker_await_sleep(worker *w) {
    while (!atomic_load(&w->is_done)) {
        pid_t thread = atomic_load(&w->id);
        if (thread != 0 && is_asleep(thread)) return;
        sched_yield();
    }
}

exz_status worker_join(worker *w) {
    check_int(pthread_join(w->thread, NULL), 0);
    return w->status;
}

exz_status bind_patiently(void *argument) {
    link_call *call = argument;
    return exz_socket_bind(call->s, call->endpoint, PATIENCE_MS, NULL);
}

exz_status connect_patiently(void *argument) {
    link_call *call = argument;
    return exz_socket_connect(call->s, call->endpoint, 0, PATIENCE_MS, NULL);
}
