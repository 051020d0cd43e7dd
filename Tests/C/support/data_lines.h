/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the cases that all languages are tested with: Tests/data, whose README.md has the form of the lines. */
#ifndef DATA_LINES_H
#define DATA_LINES_H

#include "harness.h"

#define MOST_COLUMNS 8

/* The columns of a line as they are written; the last one, which says in which languages it is tested, comes last. */
typedef struct data_line {
    char *columns[MOST_COLUMNS];
} data_line;

/* Calls `run` for each line that is tested in C; the checks in there name the line they fail in. A line that has
 * another number of columns or is broken otherwise fails the test, and so does a file with no line to run. */
void for_each_line(const char *file, size_t columns, void (*run)(const data_line *line));

/* What the escapes in a text stand for, with a NUL behind it; to be freed. `size`, which may be NULL, is without
 * that. */
char *unescaped(const char *text, size_t *size);

#endif
