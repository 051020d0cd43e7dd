/* SPDX-License-Identifier: Apache-2.0
 *
 * The security of sockets in tests: key pairs, structs that use them, and structs that a text says, such as
 * "mechanism=3 username=user password=secret". */
#ifndef SECURITY_FIELDS_H
#define SECURITY_FIELDS_H

#include "sockets.h"

/* A key pair as text. */
typedef struct key_pair {
    char public_key[EXZ_CURVE_TEXT_SIZE], secret_key[EXZ_CURVE_TEXT_SIZE];
} key_pair;

key_pair new_keys(void);

/* What these have to say; they point to the keys. */
exz_security curve_server(const key_pair *own, uint32_t flags);
exz_security curve_client(const key_pair *own, const key_pair *server);

/* A socket that tries to connect twice, with a short time between. */
exz_socket open_secured(exz_context context, exz_socket_type type, const exz_security *security);

enum { SECURITY_TEXTS = 5 };

/* A struct, and the texts it points to. */
typedef struct secured {
    exz_security security;
    char *texts[SECURITY_TEXTS];
} secured;

/* A field that is not there, or can not have the value, fails the test. */
secured security_of(const char *fields);
void free_secured(secured *made);

#endif
