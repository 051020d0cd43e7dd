/* SPDX-License-Identifier: Apache-2.0 */
#include "surroundings.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "monotonic.h"

static char directory[64];

/* The ports this process listens at. */
static atomic_bool is_ours[65536];

/* Those that the system has chosen for this process: it may have them again. */
static atomic_bool was_chosen[65536];

/* These take the place of libc's for the library and for libzmq, as a program's symbols come first. */

typedef int getaddrinfo_call(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int address_call(int, const struct sockaddr *, socklen_t);
typedef int listen_call(int, int);
typedef int path_call(const char *);

/* A function pointer out of a data pointer, which ISO C has no conversion for. */
#define REAL(name, pointer)                       \
    do {                                          \
        void *found = dlsym(RTLD_NEXT, (name));   \
        memcpy((pointer), &found, sizeof found);  \
    } while (0)

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict results) {
    getaddrinfo_call *real;
    REAL("getaddrinfo", &real);
    struct addrinfo wanted = {0};
    if (hints != NULL) wanted = *hints;
    const bool is_local = node != NULL && strcmp(node, "localhost") == 0;
    if (!(is_local && (wanted.ai_flags & AI_NUMERICHOST) == 0)) wanted.ai_flags |= AI_NUMERICHOST;
    else node = "127.0.0.1";
    return real(node, service, &wanted, results);
}

/* The port of a loopback address, in the machine's order; negative for any other address. */
static int loopback_port(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == 127 ? ntohs(in->sin_port) : -1;
    }
    const struct sockaddr_in6 *in6 = (const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ? ntohs(in6->sin6_port) : -1;
}

static bool is_internet(const struct sockaddr *address) {
    return address->sa_family == AF_INET || address->sa_family == AF_INET6;
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
    address_call *real;
    REAL("connect", &real);
    if (is_internet(address)) {
        const int port = loopback_port(address);
        if (port < 0 || !is_ours[port]) {
            errno = port < 0 ? ENETUNREACH : ECONNREFUSED;
            return -1;
        }
    }
    return real(fd, address, size);
}

/* Whether a file may be made or removed there: here, or in the directories libzmq makes, or it is no file at all. */
static bool is_here(const char *path) {
    return strchr(path, '/') == NULL || strncmp(path, directory, strlen(directory)) == 0;
}

int bind(int fd, const struct sockaddr *address, socklen_t size) {
    address_call *real;
    REAL("bind", &real);
    struct sockaddr_storage changed = {0};
    memcpy(&changed, address, size < sizeof changed ? size : sizeof changed);
    if (is_internet(address)) {
        const int port = loopback_port(address);
        if (port < 0) {
            errno = EADDRNOTAVAIL;
            return -1;
        }
        if (was_chosen[port]) return real(fd, address, size);
        if (address->sa_family == AF_INET) ((struct sockaddr_in *)&changed)->sin_port = 0;
        else ((struct sockaddr_in6 *)&changed)->sin6_port = 0;
    } else if (address->sa_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path)) {
        char path[sizeof((struct sockaddr_un *)0)->sun_path + 1] = "";
        memcpy(path, ((struct sockaddr_un *)&changed)->sun_path, sizeof path - 1);
        if (!is_here(path)) {
            errno = EACCES;
            return -1;
        }
    }
    const int result = real(fd, (struct sockaddr *)&changed, size);
    if (result == 0 && is_internet(address)) {
        socklen_t room = sizeof changed;
        if (getsockname(fd, (struct sockaddr *)&changed, &room) == 0)
            was_chosen[loopback_port((struct sockaddr *)&changed)] = true;
    }
    return result;
}

int listen(int fd, int backlog) {
    listen_call *real;
    REAL("listen", &real);
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 && is_internet((struct sockaddr *)&address)) {
        const int port = loopback_port((struct sockaddr *)&address);
        if (port >= 0) is_ours[port] = true;
    }
    return real(fd, backlog);
}

int unlink(const char *path) {
    path_call *real;
    REAL("unlink", &real);
    if (is_here(path)) return real(path);
    errno = EACCES;
    return -1;
}

static int remove_entry(const char *path, __attribute__((unused)) const struct stat *status,
                        __attribute__((unused)) int kind, __attribute__((unused)) struct FTW *place) {
    return remove(path);
}

static void remove_directory(void) {
    if (chdir("/") == 0) nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void settle_down(void) {
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/exz-fuzz-XXXXXX", base != NULL && strlen(base) < 30 ? base : "/tmp");
    if (mkdtemp(directory) == NULL || chdir(directory) != 0 || setenv("TMPDIR", directory, 1) != 0) {
        perror(directory);
        abort();
    }
    atexit(remove_directory);
}

static int entries(const char *path) {
    DIR *listing = opendir(path);
    int count = 0;
    while (listing != NULL && readdir(listing) != NULL) count++;
    if (listing != NULL) closedir(listing);
    return count;
}

void check_growth(void) {
    static int first_descriptors, first_threads;
    static unsigned round;
    if (++round % 512 != 0) return;
    /* What libzmq still does in the background ends within moments. */
    const int64_t end = after_ms(20000);
    int descriptors, threads;
    do {
        descriptors = entries("/proc/self/fd");
        threads = entries("/proc/self/task");
        if (first_threads == 0) {
            first_descriptors = descriptors;
            first_threads = threads;
        }
        /* The library keeps a few threads for look-ups, and one process-wide context. */
        if (descriptors <= first_descriptors + 24 && threads <= first_threads + 24) return;
        sched_yield();
    } while (left_ms(end) > 0);
    fprintf(stderr, "%d descriptors and %d threads, were %d and %d\n", descriptors, threads, first_descriptors,
            first_threads);
    abort();
}
