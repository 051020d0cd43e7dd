/* SPDX-License-Identifier: Apache-2.0
 *
 * curve_connect KEYS COUNT: connects COUNT times, over tcp on the loopback, to a CURVE server in another process whose
 * authenticator allows KEYS keys, the client's among them. Prints the nanoseconds of each exz_socket_connect(), which
 * is back when the handshake is done, after a tenth of them as a warm-up.
 */
#include "cores.h"
#include "door_ours.h"
#include "keys.h"

static exz_socket open_with(int type, const exz_security *security)
{
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    exz_socket socket;
    options.security = security;
    exz_must(exz_socket_open(&socket, EXZ_DEFAULT_CONTEXT, type, &options), "exz_socket_open");
    return socket;
}

/* Keys of nobody: an authenticator does not ask whether anybody has the secret. */
static void allow_others(exz_authenticator authenticator, long count)
{
    for (long number = 1; number <= count; number++) {
        uint8_t key[EXZ_CURVE_KEY_SIZE] = {0};
        char text[EXZ_CURVE_TEXT_SIZE];
        memcpy(key, &number, sizeof number);
        exz_must(exz_curve_encode(text, sizeof text, key, sizeof key), "exz_curve_encode");
        exz_must(exz_authenticator_allow_key(authenticator, text, NULL), "exz_authenticator_allow_key");
    }
}

static void serve(peer client, long keys)
{
    exz_authenticator authenticator;
    exz_security security = EXZ_SECURITY_INIT;
    char endpoint[ENDPOINT_SIZE] = "";
    security.mechanism = EXZ_SECURITY_CURVE_SERVER;
    security.secret_key = server_secret;
    exz_must(exz_authenticator_open(&authenticator, EXZ_DEFAULT_CONTEXT, NULL), "exz_authenticator_open");
    exz_must(exz_authenticator_allow_key(authenticator, client_public, "client"), "exz_authenticator_allow_key");
    allow_others(authenticator, keys - 1);
    exz_socket socket = open_with(EXZ_PULL, &security);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(client, endpoint, sizeof endpoint);
    hear(client, endpoint, 1);
    door_close(socket);
}

static int64_t connect_once(const char *endpoint)
{
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_CURVE_CLIENT;
    security.public_key = client_public;
    security.secret_key = client_secret;
    security.server_key = server_public;
    exz_socket socket = open_with(EXZ_PUSH, &security);
    int64_t start = now_ns();
    door_connect(socket, endpoint);
    int64_t duration = now_ns() - start;
    door_close(socket);
    return duration;
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "KEYS COUNT");
    long keys = number_from(argv[1]), count = number_from(argv[2]);
    must(keys > 0 && count > 0, argv[0], "KEYS and COUNT are at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        serve(other, keys);
        return 0;
    }
    char endpoint[ENDPOINT_SIZE];
    hear(other, endpoint, sizeof endpoint);
    for (long round = -count / 10; round < count; round++) {
        int64_t duration = connect_once(endpoint);
        if (round >= 0)
            printf("%" PRId64 "\n", duration);
    }
    tell(other, "", 1);
    await_exit(other);
    return 0;
}
