/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up programs of calls on authenticators and on sockets with security: play.c. */
#include "bench.h"

const operations *const groups[] = {
    &admission_operations, &socket_operations, &admission_operations, &message_operations, &other_operations,
};
const size_t group_count = sizeof groups / sizeof *groups;
