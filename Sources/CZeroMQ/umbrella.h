/* SPDX-License-Identifier: Apache-2.0
 *
 * libzmq. Only what talks to libzmq imports this; what is Linux's is in CLinux.
 */
#ifndef CZEROMQ_UMBRELLA_H
#define CZEROMQ_UMBRELLA_H

#include <zmq.h>

#endif
