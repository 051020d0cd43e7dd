/* SPDX-License-Identifier: Apache-2.0
 *
 * The fuzzer's bytes as a source of choices. Behind their end everything is zero, so that every input is a program. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct input {
    const uint8_t *next;
    size_t left;
} input;

static inline uint8_t take_byte(input *in) {
    if (in->left == 0) return 0;
    in->left--;
    return *in->next++;
}

static inline void take_bytes(input *in, void *to, size_t size) {
    const size_t there = size < in->left ? size : in->left;
    memset(to, 0, size);
    if (there > 0) memcpy(to, in->next, there);
    in->next += there;
    in->left -= there;
}

static inline uint64_t take_number(input *in) {
    uint64_t number;
    take_bytes(in, &number, sizeof number);
    return number;
}

/* One of `count` things. */
static inline size_t take_index(input *in, size_t count) { return take_byte(in) % count; }

#define TAKE_ONE(in, array) ((array)[take_index((in), sizeof(array) / sizeof *(array))])

#endif
