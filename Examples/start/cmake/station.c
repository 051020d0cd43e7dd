/* SPDX-License-Identifier: Apache-2.0
 * station ENDPOINT: publishes each line of its input, "TOPIC TEXT", once somebody has subscribed. */
#include <experimance_zmq.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what, const char *why) {
    fprintf(stderr, "station: %s: %s\n", what, why);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 2) return failed("usage", "station ENDPOINT");
    exz_socket publisher;
    exz_error error = EXZ_ERROR_INIT;
    exz_status status = exz_socket_open(&publisher, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL);
    if (status != EXZ_OK) return failed("no socket", exz_strerror(status));
    if (exz_socket_bind(publisher, arguments[1], 1000, &error) != EXZ_OK) return failed("bind", error.message);
    // What nobody has subscribed to is dropped; so wait for a subscriber to the empty topic, which is everything.
    status = exz_wait_subscribers(publisher, "", 1, 30000);
    if (status != EXZ_OK) return failed("nobody has subscribed", exz_strerror(status));

    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *text = strchr(line, ' ');
        if (!text) return failed("not TOPIC TEXT", line);
        *text++ = '\0';
        status = exz_publish(publisher, line, text, strlen(text), EXZ_DEFAULT_TIMEOUT);
        if (status != EXZ_OK) return failed("publish", exz_strerror(status));
    }
    // Sends what is queued, for two seconds at most.
    exz_socket_close(publisher, 2000);
    return 0;
}
