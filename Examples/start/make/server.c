/* SPDX-License-Identifier: Apache-2.0
 * server ENDPOINT: answers each request with its length. Ends when it is told to with SIGTERM or Ctrl-C. */
#include <experimance_zmq.h>
#include <stdio.h>

static int failed(const char *what, const char *why) {
    fprintf(stderr, "server: %s: %s\n", what, why);
    return 1;
}

/* Answers one request, of any size. */
static exz_status answer_one(exz_socket replier) {
    exz_message request;
    const void *data;
    size_t size = 0;
    exz_status status = exz_recv_message(&request, replier, 60000);
    if (status != EXZ_OK) return status;
    status = exz_message_part(&data, &size, request, 0);
    exz_message_free(request);
    if (status != EXZ_OK) return status;
    char answer[64];
    int length = snprintf(answer, sizeof answer, "%zu bytes", size);
    return exz_send(replier, answer, (size_t)length, 0, 1000);
}

int main(int count, char **arguments) {
    if (count != 2) return failed("usage", "server ENDPOINT");
    exz_socket replier;
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_open(&replier, EXZ_DEFAULT_CONTEXT, EXZ_REP, NULL);
    if (status != EXZ_OK) return failed("no socket", exz_strerror(status));
    if (exz_socket_bind(replier, arguments[1], 1000, &error) != EXZ_OK) return failed("bind", error.message);
    // A minute without a request is no failure, and neither is a client that is gone by the time of its answer.
    do status = answer_one(replier);
    while (status == EXZ_OK || status == EXZ_ERR_TIMEOUT);
    return failed("gives up", exz_strerror(status));
}
