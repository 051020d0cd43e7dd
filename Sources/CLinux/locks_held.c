/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

volatile _Thread_local int32_t clinux_locks_held;
