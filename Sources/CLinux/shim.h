/* SPDX-License-Identifier: Apache-2.0
 *
 * What Swift's modules of the C library leave out of Linux: epoll(7), eventfd(2), and calls that go through the
 * variadic syscall(2) or are hidden behind _GNU_SOURCE.
 */
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "connections.h"
#include "keys.h"

/* Hidden behind _GNU_SOURCE. */
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

/* Nanoseconds of a clock: CLOCK_MONOTONIC, or its cheaper coarse form. */
static inline int64_t clinux_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t clinux_coarse_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline struct timespec clinux_timespec(int64_t nanoseconds)
{
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return time;
}

/* Sleeps while *word == expected, at the latest until the monotonic clock shows that many nanoseconds (negative: no
 * limit; only a lock that is held for a few instructions may ask for that). Returns 0 or the errno: EAGAIN, EINTR,
 * ETIMEDOUT. */
static inline int clinux_futex_wait(void *word, uint32_t expected, int64_t until_ns)
{
    struct timespec until = clinux_timespec(until_ns);
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, until_ns < 0 ? NULL : &until, NULL,
                      FUTEX_BITSET_MATCH_ANY);
    return rc == 0 ? 0 : errno;
}

/* Wakes at most `count` sleepers on the word. */
static inline void clinux_futex_wake(void *word, int count)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* The system's text for an errno, in the buffer or elsewhere; NULL if there is none. */
static inline const char *clinux_describe(int number, char *buffer, size_t size)
{
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
    return strerror_r(number, buffer, size);
#else
    return strerror_r(number, buffer, size) == 0 ? buffer : NULL;
#endif
}

/* The address of the calling thread's control block, which no other thread has while this one lives. Even. */
static inline uintptr_t clinux_this_thread(void)
{
    return (uintptr_t)__builtin_thread_pointer();
}

/* How many locks the calling thread holds, of those that are counted. In the block of thread-local memory that the
 * program starts with: one instruction away, and no call that could allocate. Volatile, as signal handlers read it. */
extern volatile _Thread_local int32_t clinux_locks_held __attribute__((tls_model("initial-exec")));

static inline void clinux_lock_taken(void)
{
    clinux_locks_held++;
}

static inline void clinux_lock_released(void)
{
    clinux_locks_held--;
}

static inline int clinux_holds_locks(void)
{
    return clinux_locks_held > 0;
}

/* What happens at a fork. */
struct clinux_fork_hooks {
    void (*before)(void);
    void (*in_parent)(void);
    void (*in_child)(void);
};

/* Makes what a process has once, before anything of it is used, and lets the hooks see every fork from then on. A fork
 * waits for that, and that for a fork. Never again once it has been done. */
void clinux_make_once(void (*make)(void), struct clinux_fork_hooks with);

/* Around what has locks of its own that a fork would leave locked in the child. It must wait for nothing but what is
 * done between these two as well, and call nobody back. May be nested. */
void clinux_hold_off_forks(void);
void clinux_let_forks(void);

/* For the fork hooks: waits for all of that, and holds it off. */
void clinux_begin_fork(void);
void clinux_end_fork(int is_child);

/* Keeps pthread_cancel() from ending the calling thread; returns what clinux_release_cancel() takes. */
static inline int clinux_hold_cancel(void)
{
    int former = PTHREAD_CANCEL_DISABLE;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former);
    return former;
}

static inline void clinux_release_cancel(int former)
{
    (void)pthread_setcancelstate(former, NULL);
}

/* Ends the calling thread if that has been asked for. */
static inline void clinux_test_cancel(void)
{
    pthread_testcancel();
}

/* Whether an object of the process imports the function, among those that were loaded since; `loads` counts them. */
int clinux_is_imported(const char *name, uint64_t *loads);

/* The kernel's number of the calling thread. */
static inline int32_t clinux_thread_number(void)
{
    return (int32_t)syscall(SYS_gettid);
}

/* Whether the process has a thread of that number. */
static inline int clinux_has_thread(int32_t number)
{
    return syscall(SYS_tgkill, getpid(), number, 0) == 0;
}

/* Has the calling thread, and those it starts from then on, run on these processors only. Returns 0; an errno; or EDOM,
 * and in `missing` one that can not be had: it runs on the others then, if there are any. */
int clinux_run_on(const int32_t *processors, size_t count, int32_t *missing);

/* Calls body. If the thread ends in there instead (pthread_exit(3)), lost is called on its way out. */
void clinux_run_guarded(void (*body)(void *), void (*lost)(void *), void *argument);

/* Names the calling thread, in at most 15 characters. */
static inline void clinux_name_thread(const char *name)
{
    (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* A variable of the environment; NULL also where the process has more rights than who has started it. */
const char *clinux_variable(const char *name);

/* Accepts a connection that neither waits nor is inherited; -1 with errno. */
static inline int clinux_accept(int listener)
{
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* Whether a socket is connected, and not about to be. */
static inline int clinux_has_peer(int descriptor)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    return getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0;
}

/* Whether malloc(3) has so many bytes now. Compilers leave out an allocation of which nothing is used but whether there
 * is one, and take it for granted; so it is kept where they do not look. */
static inline int clinux_is_memory_there(size_t size)
{
    void *volatile proof = malloc(size);
    int is_there = proof != NULL;
    free(proof);
    return is_there;
}

/* Whether the other side has ended a connection, or its direction of it. */
static inline int clinux_is_gone(int descriptor)
{
    struct pollfd item = {descriptor, POLLRDHUP, 0};
    return poll(&item, 1, 0) > 0;
}

/* Resets the connection behind a descriptor that is somebody else's, if it is one to itself; whether it was. */
static inline int clinux_reset_if_connected_to_itself(int descriptor)
{
    int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return 0;
    int is_own = clinux_is_connected_to_itself(own);
    if (is_own)
        clinux_reset_connection(own);
    (void)close(own);
    return is_own;
}

/* poll(2) with a time-out in nanoseconds, not negative. More items than the process may have descriptors are EMFILE:
 * the kernel says EINVAL, and has no other reason to. */
static inline int clinux_poll(struct pollfd *items, unsigned long count, int64_t timeout_ns)
{
    struct timespec timeout = clinux_timespec(timeout_ns);
    int ready = (int)syscall(SYS_ppoll, items, count, &timeout, NULL, 0);
    if (ready < 0 && errno == EINVAL)
        errno = EMFILE;
    return ready;
}

/* poll(2) for reading on two descriptors, with a time-out in nanoseconds. Returns -1 with errno, or a mask: 1 for the
 * first, 2 for the second. */
static inline int clinux_poll_two(int first, int second, int64_t timeout_ns)
{
    struct pollfd items[2] = {{first, POLLIN, 0}, {second, POLLIN, 0}};
    if (clinux_poll(items, 2, timeout_ns) < 0)
        return -1;
    return (items[0].revents != 0) | (items[1].revents != 0) << 1;
}

/* Whether a connection carries what is written to it: TCP has room for more, and of a local one the other side has read
 * all. Also true of what is no connection. */
static inline int clinux_carries(int descriptor)
{
    int domain = AF_UNSPEC, unread = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
        return 1;
    if (domain == AF_UNIX)
        return ioctl(descriptor, SIOCOUTQ, &unread) != 0 || unread == 0;
    struct pollfd item = {descriptor, POLLOUT, 0};
    return poll(&item, 1, 0) > 0;
}

/* What is needed here of <net/if.h>'s struct ifreq. */
struct clinux_ifreq {
    char name[16];
    union {
        struct sockaddr_in address;
        char room[24];
    } value;
};

/* The IPv4 address of an interface, found without netlink; 0 or an errno. */
static inline int clinux_interface_address(const char *name, struct sockaddr_in *address)
{
    struct clinux_ifreq request = {{0}, {{0}}};
    if (strlen(name) >= sizeof request.name)
        return ENODEV;
    strcpy(request.name, name);
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return errno;
    int number = ioctl(descriptor, SIOCGIFADDR, &request) == 0 ? 0 : errno;
    (void)close(descriptor);
    *address = request.value.address;
    return number;
}

/* Sleeps; false if it was woken by a signal. */
static inline int clinux_pause_ns(int64_t nanoseconds)
{
    struct timespec time = clinux_timespec(nanoseconds);
    return nanosleep(&time, NULL) == 0;
}

#endif
