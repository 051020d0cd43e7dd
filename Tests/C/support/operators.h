/* SPDX-License-Identifier: Apache-2.0
 *
 * Contexts that serve statistics, and who reads them: an operator, who knows nothing of this library. */
#ifndef OPERATORS_H
#define OPERATORS_H

#include "sockets.h"

/* Gives this process and its children a runtime directory of their own, which goes with it. */
void have_runtime_directory(void);

/* Where contexts have the statistics that they serve at a path of their own choice: as many files as that. */
const char *statistics_directory(void);
int count_of_statistics(void);

/* The path of the only one there; fails the test for another number. `path` has ENDPOINT_SIZE bytes. */
void only_statistics(char *path);

/* A context that serves its statistics there. */
exz_context open_watched(const char *endpoint);

/* A connection to a local socket; -1 with errno. To be closed with close(2). */
int connect_to_path(const char *path);

/* Reads to the end: a text, to be freed, which is empty where the reader is turned away. NULL if nobody serves the
 * path. Fails the test after PATIENCE_MS. */
char *read_statistics(const char *path);

/* Reads again and again until the text is there; fails the test after PATIENCE_MS. The whole is to be freed. */
char *await_statistics(const char *path, const char *text);

void check_has(const char *whole, const char *part);

#endif
