/* SPDX-License-Identifier: Apache-2.0
 *
 * keys_sender FOLDER NAME ENDPOINT: sends a message as who has the key FOLDER/NAME.key_secret. */
#include "journal.h"
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    char file[4096], secret[EXZ_CURVE_TEXT_SIZE], public[EXZ_CURVE_TEXT_SIZE], server[EXZ_CURVE_TEXT_SIZE];
    snprintf(file, sizeof file, "%s/%s.key_secret", argv[1], argv[2]);
    insist(exz_curve_load(public, secret, file, NULL), "key of this service");
    snprintf(file, sizeof file, "%s/receiver.key", argv[1]);
    insist(exz_curve_load(server, NULL, file, NULL), "key of the receiver");
    exz_security security = {.size = sizeof security, .mechanism = EXZ_SECURITY_CURVE_CLIENT};
    security.public_key = public, security.secret_key = secret, security.server_key = server;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    exz_socket pusher;
    insist(exz_socket_open(&pusher, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &options), "open");
    exz_error error = EXZ_ERROR_INIT;
    if (exz_socket_connect(pusher, argv[3], 0, 10000, &error) != EXZ_OK)
        return printf("%s: %s\n", exz_status_name(error.status), error.message) < 0;
    insist(exz_send(pusher, "hello", 5, 0, 1000), "send");
    insist(exz_socket_close(pusher, 10000), "close");
}
