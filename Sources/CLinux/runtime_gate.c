/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps every thread out of Swift's runtime while the process forks.
 *
 * Swift's runtime makes what it knows of a type when the type is first used, under locks of its own; so it does with
 * globals. A child that was forked meanwhile would wait for ever for the thread that is at it, which it does not have.
 * The library has a runtime of its own, linked into it, so the linker can put the functions below in front of those
 * that may take a lock (--wrap, in the Makefile, which reads their names here). They count who is inside, and a fork
 * waits until nobody is. None of them waits for anything but a thread that is inside as well, so that is soon.
 *
 * In a program in Swift the runtime is the program's, and nothing can be put in front of it. */
#include <stdatomic.h>

#include "shim.h"

/* The highest bit: the gate is closed. The rest: threads inside. */
static _Atomic uint32_t word = 0;
#define CLOSED 0x80000000U

/* The longest a fork waits. An initialization could want a lock that the forking thread has, such as the loader's. */
#define PATIENCE_NS INT64_C(2000000000)

/* How deep the calling thread is inside. Volatile, as signal handlers may enter, too. */
static volatile _Thread_local int32_t depth __attribute__((tls_model("initial-exec")));

static void enter_slowly(void)
{
    for (;;) {
        uint32_t found = atomic_load_explicit(&word, memory_order_relaxed);
        if (found & CLOSED)
            (void)clinux_futex_wait(&word, found, clinux_monotonic_ns() + PATIENCE_NS);
        else if (atomic_compare_exchange_weak_explicit(&word, &found, found + 1, memory_order_acquire,
                                                       memory_order_relaxed))
            return;
    }
}

void clinux_hold_off_forks(void)
{
    if (depth == 0) {
        /* The caller may look at it next. */
        int number = errno;
        enter_slowly();
        errno = number;
    }
    depth++;
}

void clinux_let_forks(void)
{
    depth--;
    if (depth != 0)
        return;
    uint32_t former = atomic_fetch_sub_explicit(&word, 1, memory_order_release);
    if (former & CLOSED) {
        int number = errno;
        clinux_futex_wake(&word, INT32_MAX);
        errno = number;
    }
}

/* Before a fork, when nothing is to follow that could wait. The forking thread may go on inside. */
void clinux_begin_fork(void)
{
    /* A handler that interrupted this thread inside may be what forks. */
    uint32_t own = depth > 0;
    int64_t end = clinux_monotonic_ns() + PATIENCE_NS;
    uint32_t found = atomic_fetch_or(&word, CLOSED) | CLOSED;
    while ((found & ~CLOSED) > own && clinux_monotonic_ns() < end) {
        (void)clinux_futex_wait(&word, found, end);
        found = atomic_load(&word);
    }
    depth++;
}

/* After a fork; in a child without those who were inside. */
void clinux_end_fork(int is_child)
{
    depth--;
    if (is_child) {
        atomic_store(&word, depth > 0);
    } else {
        (void)atomic_fetch_and(&word, ~CLOSED);
        clinux_futex_wake(&word, INT32_MAX);
    }
}

#ifdef CLINUX_HAS_OWN_RUNTIME

/* The functions in front. All have at most six arguments, whole numbers or pointers, and at most two such results; and
 * these lie in the same registers in C's and in Swift's convention. So one form fits all. What the runtime calls only
 * from within the others is not among them. */
typedef struct results {
    void *first, *second;
} results;

#define IN_FRONT_OF(name)                                                                                              \
    __attribute__((swiftcall)) results __real_##name(void *, void *, void *, void *, void *, void *);                  \
    __attribute__((swiftcall)) results __wrap_##name(void *, void *, void *, void *, void *, void *);                  \
    __attribute__((swiftcall)) results __wrap_##name(void *a, void *b, void *c, void *d, void *e, void *f)             \
    {                                                                                                                  \
        clinux_hold_off_forks();                                                                                       \
        results found = __real_##name(a, b, c, d, e, f);                                                               \
        clinux_let_forks();                                                                                            \
        return found;                                                                                                  \
    }

IN_FRONT_OF(_swift_stdlib_isExecutableLinkedOnOrAfter)
IN_FRONT_OF(swift_allocBox)
IN_FRONT_OF(swift_checkMetadataState)
IN_FRONT_OF(swift_conformsToProtocol)
IN_FRONT_OF(swift_conformsToProtocolCommon)
IN_FRONT_OF(swift_conformsToProtocolWithExecutionContext)
IN_FRONT_OF(swift_dynamicCast)
IN_FRONT_OF(swift_dynamicCastMetatype)
IN_FRONT_OF(swift_getAssociatedConformanceWitness)
IN_FRONT_OF(swift_getAssociatedTypeWitness)
IN_FRONT_OF(swift_getCanonicalPrespecializedGenericMetadata)
IN_FRONT_OF(swift_getCanonicalSpecializedMetadata)
IN_FRONT_OF(swift_getExistentialMetatypeMetadata)
IN_FRONT_OF(swift_getExistentialTypeMetadata)
IN_FRONT_OF(swift_getExtendedExistentialTypeMetadata_unique)
IN_FRONT_OF(swift_getExtendedExistentialTypeShape)
IN_FRONT_OF(swift_getFixedArrayTypeMetadata)
IN_FRONT_OF(swift_getForeignTypeMetadata)
IN_FRONT_OF(swift_getFunctionFullNameFromMangledName)
IN_FRONT_OF(swift_getFunctionTypeMetadata0)
IN_FRONT_OF(swift_getFunctionTypeMetadata1)
IN_FRONT_OF(swift_getGenericMetadata)
IN_FRONT_OF(swift_getMangledTypeName)
IN_FRONT_OF(swift_getMetatypeMetadata)
IN_FRONT_OF(swift_getSingletonMetadata)
IN_FRONT_OF(swift_getTupleTypeMetadata)
IN_FRONT_OF(swift_getTupleTypeMetadata2)
IN_FRONT_OF(swift_getTupleTypeMetadata3)
IN_FRONT_OF(swift_getTypeByMangledNameInContext)
IN_FRONT_OF(swift_getTypeByMangledNameInContext2)
IN_FRONT_OF(swift_getTypeByMangledNameInContextInMetadataState2)
IN_FRONT_OF(swift_getTypeByMangledNameInEnvironment)
IN_FRONT_OF(swift_getTypeName)
IN_FRONT_OF(swift_getWitnessTable)
IN_FRONT_OF(swift_initStaticObject)
IN_FRONT_OF(swift_makeBoxUnique)
IN_FRONT_OF(swift_once)
IN_FRONT_OF(swift_stdlib_getTypeByMangledNameUntrusted)
IN_FRONT_OF(swift_stdlib_random)
IN_FRONT_OF(swift_swiftValueConformsTo)

#endif
