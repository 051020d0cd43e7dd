/* SPDX-License-Identifier: Apache-2.0 */
#include "few_descriptors.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static struct rlimit usual;

int remember_limit(__attribute__((unused)) void **group) { return getrlimit(RLIMIT_NOFILE, &usual); }

static void set_limit(rlim_t descriptors) {
    const struct rlimit limit = {descriptors, usual.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(1);
}

static int highest_descriptor(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL) _exit(1);
    int highest = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int number = atoi(entry->d_name);
        if (number > highest && number != dirfd(directory)) highest = number;
    }
    closedir(directory);
    return highest;
}

void leave_descriptors(int count) {
    int highest = highest_descriptor(), last;
    do {
        last = dup(STDERR_FILENO);
    } while (last >= 0 && last < highest);
    close(last);
    set_limit((rlim_t)highest + 1 + (rlim_t)count);
}

void leave_as_usual(void) { set_limit(usual.rlim_cur); }
