/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* Why there is no network, or what a command that failed had to say. */
static char complaint[160];

static bool complain(const char *format, const char *argument) {
    snprintf(complaint, sizeof complaint, format, argument);
    return false;
}

/* The complaint is the first line that the command, or the shell that does not find it, says. */
static bool run(const char *command) {
    char with_errors[320], said[100] = "", rest[256];
    snprintf(with_errors, sizeof with_errors, "%s 2>&1", command);
    FILE *shell = popen(with_errors, "r");
    if (shell == NULL) return complain("no shell: %s", strerror(errno));
    if (fgets(said, sizeof said, shell) != NULL) said[strcspn(said, "\n")] = '\0';
    while (fgets(rest, sizeof rest, shell) != NULL) continue;
    if (pclose(shell) == 0) return true;
    return said[0] != '\0' ? complain("no network to cut: %s", said) : complain("no network to cut: %s fails", command);
}

static bool write_to(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;
    close(file);
    errno = error;
    return written;
}

/* Who may not make a network namespace may be root in a user namespace, and make one there. */
static bool become_root_with_namespace(void) {
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1", geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    if (!write_to("/proc/self/uid_map", users) || !write_to("/proc/self/setgroups", "deny")) return false;
    if (!write_to("/proc/self/gid_map", groups)) return false;
    /* Root's PATH has the folders that ip(8) and iptables(8) are in; that of other users may not. */
    char path[4096];
    const char *usual = getenv("PATH");
    snprintf(path, sizeof path, "%s:/usr/sbin:/sbin", usual != NULL ? usual : "/usr/bin:/bin");
    return setenv("PATH", path, 1) == 0;
}

/* -w waits for the lock that all of the machine's iptables share. */
static bool move_into_network(void) {
    if (unshare(CLONE_NEWNET) != 0 && !become_root_with_namespace())
        return complain("no network namespace: %s", strerror(errno));
    return run("ip link set lo up") && run("iptables -w 10 -A INPUT -p tcp --dport 1 -j DROP") &&
           run("iptables -w 10 -F INPUT");
}

/* A child tries it, as there is no way back out of a namespace. Nothing is written where it works. */
static bool can_have_network(void) {
    int result[2];
    if (pipe2(result, O_CLOEXEC) != 0) return complain("no pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        bool failed = !move_into_network();
        _exit(failed && write(result[1], complaint, strlen(complaint)) < 0 ? 1 : 0);
    }
    close(result[1]);
    ssize_t size = read(result[0], complaint, sizeof complaint - 1);
    close(result[0]);
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0 || size < 0)
        return complain("no network namespace: %s", "the child that was to try it failed");
    complaint[size] = '\0';
    return size == 0;
}

/* Why the program has none; NULL if it has. */
static const char *no_network = "nobody has asked for a network";

const char *network_of_our_own(void) {
    no_network = can_have_network() ? NULL : complaint;
    if (no_network != NULL || move_into_network()) return no_network;
    fprintf(stderr, "%s, a moment after it worked\n", complaint);
    exit(1);
}

void need_network(void) {
    if (no_network != NULL) skip_because(no_network);
}

static void cut(const char *direction, const char *port) {
    char command[128];
    snprintf(command, sizeof command, "iptables -w 10 -A INPUT -p tcp --%s %s -j DROP", direction, port);
    check(run(command));
}

void network_cut(const char *endpoint) {
    const char *colon = strrchr(endpoint, ':');
    check(colon != NULL);
    cut("dport", colon + 1);
    cut("sport", colon + 1);
}

void network_mend(void) { check(run("iptables -w 10 -F INPUT")); }

void network_change(const char *format, ...) {
    char command[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (run(command)) return;
    fprintf(stderr, "%s: %s\n", command, complaint);
    check(false);
}

/* Descriptors of the two networks. */
static int own_network, other_network;

static int network_of_the_thread(void) {
    int descriptor = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    check(descriptor >= 0);
    return descriptor;
}

void network_add_another(void) {
    own_network = network_of_the_thread();
    check_int(unshare(CLONE_NEWNET), 0);
    other_network = network_of_the_thread();
    network_change("ip link set lo up");
    network_come_back();
}

void network_go_to_the_other(void) { check_int(setns(other_network, CLONE_NEWNET), 0); }

void network_come_back(void) { check_int(setns(own_network, CLONE_NEWNET), 0); }

/* One ip(8) for each side, as a test may have many cables, and a busy machine takes its time for each process. */
void network_add_cable(int number) {
    network_change("printf 'link add va%d type veth peer name vb%d netns /proc/%d/fd/%d\\n"
                   "addr add 10.9.%d.1/24 dev va%d\\nlink set va%d up\\n' | ip -batch -",
                   number, number, getpid(), other_network, number, number, number);
    network_go_to_the_other();
    network_change("printf 'addr add 10.9.%d.2/24 dev vb%d\\nlink set vb%d up\\n' | ip -batch -", number, number,
                   number);
    network_come_back();
}
