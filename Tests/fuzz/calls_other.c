/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that need no socket: texts, log, schedules, retries, contexts. */
#include "bench.h"

static void ask_texts(player *p) {
    desk *d = &p->d;
    const int32_t number = take_byte(&d->in) < 128 ? -(take_byte(&d->in) % 32) : (int32_t)take_number(&d->in);
    call_begins(d, "texts", 0);
    require(d, exz_version() > 0, "there is no version");
    require(d, exz_version_string()[0] != '\0', "the version is empty");
    require(d, exz_strerror(number)[0] != '\0', "no status is without text");
    require(d, exz_status_name(number)[0] != '\0', "no status is without name");
    require(d, exz_event_name((exz_event_kind)number)[0] != '\0', "no event is without name");
    call_ends(d, EXZ_OK);
}

/* A log handler may call the library. */
static void take_line(void *user, exz_log_level level, const char *message) {
    exz_state state;
    (void)exz_socket_state(&state, (exz_socket){atomic_load(&shared.sockets[0])});
    if (user != &shared || level < EXZ_LOG_DEBUG || level > EXZ_LOG_ERROR || strchr(message, '\n') != NULL)
        __builtin_trap();
}

static void set_log(player *p) {
    const uint8_t choice = take_byte(&p->d.in);
    const exz_log_level level = choice < 250 ? choice % 7 : (exz_log_level)take_number(&p->d.in);
    exz_log_callback callback = take_byte(&p->d.in) % 2 == 0 ? NULL : take_line;
    untouched_unless(&p->d, TRY(&p->d, 100, exz_set_log(callback, &shared, level)) == EXZ_OK);
}

static exz_retry_policy take_policy(player *p) {
    input *in = &p->d.in;
    exz_retry_policy policy = EXZ_RETRY_POLICY_INIT;
    static const int32_t times[] = {0, 1, 100, INT32_MAX, -1};
    static const double numbers[] = {0, 1, 1.5, 2, 1e300, -1, 0.5};
    for (uint8_t changes = take_byte(in) % 4; changes > 0; changes--) {
        switch (take_byte(in) % 9) {
        case 0: policy.max_attempts = (uint32_t)take_number(in); break;
        case 1: policy.initial_backoff_ms = TAKE_ONE(in, times); break;
        case 2: policy.max_backoff_ms = TAKE_ONE(in, times); break;
        case 3: policy.multiplier = TAKE_ONE(in, numbers); break;
        case 4: policy.jitter = take_byte(in) % 6; break;
        case 5: policy.attempt_timeout_ms = TAKE_ONE(in, times); break;
        case 6: policy.jitter_ratio = TAKE_ONE(in, numbers); break;
        case 7: policy.seed = take_number(in); break;
        case 8: policy.size = take_byte(in); break;
        }
    }
    return policy;
}

static void open_backoff(player *p) {
    desk *d = &p->d;
    const exz_retry_policy policy = take_policy(p);
    const size_t place = take_index(&d->in, BACKOFFS);
    const exz_status status = TRY(d, 0, exz_backoff_open(&d->out.backoff, &policy));
    uint64_t former = 0;
    if (status == EXZ_OK) former = atomic_exchange(&shared.backoffs[place], d->out.backoff.id);
    untouched_unless(d, status == EXZ_OK);
    if (former != 0) untouched_unless(d, TRY(d, 0, exz_backoff_close((exz_backoff){former})) == EXZ_OK);
}

static void use_backoff(player *p) {
    desk *d = &p->d;
    const exz_backoff b = take_backoff(p);
    exz_status status;
    switch (take_byte(&d->in) % 4) {
    case 0: status = TRY(d, 0, exz_backoff_reset(b)); break;
    case 1: status = TRY(d, 0, exz_backoff_close(b)); break;
    default:
        status = TRY(d, 0, exz_backoff_next(&d->out.number, b));
        if (status == EXZ_OK) require(d, d->out.number >= 0, "the delay is negative");
        break;
    }
    untouched_unless(d, status == EXZ_OK);
}

static exz_status attempt(void *user, uint32_t n) {
    input *in = user;
    if (n == 0) __builtin_trap();
    /* What is no status, too. */
    return in->left == 0 ? EXZ_OK : -(exz_status)(take_byte(in) % 30);
}

static void retry(player *p) {
    desk *d = &p->d;
    const exz_retry_policy policy = take_policy(p);
    exz_error *error = take_error(p);
    const int32_t t = take_timeout(p);
    const int32_t timeout_ms = t == EXZ_DEFAULT_TIMEOUT ? 1 : t;
    const exz_retry_policy *given = take_byte(&d->in) % 4 == 0 ? NULL : &policy;
    /* What an attempt answers is passed on, whether it is a status or not. */
    call_begins(d, "exz_retry", timeout_ms);
    const exz_status status = exz_retry(given, timeout_ms, attempt, &d->in, error);
    attempts_end(d, status < EXZ_ERR_INTERNAL || status == EXZ_ERR_INTERNAL ? EXZ_ERR_INVALID : status);
    check_error(p, status, error);
    untouched_unless(d, status == EXZ_OK);
}

/* A context has threads of its own: one to an input is enough. */
static void open_context(player *p) {
    desk *d = &p->d;
    if (atomic_fetch_add(&shared.opened_contexts, 1) > 0) return;
    const exz_status status = TRY(d, 0, exz_context_open(&d->out.context));
    if (status == EXZ_OK) atomic_store(&shared.contexts[0], d->out.context.id);
    untouched_unless(d, status == EXZ_OK);
}

static void close_context(player *p) {
    static const int32_t lingers[] = {0, 0, 1, 5, INT32_MIN, -2};
    const exz_context c = take_context(p);
    const int32_t linger_ms = TAKE_ONE(&p->d.in, lingers);
    /* Whoever waits comes back, and its sockets are used on. */
    if (take_byte(&p->d.in) % 2 == 0) {
        untouched_unless(&p->d, TRY(&p->d, 0, exz_context_end_waits(c)) == EXZ_OK);
        return;
    }
    untouched_unless(&p->d, TRY(&p->d, linger_ms, exz_context_close(c, linger_ms)) == EXZ_OK);
}

static void use_canceler(player *p) {
    desk *d = &p->d;
    const exz_canceler c = take_canceler(p);
    exz_status status;
    switch (take_byte(&d->in) % 6) {
    case 0: {
        const size_t place = take_index(&d->in, CANCELERS);
        status = TRY(d, 0, exz_canceler_open(&d->out.canceler));
        const uint64_t former = atomic_exchange(&shared.cancelers[place], d->out.canceler.id);
        if (former != 0) status = TRY(d, 0, exz_canceler_close((exz_canceler){former}));
        break;
    }
    case 1: status = TRY(d, 0, exz_canceler_close(c)); break;
    case 2: status = TRY(d, 0, exz_canceler_cancel(c)); break;
    case 3: status = TRY(d, 0, exz_canceler_reset(c)); break;
    case 4: status = TRY(d, 0, exz_canceler_attach((exz_canceler){0})); break;
    default: status = TRY(d, 0, exz_canceler_attach(c)); break;
    }
    untouched_unless(d, status == EXZ_OK);
}

/* Keys of nobody, of the fuzzer's text, and their files. */
static void use_keys(player *p) {
    desk *d = &p->d;
    const char *text = take_topic(p);
    exz_status status;
    switch (take_byte(&d->in) % 6) {
    case 0: status = TRY(d, 0, exz_curve_public(d->out.buffer, text)); break;
    case 1: status = TRY(d, 0, exz_curve_keypair(d->out.buffer, d->out.buffer + EXZ_CURVE_TEXT_SIZE)); break;
    case 2: {
        const size_t capacity = take_capacity(p), size = take_size(p);
        status = TRY(d, 0, exz_curve_encode(d->out.buffer, capacity, take_data(p), size));
        break;
    }
    case 3: {
        const size_t capacity = take_capacity(p);
        status = TRY(d, 0, exz_curve_decode(&d->out.size, d->out.buffer, capacity, text));
        if (status == EXZ_ERR_TOO_SMALL) SPARE(d, size);
        break;
    }
    case 4: {
        exz_error *error = take_error(p);
        status = TRY(d, 0, exz_curve_load(d->out.buffer, d->out.buffer + EXZ_CURVE_TEXT_SIZE, text, error));
        check_error(p, status, error);
        break;
    }
    default: {
        exz_error *error = take_error(p);
        status = TRY(d, 0, exz_curve_save("calls", text, NULL, error));
        check_error(p, status, error);
        break;
    }
    }
    untouched_unless(d, status == EXZ_OK);
}

static void call_with_null(player *p) {
    desk *d = &p->d;
    const exz_socket s = take_socket(p);
    exz_status status;
    switch (take_byte(&d->in) % 19) {
    case 0: status = TRY(d, 0, exz_retry_policy_init(NULL)); break;
    case 1: status = TRY(d, 0, exz_socket_options_init(NULL)); break;
    case 2: status = TRY(d, 0, exz_backoff_open(NULL, NULL)); break;
    case 3: status = TRY(d, 0, exz_backoff_next(NULL, take_backoff(p))); break;
    case 4: status = TRY(d, 0, exz_context_open(NULL)); break;
    case 5: status = TRY(d, 0, exz_socket_endpoint(s, NULL, 16)); break;
    case 6: status = TRY(d, 0, exz_socket_state(NULL, s)); break;
    case 7: status = TRY(d, 0, exz_socket_stats(NULL, s)); break;
    case 8: status = TRY(d, 0, exz_recv(NULL, s, d->out.buffer, 1, 0)); break;
    case 9: status = TRY(d, 0, exz_recv_message(NULL, s, 0)); break;
    case 10: status = TRY(d, 0, exz_next_event(NULL, s, 0)); break;
    case 11: status = TRY(d, 0, exz_socket_fd(NULL, s)); break;
    case 12: status = TRY(d, 0, exz_retry(NULL, 0, NULL, NULL, NULL)); break;
    case 13: status = TRY(d, 0, exz_canceler_open(NULL)); break;
    case 14: status = TRY(d, 0, exz_curve_keypair(NULL, NULL)); break;
    case 15: status = TRY(d, 0, exz_security_init(NULL)); break;
    case 16: status = TRY(d, 0, exz_curve_load(NULL, NULL, NULL, NULL)); break;
    case 17: status = TRY(d, 0, exz_socket_send_fd(NULL, s)); break;
    default: status = TRY(d, 0, exz_socket_get_int(NULL, s, 1)); break;
    }
    require(d, status != EXZ_OK, "NULL is fine with it");
    untouched_unless(d, false);
}

static operation *const all[] = {
    ask_texts, set_log, open_backoff, use_backoff, use_backoff, retry, open_context, close_context, use_canceler,
    use_canceler, call_with_null, use_keys,
};

const operations other_operations = {all, sizeof all / sizeof *all};
