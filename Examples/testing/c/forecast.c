/* SPDX-License-Identifier: Apache-2.0 */
#include "forecast.h"

#include <experimance_zmq.h>
#include <string.h>

weather forecast(const char *endpoint, int32_t timeout_ms) {
    char text[64] = "";
    size_t size;
    exz_socket requester;
    if (exz_socket_open(&requester, EXZ_DEFAULT_CONTEXT, EXZ_REQ, NULL) != EXZ_OK) return UNKNOWN;
    if (exz_socket_connect(requester, endpoint, 0, timeout_ms, NULL) == EXZ_OK)
        exz_request(&size, requester, "forecast?", 9, text, sizeof text - 1, timeout_ms, NULL);
    exz_socket_close(requester, 0);
    if (strcmp(text, "sunny") == 0) return SUNNY;
    return strcmp(text, "rainy") == 0 ? RAINY : UNKNOWN;
}
