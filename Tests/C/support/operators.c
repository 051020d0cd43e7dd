/* SPDX-License-Identifier: Apache-2.0 */
#include "operators.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"

static char runtime[ENDPOINT_SIZE], directory[ENDPOINT_SIZE + 32];

void have_runtime_directory(void) {
    temporary_path(runtime);
    check_int(mkdir(runtime, 0700), 0);
    check_int(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    snprintf(directory, sizeof directory, "%s/experimance_zmq", runtime);
}

const char *statistics_directory(void) { return directory; }

static int look_for_statistics(char *path) {
    DIR *folder = opendir(directory);
    if (folder == NULL) return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        count++;
        if (path != NULL) check(snprintf(path, ENDPOINT_SIZE, "%s/%s", directory, entry->d_name) < ENDPOINT_SIZE);
    }
    closedir(folder);
    return count;
}

int count_of_statistics(void) { return look_for_statistics(NULL); }

void only_statistics(char *path) { check_int(look_for_statistics(path), 1); }

exz_context open_watched(const char *endpoint) {
    exz_context context = {0};
    exz_context_options options = EXZ_CONTEXT_OPTIONS_INIT;
    options.stats_endpoint = endpoint;
    check_status(exz_context_open_with(&context, &options), EXZ_OK);
    return context;
}

int connect_to_path(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(descriptor >= 0);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    const int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}

char *read_statistics(const char *path) {
    const int64_t end = after_ms(PATIENCE_MS);
    const int descriptor = connect_to_path(path);
    if (descriptor < 0) return NULL;
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    for (;;) {
        struct pollfd item = {.fd = descriptor, .events = POLLIN};
        check(text != NULL);
        if (poll(&item, 1, left_ms(end)) != 1) check_text("no end of the statistics", path);
        const ssize_t count = read(descriptor, text + size, room - size - 1);
        check(count >= 0);
        if (count == 0) break;
        size += (size_t)count;
        if (size + 1 == room) text = realloc(text, room *= 2);
    }
    close(descriptor);
    text[size] = '\0';
    return text;
}

char *await_statistics(const char *path, const char *text) {
    const int64_t end = after_ms(PATIENCE_MS);
    for (;;) {
        char *whole = read_statistics(path);
        check(whole != NULL);
        if (strstr(whole, text) != NULL) return whole;
        if (left_ms(end) == 0) check_text(whole, text);
        free(whole);
    }
}

void check_has(const char *whole, const char *part) {
    if (strstr(whole, part) == NULL) check_text(whole, part);
}
