/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up programs of calls on everything but proxies of both kinds: play.c. */
#include "bench.h"

const operations *const groups[] = {
    &socket_operations, &message_operations, &socket_operations, &message_operations, &other_operations,
};
const size_t group_count = sizeof groups / sizeof *groups;
