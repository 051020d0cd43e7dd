/* SPDX-License-Identifier: Apache-2.0 */
#include "holdings.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "monotonic.h"

static int entries(const char *path) {
    DIR *directory = opendir(path);
    check(directory != NULL);
    int count = 0;
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}

enum size { ADDRESSES, RESIDENT };

static size_t bytes_of(enum size which) {
    long pages[2];
    FILE *file = fopen("/proc/self/statm", "r");
    check(file != NULL);
    check_int(fscanf(file, "%ld %ld", &pages[ADDRESSES], &pages[RESIDENT]), 2);
    fclose(file);
    return (size_t)pages[which] * (size_t)sysconf(_SC_PAGESIZE);
}

size_t address_space(void) { return bytes_of(ADDRESSES); }

static holdings count_entries(void) {
    return (holdings){.descriptors = entries("/proc/self/fd"), .threads = entries("/proc/self/task")};
}

holdings what_is_held(void) {
    holdings held = count_entries();
    const struct mallinfo2 memory = mallinfo2();
    held.heap = memory.uordblks + memory.hblkhd;
    held.resident = bytes_of(RESIDENT);
    return held;
}

holdings settle(void) {
    holdings last = count_entries();
    for (int64_t since = now_ns(); now_ns() - since < INT64_C(100000000);) {
        holdings held = count_entries();
        if (held.descriptors != last.descriptors || held.threads != last.threads) since = now_ns();
        last = held;
    }
    return what_is_held();
}

int library_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    check(tasks != NULL);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], name[32] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        /* It is gone since. */
        if (file == NULL) continue;
        if (fgets(name, sizeof name, file) != NULL) count += strncmp(name, "exz-", 4) == 0;
        fclose(file);
    }
    closedir(tasks);
    return count;
}

void check_held(holdings before) {
    int64_t deadline = after_ms(PATIENCE_MS);
    holdings after;
    do {
        after = count_entries();
    } while ((after.descriptors > before.descriptors || after.threads > before.threads) && now_ns() < deadline);
    check_int(after.descriptors, before.descriptors);
    check_int(after.threads, before.threads);
}
