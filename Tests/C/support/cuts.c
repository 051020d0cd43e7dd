/* SPDX-License-Identifier: Apache-2.0 */
#include "cuts.h"

#include <stdio.h>

#include "network.h"

static exz_context over_there;

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

void have_another_network(void) {
    if (network_of_our_own() != NULL) return;
    network_add_another();
    check_status(exz_context_open(&over_there), EXZ_OK);
}

exz_socket open_over_there(exz_socket_type type, const exz_socket_options *options) {
    exz_socket s = {0};
    network_go_to_the_other();
    check_status(exz_socket_open(&s, over_there, type, options), EXZ_OK);
    network_come_back();
    return s;
}

exz_socket bind_over_there(exz_socket_type type, const exz_socket_options *options, int number, char *endpoint) {
    exz_socket s = open_over_there(type, options);
    snprintf(endpoint, ENDPOINT_SIZE, "tcp://10.9.%d.2:*", number);
    network_go_to_the_other();
    bind_to(s, endpoint);
    network_come_back();
    check_status(exz_socket_endpoint(s, endpoint, ENDPOINT_SIZE), EXZ_OK);
    return s;
}

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
