/* SPDX-License-Identifier: Apache-2.0
 * client ENDPOINT TEXT: asks once, and prints the answer or why there is none. */
#include <experimance_zmq.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what, const char *why) {
    fprintf(stderr, "client: %s: %s\n", what, why);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 3) return failed("usage", "client ENDPOINT TEXT");
    exz_socket requester;
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_open(&requester, EXZ_DEFAULT_CONTEXT, EXZ_REQ, NULL);
    if (status != EXZ_OK) return failed("no socket", exz_strerror(status));
    // The request waits here until there is a server, and goes out once when there is one.
    if (exz_socket_connect(requester, arguments[1], EXZ_CONNECT_BACKGROUND, 0, &error) != EXZ_OK)
        return failed("connect", error.message);
    char answer[256];
    size_t size;
    const char *text = arguments[2];
    if (exz_request(&size, requester, text, strlen(text), answer, sizeof answer, 10000, &error) != EXZ_OK)
        return failed("request", error.message);
    printf("%.*s\n", (int)size, answer);
    exz_socket_close(requester, 0);
    return 0;
}
