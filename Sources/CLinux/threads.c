/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <pthread.h>

#include "shim.h"

void clinux_run_guarded(void (*body)(void *), void (*lost)(void *), void *argument)
{
    pthread_cleanup_push(lost, argument);
    body(argument);
    pthread_cleanup_pop(0);
}
