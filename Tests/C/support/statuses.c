/* SPDX-License-Identifier: Apache-2.0 */
#include "statuses.h"

#include <stdlib.h>
#include <string.h>

#define STATUS(name) {name, #name}
const named_status named_statuses[] = {
    STATUS(EXZ_OK),
    STATUS(EXZ_ERR_INVALID),
    STATUS(EXZ_ERR_HANDLE),
    STATUS(EXZ_ERR_CLOSED),
    STATUS(EXZ_ERR_CANCELED),
    STATUS(EXZ_ERR_FORKED),
    STATUS(EXZ_ERR_INTERRUPTED),
    STATUS(EXZ_ERR_TIMEOUT),
    STATUS(EXZ_ERR_REFUSED),
    STATUS(EXZ_ERR_UNREACHABLE),
    STATUS(EXZ_ERR_RESOLVE),
    STATUS(EXZ_ERR_PROTOCOL),
    STATUS(EXZ_ERR_SECURITY),
    STATUS(EXZ_ERR_PEER_LOST),
    STATUS(EXZ_ERR_EXHAUSTED),
    STATUS(EXZ_ERR_ADDRESS_IN_USE),
    STATUS(EXZ_ERR_ADDRESS_NOT_AVAILABLE),
    STATUS(EXZ_ERR_PERMISSION),
    STATUS(EXZ_ERR_TOO_SMALL),
    STATUS(EXZ_ERR_TOO_LARGE),
    STATUS(EXZ_ERR_STATE),
    STATUS(EXZ_ERR_NOT_SUPPORTED),
    STATUS(EXZ_ERR_LIMIT),
    STATUS(EXZ_ERR_NO_MEMORY),
    STATUS(EXZ_ERR_VERSION),
    STATUS(EXZ_ERR_INTERNAL),
};
const size_t named_status_count = COUNT_OF(named_statuses);

exz_status status_named(const char *name) {
    size_t i = 0;
    while (i < named_status_count && strcmp(named_statuses[i].name, name) != 0) i++;
    check(i < named_status_count);
    return named_statuses[i].constant;
}

exz_status status_numbered(const char *text) {
    char *end;
    const long number = strtol(text, &end, 10);
    check(end != text && *end == '\0' && number >= INT32_MIN && number <= INT32_MAX);
    return (exz_status)number;
}
