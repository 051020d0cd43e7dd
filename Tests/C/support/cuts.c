/* SPDX-License-Identifier: Apache-2.0 */
#include "cuts.h"

#include "network.h"

const cut cuts[CUT_COUNT] = {
    {"the route is gone", false, "ip route del 10.9.%d.0/24", "ip route add 10.9.%d.0/24 dev va%d src 10.9.%d.1",
     EXZ_ERR_UNREACHABLE},
    {"the interface is down", false, "ip link set va%d down", "ip link set va%d up", EXZ_ERR_UNREACHABLE},
    {"the interface is gone", false, "ip link del va%d", NULL, EXZ_ERR_UNREACHABLE},
    {"the address is gone", false, "ip addr flush dev va%d", "ip addr add 10.9.%d.1/24 dev va%d",
     EXZ_ERR_UNREACHABLE},
    {"nothing comes in", false, "iptables -w 10 -A INPUT -i va%d -j DROP", "iptables -w 10 -D INPUT -i va%d -j DROP",
     EXZ_ERR_TIMEOUT},
    {"nothing goes out", false, "iptables -w 10 -A OUTPUT -o va%d -j DROP",
     "iptables -w 10 -D OUTPUT -o va%d -j DROP", EXZ_ERR_TIMEOUT},
    {"the route is a black hole", false, "ip route add blackhole 10.9.%d.2/32", "ip route del blackhole 10.9.%d.2/32",
     EXZ_ERR_UNREACHABLE},
    {"the peer's interface is down", true, "ip link set vb%d down", "ip link set vb%d up", EXZ_ERR_TIMEOUT},
    {"the peer's route is gone", true, "ip route del 10.9.%d.0/24", "ip route add 10.9.%d.0/24 dev vb%d src 10.9.%d.2",
     EXZ_ERR_TIMEOUT},
    {"nothing reaches the peer", true, "iptables -w 10 -A INPUT -i vb%d -j DROP",
     "iptables -w 10 -D INPUT -i vb%d -j DROP", EXZ_ERR_TIMEOUT},
};

static void change(const cut *c, const char *command, int number) {
    if (c->is_over_there) network_go_to_the_other();
    network_change(command, number, number, number);
    network_come_back();
}

void cut_cable(int number) { change(&cuts[number], cuts[number].command, number); }

void mend_cable(int number) {
    if (cuts[number].mending != NULL) change(&cuts[number], cuts[number].mending, number);
    else network_add_cable(number);
}
