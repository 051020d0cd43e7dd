/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on sockets: opening, linking, closing, options, questions. */
#include <poll.h>
#include <unistd.h>

#include "bench.h"

/* What the longest of the lingers and libzmq may take on a busy machine. */
#define END_MS 10000

static void close_handle(player *p, uint64_t id, int32_t linger_ms) {
    if (id == 0) return;
    untouched_unless(&p->d, TRY(&p->d, linger_ms, exz_socket_close((exz_socket){id}, linger_ms)) == EXZ_OK);
}

static exz_socket_options take_options(player *p) {
    input *in = &p->d.in;
    static const int32_t marks[] = {1, 1, 2, 1000, 0, -1, INT32_MAX};
    static const int32_t times[] = {0, 1, 5, -1, INT32_MIN};
    static const int32_t heartbeats[] = {-1, 0, 1, 1000, INT32_MAX, -2};
    static const int64_t limits[] = {0, 16, 1024, 67108864, -1, INT64_MAX, INT64_MIN};
    static const uint32_t flags[] = {0, 1, 0, 1, 2, UINT32_MAX};
    static const int32_t buffers[] = {0, 0, 4096, 1, -1, INT32_MAX};
    exz_socket_options o = EXZ_SOCKET_OPTIONS_INIT;
    o.default_timeout_ms = o.linger_ms = o.retry.initial_backoff_ms = 1;
    for (uint8_t changes = take_byte(in) % 4; changes > 0; changes--) {
        switch (take_byte(in) % 16) {
        case 0: o.send_hwm = TAKE_ONE(in, marks); break;
        case 1: o.receive_hwm = TAKE_ONE(in, marks); break;
        case 2: o.linger_ms = TAKE_ONE(in, times); break;
        case 3: o.default_timeout_ms = TAKE_ONE(in, times); break;
        case 4: o.on_full = TAKE_ONE(in, flags); break;
        case 5: o.wire_form = TAKE_ONE(in, flags); break;
        case 6: o.heartbeat_interval_ms = TAKE_ONE(in, heartbeats); break;
        case 7: o.heartbeat_timeout_ms = TAKE_ONE(in, heartbeats); break;
        case 8: o.keepalive_ms = TAKE_ONE(in, heartbeats); break;
        case 9: o.max_message_size = TAKE_ONE(in, limits); break;
        case 10: o.conflate = TAKE_ONE(in, flags); break;
        case 11: o.interruptible = TAKE_ONE(in, flags); break;
        case 12: o.send_buffer = o.receive_buffer = TAKE_ONE(in, buffers); break;
        case 13: o.event_capacity = take_byte(in) % 4; break;
        case 14: o.identity = "identity"; o.identity_size = take_byte(in) % 9; break;
        case 15: o.retry.max_attempts = take_byte(in) % 4; o.retry.attempt_timeout_ms = TAKE_ONE(in, times); break;
        }
    }
    return o;
}

static void open_one(player *p) {
    input *in = &p->d.in;
    const uint8_t place = take_byte(in), type = take_byte(in);
    const exz_context context = place < 224 ? EXZ_DEFAULT_CONTEXT : take_context(p);
    const exz_socket_type kind = type < 250 ? type % 11 : (exz_socket_type)(take_number(in));
    exz_socket *out = type == 249 ? NULL : &p->d.out.socket;
    const exz_socket_options options = take_options(p);
    const exz_status status = TRY(&p->d, 0, exz_socket_open(out, context, kind, &options));
    uint64_t former = 0;
    if (status == EXZ_OK) former = atomic_exchange(&shared.sockets[place % SOCKETS], out->id);
    untouched_unless(&p->d, status == EXZ_OK);
    close_handle(p, former, 0);
}

static void close_one(player *p) {
    static const int32_t lingers[] = {0, 0, 0, 1, 5, EXZ_DEFAULT_TIMEOUT, INT32_MIN, -2};
    const exz_socket s = take_socket(p);
    const int32_t linger_ms = TAKE_ONE(&p->d.in, lingers);
    untouched_unless(&p->d, TRY(&p->d, linger_ms, exz_socket_close(s, linger_ms)) == EXZ_OK);
}

/* Its descriptor, which is the caller's, is given back at once or when there is an end to it. */
static void start_to_close(player *p) {
    static const int32_t lingers[] = {0, 0, 1, 5, EXZ_DEFAULT_TIMEOUT, -2};
    const exz_socket s = take_socket(p);
    const int32_t linger_ms = TAKE_ONE(&p->d.in, lingers);
    const uint8_t how = take_byte(&p->d.in) % 3;
    const exz_status status = TRY(&p->d, 0, exz_socket_close_start(how == 0 ? NULL : &p->d.out.fd, s, linger_ms));
    if (status == EXZ_OK && how > 0) {
        struct pollfd end = {p->d.out.fd, POLLIN, 0};
        require(&p->d, p->d.out.fd >= 0, "the descriptor of the end is none");
        if (how == 2) require(&p->d, poll(&end, 1, END_MS) == 1, "the end of a socket does not come");
        close(p->d.out.fd);
    }
    untouched_unless(&p->d, status == EXZ_OK);
}

static void replace_options(player *p) {
    const exz_socket s = take_socket(p);
    const exz_socket_options options = take_options(p);
    exz_error *error = take_error(p);
    const exz_status status = TRY(&p->d, 0, exz_socket_set_options(s, &options, error));
    check_error(p, status, error);
    untouched_unless(&p->d, status == EXZ_OK);
}

static void cancel(player *p) {
    const exz_socket s = take_socket(p);
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_cancel(s)) == EXZ_OK);
}

static void bind_one(player *p) {
    const exz_socket s = take_socket(p);
    const char *endpoint = take_endpoint(p);
    exz_error *error = take_error(p);
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY_ATTEMPTS(&p->d, t, exz_socket_bind(s, endpoint, t, error));
    calm(p);
    check_error(p, status, error);
    untouched_unless(&p->d, status == EXZ_OK);
    if (status == EXZ_OK) exz_socket_endpoint(s, p->bound, sizeof p->bound);
}

static void connect_one(player *p) {
    const exz_socket s = take_socket(p);
    const char *endpoint = take_endpoint(p);
    exz_error *error = take_error(p);
    const uint8_t choice = take_byte(&p->d.in);
    const uint32_t flags = choice < 100 ? EXZ_CONNECT_BACKGROUND : choice == 255 ? UINT32_MAX : 0;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY_ATTEMPTS(&p->d, t, exz_socket_connect(s, endpoint, flags, t, error));
    calm(p);
    check_error(p, status, error);
    untouched_unless(&p->d, status == EXZ_OK);
}

static void unbind(player *p) {
    const exz_socket s = take_socket(p);
    const char *endpoint = take_endpoint(p);
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_unbind(s, endpoint)) == EXZ_OK);
}

static void disconnect(player *p) {
    const exz_socket s = take_socket(p);
    const char *endpoint = take_endpoint(p);
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_disconnect(s, endpoint)) == EXZ_OK);
}

static void ask(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    exz_status status;
    switch (take_byte(&d->in) % 5) {
    case 0:
        status = TRY(d, 0, exz_socket_state(&d->out.state, s));
        if (status == EXZ_OK) require(d, d->out.state <= EXZ_STATE_RECONNECTING, "the state is none");
        break;
    case 1:
        if (take_byte(&d->in) == 255) d->out.stats.size = d->before.stats.size = 4;
        status = TRY(d, 0, exz_socket_stats(&d->out.stats, s));
        break;
    case 2:
        status = TRY(d, 0, exz_socket_fd(&d->out.fd, s));
        if (status == EXZ_OK) require(d, d->out.fd >= 0, "the descriptor is none");
        break;
    case 3:
        status = TRY(d, 0, exz_socket_send_fd(&d->out.fd, s));
        if (status == EXZ_OK) require(d, d->out.fd >= 0, "the descriptor for sending is none");
        break;
    default: {
        const size_t capacity = take_capacity(p);
        status = TRY(d, 0, exz_socket_endpoint(s, d->out.buffer, capacity));
        if (status == EXZ_OK) require(d, memchr(d->out.buffer, '\0', capacity) != NULL, "the endpoint does not end");
        break;
    }
    }
    untouched_unless(d, status == EXZ_OK);
}

/* Numbers of options, most of them libzmq's. */
static int32_t take_option(player *p) {
    const uint8_t choice = take_byte(&p->d.in);
    return choice < 250 ? choice % 125 : (int32_t)take_number(&p->d.in);
}

static void set_int(player *p) {
    static const int64_t values[] = {0, 1, -1, 2, 5, 100, 1024, 65535, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    const exz_socket s = take_socket(p);
    const int32_t option = take_option(p);
    int64_t value = TAKE_ONE(&p->d.in, values);
    /* ZMQ_LINGER: a close that names no linger of its own would wait for so long. */
    if (option == 17 && value > 5) value = 5;
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_set_int(s, option, value)) == EXZ_OK);
}

static void get_int(player *p) {
    const exz_socket s = take_socket(p);
    const int32_t option = take_option(p);
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_get_int(&p->d.out.value, s, option)) == EXZ_OK);
}

static void set_bytes(player *p) {
    const exz_socket s = take_socket(p);
    const int32_t option = take_option(p);
    static const char text[] = "X-a:b\0cdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    size_t size = take_byte(&p->d.in) % sizeof text;
    const void *data = take_byte(&p->d.in) == 255 ? NULL : text;
    if (take_byte(&p->d.in) == 255) size = SIZE_MAX;
    untouched_unless(&p->d, TRY(&p->d, 0, exz_socket_set_bytes(s, option, data, size)) == EXZ_OK);
}

static void get_bytes(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    const int32_t option = take_option(p);
    const size_t capacity = take_capacity(p);
    const exz_status status = TRY(d, 0, exz_socket_get_bytes(&d->out.size, s, option, d->out.buffer, capacity));
    if (status == EXZ_ERR_TOO_SMALL) SPARE(d, size);
    if (status == EXZ_OK) require(d, d->out.size <= capacity, "the value is larger than its room");
    untouched_unless(d, status == EXZ_OK);
}

static operation *const all[] = {
    open_one, open_one, open_one, close_one, cancel, bind_one, bind_one, connect_one, connect_one, connect_one, unbind,
    disconnect, ask, set_int, get_int, set_bytes, get_bytes, start_to_close, replace_options,
};

const operations socket_operations = {all, sizeof all / sizeof *all};
