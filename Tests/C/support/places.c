/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char directory[64];
static pid_t owner;

static int remove_entry(const char *path, __attribute__((unused)) const struct stat *status,
                        __attribute__((unused)) int kind, __attribute__((unused)) struct FTW *place) {
    return remove(path);
}

static void remove_directory(void) {
    if (getpid() == owner) nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void temporary_path(char *path) {
    static unsigned number;
    if (directory[0] == '\0') {
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof directory, "%s/exz-XXXXXX", base != NULL && strlen(base) < 40 ? base : "/tmp");
        check(mkdtemp(directory) != NULL);
        owner = getpid();
        atexit(remove_directory);
    }
    snprintf(path, ENDPOINT_SIZE, "%s/%u", directory, ++number);
}

struct sockaddr_in tcp_address(const char *endpoint) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[INET_ADDRSTRLEN];
    unsigned short port;
    check_int(sscanf(endpoint, "tcp://%15[0-9.]:%hu", host, &port), 2);
    check_int(inet_pton(AF_INET, host, &address.sin_addr), 1);
    address.sin_port = htons(port);
    return address;
}

void unused_endpoint(transport t, char *endpoint) {
    static unsigned number;
    const unsigned process = (unsigned)getpid();
    char path[ENDPOINT_SIZE];
    switch (t) {
    case TCP:
        /* None of 127.0.x.x; a process's number has at most 22 bits. */
        snprintf(endpoint, ENDPOINT_SIZE, "tcp://127.%u.%u.%u:0", 64 + (process >> 16 & 63), process >> 8 & 255,
                 process & 255);
        break;
    case IPC:
        temporary_path(path);
        check(snprintf(endpoint, ENDPOINT_SIZE, "ipc://%s", path) < ENDPOINT_SIZE);
        break;
    case INPROC:
        snprintf(endpoint, ENDPOINT_SIZE, "inproc://test-%u", ++number);
        break;
    }
}

int reserve_port(char *endpoint) {
    /* Linux lets another socket with SO_REUSEADDR bind and listen there as long as this one does not listen. */
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    check(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    check(bind(descriptor, (struct sockaddr *)&address, size) == 0);
    check(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0);
    snprintf(endpoint, ENDPOINT_SIZE, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    return descriptor;
}

int deaf_port(char *endpoint) {
    int descriptor = reserve_port(endpoint);
    check(listen(descriptor, 64) == 0);
    return descriptor;
}
