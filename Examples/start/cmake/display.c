/* SPDX-License-Identifier: Apache-2.0
 * display ENDPOINT COUNT: prints that many messages. The station may start later. */
#include <experimance_zmq.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char *what, const char *why) {
    fprintf(stderr, "display: %s: %s\n", what, why);
    return 1;
}

/* Prints topic and payload of the next message. */
static exz_status show(exz_socket subscriber) {
    exz_message message;
    exz_status status = exz_recv_message(&message, subscriber, 30000);
    if (status != EXZ_OK) return status;
    size_t parts = 0;
    exz_message_count(&parts, message);
    for (size_t index = 0; index < parts; index++) {
        const void *data;
        size_t size;
        if ((status = exz_message_part(&data, &size, message, index)) != EXZ_OK) break;
        printf("%s%.*s", index ? ": " : "", (int)size, (const char *)data);
    }
    puts("");
    exz_message_free(message);
    return status;
}

int main(int count, char **arguments) {
    if (count != 3) return failed("usage", "display ENDPOINT COUNT");
    exz_socket subscriber;
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_open(&subscriber, EXZ_DEFAULT_CONTEXT, EXZ_SUB, NULL);
    if (status == EXZ_OK) status = exz_subscribe(subscriber, "");
    if (status != EXZ_OK) return failed("no socket", exz_strerror(status));
    // Returns at once. Attempts go on until there is a station, and again when it is lost.
    if (exz_socket_connect(subscriber, arguments[1], EXZ_CONNECT_BACKGROUND, 0, &error) != EXZ_OK)
        return failed("connect", error.message);
    for (long left = strtol(arguments[2], NULL, 10); left > 0; left--)
        if ((status = show(subscriber)) != EXZ_OK) return failed("receive", exz_strerror(status));
    exz_socket_close(subscriber, 0);
    return 0;
}
