/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up programs of calls on proxies, and on the sockets that they forward between: play.c. */
#include "bench.h"

const operations *const groups[] = {
    &socket_operations, &message_operations, &proxy_operations, &message_operations, &proxy_operations,
};
const size_t group_count = sizeof groups / sizeof *groups;
