/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls that the kernel refuses to this process and its children from now on, as a hardened service's are. To be
 * used in a child: it can not be taken back. */
#ifndef DENIED_H
#define DENIED_H

#include <stdbool.h>

/* False if the machine can not do that. */
bool deny_call(int number, int error);

/* The same for socket(2) of one family. */
bool deny_family(int family, int error);

#endif
