/* SPDX-License-Identifier: Apache-2.0
 *
 * The header's constants by their names, for the statuses in Tests/data. */
#ifndef STATUSES_H
#define STATUSES_H

#include "harness.h"

typedef struct named_status {
    exz_status constant;
    const char *name;
} named_status;

/* The constants the header has. */
extern const named_status named_statuses[];
extern const size_t named_status_count;

/* Fails the test if the header has no constant of that name. */
exz_status status_named(const char *name);

/* The number that is written there, whether or not it is a status; fails the test if it is none. */
exz_status status_numbered(const char *text);

#endif
