/* SPDX-License-Identifier: Apache-2.0
 * Sends itself a message through the installed library. */
#include <experimance_zmq.h>
#include <stdio.h>

int main(void) {
    exz_socket push, pull;
    char endpoint[256], text[64];
    size_t size;
    exz_status status = exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
    if (status == EXZ_OK) status = exz_socket_open(&pull, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
    if (status == EXZ_OK) status = exz_socket_bind(push, "tcp://127.0.0.1:*", 30000, NULL);
    if (status == EXZ_OK) status = exz_socket_endpoint(push, endpoint, sizeof endpoint);
    if (status == EXZ_OK) status = exz_socket_connect(pull, endpoint, 0, 30000, NULL);
    if (status == EXZ_OK) status = exz_send(push, "hello from C", 12, 0, 30000);
    if (status == EXZ_OK) status = exz_recv(&size, pull, text, sizeof text, 30000);
    if (status == EXZ_OK) printf("%.*s\n", (int)size, text);
    else fprintf(stderr, "%s\n", exz_strerror(status));
    return status != EXZ_OK;
}
