/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that ends without closing anything ends at once and with its own status. */
#include "child.h"
#include "harness.h"
#include "monotonic.h"

static void check_leaving(const char *how) {
    for (int round = 0; round < 10; round++) {
        in_row("round %d", round);
        child leaver;
        char line[16];
        child_start(&leaver, sibling_program("leaver"), (const char *const[]){how, NULL});
        child_expect_line(&leaver, line, sizeof line);
        check_text(line, "ready");
        int64_t began = now_ns();
        check_int(child_end(&leaver), 7);
        check(now_ns() - began < GENEROUS_MS * INT64_C(1000000));
    }
}

CASE(returning_from_main_ends_the_process) { check_leaving("return"); }

CASE(exiting_on_another_thread_ends_the_process) { check_leaving("exit"); }

CASE(exiting_in_a_callback_ends_the_process) { check_leaving("callback"); }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(returning_from_main_ends_the_process),
        TEST(exiting_on_another_thread_ends_the_process),
        TEST(exiting_in_a_callback_ends_the_process),
    };
    return cmocka_run_group_tests_name("leaving", tests, NULL, NULL);
}
