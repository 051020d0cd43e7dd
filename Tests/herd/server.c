/* SPDX-License-Identifier: Apache-2.0
 *
 * server ENDPOINT: what the herd has come for. It binds a publisher, prints "listening TIME", and is there until its
 * standard input ends. */
#include <stdlib.h>
#include <sys/resource.h>

#include "experimance_zmq.h"
#include "monotonic.h"
#include "must.h"

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 1;
    descriptors.rlim_cur = descriptors.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) return 1;
    exz_socket s;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL), "exz_socket_open");
    must(exz_socket_bind(s, argv[1], 10000, NULL), "exz_socket_bind");
    printf("listening %lld\n", (long long)now_ns());
    fflush(stdout);
    while (getchar() != EOF) continue;
    return 0;
}
