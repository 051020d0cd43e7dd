/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault proxies without memory: what needs some is refused with its status, and what is there goes on. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "holdings.h"
#include "monotonic.h"
#include "wires.h"

#define CONNECTIONS 64
#define BLOCK ((size_t)4 << 10)
/* Who has no memory for so little has none for anything. */
#define BLOCKS_LEFT 4

static struct rlimit usual;

/* All the memory there is, each block with the address of the one before. */
static void *blocks;

static void free_block(void) {
    void *before = *(void **)blocks;
    free(blocks);
    blocks = before;
}

static void use_memory_up(void) {
    const struct rlimit none = {0, usual.rlim_max};
    check_int(setrlimit(RLIMIT_AS, &none), 0);
    for (void **block; (block = malloc(BLOCK)) != NULL; blocks = block) *block = blocks;
    for (int i = 0; i < BLOCKS_LEFT; i++) free_block();
}

static void give_memory_back(void) {
    check_int(setrlimit(RLIMIT_AS, &usual), 0);
    while (blocks != NULL) free_block();
}

CASE(a_fault_that_all_connections_have_no_memory_for_is_refused) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire wires[CONNECTIONS];
    exz_fault fault = fault_of(EXZ_FAULT_SLICE);
    fault.slice_bytes = 1;
    uint32_t id = 77;
    exz_status status = EXZ_OK;
    for (size_t i = 0; i < COUNT_OF(wires); i++) wires[i] = open_wire(&r);
    const uint32_t first = add_fault(r.proxy, fault);
    use_memory_up();
    for (int i = 0; i < 100 && status == EXZ_OK; i++) status = exz_fault_add(&id, r.proxy, &fault);
    give_memory_back();
    check_status(status, EXZ_ERR_NO_MEMORY);
    check_int(id, 77);
    check_int(proxy_stats(r.proxy).faults, 1);
    /* All are there as before, and there can be more. */
    const uint32_t second = add_fault(r.proxy, fault);
    check_int(second, first + 1);
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        say(wires[i].client, "as before");
        hear_exactly(wires[i].server, "as before");
        close_wire(&wires[i]);
    }
    await_strikes(r.proxy, second, COUNT_OF(wires));
    close_relayed(&r);
}

/* What the process may have beyond what it has: enough for one fault more, and not for all of them again. */
#define SLACK ((size_t)6 << 20)
#define FAULTS 600

CASE(a_fault_takes_memory_for_itself_whatever_others_there_are) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire wires[CONNECTIONS];
    exz_fault fault = fault_of(EXZ_FAULT_SLICE);
    fault.slice_bytes = 1000;
    uint32_t id = 0;
    for (size_t i = 0; i < COUNT_OF(wires); i++) wires[i] = open_wire(&r);
    for (int i = 0; i < FAULTS; i++) add_fault(r.proxy, fault);
    const struct rlimit tight = {address_space() + SLACK, usual.rlim_max};
    check_int(setrlimit(RLIMIT_AS, &tight), 0);
    const exz_status status = exz_fault_add(&id, r.proxy, &fault);
    give_memory_back();
    check_status(status, EXZ_OK);
    check_int(proxy_stats(r.proxy).faults, FAULTS + 1);
    for (size_t i = 0; i < COUNT_OF(wires); i++) close_wire(&wires[i]);
    close_relayed(&r);
}

CASE(a_connection_there_is_no_memory_for_is_reset_and_counted) {
    relayed r = open_relayed(TCP, TCP, 0);
    wire w = open_wire(&r);
    use_memory_up();
    const int client = dial(r.endpoint);
    const exz_status counted = exz_fault_proxy_wait(r.proxy, EXZ_FAULT_COUNT_FAILED, 1, PATIENCE_MS);
    give_memory_back();
    check(client >= 0);
    check_status(counted, EXZ_OK);
    hear_reset(client, TCP);
    close(client);
    check_status(proxy_stats(r.proxy).target_status, EXZ_ERR_NO_MEMORY);
    say(w.client, "as before");
    hear_exactly(w.server, "as before");
    close_wire(&w);
    w = open_wire(&r);
    close_wire(&w);
    close_relayed(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_fault_that_all_connections_have_no_memory_for_is_refused),
        TEST(a_fault_takes_memory_for_itself_whatever_others_there_are),
        TEST(a_connection_there_is_no_memory_for_is_reset_and_counted),
    };
    check_int(getrlimit(RLIMIT_AS, &usual), 0);
    /* Nothing is reserved for other threads, which could be had in spite of a limit. */
    mallopt(M_ARENA_MAX, 1);
    return cmocka_run_group_tests_name("fault_memory", tests, NULL, NULL);
}
