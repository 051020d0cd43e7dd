/* SPDX-License-Identifier: Apache-2.0
 *
 * The C door of the matrix: makes the calls that it is told to, one socket at a time.
 *
 * A line of standard input is a call: VERB, ARGUMENT and TIMEOUT in milliseconds, with a tab between them. Each is
 * answered with a line of JSON: the name of the status, the milliseconds that the call took, and the bytes that came of
 * it in hexadecimal digits. The doors in Swift and Python do the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experimance_zmq.h"
#include "monotonic.h"

#define TOPIC "topic"

/* What a call gives, beside its status. */
typedef struct result {
    char bytes[512];
    size_t size;
} result;

typedef exz_status (*call)(const char *argument, int32_t timeout_ms, result *out);

/* The one socket. */
static exz_socket s;

/* Where that is the back of a proxy: the proxy, its front, and what is sent through it comes from. */
static exz_proxy proxy;
static exz_socket front, feeder;

static void end_proxy(void) {
    exz_proxy_close(proxy, 1000);
    exz_socket_close(front, 0);
    exz_socket_close(feeder, 0);
    proxy.id = front.id = feeder.id = 0;
}

static exz_status open_proxy(const exz_socket_options *options) {
    char endpoint[256];
    exz_status status = exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, options);
    if (status == EXZ_OK) status = exz_socket_open(&front, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
    if (status == EXZ_OK) status = exz_socket_open(&feeder, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
    if (status == EXZ_OK) status = exz_socket_bind(front, "tcp://127.0.0.1:*", 1000, NULL);
    if (status == EXZ_OK) status = exz_socket_endpoint(front, endpoint, sizeof endpoint);
    if (status == EXZ_OK) status = exz_socket_connect(feeder, endpoint, 0, 10000, NULL);
    return status == EXZ_OK ? exz_proxy_open(&proxy, front, s, (exz_socket){0}, NULL) : status;
}

static exz_status open_one(const char *type, int32_t timeout_ms, result *out) {
    static const struct {
        const char *name;
        exz_socket_type type;
    } types[] = {{"pub", EXZ_PUB}, {"sub", EXZ_SUB}, {"push", EXZ_PUSH}, {"pull", EXZ_PULL}, {"req", EXZ_REQ}};
    (void)timeout_ms, (void)out;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = 10;
    options.retry.max_backoff_ms = 50;
    end_proxy();
    if (strcmp(type, "proxy") == 0) return open_proxy(&options);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, type) == 0)
            return exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, types[i].type, &options);
    return EXZ_ERR_INVALID;
}

static exz_status bind_it(const char *endpoint, int32_t timeout_ms, result *out) {
    exz_status status = exz_socket_bind(s, endpoint, timeout_ms, NULL);
    if (status != EXZ_OK) return status;
    status = exz_socket_endpoint(s, out->bytes, sizeof out->bytes);
    out->size = strlen(out->bytes);
    return status;
}

static exz_status connect_it(const char *endpoint, int32_t timeout_ms, result *out) {
    (void)out;
    return exz_socket_connect(s, endpoint, 0, timeout_ms, NULL);
}

static exz_status connect_later(const char *endpoint, int32_t timeout_ms, result *out) {
    (void)timeout_ms, (void)out;
    return exz_socket_connect(s, endpoint, EXZ_CONNECT_BACKGROUND, 0, NULL);
}

static exz_status disconnect_it(const char *endpoint, int32_t timeout_ms, result *out) {
    (void)timeout_ms, (void)out;
    return exz_socket_disconnect(s, endpoint);
}

static exz_status subscribe_it(const char *topic, int32_t timeout_ms, result *out) {
    (void)timeout_ms, (void)out;
    return exz_subscribe(s, topic);
}

static exz_status send_it(const char *text, int32_t timeout_ms, result *out) {
    (void)out;
    return exz_send(proxy.id != 0 ? feeder : s, text, strlen(text), 0, timeout_ms);
}

/* The last part: of what was published, the payload. */
static exz_status receive_it(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument;
    exz_message message;
    exz_status status = exz_recv_message(&message, s, timeout_ms);
    if (status != EXZ_OK) return status;
    size_t parts, size;
    const void *data;
    status = exz_message_count(&parts, message);
    if (status == EXZ_OK) status = exz_message_part(&data, &size, message, parts - 1);
    if (status == EXZ_OK) {
        out->size = size < sizeof out->bytes ? size : sizeof out->bytes;
        memcpy(out->bytes, data, out->size);
    }
    exz_message_free(message);
    return status;
}

static exz_status publish_it(const char *text, int32_t timeout_ms, result *out) {
    (void)out;
    return exz_publish(s, TOPIC, text, strlen(text), timeout_ms);
}

static exz_status wait_subscribers(const char *topic, int32_t timeout_ms, result *out) {
    (void)out;
    return exz_wait_subscribers(s, topic, 1, timeout_ms);
}

static exz_status wait_subscribed(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument, (void)out;
    return exz_wait_subscribed(s, timeout_ms);
}

static exz_status wait_peers(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument, (void)out;
    return exz_wait_peers(s, 1, timeout_ms);
}

static exz_status request_it(const char *text, int32_t timeout_ms, result *out) {
    return exz_request(&out->size, s, text, strlen(text), out->bytes, sizeof out->bytes, timeout_ms, NULL);
}

static exz_status close_it(const char *argument, int32_t linger_ms, result *out) {
    (void)argument, (void)out;
    return exz_socket_close(s, linger_ms);
}

static exz_status pause_it(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument, (void)out;
    return exz_proxy_pause(proxy, timeout_ms);
}

static exz_status resume_it(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument, (void)timeout_ms, (void)out;
    return exz_proxy_resume(proxy);
}

static exz_status end_it(const char *argument, int32_t timeout_ms, result *out) {
    (void)argument, (void)out;
    return exz_proxy_close(proxy, timeout_ms);
}

static const struct {
    const char *verb;
    call call;
} calls[] = {
    {"open", open_one},
    {"bind", bind_it},
    {"connect", connect_it},
    {"connect_later", connect_later},
    {"disconnect", disconnect_it},
    {"subscribe", subscribe_it},
    {"send", send_it},
    {"recv", receive_it},
    {"publish", publish_it},
    {"wait_subscribers", wait_subscribers},
    {"wait_subscribed", wait_subscribed},
    {"wait_peers", wait_peers},
    {"request", request_it},
    {"close", close_it},
    {"pause", pause_it},
    {"resume", resume_it},
    {"end", end_it},
};

static call called(const char *verb) {
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].verb, verb) == 0) return calls[i].call;
    fprintf(stderr, "no such verb: %s\n", verb);
    exit(2);
}

int main(void) {
    char line[1024];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = line, *verb = strsep(&rest, "\t"), *argument = strsep(&rest, "\t");
        if (argument == NULL || rest == NULL) {
            fprintf(stderr, "not three fields: %s\n", line);
            return 2;
        }
        result out = {.size = 0};
        call chosen = called(verb);
        int32_t timeout_ms = (int32_t)strtol(rest, NULL, 10);
        int64_t began = now_ns();
        exz_status status = chosen(argument, timeout_ms, &out);
        double took_ms = (double)(now_ns() - began) / 1e6;
        printf("{\"status\": \"%s\", \"ms\": %.3f, \"bytes\": \"", exz_status_name(status), took_ms);
        for (size_t i = 0; status == EXZ_OK && i < out.size; i++) printf("%02x", (unsigned char)out.bytes[i]);
        puts("\"}");
        fflush(stdout);
    }
    end_proxy();
    exz_socket_close(s, 0);
    return 0;
}
