/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "connections.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

uint64_t clinux_descriptor_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (uint64_t)limit.rlim_cur : 0;
}

int clinux_set_mode_of_socket(const char *path, uint32_t mode)
{
    char same[64];
    struct stat found;
    int number = 0;
    int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return errno;
    if (fstat(file, &found) != 0 || !S_ISSOCK(found.st_mode))
        number = ENOTSOCK;
    (void)snprintf(same, sizeof same, "/proc/self/fd/%d", file);
    if (number == 0 && chmod(same, (mode_t)mode) != 0)
        number = errno;
    (void)close(file);
    return number;
}
