/* SPDX-License-Identifier: Apache-2.0
 *
 * The same few socket calls through either library, so that one source measures both: compiled with -DPLAIN against
 * libzmq, without it against this library. Everything waits until it is done or the watchdog ends the process.
 */
#ifndef DOOR_H
#define DOOR_H

#ifdef PLAIN
#include "door_plain.h"
#else
#include "door_ours.h"
#endif

#endif
