/* SPDX-License-Identifier: Apache-2.0
 *
 * What a host may do to a process that uses the library. */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include <stdbool.h>

/* Before the first step, with one thread: what can not be had later, such as another user or a file system without
 * something. `condition` is a line of words, as `run` writes them. False if the machine can not do that. */
bool condition_prepare(const char *condition);

/* Just before the step that is looked at. */
bool condition_begin(const char *condition);

#endif
