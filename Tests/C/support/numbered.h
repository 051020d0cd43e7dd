/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages with a number, from which their size and content follow. */
#ifndef NUMBERED_H
#define NUMBERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NUMBERED_MIN = 2 * sizeof(uint64_t), NUMBERED_MAX = 512 };

/* Writes the message and gives its size. */
static inline size_t numbered_write(char *message, uint64_t number) {
    uint64_t mark = (number ^ (number >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mark ^= mark >> 27;
    const size_t size = NUMBERED_MIN + mark % (NUMBERED_MAX - NUMBERED_MIN);
    memcpy(message, &number, sizeof number);
    memcpy(message + sizeof number, &mark, sizeof mark);
    memset(message + NUMBERED_MIN, (int)(mark & 0xFF), size - NUMBERED_MIN);
    return size;
}

/* The number of a message; false if it is not as it was written. */
static inline bool numbered_read(const char *message, size_t size, uint64_t *number) {
    char expected[NUMBERED_MAX];
    if (size < NUMBERED_MIN || size > sizeof expected) return false;
    memcpy(number, message, sizeof *number);
    return numbered_write(expected, *number) == size && memcmp(expected, message, size) == 0;
}

#endif
