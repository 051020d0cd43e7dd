/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up programs of calls on fault proxies, and on sockets that talk through them: play.c. */
#include "bench.h"

const operations *const groups[] = {
    &socket_operations, &message_operations, &fault_operations, &socket_operations, &fault_operations,
};
const size_t group_count = sizeof groups / sizeof *groups;
