/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on authenticators, and sockets whose peers they decide on. Nothing here ever allows the stranger's key: so it
 * never comes in where not anybody does, whatever the calls and their order. */
#include <pthread.h>
#include <unistd.h>

#include "bench.h"

enum { SERVER, FRIEND, STRANGER, KEYS };

static const char *const secret_keys[KEYS] = {
    "1111111111111111111111111111111111111111",
    "2222222222222222222222222222222222222222",
    "3333333333333333333333333333333333333333",
};
static char public_keys[KEYS][EXZ_CURVE_TEXT_SIZE];

static void make_keys(void) {
    for (size_t i = 0; i < KEYS; i++)
        if (exz_curve_public(public_keys[i], secret_keys[i]) != EXZ_OK) __builtin_trap();
}

static const char *key(size_t i) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_keys);
    return public_keys[i];
}

/* --- Decisions ---------------------------------------------------------------------------------------------------- */

/* How a program decides. */
typedef struct manner {
    exz_status answer;
    int32_t takes_ms;
    /* It closes an authenticator, maybe its own. */
    bool is_rude;
    /* The name it gives does not end. */
    bool is_endless;
} manner;

static const manner manners[] = {
    {EXZ_OK, 0, false, false}, {EXZ_OK, 20, false, false}, {EXZ_ERR_PERMISSION, 0, false, false},
    {EXZ_OK, 0, true, false},  {EXZ_OK, 0, false, true},   {INT32_MAX, 2, false, false},
};

static exz_status decide(void *user, const exz_auth_request *request, char *user_id) {
    const manner *m = user;
    if (request->size != sizeof *request || user_id[0] != '\0') __builtin_trap();
    if (strlen(request->public_key) >= EXZ_CURVE_TEXT_SIZE || request->address == NULL) __builtin_trap();
    if (m->takes_ms > 0) usleep((useconds_t)m->takes_ms * 1000);
    if (m->is_rude) (void)exz_authenticator_close((exz_authenticator){atomic_load(&shared.authenticators[0])}, 0);
    memset(user_id, 'u', m->is_endless ? EXZ_USER_ID_SIZE : EXZ_USER_ID_SIZE - 1);
    return strcmp(request->public_key, key(STRANGER)) == 0 ? EXZ_ERR_PERMISSION : m->answer;
}

static exz_context take_any_context(player *p) {
    return take_byte(&p->d.in) < 128 ? EXZ_DEFAULT_CONTEXT : take_context(p);
}

static void open_authenticator(player *p) {
    static const int32_t times[] = {1000, 1, 5, 4000, 0, 4001, -1, INT32_MAX, INT32_MIN};
    desk *d = &p->d;
    const size_t place = take_index(&d->in, AUTHENTICATORS);
    const exz_context context = take_any_context(p);
    exz_authenticator_options options = EXZ_AUTHENTICATOR_OPTIONS_INIT;
    options.decision_timeout_ms = TAKE_ONE(&d->in, times);
    const uint8_t choice = take_byte(&d->in);
    if (choice >= 64) options.decide = decide;
    options.user = (void *)(uintptr_t)&manners[choice % (sizeof manners / sizeof *manners)];
    if (choice == 255) options.size = take_byte(&d->in);
    const exz_authenticator_options *given = choice < 16 ? NULL : &options;
    const exz_status status = TRY(d, 0, exz_authenticator_open(&d->out.authenticator, context, given));
    uint64_t former = 0;
    if (status == EXZ_OK) former = atomic_exchange(&shared.authenticators[place], d->out.authenticator.id);
    untouched_unless(d, status == EXZ_OK);
    if (former != 0) (void)TRY(d, 0, exz_authenticator_close((exz_authenticator){former}, 0));
}

static void await_count(player *p) {
    const exz_authenticator a = take_authenticator(p);
    const exz_authenticator_count what = (exz_authenticator_count)(take_byte(&p->d.in) % 18) - 1;
    const uint64_t at_least = take_byte(&p->d.in) % 4;
    const int32_t t = take_short_timeout(p);
    const exz_status status = TRY(&p->d, t, exz_authenticator_wait(a, what, at_least, t));
    if (what < EXZ_AUTHENTICATOR_COUNT_PENDING || what > EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES)
        require(&p->d, status != EXZ_OK && status != EXZ_ERR_TIMEOUT, "it has counted what nobody counts");
    untouched_unless(&p->d, status == EXZ_OK);
}

static void close_authenticator(player *p) {
    const exz_authenticator a = take_authenticator(p);
    const int32_t t = take_short_timeout(p);
    untouched_unless(&p->d, TRY(&p->d, t, exz_authenticator_close(a, t)) == EXZ_OK);
}

/* --- Rules -------------------------------------------------------------------------------------------------------- */

static void rule_on_a_key(player *p) {
    static const uint32_t flags[] = {0, 1, 0, 1, 2, UINT32_MAX};
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    const uint8_t choice = take_byte(&d->in);
    const bool is_allowed = take_byte(&d->in) % 2 == 0;
    const char *text = choice >= 224 ? take_topic(p) : key(choice % (is_allowed ? STRANGER : KEYS));
    exz_status status;
    if (is_allowed) status = TRY(d, 0, exz_authenticator_allow_key(a, text, take_topic(p)));
    else status = TRY(d, 0, exz_authenticator_deny_key(a, text, TAKE_ONE(&d->in, flags)));
    if (choice >= 224) require(d, status != EXZ_OK, "it took what is no key");
    untouched_unless(d, status == EXZ_OK);
}

/* The directory also has the sockets of ipc in it. */
static void rule_on_files(player *p) {
    static const char *const paths[] = {".", ".", "friend.key", "friend.key", "nowhere", "", "/proc/self/mem", "a"};
    static const uint32_t flags[] = {0, 1, 2};
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    const char *path = take_byte(&d->in) == 255 ? NULL : TAKE_ONE(&d->in, paths);
    const exz_status status = TRY(d, 0, exz_authenticator_allow_keys(a, path, TAKE_ONE(&d->in, flags)));
    untouched_unless(d, status == EXZ_OK);
}

static void change_files(player *p) {
    if (take_byte(&p->d.in) % 3 == 0) (void)unlink("friend.key");
    else untouched_unless(&p->d, TRY(&p->d, 0, exz_curve_save("friend", key(FRIEND), NULL, NULL)) == EXZ_OK);
}

static void rule_on_an_address(player *p) {
    static const char *const addresses[] = {
        "127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "::1", "::/0", "10.0.0.0/8", "127.0.0.1/8", "127.0.0.1/33", "::/129",
        "", "/", "127.0.0.1/", "127.0.0.1/-1", "127.0.0.1/99999999999999999999", "localhost", "::%lo", "\xFF",
    };
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    const char *address = take_byte(&d->in) == 255 ? NULL : TAKE_ONE(&d->in, addresses);
    const exz_status status = take_byte(&d->in) < 160 ? TRY(d, 0, exz_authenticator_allow_address(a, address))
                                                      : TRY(d, 0, exz_authenticator_deny_address(a, address));
    untouched_unless(d, status == EXZ_OK);
}

static void rule_on_others(player *p) {
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    const uint32_t number = take_byte(&d->in) < 128 ? getuid() : (uint32_t)take_number(&d->in);
    exz_status status;
    switch (take_byte(&d->in) % 3) {
    case 0: status = TRY(d, 0, exz_authenticator_allow_user(a, number)); break;
    case 1: status = TRY(d, 0, exz_authenticator_allow_group(a, number)); break;
    default: status = TRY(d, 0, exz_authenticator_allow_password(a, take_topic(p), take_topic(p))); break;
    }
    untouched_unless(d, status == EXZ_OK);
}

static void ask_authenticator(player *p) {
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    if (take_byte(&d->in) > 250) d->out.auth_stats.size = d->before.auth_stats.size = 8;
    const exz_status status = TRY(d, 0, exz_authenticator_stats(&d->out.auth_stats, a));
    const exz_authenticator_statistics *s = &d->out.auth_stats;
    if (status == EXZ_OK) {
        const uint64_t sum = s->refused_address + s->refused_user + s->refused_key + s->refused_password +
                             s->refused_decision + s->refused_late + s->refused_busy + s->refused_other;
        require(d, s->refused == sum, "the reasons are not all");
        require(d, s->keys <= KEYS, "there are more keys than anybody has allowed");
    }
    untouched_unless(d, status == EXZ_OK);
}

/* --- Sockets ------------------------------------------------------------------------------------------------------ */

static exz_security take_security(player *p) {
    input *in = &p->d.in;
    exz_security security = EXZ_SECURITY_INIT;
    security.mechanism = take_byte(in) % 6;
    if (security.mechanism == EXZ_SECURITY_CURVE_SERVER) {
        security.secret_key = secret_keys[SERVER];
        security.flags = take_byte(in) % 2;
    } else if (security.mechanism == EXZ_SECURITY_CURVE_CLIENT) {
        const size_t who = FRIEND + take_byte(in) % 2;
        security.public_key = key(who);
        security.secret_key = secret_keys[who];
        security.server_key = key(SERVER);
    } else if (security.mechanism == EXZ_SECURITY_PLAIN_CLIENT) {
        security.username = take_topic(p);
        security.password = take_topic(p);
    }
    switch (take_byte(in) % 24) {
    case 0: security.flags = (uint32_t)take_number(in); break;
    case 1: security.mechanism = (int32_t)take_number(in); break;
    case 2: security.public_key = take_topic(p); break;
    case 3: security.secret_key = take_topic(p); break;
    case 4: security.server_key = take_topic(p); break;
    case 5: security.size = take_byte(in); break;
    }
    return security;
}

static exz_socket_options secured_options(const exz_security *security) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.default_timeout_ms = options.linger_ms = options.retry.initial_backoff_ms = 1;
    options.retry.max_attempts = 1;
    options.security = security;
    return options;
}

static void open_secured(player *p) {
    static const exz_socket_type types[] = {EXZ_PUSH, EXZ_PULL, EXZ_DEALER, EXZ_ROUTER, EXZ_PUB, EXZ_SUB};
    desk *d = &p->d;
    const size_t place = take_index(&d->in, SOCKETS);
    const exz_context context = take_any_context(p);
    const exz_security security = take_security(p);
    const exz_socket_options options = secured_options(&security);
    const exz_status status = TRY(d, 0, exz_socket_open(&d->out.socket, context, TAKE_ONE(&d->in, types), &options));
    uint64_t former = 0;
    if (status == EXZ_OK) former = atomic_exchange(&shared.sockets[place], d->out.socket.id);
    untouched_unless(d, status == EXZ_OK);
    if (former != 0) untouched_unless(d, TRY(d, 0, exz_socket_close((exz_socket){former}, 0)) == EXZ_OK);
}

/* A handshake from its beginning to its end, with a server that admits nobody by itself. */
static void knock(player *p) {
    desk *d = &p->d;
    const exz_context context = take_any_context(p);
    const size_t who = FRIEND + take_byte(&d->in) % 2;
    const bool is_local = take_byte(&d->in) % 4 == 0;
    if (p->waits_left-- <= 0) return;
    exz_security server = EXZ_SECURITY_INIT, client = EXZ_SECURITY_INIT;
    server.mechanism = EXZ_SECURITY_CURVE_SERVER;
    server.secret_key = secret_keys[SERVER];
    client.mechanism = EXZ_SECURITY_CURVE_CLIENT;
    client.public_key = key(who);
    client.secret_key = secret_keys[who];
    client.server_key = key(SERVER);
    const exz_socket_options servers = secured_options(&server), clients = secured_options(&client);
    exz_socket bound = {0}, connected = {0};
    char endpoint[TEXT_SIZE];
    if (exz_socket_open(&bound, context, EXZ_PULL, &servers) == EXZ_OK &&
        exz_socket_bind(bound, is_local ? "ipc://*" : "tcp://127.0.0.1:*", 1000, NULL) == EXZ_OK &&
        exz_socket_endpoint(bound, endpoint, sizeof endpoint) == EXZ_OK &&
        exz_socket_open(&connected, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &clients) == EXZ_OK) {
        const exz_status status = TRY_ATTEMPTS(d, 200, exz_socket_connect(connected, endpoint, 0, 200, NULL));
        require(d, status != EXZ_OK || who != STRANGER, "a key that nobody has allowed is in");
    }
    if (connected.id != 0) (void)TRY(d, 0, exz_socket_close(connected, 0));
    if (bound.id != 0) (void)TRY(d, 0, exz_socket_close(bound, 0));
}

static void call_with_null(player *p) {
    desk *d = &p->d;
    const exz_authenticator a = take_authenticator(p);
    exz_status status;
    switch (take_byte(&d->in) % 6) {
    case 0: status = TRY(d, 0, exz_authenticator_open(NULL, EXZ_DEFAULT_CONTEXT, NULL)); break;
    case 1: status = TRY(d, 0, exz_authenticator_options_init(NULL)); break;
    case 2: status = TRY(d, 0, exz_authenticator_stats(NULL, a)); break;
    case 3: status = TRY(d, 0, exz_authenticator_allow_key(a, NULL, NULL)); break;
    case 4: status = TRY(d, 0, exz_authenticator_allow_address(a, NULL)); break;
    default: status = TRY(d, 0, exz_authenticator_allow_password(a, NULL, NULL)); break;
    }
    require(d, status != EXZ_OK, "NULL is fine with it");
    untouched_unless(d, false);
}

static operation *const all[] = {
    open_authenticator, open_authenticator, close_authenticator, rule_on_a_key, rule_on_a_key, rule_on_files,
    change_files, await_count, rule_on_an_address, rule_on_others, ask_authenticator, open_secured, open_secured, knock, knock,
    call_with_null,
};

const operations admission_operations = {all, sizeof all / sizeof *all};
