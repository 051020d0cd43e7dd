/* SPDX-License-Identifier: Apache-2.0
 *
 * Text and numbers that are not chosen from a list but made up by the fuzzer: endpoints, topics, the fields of the
 * option structs, options by number. What is taken is also put to use: bound, connected, carried over a link. */
#include <stdio.h>
#include <stdlib.h>

#include "oracle.h"
#include "surroundings.h"

static desk d;
static exz_socket s;

/* The rest of the input as text. */
static const char *take_text(void) {
    static char text[1400];
    const size_t size = d.in.left < sizeof text - 1 ? d.in.left : sizeof text - 1;
    take_bytes(&d.in, text, size);
    text[size] = '\0';
    return text;
}

static void done(exz_status status) { untouched_unless(&d, status == EXZ_OK); }

static void check_error(exz_status status) {
    const exz_error *error = &d.out.error;
    if (status == EXZ_OK) return;
    require(&d, error->status == status, "the error has another status");
    require(&d, error->message[0] != '\0' && memchr(error->message, '\0', sizeof error->message) != NULL,
            "there is no message, or it does not end");
    require(&d, memchr(error->endpoint, '\0', sizeof error->endpoint) != NULL, "the endpoint does not end");
    SPARE(&d, error);
}

/* --- Endpoints ---------------------------------------------------------------------------------------------------- */

static void bind_text(void) {
    const char *text = take_text();
    exz_status status = TRY_ATTEMPTS(&d, 0, exz_socket_bind(s, text, 0, &d.out.error));
    check_error(status);
    done(status);
    if (status != EXZ_OK) return;
    status = TRY(&d, 0, exz_socket_endpoint(s, d.out.buffer, sizeof d.out.buffer));
    require(&d, status == EXZ_OK || status == EXZ_ERR_TOO_SMALL, "it is bound, but nowhere");
    done(status);
    require(&d, TRY(&d, 0, exz_socket_unbind(s, text)) == EXZ_OK, "it can not be unbound");
    status = TRY(&d, 0, exz_socket_unbind(s, text));
    require(&d, status == EXZ_ERR_STATE, "it can be unbound twice");
}

static void connect_text(uint32_t flags) {
    const char *text = take_text();
    const exz_status status = TRY_ATTEMPTS(&d, 0, exz_socket_connect(s, text, flags, 0, &d.out.error));
    check_error(status);
    done(status);
    const exz_status ended = TRY(&d, 0, exz_socket_disconnect(s, text));
    if (status == EXZ_OK) require(&d, ended == EXZ_OK, "it can not be disconnected");
    else require(&d, ended != EXZ_OK, "a link is left behind");
}

static void name_text(void) {
    const char *text = take_text();
    done(TRY(&d, 0, exz_socket_unbind(s, text)));
    done(TRY(&d, 0, exz_socket_disconnect(s, text)));
}

/* --- Options ------------------------------------------------------------------------------------------------------ */

/* Keys and names that fit, and those of the fuzzer's. */
static const char *take_secret_text(void) {
    static const char *const texts[] = {NULL, "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$",
                                        "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a", "user"};
    const uint8_t choice = take_byte(&d.in) % 8;
    if (choice < 4) return texts[choice];
    if (choice < 7) return NULL;
    static char rooms[5][64];
    static unsigned next;
    char *room = rooms[next++ % 5];
    take_bytes(&d.in, room, sizeof rooms[0] - 1);
    return room;
}

static void take_security(exz_security *security) {
    exz_security_init(security);
    const uint8_t choice = take_byte(&d.in);
    security->mechanism = choice < 250 ? choice % 6 : (int32_t)take_number(&d.in);
    security->public_key = take_secret_text();
    security->secret_key = take_secret_text();
    security->server_key = take_secret_text();
    security->username = take_secret_text();
    security->password = take_secret_text();
    const uint8_t flags = take_byte(&d.in);
    security->flags = flags < 240 ? flags % 2 : (uint32_t)take_number(&d.in);
    if (take_byte(&d.in) == 255) security->size = take_byte(&d.in);
}

static void open_any(void) {
    exz_socket_options options;
    static char identity[256] = "identity";
    const exz_socket_type type = take_byte(&d.in) % 11;
    const uint64_t plain = take_number(&d.in);
    exz_socket_options_init(&options);
    /* Field by field either what the fuzzer says or the default, or no more than one in a thousand would be taken. */
    exz_socket_options any;
    take_bytes(&d.in, &any, sizeof any);
#define FIELD(bit, name) \
    if ((plain >> (bit) & 1) != 0) options.name = any.name
    FIELD(0, size);
    FIELD(1, send_hwm);
    FIELD(2, receive_hwm);
    FIELD(3, linger_ms);
    FIELD(4, default_timeout_ms);
    FIELD(5, on_full);
    FIELD(6, wire_form);
    FIELD(7, heartbeat_interval_ms);
    FIELD(8, heartbeat_timeout_ms);
    FIELD(9, keepalive_ms);
    FIELD(10, max_message_size);
    FIELD(11, conflate);
    FIELD(12, interruptible);
    FIELD(13, send_buffer);
    FIELD(14, receive_buffer);
    FIELD(15, event_capacity);
    FIELD(16, reserved);
    FIELD(17, identity_size);
    FIELD(18, retry.size);
    FIELD(19, retry.max_attempts);
    FIELD(20, retry.initial_backoff_ms);
    FIELD(21, retry.max_backoff_ms);
    FIELD(22, retry.multiplier);
    FIELD(23, retry.jitter);
    FIELD(24, retry.attempt_timeout_ms);
    FIELD(25, retry.jitter_ratio);
    FIELD(26, retry.seed);
#undef FIELD
    options.identity = (plain >> 27 & 1) != 0 ? identity : NULL;
    exz_security security;
    take_security(&security);
    options.security = (plain >> 28 & 1) != 0 ? &security : NULL;
    const exz_status status = TRY(&d, 0, exz_socket_open(&d.out.socket, EXZ_DEFAULT_CONTEXT, type, &options));
    const exz_socket opened = d.out.socket;
    done(status);
    const exz_status checked = TRY(&d, 0, exz_socket_options_check(&options, type, &d.out.error));
    require(&d, (checked == EXZ_OK) == (status != EXZ_ERR_INVALID), "the check says something else");
    check_error(checked);
    done(checked);
    if (status != EXZ_OK) return;
    (void)TRY_ATTEMPTS(&d, 0, exz_socket_bind(opened, "tcp://127.0.0.1:0", 0, NULL));
    (void)TRY_ATTEMPTS(&d, 0, exz_socket_connect(opened, "inproc://options", EXZ_CONNECT_BACKGROUND, 0, NULL));
    require(&d, TRY(&d, 0, exz_socket_close(opened, 0)) == EXZ_OK, "it can not be closed");
}

static exz_status fail_twice(__attribute__((unused)) void *user, uint32_t n) {
    return n < 3 ? EXZ_ERR_REFUSED : EXZ_ERR_PROTOCOL;
}

static void use_policy(void) {
    exz_retry_policy policy;
    take_bytes(&d.in, &policy, sizeof policy);
    if (take_byte(&d.in) < 200) policy.size = sizeof policy;
    exz_status status = TRY(&d, 0, exz_backoff_open(&d.out.backoff, &policy));
    const exz_backoff b = d.out.backoff;
    done(status);
    for (int i = 0; status == EXZ_OK && i < 8; i++) {
        const exz_status next = TRY(&d, 0, exz_backoff_next(&d.out.number, b));
        if (next == EXZ_OK) require(&d, d.out.number >= 0, "the delay is negative");
        done(next);
    }
    if (status == EXZ_OK) done(TRY(&d, 0, exz_backoff_close(b)));
    status = TRY_ATTEMPTS(&d, 0, exz_retry(&policy, 0, fail_twice, NULL, &d.out.error));
    require(&d, status != EXZ_OK, "what always fails has succeeded");
    check_error(status);
    done(status);
}

/* Sets options on two sockets and lets a message through, or not: some abort libzmq only when they are used. */
static void set_options(void) {
    static const exz_socket_type types[][2] = {{EXZ_PULL, EXZ_PUSH}, {EXZ_PUB, EXZ_SUB}, {EXZ_XPUB, EXZ_XSUB},
                                               {EXZ_REP, EXZ_REQ}, {EXZ_ROUTER, EXZ_DEALER}, {EXZ_PAIR, EXZ_PAIR}};
    const exz_socket_type *pair = TAKE_ONE(&d.in, types);
    exz_socket ends[2];
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.default_timeout_ms = 1;
    for (int i = 0; i < 2; i++)
        require(&d, TRY(&d, 0, exz_socket_open(&ends[i], EXZ_DEFAULT_CONTEXT, pair[i], &options)) == EXZ_OK,
                "it can not be opened");
    const uint8_t manner = take_byte(&d.in);
    for (int changes = manner % 6; changes >= 0; changes--) {
        const exz_socket one = ends[take_byte(&d.in) % 2];
        const uint8_t choice = take_byte(&d.in);
        int32_t option = choice < 250 ? choice % 125 : (int32_t)take_number(&d.in);
        /* libzmq leaks some memory with each connection that uses GSSAPI. */
        if (option >= 62 && option <= 65) option = 0;
        if (take_byte(&d.in) % 2 == 0) {
            const int64_t value = take_byte(&d.in) < 128 ? (int8_t)take_byte(&d.in) : (int64_t)take_number(&d.in);
            done(TRY(&d, 0, exz_socket_set_int(one, option, value)));
        } else {
            char bytes[320];
            const size_t size = (take_byte(&d.in) < 200 ? take_byte(&d.in) : take_number(&d.in)) % sizeof bytes;
            take_bytes(&d.in, bytes, size);
            done(TRY(&d, 0, exz_socket_set_bytes(one, option, bytes, size)));
        }
        done(TRY(&d, 0, exz_socket_get_int(&d.out.value, one, option)));
        const exz_status status =
            TRY(&d, 0, exz_socket_get_bytes(&d.out.size, one, option, d.out.buffer, sizeof d.out.buffer));
        if (status == EXZ_ERR_TOO_SMALL) SPARE(&d, size);
        done(status);
    }
    char endpoint[256] = "inproc://options";
    const char *to_bind = manner % 3 == 0 ? "tcp://127.0.0.1:0" : manner % 3 == 1 ? "ipc://options" : endpoint;
    if (exz_socket_bind(ends[0], to_bind, 0, NULL) == EXZ_OK) {
        exz_socket_endpoint(ends[0], endpoint, sizeof endpoint);
        (void)TRY_ATTEMPTS(&d, 3, exz_socket_connect(ends[1], endpoint, 0, 3, NULL));
        (void)TRY(&d, 0, exz_send(ends[0], "x", 1, 0, 0));
        (void)TRY(&d, 0, exz_send(ends[1], "y", 1, 0, 0));
        (void)TRY(&d, 0, exz_recv(&d.out.size, ends[0], d.out.buffer, sizeof d.out.buffer, 0));
        (void)TRY(&d, 0, exz_recv(&d.out.size, ends[1], d.out.buffer, sizeof d.out.buffer, 0));
        clear_desk(&d);
    }
    for (int i = 0; i < 2; i++)
        require(&d, TRY(&d, 0, exz_socket_close(ends[i], 0)) == EXZ_OK, "it can not be closed");
}

/* --- Topics ------------------------------------------------------------------------------------------------------- */

static void use_topic(void) {
    exz_socket ends[2];
    const char *topic = take_text();
    for (int i = 0; i < 2; i++)
        require(&d, exz_socket_open(&ends[i], EXZ_DEFAULT_CONTEXT, i == 0 ? EXZ_PUB : EXZ_SUB, NULL) == EXZ_OK,
                "it can not be opened");
    require(&d, exz_socket_bind(ends[0], "inproc://topics", 1000, NULL) == EXZ_OK, "it can not be bound");
    require(&d, exz_socket_connect(ends[1], "inproc://topics", 0, 1000, NULL) == EXZ_OK, "it can not be connected");
    const exz_status status = TRY(&d, 0, exz_subscribe(ends[1], topic));
    done(status);
    if (status == EXZ_OK) {
        require(&d, TRY(&d, 10000, exz_wait_subscribers(ends[0], topic, 1, 10000)) == EXZ_OK, "it is not subscribed");
        require(&d, TRY(&d, 0, exz_publish(ends[0], topic, "x", 1, 0)) == EXZ_OK, "it is not published");
        require(&d, TRY(&d, 10000, exz_recv_message(&d.out.message, ends[1], 10000)) == EXZ_OK, "it does not arrive");
        const exz_message m = d.out.message;
        require(&d, exz_message_part(&d.out.data, &d.out.size, m, 0) == EXZ_OK && d.out.size == strlen(topic) &&
                        memcmp(d.out.data, topic, d.out.size) == 0,
                "it arrives under another topic");
        exz_message_free(m);
        clear_desk(&d);
    }
    for (int i = 0; i < 2; i++)
        require(&d, TRY(&d, 0, exz_socket_close(ends[i], 0)) == EXZ_OK, "it can not be closed");
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(__attribute__((unused)) int *argc, __attribute__((unused)) char ***argv) {
    settle_down();
    clear_desk(&d);
    if (exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL) != EXZ_OK) abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    d.in = (input){data, size};
    /* Dear ones less often. */
    const uint8_t choice = take_byte(&d.in);
    if (choice < 40) bind_text();
    else if (choice < 60) connect_text(0);
    else if (choice < 80) connect_text(EXZ_CONNECT_BACKGROUND);
    else if (choice < 200) name_text();
    else if (choice < 216) use_policy();
    else if (choice < 232) open_any();
    else if (choice < 248) set_options();
    else use_topic();
    check_growth();
    return 0;
}
