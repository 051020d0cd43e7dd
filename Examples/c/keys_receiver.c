/* SPDX-License-Identifier: Apache-2.0
 *
 * keys_receiver FOLDER: receives one message from somebody whose key is in FOLDER/allowed. */
#include "journal.h"
#include <stdio.h>

int main(int argc, char **argv) {
    char file[4096], secret[EXZ_CURVE_TEXT_SIZE], public[EXZ_CURVE_TEXT_SIZE], endpoint[256], name[EXZ_USER_ID_SIZE];
    const char *folder = argc == 2 ? argv[1] : ".";
    exz_authenticator authenticator;
    snprintf(file, sizeof file, "%s/allowed", folder);
    insist(exz_authenticator_open(&authenticator, EXZ_DEFAULT_CONTEXT, NULL), "authenticator");
    insist(exz_authenticator_allow_keys(authenticator, file, EXZ_AUTHENTICATOR_END_LINKS), "allowed keys");
    snprintf(file, sizeof file, "%s/receiver.key_secret", folder);
    insist(exz_curve_load(public, secret, file, NULL), "key of this service");
    exz_security security = {.size = sizeof security, .mechanism = EXZ_SECURITY_CURVE_SERVER, .secret_key = secret};
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.security = &security;
    exz_socket puller;
    insist(exz_socket_open(&puller, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), "open");
    insist(exz_socket_bind(puller, "tcp://127.0.0.1:*", 1000, NULL), "bind");
    insist(exz_socket_endpoint(puller, endpoint, sizeof endpoint), "endpoint");
    printf("%s\n", endpoint);
    exz_message message;
    insist(fflush(stdout) == 0 ? exz_recv_message(&message, puller, 30000) : EXZ_ERR_INTERNAL, "receive");
    insist(exz_message_property(name, sizeof name, message, "User-Id"), "sender");
    printf("from %s\n", name);
}
