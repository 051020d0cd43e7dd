/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a server and of its client, known to both processes.
 */
#ifndef KEYS_H
#define KEYS_H

static const char server_public[] = "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$";
static const char server_secret[] = "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a";
static const char client_public[] = "m*732i.G9cl]xj#QZShwNdXwFesg9Y1P!<a45I-c";
static const char client_secret[] = "mFX9LB#Y/*TXI*^u1v/pAW=Ib@=<CQ^O#Jz<ukkd";

#endif
