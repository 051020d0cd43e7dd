/* SPDX-License-Identifier: Apache-2.0
 *
 * What the program does when connections fail. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "forecast.h"
#include "service.h"

/* Where the proxy listens. */
static char endpoint[256];

static exz_fault_proxy proxy_to(const char *target) {
    exz_fault_proxy proxy;
    assert(exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", target, 0, NULL) == EXZ_OK);
    assert(exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint) == EXZ_OK);
    return proxy;
}

static void two_failures_are_survived(const char *target) {
    exz_fault_proxy proxy = proxy_to(target);
    uint32_t failures;
    assert(exz_fault_add(&failures, proxy, EXZ_FAULT(.kind = EXZ_FAULT_RESET, .count = 2)) == EXZ_OK);
    assert(forecast(endpoint, 10000) == SUNNY);
    assert(exz_fault_wait(proxy, failures, 2, 1000) == EXZ_OK);
    exz_fault_proxy_close(proxy);
}

static void *ask(void *answer) {
    *(weather *)answer = forecast(endpoint, 10000);
    return NULL;
}

static void late_service_is_waited_for(const char *target) {
    exz_fault_proxy proxy = proxy_to(target); /* where nobody is yet */
    service service;
    weather answer;
    pthread_t asking;
    assert(pthread_create(&asking, NULL, ask, &answer) == 0);
    assert(exz_fault_proxy_wait(proxy, EXZ_FAULT_COUNT_FAILED, 1, 10000) == EXZ_OK); /* it has tried in vain */
    service_start(&service, target);
    pthread_join(asking, NULL);
    assert(answer == SUNNY);
    service_stop(&service);
    exz_fault_proxy_close(proxy);
}

static void silent_service_is_given_up_in_time(const char *target) {
    exz_fault_proxy proxy = proxy_to(target);
    uint32_t silence;
    assert(exz_fault_add(&silence, proxy, EXZ_FAULT(.kind = EXZ_FAULT_BLACKHOLE)) == EXZ_OK);
    assert(forecast(endpoint, 200) == UNKNOWN);
    assert(exz_fault_wait(proxy, silence, 1, 1000) == EXZ_OK);
    assert(exz_fault_remove(proxy, silence) == EXZ_OK);
    assert(forecast(endpoint, 10000) == SUNNY);
    exz_fault_proxy_close(proxy);
}

int main(void) {
    service service;
    char late[64];
    service_start(&service, "tcp://127.0.0.1:*");
    two_failures_are_survived(service.endpoint);
    silent_service_is_given_up_in_time(service.endpoint);
    service_stop(&service);
    snprintf(late, sizeof late, "ipc://@forecast-%d", (int)getpid());
    late_service_is_waited_for(late);
    puts("3 tests passed");
    return 0;
}
