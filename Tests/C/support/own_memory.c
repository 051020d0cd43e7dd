/* SPDX-License-Identifier: Apache-2.0 */
#include "own_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MASK = 0xA5, WINDOW = 1 << 16, LEAST_SOUGHT = 12 };

sought seek(const void *bytes, size_t size) {
    sought what = {{0}, size - size / 2};
    check(size >= 2 * LEAST_SOUGHT && what.size <= MOST_SOUGHT);
    const unsigned char *from = (const unsigned char *)bytes + size / 2;
    for (size_t i = 0; i < what.size; i++) what.masked[i] = from[i] ^ MASK;
    return what;
}

static bool is_at(const unsigned char *place, const sought *what) {
    size_t i = 0;
    while (i < what->size && (place[i] ^ MASK) == what->masked[i]) i++;
    return i == what->size;
}

/* The window goes over the memory, a little further than it moves each time. */
static size_t copies_in(int memory, unsigned long start, unsigned long end, unsigned char *window, const sought *what) {
    size_t found = 0;
    for (unsigned long at = start; at < end; at += WINDOW) {
        const size_t wanted = end - at < WINDOW + MOST_SOUGHT ? end - at : WINDOW + MOST_SOUGHT;
        const ssize_t read_now = pread(memory, window, wanted, (off_t)at);
        for (ssize_t i = 0; i < WINDOW && i + (ssize_t)what->size <= read_now; i++) found += is_at(window + i, what);
    }
    return found;
}

size_t copies_in_memory(const sought *what) {
    const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    check(memory >= 0 && maps != NULL);
    unsigned char *window =
        mmap(NULL, WINDOW + MOST_SOUGHT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(window != MAP_FAILED);
    size_t found = 0;
    char line[512], rights[8];
    unsigned long start, end;
    const unsigned long own = (unsigned long)window;
    while (fgets(line, sizeof line, maps) != NULL) {
        check_int(sscanf(line, "%lx-%lx %7s", &start, &end, rights), 3);
        if (rights[0] != 'r' || rights[1] != 'w') continue;
        if (start <= own && own < end) {
            found += copies_in(memory, start, own, window, what);
            start = own + WINDOW + MOST_SOUGHT;
            if (start >= end) continue;
        }
        found += copies_in(memory, start, end, window, what);
    }
    fclose(maps);
    close(memory);
    munmap(window, WINDOW + MOST_SOUGHT);
    return found;
}
