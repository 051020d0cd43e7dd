/* SPDX-License-Identifier: Apache-2.0
 *
 * Every option number with values of all sorts on every socket type: whatever is accepted, binding, connecting and a
 * message follow, and the process lives. Each number has a process of its own, as libzmq aborts where it is misled.
 * Each pattern is bound from one side; from both with EXZ_FULL_SWEEP in the environment. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "forked.h"
#include "monotonic.h"

/* What the child does, for the one who finds it dead; and what it has found. */
typedef struct notes {
    char doing[160];
    int set, links, failures, messages;
} notes;

static notes *shared;

static const int64_t numbers[] = {0, 1, -1, 255, 66000, INT32_MAX, INT64_MIN};

static const struct {
    const char *bytes;
    size_t size;
} texts[] = {
    {"", 0},
    {"x", 1},
    {"127.0.0.1", 9},
    {"\1\0\0\0", 4},
    {"\377\377\377\377", 4},
    {"\1\0\0\0\0\0\0\0", 8},
    {"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", 40},
    {"0123456789abcdef0123456789abcdef", 32},
};

static const struct {
    exz_socket_type bound, connected;
} patterns[] = {
    {EXZ_PAIR, EXZ_PAIR}, {EXZ_SUB, EXZ_PUB}, {EXZ_REP, EXZ_REQ}, {EXZ_ROUTER, EXZ_DEALER}, {EXZ_PULL, EXZ_PUSH},
    {EXZ_XPUB, EXZ_XSUB}, {EXZ_PUB, EXZ_SUB}, {EXZ_REQ, EXZ_REP}, {EXZ_DEALER, EXZ_ROUTER}, {EXZ_PUSH, EXZ_PULL},
    {EXZ_XSUB, EXZ_XPUB},
};

static size_t pattern_count(void) { return getenv("EXZ_FULL_SWEEP") != NULL ? COUNT_OF(patterns) : 6; }

static exz_context context;

static exz_socket open_one(exz_socket_type type) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 1;
    exz_socket s;
    must(exz_socket_open(&s, context, type, &options), EXZ_OK);
    if (type == EXZ_SUB) must(exz_subscribe(s, ""), EXZ_OK);
    return s;
}

static bool set_option(exz_socket s, int32_t option, size_t value) {
    exz_status status = value < COUNT_OF(numbers)
                            ? exz_socket_set_int(s, option, numbers[value])
                            : exz_socket_set_bytes(s, option, texts[value - COUNT_OF(numbers)].bytes,
                                                   texts[value - COUNT_OF(numbers)].size);
    const bool is_too_late = option == ZMQ_SNDHWM || option == ZMQ_RCVHWM || option == ZMQ_REQ_CORRELATE;
    if (status != EXZ_OK && status != EXZ_ERR_INVALID && !(is_too_late && status == EXZ_ERR_STATE))
        child_must(status, EXZ_ERR_NOT_SUPPORTED, "setting");
    return status == EXZ_OK;
}

/* Whatever can be sent either way; what arrives is counted. */
static void talk(exz_socket a, exz_socket b) {
    const exz_part parts[] = {{"x", 1}, {"y", 1}};
    const exz_socket from[] = {a, b, a}, to[] = {b, a, b};
    for (size_t i = 0; i < COUNT_OF(from); i++) {
        exz_message message;
        if (exz_send(from[i], "x", 1, 0, 0) != EXZ_OK && exz_send_parts(from[i], parts, 2, 0) != EXZ_OK) continue;
        if (exz_recv_message(&message, to[i], 1) != EXZ_OK) continue;
        shared->messages++;
        must(exz_message_free(message), EXZ_OK);
    }
}

/* A socket of each type, to find out what is accepted. */
static exz_socket scratch[EXZ_XSUB + 1];

static void try_pattern(size_t pattern, int32_t option, size_t value) {
    snprintf(shared->doing, sizeof shared->doing, "option %d, value %zu, types %d and %d", option, value,
             patterns[pattern].bound, patterns[pattern].connected);
    const bool is_accepted[] = {set_option(scratch[patterns[pattern].bound], option, value),
                                set_option(scratch[patterns[pattern].connected], option, value)};
    if (!is_accepted[0] && !is_accepted[1]) return;
    shared->set++;
    exz_socket bound = open_one(patterns[pattern].bound), connected = open_one(patterns[pattern].connected);
    set_option(bound, option, value);
    set_option(connected, option, value);
    char endpoint[256];
    if (exz_socket_bind(bound, "tcp://127.0.0.1:*", 100, NULL) == EXZ_OK) {
        must(exz_socket_endpoint(bound, endpoint, sizeof endpoint), EXZ_OK);
        /* Where the option keeps peers apart, it does so every time. */
        const int32_t patience = shared->failures < 3 ? 100 : 1;
        if (exz_socket_connect(connected, endpoint, 0, patience, NULL) != EXZ_OK) {
            shared->failures++;
        } else {
            shared->links++;
            talk(bound, connected);
            /* Some are applied to what is linked already. */
            set_option(bound, option, value);
            set_option(connected, option, value);
            talk(connected, bound);
        }
    }
    must(exz_socket_close(connected, 0), EXZ_OK);
    must(exz_socket_close(bound, 0), EXZ_OK);
}

static void read_option(exz_socket s, int32_t option) {
    int64_t number;
    char buffer[256];
    size_t size;
    (void)exz_socket_get_int(&number, s, option);
    (void)exz_socket_get_bytes(&size, s, option, buffer, sizeof buffer);
    (void)exz_socket_get_bytes(&size, s, option, buffer, 1);
    (void)exz_socket_get_bytes(&size, s, option, NULL, 0);
}

static void sweep(int32_t option) {
    must(exz_context_open(&context), EXZ_OK);
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        snprintf(shared->doing, sizeof shared->doing, "option %d, reading it, type %d", option, type);
        scratch[type] = open_one(type);
        read_option(scratch[type], option);
    }
    for (size_t value = 0; value < COUNT_OF(numbers) + COUNT_OF(texts); value++)
        for (size_t pattern = 0; pattern < pattern_count(); pattern++) try_pattern(pattern, option, value);
    must(exz_context_close(context, 0), EXZ_OK);
}

CASE(no_option_ends_the_process) {
    static const int32_t strange[] = {-1, -2, INT32_MIN, INT32_MAX, 65536};
    notes all = {0};
    for (int32_t n = 0; n <= 200 + (int32_t)COUNT_OF(strange); n++) {
        const int32_t option = n <= 200 ? n : strange[n - 201];
        memset(shared, 0, sizeof *shared);
        pid_t pid = fork_child();
        if (pid == 0) {
            sweep(option);
            _exit(0);
        }
        int status = 0;
        check(waitpid(pid, &status, 0) == pid);
        in_row("%s; status %d", shared->doing, status);
        check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        all.set += shared->set;
        all.links += shared->links;
        all.messages += shared->messages;
    }
    print_message("%d times set, %d links made, %d messages received\n", all.set, all.links, all.messages);
    check(all.links > 0 && all.messages > 0);
}

int main(void) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    const struct CMUnitTest tests[] = {
        TEST(no_option_ends_the_process),
    };
    return cmocka_run_group_tests_name("options, one and all", tests, NULL, NULL);
}
