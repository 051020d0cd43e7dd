/* SPDX-License-Identifier: Apache-2.0 */
#include "option_fields.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "data_lines.h"

typedef enum field_kind { I32, I64, U32, SIZE, REAL, BYTES } field_kind;

typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset;
} field;

#define OPTION(name, kind) {#name, kind, offsetof(exz_socket_options, name)}
static const field option_fields[] = {
    OPTION(size, U32),
    OPTION(send_hwm, I32),
    OPTION(receive_hwm, I32),
    OPTION(linger_ms, I32),
    OPTION(default_timeout_ms, I32),
    OPTION(on_full, U32),
    OPTION(wire_form, U32),
    OPTION(heartbeat_interval_ms, I32),
    OPTION(heartbeat_timeout_ms, I32),
    OPTION(keepalive_ms, I32),
    OPTION(max_message_size, I64),
    OPTION(conflate, U32),
    OPTION(interruptible, U32),
    OPTION(send_buffer, I32),
    OPTION(receive_buffer, I32),
    OPTION(ipc_mode, U32),
    OPTION(event_capacity, U32),
    OPTION(reserved, U32),
    OPTION(identity, BYTES),
    OPTION(identity_size, SIZE),
};

#define POLICY(name, kind) {#name, kind, offsetof(exz_retry_policy, name)}
static const field policy_fields[] = {
    POLICY(size, U32),
    POLICY(max_attempts, U32),
    POLICY(initial_backoff_ms, I32),
    POLICY(max_backoff_ms, I32),
    POLICY(multiplier, REAL),
    POLICY(jitter, U32),
    POLICY(attempt_timeout_ms, I32),
    POLICY(jitter_ratio, REAL),
};

exz_socket_type type_named(const char *name) {
    static const char *const names[] = {"PAIR", "PUB",    "SUB",  "REQ",  "REP", "DEALER",
                                        "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"};
    size_t i = 0;
    while (i < COUNT_OF(names) && strcmp(names[i], name) != 0) i++;
    check(i < COUNT_OF(names));
    return (exz_socket_type)i;
}

/* A number from `lowest` to `highest`, or one beside the size of the struct. */
static int64_t signed_number(const char *text, size_t size, int64_t lowest, int64_t highest) {
    int64_t base = 0;
    if (strncmp(text, "sizeof", 6) == 0) {
        base = (int64_t)size;
        text += 6;
    }
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    check(errno == 0 && end != text && *end == '\0');
    check(base == 0 || (number > -100 && number < 100));
    check(base + number >= lowest && base + number <= highest);
    return base + number;
}

static size_t unsigned_number(const char *text) {
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    check(errno == 0 && text[0] != '-' && end != text && *end == '\0');
    return number;
}

static double real_number(const char *text) {
    char *end;
    const double number = strtod(text, &end);
    check(end != text && *end == '\0');
    return number;
}

/* Writes the value into the field, which is part of a struct of that size. */
static void set(char *place, field_kind kind, const char *value, size_t size) {
    switch (kind) {
        case I32: {
            const int32_t number = (int32_t)signed_number(value, size, INT32_MIN, INT32_MAX);
            memcpy(place, &number, sizeof number);
            return;
        }
        case I64: {
            const int64_t number = signed_number(value, size, INT64_MIN, INT64_MAX);
            memcpy(place, &number, sizeof number);
            return;
        }
        case U32: {
            const uint32_t number = (uint32_t)signed_number(value, size, 0, UINT32_MAX);
            memcpy(place, &number, sizeof number);
            return;
        }
        case SIZE: {
            const size_t number = unsigned_number(value);
            memcpy(place, &number, sizeof number);
            return;
        }
        case REAL: {
            const double number = real_number(value);
            memcpy(place, &number, sizeof number);
            return;
        }
        case BYTES: check(false);
    }
}

/* Goes through the changes; bytes are handed to `options`, which only the fields of a socket's options have. */
static void change(char *object, size_t size, const field *fields, size_t count, const char *changes,
                   exz_socket_options *options, char **identity) {
    char *text = strdup(changes);
    check(text != NULL);
    char *next = text;
    for (char *name = strsep(&next, " "); name != NULL; name = strsep(&next, " ")) {
        char *value = strchr(name, '=');
        check(value != NULL);
        *value++ = '\0';
        size_t i = 0;
        while (i < count && strcmp(fields[i].name, name) != 0) i++;
        check(i < count);
        if (fields[i].kind != BYTES) {
            set(object + fields[i].offset, fields[i].kind, value, size);
        } else {
            check(*identity == NULL);
            *identity = unescaped(value, &options->identity_size);
            options->identity = *identity;
        }
    }
    free(text);
}

void change_option_fields(exz_socket_options *options, const char *changes, char **identity) {
    *identity = NULL;
    change((char *)options, sizeof *options, option_fields, COUNT_OF(option_fields), changes, options, identity);
}

void change_policy_fields(exz_retry_policy *policy, const char *changes) {
    change((char *)policy, sizeof *policy, policy_fields, COUNT_OF(policy_fields), changes, NULL, NULL);
}
