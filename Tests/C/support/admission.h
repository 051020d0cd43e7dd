/* SPDX-License-Identifier: Apache-2.0
 *
 * Authenticators in tests, and a service whose peers they decide on. */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "security_fields.h"

exz_authenticator open_authenticator(exz_context context);
void close_authenticator(exz_authenticator a);
exz_authenticator_statistics counts_of(exz_authenticator a);

/* Until the files of keys have been read as they are now: by then there are so many keys, or unreadable files. */
void await_keys(exz_authenticator a, uint64_t expected);
void await_unreadable(exz_authenticator a, uint64_t expected);

exz_context new_context(void);
void end_context(exz_context context);

exz_status try_connect(exz_socket s, const char *endpoint);

/* A server with keys of its own, and clients of it. */
typedef struct service {
    exz_context context;
    key_pair keys;
    exz_socket socket;
    char endpoint[ENDPOINT_SIZE];
} service;

void open_guarded_service(service *made, uint32_t flags, transport t);
void close_guarded_service(service *s);
exz_socket open_guarded_client(const service *s, const key_pair *keys);

/* What a client with these keys is told. */
exz_status knock(const service *s, const key_pair *keys);

#endif
