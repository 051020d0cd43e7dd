/* SPDX-License-Identifier: Apache-2.0
 *
 * What keys and their files need of Linux. */
#ifndef CLINUX_KEYS_H
#define CLINUX_KEYS_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Fills a buffer with what nobody can guess; 0 or an errno. */
static inline int clinux_random(void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        long count = syscall(SYS_getrandom, (char *)buffer + done, size - done, 0);
        if (count > 0)
            done += (size_t)count;
        else if (count == 0 || errno != EINTR)
            return count == 0 ? EIO : errno;
    }
    return 0;
}

/* Gives a file a name that nothing has yet; 0 or an errno, EEXIST where something has it. */
static inline int clinux_rename_to_new(const char *file, const char *name)
{
    if (syscall(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, name, 1 /* RENAME_NOREPLACE */) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL)
        return errno;
    /* This kernel or file system does not know it. */
    if (link(file, name) != 0)
        return errno;
    (void)unlink(file);
    return 0;
}

#endif
