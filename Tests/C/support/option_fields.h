/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes the fields of the option structs as a text says, such as "jitter=4 jitter_ratio=1.1". */
#ifndef OPTION_FIELDS_H
#define OPTION_FIELDS_H

#include "harness.h"

/* The types of sockets by their names; fails the test if there is none of that name. */
exz_socket_type type_named(const char *name);

/* A field that is not there, or can not have the value, fails the test. `identity` keeps what the struct points to; to
 * be freed. */
void change_option_fields(exz_socket_options *options, const char *changes, char **identity);
void change_policy_fields(exz_retry_policy *policy, const char *changes);

#endif
