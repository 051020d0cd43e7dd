/* SPDX-License-Identifier: Apache-2.0 */
#include "forecast.h"

#include <experimance_zmq.h>
#include <stdio.h>

void forecast(char *answer, size_t capacity, const char *endpoint, int32_t timeout_ms) {
    char text[64] = "unknown";
    size_t size = 0;
    exz_socket requester;
    if (exz_socket_open(&requester, EXZ_DEFAULT_CONTEXT, EXZ_REQ, NULL) == EXZ_OK) {
        exz_status status = exz_socket_connect(requester, endpoint, 0, timeout_ms, NULL);
        if (status == EXZ_OK)
            status = exz_request(&size, requester, "forecast?", 9, text, sizeof text - 1, timeout_ms, NULL);
        if (status == EXZ_OK) text[size] = '\0';
        exz_socket_close(requester, 0);
    }
    snprintf(answer, capacity, "%s", text);
}
