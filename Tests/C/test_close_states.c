/* SPDX-License-Identifier: Apache-2.0
 *
 * Closing in whatever a socket is in the middle of: in time, every call back, and nothing left behind. EXZ_SOAK_ROUNDS
 * of the environment says how many rounds, 800 by default. */
#include <stdlib.h>

#include "holdings.h"
#include "monotonic.h"
#include "situations.h"

/* Bytes of difference that are no growth: what the allocator keeps for its threads and libzmq for its queues is there
 * after the warm-up, but never twice the same. */
enum { HEAP_ALLOWANCE = 128 << 10, RESIDENT_ALLOWANCE = 4 << 20 };

static int soak_rounds(void) {
    const char *text = getenv("EXZ_SOAK_ROUNDS");
    int rounds = text != NULL ? atoi(text) : 0;
    return rounds > 0 ? rounds : 800;
}

static int64_t longest_ns, worst_over_ns;

static void close_in_time(exz_status (*close)(scene *, int32_t), scene *sc, int32_t linger_ms, int32_t effective_ms) {
    int64_t began = now_ns();
    check_status(close(sc, linger_ms), EXZ_OK);
    int64_t took = now_ns() - began, over = took - effective_ms * INT64_C(1000000);
    check(took < (effective_ms + 100 + GENEROUS_MS) * INT64_C(1000000));
    if (took > longest_ns) longest_ns = took;
    if (over > worst_over_ns) worst_over_ns = over;
}

static exz_status close_it(scene *sc, int32_t linger_ms) { return exz_socket_close(sc->s, linger_ms); }

static exz_status close_its_context(scene *sc, int32_t linger_ms) {
    exz_status status = exz_context_close(sc->context, linger_ms);
    exz_state state;
    check_status(exz_socket_state(&state, sc->s), EXZ_ERR_CLOSED);
    return status;
}

static const struct {
    int32_t linger_ms, effective_ms;
} lingers[] = {{0, 0}, {EXZ_DEFAULT_TIMEOUT, SITUATION_LINGER_MS}, {0, 0}, {20, 20}};

static void close_socket_in(int round) {
    const situation *const now = &situations[(size_t)round % situation_count];
    const size_t linger = (size_t)round / situation_count % COUNT_OF(lingers);
    in_row("round %d, %s, linger %d", round, now->name, lingers[linger].linger_ms);
    scene sc;
    scene_begin(&sc, now, EXZ_DEFAULT_CONTEXT);
    close_in_time(close_it, &sc, lingers[linger].linger_ms, lingers[linger].effective_ms);
    scene_end(&sc);
}

static void close_context_in(int round) {
    const situation *const now = &situations[(size_t)round % situation_count];
    const int32_t linger = round / (int)situation_count % 3 == 2 ? 20 : 0;
    in_row("round %d, context, %s, linger %d", round, now->name, linger);
    exz_context context;
    check_status(exz_context_open(&context), EXZ_OK);
    scene sc;
    scene_begin(&sc, now, context);
    close_in_time(close_its_context, &sc, linger, linger);
    scene_end(&sc);
}

static void report(const char *what, int rounds, holdings before, holdings after) {
    print_message("    %s: %d rounds, longest close %.1f ms, at most %.1f ms over its linger\n", what, rounds,
                  (double)longest_ns / 1e6, (double)worst_over_ns / 1e6);
    print_message("    descriptors %d -> %d, threads %d -> %d, heap %zu -> %zu kB, resident %zu -> %zu kB\n",
                  before.descriptors, after.descriptors, before.threads, after.threads, before.heap / 1024,
                  after.heap / 1024, before.resident / 1024, after.resident / 1024);
}

/* A first run of all situations makes what is made once; then nothing may grow any more. */
static void soak(const char *what, void (*one_round)(int), int rounds) {
    situations_begin();
    const int warm_up = 4 * (int)situation_count;
    longest_ns = worst_over_ns = 0;
    for (int round = 0; round < warm_up; round++) one_round(round);
    const holdings before = settle();
    for (int round = 0; round < rounds; round++) one_round(round);
    check_held(before);
    const holdings after = settle();
    report(what, rounds, before, after);
    check(after.heap < before.heap + HEAP_ALLOWANCE);
    check(after.resident < before.resident + RESIDENT_ALLOWANCE);
    situations_end();
}

CASE(a_socket_closes_in_every_situation) { soak("sockets", close_socket_in, soak_rounds() * 4 / 5); }

CASE(a_context_closes_in_every_situation) { soak("contexts", close_context_in, soak_rounds() / 5); }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_socket_closes_in_every_situation),
        TEST(a_context_closes_in_every_situation),
    };
    return cmocka_run_group_tests_name("closing in every situation", tests, NULL, NULL);
}
