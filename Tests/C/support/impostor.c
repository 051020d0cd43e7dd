/* SPDX-License-Identifier: Apache-2.0 */
#include "impostor.h"

#include <string.h>

#include "raw_curve.h"
#include "security_fields.h"

size_t impostor_claims(uint8_t *metadata, const char *key) {
    size_t size = raw_property(metadata, 0, "Socket-Type", "PUSH", 4);
    size = raw_property(metadata, size, "User-Id", "admin", 5);
    size = raw_property(metadata, size, "Public-Key", key, strlen(key));
    return raw_property(metadata, size, "Peer-Address", "10.9.8.7", 8);
}

void impostor_say_ready(int descriptor) {
    uint8_t ready[CLAIMS_SIZE] = "\5READY";
    const key_pair somebody = new_keys();
    const size_t size = 6 + impostor_claims(ready + 6, somebody.public_key);
    raw_frame(descriptor, FRAME_COMMAND, size, ready, size);
}

int impostor_connect(const char *endpoint) {
    uint8_t heard[64];
    const int descriptor = raw_connect(endpoint);
    raw_greet(descriptor);
    check(raw_hear(descriptor, heard, sizeof heard));
    impostor_say_ready(descriptor);
    return descriptor;
}

void check_property(exz_message message, const char *name, const char *expected) {
    char text[EXZ_USER_ID_SIZE] = "";
    in_row("%s", name);
    check_status(exz_message_property(text, sizeof text, message, name), EXZ_OK);
    check_text(text, expected);
}
