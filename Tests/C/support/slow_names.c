/* SPDX-License-Identifier: Apache-2.0 */
#include "slow_names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Zeroed, as a semaphore of no permits is. */
static sem_t permits;
static atomic_int looking_up;
static atomic_int moving_name_number;

static bool is_slow(const char *name) {
    const size_t size = strlen(name), end = strlen(SLOW_NAME);
    return size >= end && strcmp(name + size - end, SLOW_NAME) == 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    if (is_slow(name) && (hints->ai_flags & AI_NUMERICHOST) == 0) {
        atomic_fetch_add(&looking_up, 1);
        while (sem_wait(&permits) != 0) continue;
        atomic_fetch_sub(&looking_up, 1);
        return EAI_NONAME;
    }
    char address[32] = "127.0.0.";
    if (strcmp(name, MOVING_NAME) == 0 && (hints->ai_flags & AI_NUMERICHOST) == 0) {
        int number = atomic_load(&moving_name_number);
        if (number == 0) return EAI_NONAME;
        snprintf(address, sizeof address, "127.0.0.%d", number);
        name = address;
    }
    int (*usual)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&usual = dlsym(RTLD_NEXT, "getaddrinfo");
    return usual(name, service, hints, result);
}

void slow_name_await(void) {
    while (atomic_load(&looking_up) == 0) sched_yield();
}

int slow_names_looked_up(void) { return atomic_load(&looking_up); }

void slow_name_fail(void) {
    for (int count = atomic_load(&looking_up); count > 0; count--) sem_post(&permits);
    while (atomic_load(&looking_up) > 0) sched_yield();
}

void moving_name_is_at(int number) { atomic_store(&moving_name_number, number); }
