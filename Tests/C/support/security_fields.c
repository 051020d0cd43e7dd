/* SPDX-License-Identifier: Apache-2.0 */
#include "security_fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "data_lines.h"

key_pair new_keys(void) {
    key_pair keys;
    check_status(exz_curve_keypair(keys.public_key, keys.secret_key), EXZ_OK);
    return keys;
}

exz_security curve_server(const key_pair *own, uint32_t flags) {
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_CURVE_SERVER;
    security.secret_key = own->secret_key;
    security.flags = flags;
    return security;
}

exz_security curve_client(const key_pair *own, const key_pair *server) {
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = EXZ_SECURITY_CURVE_CLIENT;
    security.public_key = own->public_key;
    security.secret_key = own->secret_key;
    security.server_key = server->public_key;
    return security;
}

exz_socket open_secured(exz_context context, exz_socket_type type, const exz_security *security) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 10;
    options.security = security;
    exz_socket s;
    check_status(exz_socket_open(&s, context, type, &options), EXZ_OK);
    return s;
}

static long long number_in(const char *value, long long lowest, long long highest) {
    char *end;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    check(errno == 0 && end != value && *end == '\0' && number >= lowest && number <= highest);
    return number;
}

static void set_field(secured *made, const char *name, const char *value) {
    exz_security *security = &made->security;
    const struct {
        const char *name;
        const char **place;
    } texts[SECURITY_TEXTS] = {{"public_key", &security->public_key},
                               {"secret_key", &security->secret_key},
                               {"server_key", &security->server_key},
                               {"username", &security->username},
                               {"password", &security->password}};
    for (size_t i = 0; i < SECURITY_TEXTS; i++) {
        if (strcmp(texts[i].name, name) != 0) continue;
        check(made->texts[i] == NULL);
        made->texts[i] = unescaped(value, NULL);
        *texts[i].place = made->texts[i];
        return;
    }
    if (strcmp(name, "size") == 0) security->size = (uint32_t)number_in(value, 0, UINT32_MAX);
    else if (strcmp(name, "flags") == 0) security->flags = (uint32_t)number_in(value, 0, UINT32_MAX);
    else if (strcmp(name, "mechanism") == 0) security->mechanism = (int32_t)number_in(value, INT32_MIN, INT32_MAX);
    else check(false);
}

secured security_of(const char *fields) {
    secured made = {EXZ_SECURITY_INIT, {NULL}};
    char *text = strdup(fields), *next = text;
    check(text != NULL);
    for (char *name = strsep(&next, " "); name != NULL; name = strsep(&next, " ")) {
        char *value = strchr(name, '=');
        check(value != NULL);
        *value++ = '\0';
        set_field(&made, name, value);
    }
    free(text);
    return made;
}

void free_secured(secured *made) {
    for (size_t i = 0; i < SECURITY_TEXTS; i++) free(made->texts[i]);
}
