/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that carry messages or wait. */
#include "bench.h"

static void send_one(player *p) {
    const exz_socket s = take_socket(p);
    const size_t size = take_size(p);
    const void *data = take_data(p);
    const uint32_t flags = take_byte(&p->d.in) == 255 ? 1 : 0;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY(&p->d, t, exz_send(s, data, size, flags, t));
    calm(p);
    untouched_unless(&p->d, status == EXZ_OK);
}

static void send_many(player *p) {
    desk *d = &p->d;
    size_t sizes[MANY];
    const exz_socket s = take_socket(p);
    size_t count = take_byte(&d->in) % (MANY + 1);
    for (size_t i = 0; i < count; i++) sizes[i] = take_byte(&d->in);
    if (count > 0 && take_byte(&d->in) == 255) sizes[count - 1] = SIZE_MAX;
    const void *data = take_data(p);
    if (take_byte(&d->in) == 255) count = SIZE_MAX;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY(d, t, exz_send_many(&d->out.size, s, data, sizes, count, t));
    calm(p);
    if (status != EXZ_ERR_INVALID && status != EXZ_ERR_HANDLE && status != EXZ_ERR_FORKED && status != EXZ_ERR_CLOSED)
        require(d, d->out.size <= count, "it sent more than there is");
    if (status == EXZ_OK) require(d, d->out.size == count, "it is done, but did not send all");
    SPARE(d, size);
    untouched_unless(d, status == EXZ_OK);
}

static void send_parts(player *p) {
    exz_part parts[MANY];
    const exz_socket s = take_socket(p);
    size_t count = take_byte(&p->d.in) % (MANY + 1);
    for (size_t i = 0; i < count; i++) parts[i] = (exz_part){take_data(p), take_size(p)};
    if (take_byte(&p->d.in) == 255) count = SIZE_MAX;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY(&p->d, t, exz_send_parts(s, parts, count, t));
    calm(p);
    untouched_unless(&p->d, status == EXZ_OK);
}

static void receive_one(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    size_t capacity = take_capacity(p);
    void *buffer = take_byte(&d->in) == 255 ? NULL : d->out.buffer;
    if (take_byte(&d->in) == 255) capacity = SIZE_MAX;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY(d, t, exz_recv(&d->out.size, s, buffer, capacity, t));
    calm(p);
    if (status == EXZ_ERR_TOO_SMALL) require(d, d->out.size > capacity, "it does fit");
    if (status == EXZ_ERR_TOO_SMALL) SPARE(d, size);
    if (status == EXZ_OK) check_received(p, d->out.size);
    untouched_unless(d, status == EXZ_OK);
}

static void receive_many(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    const size_t capacity = take_capacity(p);
    size_t max_count = take_byte(&d->in) % (MANY + 1);
    if (take_byte(&d->in) == 255) max_count = SIZE_MAX;
    /* Of published messages there are two sizes each. */
    const bool is_published = take_byte(&d->in) % 2 == 1;
    const size_t each = is_published ? 2 : 1;
    const int32_t t = take_any_timeout(p, s);
    char *buffer = d->out.buffer;
    size_t *sizes = d->out.sizes;
    const exz_status status = is_published
                                  ? TRY(d, t, exz_recv_published(&d->out.size, s, buffer, capacity, sizes, max_count, t))
                                  : TRY(d, t, exz_recv_many(&d->out.size, s, buffer, capacity, sizes, max_count, t));
    calm(p);
    if (status == EXZ_OK) {
        size_t sum = 0;
        require(d, d->out.size > 0 && d->out.size <= max_count, "the number of messages can not be");
        for (size_t i = 0; i < each * d->out.size; i++) sum += sizes[i];
        require(d, sum <= capacity, "the messages do not fit");
        check_received(p, sum);
    } else {
        if (status == EXZ_ERR_TOO_SMALL) SPARE(d, sizes[0]);
        if (status == EXZ_ERR_TOO_SMALL && is_published) SPARE(d, sizes[1]);
        if (d->out.size != d->before.size) require(d, d->out.size == 0, "it failed, but counts messages");
        SPARE(d, size);
    }
    untouched_unless(d, status == EXZ_OK);
}

static void receive_message(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    const size_t place = take_index(&d->in, MESSAGES);
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = TRY(d, t, exz_recv_message(&d->out.message, s, t));
    calm(p);
    uint64_t former = 0;
    if (status == EXZ_OK) {
        former = p->messages[place];
        p->messages[place] = d->out.message.id;
    }
    untouched_unless(d, status == EXZ_OK);
    if (former != 0) untouched_unless(d, TRY(d, 0, exz_message_free((exz_message){former})) == EXZ_OK);
}

static void look_at_message(player *p) {
    desk *d = &p->d;
    const exz_message m = take_message(p);
    exz_status status;
    switch (take_byte(&d->in) % 5) {
    case 3: {
        const exz_socket s = take_socket(p);
        const int32_t t = take_any_timeout(p, s);
        status = TRY(d, t, exz_send_message(s, m, t));
        calm(p);
        break;
    }
    case 4:
        status = TRY(d, 0, exz_message_property(d->out.buffer, sizeof d->out.buffer, m, "Peer-Address"));
        break;
    case 0:
        status = TRY(d, 0, exz_message_count(&d->out.size, m));
        if (status == EXZ_OK) require(d, d->out.size > 0, "a message without parts");
        break;
    case 1: {
        const size_t index = take_byte(&d->in) < 250 ? take_byte(&d->in) % 4 : take_number(&d->in);
        status = TRY(d, 0, exz_message_part(&d->out.data, &d->out.size, m, index));
        if (status == EXZ_OK) require(d, d->out.data != NULL, "the place of the part is NULL");
        /* Every byte is there to be read. */
        for (size_t i = 0; status == EXZ_OK && i < d->out.size; i++) (void)((const volatile char *)d->out.data)[i];
        break;
    }
    default:
        status = TRY(d, 0, exz_message_free(m));
        break;
    }
    untouched_unless(d, status == EXZ_OK);
}

static void request(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    const size_t size = take_size(p);
    const void *data = take_data(p);
    const size_t capacity = take_capacity(p);
    exz_error *error = take_error(p);
    char *buffer = d->out.buffer;
    const bool is_idempotent = take_byte(&d->in) % 2 == 1;
    const int32_t t = take_any_timeout(p, s);
    const exz_status status =
        is_idempotent
            ? TRY_ATTEMPTS(d, t, exz_request_idempotent(&d->out.size, s, data, size, buffer, capacity, t, error))
            : TRY(d, t, exz_request(&d->out.size, s, data, size, buffer, capacity, t, error));
    calm(p);
    check_error(p, status, error);
    if (status == EXZ_ERR_TOO_SMALL) SPARE(d, size);
    if (status == EXZ_OK) check_received(p, d->out.size);
    untouched_unless(d, status == EXZ_OK);
}

static void publish(player *p) {
    const exz_socket s = take_socket(p);
    const char *topic = take_topic(p);
    const size_t size = take_size(p);
    const void *data = take_data(p);
    const int32_t t = take_any_timeout(p, s);
    const exz_status status = take_byte(&p->d.in) % 3 > 0
                                  ? TRY(&p->d, t, exz_publish(s, topic, data, size, t))
                                  : TRY(&p->d, t, exz_publish_bytes(s, data, size, data, size, t));
    calm(p);
    untouched_unless(&p->d, status == EXZ_OK);
}

static void subscribe(player *p) {
    const exz_socket s = take_socket(p);
    const char *topic = take_topic(p);
    const exz_status status = take_byte(&p->d.in) % 3 > 0 ? TRY(&p->d, 0, exz_subscribe(s, topic))
                                                          : TRY(&p->d, 0, exz_unsubscribe(s, topic));
    untouched_unless(&p->d, status == EXZ_OK);
}

static void wait_for(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    static const uint32_t counts[] = {0, 1, 1, 1, 2, UINT32_MAX};
    const uint32_t count = TAKE_ONE(&d->in, counts);
    const char *topic = take_topic(p);
    const uint8_t kind = take_byte(&d->in);
    if (kind == 255) d->out.event.size = d->before.event.size = 12;
    const int32_t t = take_any_timeout(p, s);
    exz_status status;
    switch (kind % 4) {
    case 0: status = TRY(d, t, exz_wait_peers(s, count, t)); break;
    case 1: status = TRY(d, t, exz_wait_subscribers(s, topic, count, t)); break;
    case 2: status = TRY(d, t, exz_wait_subscribed(s, t)); break;
    default:
        status = TRY(d, t, exz_next_event(&d->out.event, s, t));
        if (status == EXZ_OK)
            require(d, d->out.event.kind - EXZ_EVENT_CONNECTING <= EXZ_EVENT_NO_AUTHENTICATOR, "the event is of no kind");
        break;
    }
    calm(p);
    untouched_unless(d, status == EXZ_OK);
}

static void poll_some(player *p) {
    desk *d = &p->d;
    size_t count = take_byte(&d->in) % (MANY + 1);
    for (size_t i = 0; i < count; i++) {
        exz_poll_item *item = &d->out.items[i];
        const uint8_t kind = take_byte(&d->in), events = take_byte(&d->in);
        if (kind < 220) item->socket = take_socket(p);
        else item->fd = kind < 250 ? kind % 3 : kind == 250 ? -1 : 1000000;
        item->events = events < 240 ? events % 8 : UINT16_MAX;
        item->revents = 0x5A5A;
    }
    SPARE(d, items);
    exz_poll_item *items = take_byte(&d->in) == 255 ? NULL : d->out.items;
    if (take_byte(&d->in) == 255) count = SIZE_MAX;
    /* A very long wait is for the cancelling of the first. */
    const bool is_socket = count > 0 && count <= MANY && items != NULL && items[0].socket.id != 0;
    const int32_t t = is_socket ? take_any_timeout(p, items[0].socket) : take_timeout(p);
    /* Its default is a second. */
    const int32_t timeout_ms = t == EXZ_DEFAULT_TIMEOUT ? 1 : t;
    const exz_status status = TRY(d, timeout_ms, exz_poll(items, count, timeout_ms));
    calm(p);
    if (status != EXZ_ERR_INVALID && status != EXZ_ERR_HANDLE && status != EXZ_ERR_FORKED) {
        for (size_t i = 0; i < count && status == EXZ_OK; i++)
            require(d, (items[i].revents & ~items[i].events) == 0, "there is what was not asked for");
        for (size_t i = 0; i < count && i < MANY; i++) SPARE(d, items[i].revents);
    }
    untouched_unless(d, false);
    clear_desk(d);
}

static operation *const all[] = {
    send_one, send_one, send_many, send_parts, receive_one, receive_one, receive_many, receive_message, look_at_message,
    request, publish, subscribe, wait_for, wait_for, poll_some,
};

const operations message_operations = {all, sizeof all / sizeof *all};
