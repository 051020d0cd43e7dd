/* SPDX-License-Identifier: Apache-2.0
 *
 * What is made once in a process is made between two forks: a child has no thread that would finish it. The hooks are
 * there from the moment the library is loaded, so that none of it can have begun without them. */
#include <stdatomic.h>

#include "shim.h"

enum { NOT_MADE, BEING_MADE, MADE, HELD_OFF };

static _Atomic uint32_t state = NOT_MADE;
static struct clinux_fork_hooks hooks;

static void set(uint32_t next)
{
    atomic_store(&state, next);
    clinux_futex_wake(&state, INT32_MAX);
}

/* Takes the right to make it, or to hold that off; false once it has been made. */
static int take(uint32_t next)
{
    for (;;) {
        uint32_t found = NOT_MADE;
        if (atomic_compare_exchange_strong(&state, &found, next))
            return 1;
        if (found == MADE)
            return 0;
        (void)clinux_futex_wait(&state, found, -1);
    }
}

void clinux_make_once(void (*make)(void), struct clinux_fork_hooks with)
{
    if (atomic_load_explicit(&state, memory_order_acquire) == MADE || !take(BEING_MADE))
        return;
    hooks = with;
    make();
    set(MADE);
}

static void before(void)
{
    if (!take(HELD_OFF))
        hooks.before();
    /* Last: the hook waits for threads that may have to go in there before they give back what it wants. */
    clinux_begin_fork();
}

static void in_parent(void)
{
    clinux_end_fork(0);
    if (atomic_load(&state) == MADE)
        hooks.in_parent();
    else
        set(NOT_MADE);
}

static void in_child(void)
{
    clinux_end_fork(1);
    if (atomic_load(&state) == MADE)
        hooks.in_child();
    else
        set(NOT_MADE);
}

__attribute__((constructor)) static void install(void)
{
    (void)pthread_atfork(before, in_parent, in_child);
}
