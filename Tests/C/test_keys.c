/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys as values: pairs, the public key of a secret one, Z85. */
#include <string.h>

#include "security_fields.h"

CASE(each_pair_is_another_one_and_its_public_key_belongs_to_its_secret_one) {
    const key_pair pairs[] = {new_keys(), new_keys(), new_keys()};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        check_int(strlen(pairs[i].public_key), EXZ_CURVE_TEXT_SIZE - 1);
        check_int(strlen(pairs[i].secret_key), EXZ_CURVE_TEXT_SIZE - 1);
        char public_key[EXZ_CURVE_TEXT_SIZE];
        check_status(exz_curve_public(public_key, pairs[i].secret_key), EXZ_OK);
        check_text(public_key, pairs[i].public_key);
        for (size_t j = 0; j < i; j++) {
            check(strcmp(pairs[i].public_key, pairs[j].public_key) != 0);
            check(strcmp(pairs[i].secret_key, pairs[j].secret_key) != 0);
        }
    }
}

CASE(what_is_no_key_has_no_public_one) {
    static char longest[100001];
    memset(longest, 'a', sizeof longest - 1);
    const char *const texts[] = {"",
                                 "a",
                                 "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$",
                                 "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$aa",
                                 "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$\"",
                                 "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$\xFF",
                                 "########################################",
                                 "0000000000000000000000000000000000000000",
                                 longest};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        in_row("text %zu", i);
        char public_key[EXZ_CURVE_TEXT_SIZE] = "untouched";
        check_status(exz_curve_public(public_key, texts[i]), EXZ_ERR_INVALID);
        check_text(public_key, "untouched");
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_last_error(&error), EXZ_OK);
        check(strstr(error.message, "secret_key") != NULL);
        check(strlen(texts[i]) < 39 || strstr(error.message, texts[i]) == NULL);
    }
}

/* RFC 32 has this example. */
CASE(bytes_become_the_text_of_the_standard_and_come_back) {
    const unsigned char bytes[] = {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};
    char text[11];
    check_status(exz_curve_encode(text, sizeof text, bytes, sizeof bytes), EXZ_OK);
    check_text(text, "HelloWorld");
    unsigned char back[8];
    size_t size = 0;
    check_status(exz_curve_decode(&size, back, sizeof back, text), EXZ_OK);
    check_int(size, 8);
    check(memcmp(back, bytes, 8) == 0);
}

/* The last text is one: 0xFFFFFFFF. The one behind it would be one more. */
CASE(five_characters_say_no_more_than_four_bytes) {
    unsigned char bytes[4] = {0};
    size_t size = 99;
    check_status(exz_curve_decode(&size, bytes, sizeof bytes, "%nSc0"), EXZ_OK);
    check(bytes[0] == 0xFF && bytes[1] == 0xFF && bytes[2] == 0xFF && bytes[3] == 0xFF);
    const char *const others[] = {"%nSc1", "%nSd0", "#####", "%nSc", "%nSc0%", "%nSc\"", "%nSc\xFF", "~nSc0", " nSc0"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        in_row("%s", others[i]);
        size = 99;
        memset(bytes, 7, sizeof bytes);
        check_status(exz_curve_decode(&size, bytes, sizeof bytes, others[i]), EXZ_ERR_INVALID);
        check_int(size, 99);
        check(bytes[0] == 7 && bytes[3] == 7);
    }
}

CASE(a_buffer_that_is_too_small_is_left_as_it_is) {
    char text[11] = "untouched!", bytes[8] = "untouch";
    size_t size = 99;
    check_status(exz_curve_encode(text, 10, "12345678", 8), EXZ_ERR_TOO_SMALL);
    check_text(text, "untouched!");
    check_status(exz_curve_decode(&size, bytes, 7, "HelloWorld"), EXZ_ERR_TOO_SMALL);
    check_int(size, 8);
    check_text(bytes, "untouch");
    check_status(exz_curve_decode(&size, NULL, 0, "HelloWorld"), EXZ_ERR_TOO_SMALL);
    check_int(size, 8);
}

CASE(nothing_is_the_empty_text) {
    char text[1] = "x";
    check_status(exz_curve_encode(text, 1, NULL, 0), EXZ_OK);
    check_text(text, "");
    check_status(exz_curve_encode(text, 0, NULL, 0), EXZ_ERR_TOO_SMALL);
    size_t size = 99;
    check_status(exz_curve_decode(&size, NULL, 0, ""), EXZ_OK);
    check_int(size, 0);
}

CASE(sizes_that_are_no_text_are_refused) {
    char text[64] = "untouched";
    const size_t sizes[] = {1, 2, 3, 5, 31, 33};
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        check_status(exz_curve_encode(text, sizeof text, "0123456789012345678901234567890123", sizes[i]),
                     EXZ_ERR_INVALID);
    /* Of these nobody has so many. */
    check_status(exz_curve_encode(text, sizeof text, "x", SIZE_MAX - 3), EXZ_ERR_INVALID);
    check_status(exz_curve_encode(text, sizeof text, "x", SIZE_MAX / 2 - 3), EXZ_ERR_INVALID);
    check_text(text, "untouched");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_pair_is_another_one_and_its_public_key_belongs_to_its_secret_one),
        TEST(what_is_no_key_has_no_public_one),
        TEST(bytes_become_the_text_of_the_standard_and_come_back),
        TEST(five_characters_say_no_more_than_four_bytes),
        TEST(a_buffer_that_is_too_small_is_left_as_it_is),
        TEST(nothing_is_the_empty_text),
        TEST(sizes_that_are_no_text_are_refused),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
