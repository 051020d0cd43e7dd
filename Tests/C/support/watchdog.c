/* SPDX-License-Identifier: Apache-2.0 */
#include "watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static const char *watched;
static struct timespec due;
static long limit_seconds = 60;

static void *watch(void *unused) {
    pthread_mutex_lock(&mutex);
    for (;;) {
        if (watched == NULL) {
            pthread_cond_wait(&changed, &mutex);
        } else if (pthread_cond_timedwait(&changed, &mutex, &due) == ETIMEDOUT && watched != NULL) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            if (now.tv_sec < due.tv_sec) continue;
            fprintf(stderr, "watchdog: %s has not come to an end within %ld s\n", watched, limit_seconds);
            abort();
        }
    }
    return unused;
}

static void start(void) {
    const char *seconds = getenv("EXZ_WATCHDOG_SECONDS");
    if (seconds != NULL && atol(seconds) > 0) limit_seconds = atol(seconds);

    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &monotonic);
    pthread_condattr_destroy(&monotonic);

    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) != 0) {
        perror("watchdog");
        abort();
    }
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
}

void watchdog_watch(const char *test) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    pthread_mutex_lock(&mutex);
    watched = test;
    clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_sec += limit_seconds;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
}

void watchdog_rest(void) {
    pthread_mutex_lock(&mutex);
    watched = NULL;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
}
