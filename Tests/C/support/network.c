/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static bool run(const char *command) { return system(command) == 0; }

bool network_of_our_own(void) {
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        perror("no network namespace");
        return false;
    }
    /* -w waits for the lock that all of the machine's iptables share. */
    return run("ip link set lo up") && run("iptables -w 10 -L -n >/dev/null");
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
