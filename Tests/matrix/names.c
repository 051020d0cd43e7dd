/* SPDX-License-Identifier: Apache-2.0
 *
 * Host names that stand for what the matrix likes, for programs in any language: they find this getaddrinfo(3) before
 * the system's, by LD_PRELOAD. A name that ends with .matrix.test is a file in the folder EXZ_MATRIX_NAMES: its
 * address is in there; without the file it does not resolve; while the file is a pipe that nobody has written to, the
 * look-up goes on. All other names are the system's. */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OURS ".matrix.test"

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    char path[512], address[64];
    const char *folder = getenv("EXZ_MATRIX_NAMES");
    size_t length = name != NULL ? strlen(name) : 0, end = strlen(OURS);
    int flags = hints != NULL ? hints->ai_flags : 0;
    if (folder != NULL && length > end && strcmp(name + length - end, OURS) == 0 && (flags & AI_NUMERICHOST) == 0) {
        snprintf(path, sizeof path, "%s/%s", folder, name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return EAI_NONAME;
        ssize_t size = read(file, address, sizeof address - 1);
        close(file);
        if (size <= 0) return EAI_NONAME;
        address[size] = '\0';
        name = address;
    }
    look_up *usual;
    *(void **)&usual = dlsym(RTLD_NEXT, "getaddrinfo");
    return usual(name, service, hints, result);
}
