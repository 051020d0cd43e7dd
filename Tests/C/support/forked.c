/* SPDX-License-Identifier: Apache-2.0 */
#include "forked.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_child;

/* For the leak sanitizer: a child has none of its parent's threads, so what their stacks held looks lost. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) { return is_child; }

pid_t fork_child(void) {
    pid_t parent = getpid(), pid = fork();
    check(pid >= 0);
    if (pid == 0) {
        is_child = 1;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
    }
    return pid;
}

void check_child(pid_t pid) {
    int status = -1;
    check_int(waitpid(pid, &status, 0), pid);
    check_int(WIFSIGNALED(status) ? WTERMSIG(status) : 0, 0);
    check_int(WEXITSTATUS(status), 0);
}

void child_must(exz_status status, exz_status expected, const char *what) {
    if (status == expected) return;
    fprintf(stderr, "child: %s is %s, not %s\n", what, exz_status_name(status), exz_status_name(expected));
    _exit(1);
}
