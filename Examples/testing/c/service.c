/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include "service.h"

#include <assert.h>

static void *answer(void *argument) {
    const service *it = argument;
    char question[64];
    size_t size;
    exz_status status = EXZ_OK;
    while (status == EXZ_OK || status == EXZ_ERR_TIMEOUT) {
        status = exz_recv(&size, it->replier, question, sizeof question, 1000);
        if (status == EXZ_OK) exz_send(it->replier, "sunny", 5, 0, 1000);
    }
    return NULL;
}

void service_start(service *it, const char *endpoint) {
    assert(exz_socket_open(&it->replier, EXZ_DEFAULT_CONTEXT, EXZ_REP, NULL) == EXZ_OK);
    assert(exz_socket_bind(it->replier, endpoint, 1000, NULL) == EXZ_OK);
    assert(exz_socket_endpoint(it->replier, it->endpoint, sizeof it->endpoint) == EXZ_OK);
    assert(pthread_create(&it->thread, NULL, answer, it) == 0);
}

void service_stop(service *it) {
    exz_socket_close(it->replier, 0);
    pthread_join(it->thread, NULL);
}
