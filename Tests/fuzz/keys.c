/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files made up by the fuzzer. What is read as one is a key, is saved, and is the same when it is read again; what
 * is not says why, and shows nothing of what may be a secret. Texts in Z85 beside it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oracle.h"
#include "surroundings.h"

static desk d;
/* A file in memory, and its path. */
static int file;
static char path[64];

typedef struct key_texts {
    char public_key[EXZ_CURVE_TEXT_SIZE], secret_key[EXZ_CURVE_TEXT_SIZE];
} key_texts;

/* Files of the secret key that everybody may read are refused: so one in two is. */
static exz_status load(key_texts *keys, const void *content, size_t size, bool is_private) {
    if (ftruncate(file, 0) != 0 || pwrite(file, content, size, 0) != (ssize_t)size) abort();
    if (fchmod(file, is_private ? 0600 : 0644) != 0) abort();
    memset(keys, 0xA5, sizeof *keys);
    const key_texts before = *keys;
    const exz_status status =
        TRY(&d, 0, exz_curve_load(keys->public_key, keys->secret_key, path, &d.out.error));
    if (status == EXZ_OK) return status;
    require(&d, memcmp(keys, &before, sizeof before) == 0, "it has failed, and has written keys");
    require(&d, d.out.error.status == status && d.out.error.message[0] != '\0', "it does not say why");
    SPARE(&d, error);
    return status;
}

static void check_key(const char *text, const char *what) {
    unsigned char bytes[EXZ_CURVE_KEY_SIZE];
    char again[EXZ_CURVE_TEXT_SIZE];
    size_t size = 0;
    require(&d, strlen(text) == EXZ_CURVE_TEXT_SIZE - 1, what);
    require(&d, exz_curve_decode(&size, bytes, sizeof bytes, text) == EXZ_OK && size == sizeof bytes, what);
    require(&d, exz_curve_encode(again, sizeof again, bytes, size) == EXZ_OK && strcmp(again, text) == 0, what);
}

static void check_same(const char *ending, const key_texts *keys, bool has_secret) {
    char name[32];
    key_texts again;
    snprintf(name, sizeof name, "saved%s", ending);
    require(&d, TRY(&d, 0, exz_curve_load(again.public_key, again.secret_key, name, NULL)) == EXZ_OK, "it is not read");
    require(&d, strcmp(again.public_key, keys->public_key) == 0, "another public key is read");
    require(&d, strcmp(again.secret_key, has_secret ? keys->secret_key : "") == 0, "another secret key is read");
    if (unlink(name) != 0) abort();
}

static void use_file(void) {
    key_texts keys;
    const bool is_private = take_byte(&d.in) % 2 == 0;
    const size_t size = d.in.left;
    static char content[1 << 12];
    if (size > sizeof content) return;
    take_bytes(&d.in, content, size);
    if (load(&keys, content, size, is_private) != EXZ_OK) return;
    check_key(keys.public_key, "what is read is no public key");
    const bool has_secret = keys.secret_key[0] != '\0';
    if (has_secret) {
        char public_key[EXZ_CURVE_TEXT_SIZE];
        require(&d, is_private, "everybody may read the secret key");
        check_key(keys.secret_key, "what is read is no secret key");
        require(&d, exz_curve_public(public_key, keys.secret_key) == EXZ_OK, "the secret key has no public one");
        require(&d, strcmp(public_key, keys.public_key) == 0, "the keys are not a pair");
    }
    const char *secret_key = has_secret ? keys.secret_key : NULL;
    require(&d, TRY(&d, 0, exz_curve_save("saved", keys.public_key, secret_key, NULL)) == EXZ_OK, "it is not saved");
    check_same(".key", &keys, false);
    if (has_secret) check_same(".key_secret", &keys, true);
}

static void use_text(void) {
    static char text[1 << 12];
    size_t size = d.in.left < sizeof text - 1 ? d.in.left : sizeof text - 1;
    take_bytes(&d.in, text, size);
    text[size] = '\0';
    size = strlen(text);
    unsigned char bytes[1 << 12];
    size_t count = 0;
    const exz_status status = TRY(&d, 0, exz_curve_decode(&count, bytes, sizeof bytes, text));
    require(&d, status == EXZ_OK || status == EXZ_ERR_INVALID, "the status does not fit");
    if (status != EXZ_OK) return;
    require(&d, count == size / 5 * 4, "it has another number of bytes");
    char again[sizeof text];
    require(&d, exz_curve_encode(again, size + 1, bytes, count) == EXZ_OK, "the bytes have no text");
    require(&d, strcmp(again, text) == 0, "they have another text");
    require(&d, exz_curve_encode(again, size, bytes, count) == EXZ_ERR_TOO_SMALL, "it is taken without room");
}

static void use_bytes(void) {
    static unsigned char bytes[1 << 12], back[1 << 12];
    const size_t size = d.in.left < sizeof bytes ? d.in.left : sizeof bytes;
    take_bytes(&d.in, bytes, size);
    char text[2 * sizeof bytes];
    const exz_status status = TRY(&d, 0, exz_curve_encode(text, sizeof text, bytes, size));
    require(&d, status == (size % 4 == 0 ? EXZ_OK : EXZ_ERR_INVALID), "the status does not fit");
    if (status != EXZ_OK) return;
    size_t count = 0;
    require(&d, exz_curve_decode(&count, back, sizeof back, text) == EXZ_OK && count == size, "it does not come back");
    require(&d, memcmp(bytes, back, size) == 0, "other bytes come back");
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(__attribute__((unused)) int *argc, __attribute__((unused)) char ***argv) {
    settle_down();
    clear_desk(&d);
    file = memfd_create("keys", MFD_CLOEXEC);
    if (file < 0) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    d.in = (input){data, size};
    const uint8_t choice = take_byte(&d.in);
    if (choice < 200) use_file();
    else if (choice < 228) use_text();
    else use_bytes();
    untouched_unless(&d, false);
    check_growth();
    return 0;
}
