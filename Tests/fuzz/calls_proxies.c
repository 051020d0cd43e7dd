/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on proxies that forward between sockets, whose owners do with these what they like. */
#include "bench.h"

static void close_handle(player *p, uint64_t id, int32_t timeout_ms) {
    if (id == 0) return;
    const exz_status status = TRY(&p->d, timeout_ms, exz_proxy_close((exz_proxy){id}, timeout_ms));
    untouched_unless(&p->d, status == EXZ_OK);
}

static void open_proxy(player *p, exz_socket front, exz_socket back, exz_socket capture) {
    desk *d = &p->d;
    const size_t place = take_index(&d->in, PROXIES);
    exz_error *error = take_error(p);
    const exz_status status = TRY(d, 0, exz_proxy_open(&d->out.proxy, front, back, capture, error));
    check_error(p, status, error);
    uint64_t former = 0;
    if (status == EXZ_OK) former = atomic_exchange(&shared.proxies[place], d->out.proxy.id);
    untouched_unless(d, status == EXZ_OK);
    close_handle(p, former, 0);
}

/* Sockets of whatever types. */
static void open_any(player *p) {
    const exz_socket front = take_socket(p), back = take_socket(p);
    open_proxy(p, front, back, take_byte(&p->d.in) % 2 == 0 ? (exz_socket){0} : take_socket(p));
}

/* Two that fit are put in the places of others, and bound where those that connect look for them. */
static void open_fitting(player *p) {
    static const exz_socket_type types[][2] = {
        {EXZ_XSUB, EXZ_XPUB}, {EXZ_XPUB, EXZ_XSUB}, {EXZ_ROUTER, EXZ_DEALER},
        {EXZ_DEALER, EXZ_ROUTER}, {EXZ_PULL, EXZ_PUSH}, {EXZ_PUSH, EXZ_PULL},
    };
    static const char *const endpoints[] = {"inproc://a", "inproc://b"};
    const exz_socket_type *chosen = TAKE_ONE(&p->d.in, types);
    const size_t place = take_index(&p->d.in, SOCKETS);
    exz_socket both[2] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        exz_socket_options o = EXZ_SOCKET_OPTIONS_INIT;
        o.default_timeout_ms = o.linger_ms = o.retry.initial_backoff_ms = 1;
        o.send_hwm = o.receive_hwm = 1 + take_byte(&p->d.in) % 3;
        if (exz_socket_open(&both[i], EXZ_DEFAULT_CONTEXT, chosen[i], &o) != EXZ_OK) continue;
        const uint64_t former = atomic_exchange(&shared.sockets[(place + i) % SOCKETS], both[i].id);
        if (former != 0) TRY(&p->d, 0, exz_socket_close((exz_socket){former}, 0));
        TRY_ATTEMPTS(&p->d, 0, exz_socket_bind(both[i], endpoints[i], 0, NULL));
    }
    open_proxy(p, both[0], both[1], take_byte(&p->d.in) % 2 == 0 ? (exz_socket){0} : take_socket(p));
}

static void pause_proxy(player *p) {
    const exz_proxy proxy = take_proxy(p);
    const int32_t t = take_short_timeout(p);
    untouched_unless(&p->d, TRY(&p->d, t, exz_proxy_pause(proxy, t)) == EXZ_OK);
}

static void resume_proxy(player *p) {
    untouched_unless(&p->d, TRY(&p->d, 0, exz_proxy_resume(take_proxy(p))) == EXZ_OK);
}

static void ask_proxy(player *p) {
    desk *d = &p->d;
    const exz_proxy proxy = take_proxy(p);
    if (take_byte(&d->in) > 250) d->out.proxy_stats.size = d->before.proxy_stats.size = 8;
    const exz_status status = TRY(d, 0, exz_proxy_stats(&d->out.proxy_stats, proxy));
    const exz_proxy_statistics *stats = &d->out.proxy_stats;
    if (status == EXZ_OK) {
        const bool is_over = stats->state == EXZ_PROXY_ENDED;
        require(d, stats->state >= EXZ_PROXY_FORWARDING && stats->state <= EXZ_PROXY_ENDED, "the state is none");
        require(d, is_over || stats->reason == EXZ_OK, "it forwards, and has a reason not to");
        /* What changes meanwhile can not be compared. */
        if (is_over) {
            const uint64_t forwarded = stats->messages_to_back + stats->messages_to_front;
            require(d, stats->captured + stats->capture_refused <= forwarded, "there are more copies than messages");
            require(d, stats->waiting == 0, "something waits in a proxy that has ended");
        }
    }
    untouched_unless(d, status == EXZ_OK);
}

static void close_proxy(player *p) {
    const size_t place = take_index(&p->d.in, PROXIES);
    const bool is_known = take_byte(&p->d.in) < 192;
    const uint64_t id = is_known ? atomic_load(&shared.proxies[place]) : take_proxy(p).id;
    const int32_t t = take_short_timeout(p);
    close_handle(p, id, t);
}

static void call_with_null(player *p) {
    desk *d = &p->d;
    const exz_socket front = take_socket(p), back = take_socket(p);
    const exz_status status = take_byte(&d->in) % 2 == 0
                                  ? TRY(d, 0, exz_proxy_stats(NULL, take_proxy(p)))
                                  : TRY(d, 0, exz_proxy_open(NULL, front, back, (exz_socket){0}, NULL));
    require(d, status != EXZ_OK, "NULL is fine with it");
    untouched_unless(d, false);
}

static operation *const all[] = {
    open_any, open_fitting, open_fitting, open_fitting, pause_proxy, resume_proxy, ask_proxy, ask_proxy, close_proxy,
    call_with_null,
};

const operations proxy_operations = {all, sizeof all / sizeof *all};
