/* SPDX-License-Identifier: Apache-2.0 */
#include "conditions.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "experimance_zmq.h"

typedef struct words {
    char text[128];
    char *kind;
    char *name;
    long number;
} words;

/* "descriptors 3", "call socket EPERM": the kind, the name if there is one, and the last word as a number. */
static void read_words(words *w, const char *condition) {
    snprintf(w->text, sizeof w->text, "%s", condition);
    char *rest = w->text, *last = w->kind = strsep(&rest, " ");
    w->name = rest != NULL ? last = strsep(&rest, " ") : NULL;
    if (rest != NULL) last = rest;
    w->number = strcmp(last, "EPERM") == 0 ? EPERM : strcmp(last, "ENOSYS") == 0 ? ENOSYS : atol(last);
}

/* System calls by name */

static const struct {
    const char *name;
    int number;
} calls[] = {
#define CALL(name) {#name, SYS_##name},
#include "calls.inc"
#undef CALL
};

/* A filter for every thread there is and will be. */
static bool deny(int number, long argument, int error) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)argument, 0, argument < 0 ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

static bool deny_call(const words *w) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, w->name) == 0) return deny(calls[i].number, -1, (int)w->number);
    return false;
}

static bool deny_family(const words *w) {
    int family = strcmp(w->name, "netlink") == 0 ? AF_NETLINK : strcmp(w->name, "ipv6") == 0 ? AF_INET6 : AF_INET;
    return deny(SYS_socket, family, w->number == ENOSYS ? EAFNOSUPPORT : (int)w->number);
}

/* Limits: what there is now, and so much more. */

/* At most what the process may have. */
static bool limit(int resource, rlim_t value) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0) return false;
    now.rlim_cur = now.rlim_max = value < now.rlim_max ? value : now.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &now) == 0;
}

static rlim_t entries_of(const char *path) {
    DIR *folder = opendir(path);
    rlim_t count = 0;
    while (folder != NULL && readdir(folder) != NULL) count++;
    if (folder != NULL) closedir(folder);
    return count >= 2 ? count - 2 : 0;
}

/* A field of /proc/self/status in bytes. */
static rlim_t size_of(const char *field) {
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    unsigned long long kilobytes = 0;
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, field, strlen(field)) == 0) sscanf(line + strlen(field), ": %llu", &kilobytes);
    if (status != NULL) fclose(status);
    return (rlim_t)kilobytes * 1024;
}

static bool limit_descriptors(long more) {
    /* Only numbers at the end are free. */
    rlim_t highest = 0;
    for (int descriptor = 0; descriptor < 512; descriptor++)
        if (fcntl(descriptor, F_GETFD) >= 0) highest = (rlim_t)descriptor + 1;
    for (rlim_t descriptor = 0; descriptor < highest; descriptor++)
        if (fcntl((int)descriptor, F_GETFD) < 0) (void)dup2(2, (int)descriptor);
    return limit(RLIMIT_NOFILE, highest + (rlim_t)more);
}

/* Interruptions */

static void take_no_notice(int number) { (void)number; }

static bool send_signals(void) {
    struct sigaction action = {.sa_handler = take_no_notice};
    struct itimerval often = {{0, 300}, {0, 300}};
    return sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0;
}

static void *fork_all_the_time(void *nothing) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child > 0) waitpid(child, NULL, 0);
    }
    return nothing;
}

static bool start_forking(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, fork_all_the_time, NULL) == 0;
}

/* A second copy of the library in the process: one socket of it, which stays open, or all of it unloaded again. */
static bool use_copy(bool is_unloaded) {
    void *copy = dlopen(getenv("EXZ_COPY"), RTLD_NOW | RTLD_LOCAL);
    if (copy == NULL) return false;
    exz_status (*open)(exz_socket *, exz_context, exz_socket_type, const exz_socket_options *);
    exz_status (*shutdown)(int32_t);
    exz_socket s;
    *(void **)&open = dlsym(copy, "exz_socket_open");
    *(void **)&shutdown = dlsym(copy, "exz_shutdown");
    if (open == NULL || shutdown == NULL || open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL) != EXZ_OK) return false;
    return !is_unloaded || (shutdown(2000) == EXZ_OK && dlclose(copy) == 0);
}

static bool hide(const char *path, bool is_folder) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
    return (is_folder ? mount("none", path, "tmpfs", 0, "size=0") : mount("/dev/null", path, NULL, MS_BIND, NULL)) == 0;
}

bool condition_prepare(const char *condition) {
    words w;
    read_words(&w, condition);
    if (strcmp(w.kind, "threads") == 0) {
        /* The limit is one of the user, so this one has to have no other process. */
        uid_t user = 3000000000U + (uid_t)getpid();
        return setresuid(user, user, user) == 0;
    }
    if (strcmp(w.kind, "without") != 0) return true;
    if (strcmp(w.name, "/proc") == 0 || strcmp(w.name, "/dev/shm") == 0) return hide(w.name, true);
    if (strcmp(w.name, "/etc/resolv.conf") == 0) return hide(w.name, false);
    return true;
}

bool condition_begin(const char *condition) {
    words w;
    read_words(&w, condition);
    if (strcmp(w.kind, "threads") == 0) return limit(RLIMIT_NPROC, entries_of("/proc/self/task") + (rlim_t)w.number);
    if (strcmp(w.kind, "descriptors") == 0) return limit_descriptors(w.number);
    if (strcmp(w.kind, "address-space") == 0) return limit(RLIMIT_AS, size_of("VmSize") + ((rlim_t)w.number << 10));
    if (strcmp(w.kind, "locked-memory") == 0)
        /* Root may lock as much as it likes. */
        return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 &&
               limit(RLIMIT_MEMLOCK, size_of("VmLck") + ((rlim_t)w.number << 10)) && setresuid(1, 1, 1) == 0;
    if (strcmp(w.kind, "call") == 0) return deny_call(&w);
    if (strcmp(w.kind, "family") == 0) return deny_family(&w);
    if (strcmp(w.kind, "signals") == 0) return send_signals();
    if (strcmp(w.kind, "forks") == 0) return start_forking();
    if (strcmp(w.kind, "closed") == 0) return close(0) == 0 && close(1) == 0 && close(2) == 0;
    if (strcmp(w.kind, "two") == 0) return use_copy(false);
    if (strcmp(w.kind, "unloaded") == 0) return use_copy(true);
    /* What the scenario or whoever started it sees to. */
    const char *const others[] = {"none", "stack", "cancelled", "without", "network"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(w.kind, others[i]) == 0) return true;
    return false;
}
