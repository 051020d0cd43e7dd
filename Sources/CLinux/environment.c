/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "shim.h"

#include <stdlib.h>

const char *clinux_variable(const char *name) { return secure_getenv(name); }
