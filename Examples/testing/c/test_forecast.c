/* SPDX-License-Identifier: Apache-2.0
 *
 * What the program does when connections fail. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "forecast.h"
#include "service.h"

static char endpoint[256], answer[64];

/* A proxy before a service; where it listens is in `endpoint`. */
static exz_fault_proxy proxy_to(const char *target) {
    exz_fault_proxy proxy;
    assert(exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", target, 0, NULL) == EXZ_OK);
    assert(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint) == EXZ_OK);
    return proxy;
}

static void two_failures_are_survived(const char *target) {
    exz_fault_proxy proxy = proxy_to(target);
    exz_fault fault = EXZ_FAULT_INIT;
    fault.kind = EXZ_FAULT_RESET;
    fault.count = 2;
    uint32_t failures;
    assert(exz_fault_add(&failures, proxy, &fault) == EXZ_OK);
    forecast(answer, sizeof answer, endpoint, 10000);
    assert(strcmp(answer, "sunny") == 0);
    assert(exz_fault_wait(proxy, failures, 2, 1000) == EXZ_OK);
    exz_fault_proxy_close(proxy);
}

struct late {
    exz_fault_proxy proxy;
    char target[64];
    service service;
};

/* Starts the service when the program has tried in vain. */
static void *start_late(void *late) {
    struct late *it = late;
    assert(exz_fault_proxy_wait(it->proxy, EXZ_FAULT_COUNT_FAILED, 1, 10000) == EXZ_OK);
    service_start(&it->service, it->target);
    return NULL;
}

static void late_service_is_waited_for(void) {
    struct late late;
    pthread_t starting;
    snprintf(late.target, sizeof late.target, "ipc://@forecast-%d", (int)getpid());
    late.proxy = proxy_to(late.target); /* where nobody is yet */
    assert(pthread_create(&starting, NULL, start_late, &late) == 0);
    forecast(answer, sizeof answer, endpoint, 10000);
    assert(strcmp(answer, "sunny") == 0);
    pthread_join(starting, NULL);
    service_stop(&late.service);
    exz_fault_proxy_close(late.proxy);
}

static void silent_service_is_given_up_in_time(const char *target) {
    exz_fault_proxy proxy = proxy_to(target);
    exz_fault fault = EXZ_FAULT_INIT;
    fault.kind = EXZ_FAULT_BLACKHOLE;
    uint32_t silence;
    assert(exz_fault_add(&silence, proxy, &fault) == EXZ_OK);
    forecast(answer, sizeof answer, endpoint, 200);
    assert(strcmp(answer, "unknown") == 0);
    assert(exz_fault_wait(proxy, silence, 1, 1000) == EXZ_OK);
    assert(exz_fault_remove(proxy, silence) == EXZ_OK);
    forecast(answer, sizeof answer, endpoint, 10000);
    assert(strcmp(answer, "sunny") == 0);
    exz_fault_proxy_close(proxy);
}

int main(void) {
    service service;
    service_start(&service, "tcp://127.0.0.1:*");
    two_failures_are_survived(service.endpoint);
    late_service_is_waited_for();
    silent_service_is_given_up_in_time(service.endpoint);
    service_stop(&service);
    puts("3 tests passed");
    return 0;
}
