/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways in which two hosts are cut off from each other, on this side or on the other. */
#ifndef CUTS_H
#define CUTS_H

#include <stdbool.h>

#include "harness.h"

/* Commands of ip(8) and iptables(8), with the number of the cable. */
typedef struct cut {
    const char *name;
    bool is_over_there;
    const char *command;
    /* What puts it right again; NULL: another cable. */
    const char *mending;
    /* What a connect answers meanwhile: whether the kernel knows that it has no way. */
    exz_status status;
} cut;

#define CUT_COUNT 10
extern const cut cuts[CUT_COUNT];

void cut_cable(int number);
void mend_cable(int number);

#endif
