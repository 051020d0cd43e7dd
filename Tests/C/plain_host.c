/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_host LIBRARY ROUNDS: a host of plug-ins. It loads the library, uses it, closes what it opened and unloads it,
 * as often as it is told. Before it unloads it after a closed context it names the library's threads that are there:
 * each is a line. The last line is "still here". */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experimance_zmq.h"

/* As POSIX has it: ISO C knows no way from an object's address to a function's. */
#define FIND(name) \
    __typeof__(&name) name##_found; \
    *(void **)&name##_found = find(library, #name)

static void *find(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (found != NULL) return found;
    puts(dlerror());
    exit(1);
}

/* Names the threads of the library that there are. */
static void list_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL) continue;
        if (fgets(name, sizeof name, file) != NULL && strncmp(name, "exz-", 4) == 0) printf("%s", name);
        fclose(file);
    }
    if (tasks != NULL) closedir(tasks);
}

static void use(void *library, int has_own_context) {
    FIND(exz_context_open);
    FIND(exz_context_close);
    FIND(exz_socket_open);
    FIND(exz_socket_close);
    FIND(exz_socket_bind);
    FIND(exz_fault_proxy_open);
    FIND(exz_fault_proxy_close);
    exz_fault_proxy proxy;
    exz_context context = EXZ_DEFAULT_CONTEXT;
    exz_socket socket;
    int failures = 0;
    if (has_own_context) failures += exz_context_open_found(&context) != EXZ_OK;
    failures += exz_socket_open_found(&socket, context, EXZ_PUB, NULL) != EXZ_OK;
    failures += exz_socket_bind_found(socket, "tcp://127.0.0.1:*", 1000, NULL) != EXZ_OK;
    failures += exz_socket_close_found(socket, 0) != EXZ_OK;
    failures += exz_fault_proxy_open_found(&proxy, "tcp://127.0.0.1:*", "tcp://127.0.0.1:9", 0, NULL) != EXZ_OK;
    /* Without its own context the host leaves it running. */
    if (has_own_context) failures += exz_fault_proxy_close_found(proxy) != EXZ_OK;
    if (has_own_context) {
        failures += exz_context_close_found(context, 1000) != EXZ_OK;
        list_threads();
    }
    if (failures > 0) printf("%d calls failed\n", failures);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    /* With contexts of its own first: the process-wide one has a thread from then on. */
    for (int round = 0, rounds = atoi(argv[2]); round < rounds; round++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            puts(dlerror());
            return 1;
        }
        use(library, round < rounds / 2);
        dlclose(library);
        /* Where its code was, other code is soon. */
        void *other = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
        if (round >= rounds / 2) use(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL), 0);
        if (other != NULL) dlclose(other);
    }
    puts("still here");
    return 0;
}
