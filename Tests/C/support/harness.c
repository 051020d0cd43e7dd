/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "watchdog.h"

static char row[160];
static const char *last_call;

int test_begins(void **state) {
    row[0] = '\0';
    last_call = NULL;
    watchdog_watch(*state);
    return 0;
}

int test_ends(__attribute__((unused)) void **state) {
    watchdog_rest();
    return 0;
}

void skip_because(const char *reason) {
    print_message("skipped because: %s\n", reason);
    skip();
}

void in_row(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row, sizeof row, format, arguments);
    va_end(arguments);
}

void after_call(const char *call) { last_call = call; }

static void fail_in_row(const char *file, int line) {
    if (last_call != NULL) print_error("    after: %s\n", last_call);
    if (row[0] != '\0') print_error("    in: %s\n", row);
    _fail(file, line);
}

void check_at(bool holds, const char *condition, const char *file, int line) {
    if (holds) return;
    print_error("%s does not hold\n", condition);
    fail_in_row(file, line);
}

void check_status_at(exz_status status, exz_status expected, const char *call, const char *file, int line) {
    if (status == expected) return;
    print_error("%s\n    is %s (%d), not %s\n", call, exz_status_name(status), status, exz_status_name(expected));
    fail_in_row(file, line);
}

void check_int_at(long long value, long long expected, const char *expression, const char *file, int line) {
    if (value == expected) return;
    print_error("%s is %lld, not %lld\n", expression, value, expected);
    fail_in_row(file, line);
}

void check_text_at(const char *text, const char *expected, const char *expression, const char *file, int line) {
    if (strcmp(text, expected) == 0) return;
    print_error("%s is \"%s\", not \"%s\"\n", expression, text, expected);
    fail_in_row(file, line);
}
