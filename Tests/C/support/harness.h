/* SPDX-License-Identifier: Apache-2.0
 *
 * What every test program uses: cmocka with a watchdog on each test, and checks that name the row of a table they fail
 * in. The checks belong on the thread that runs the test; other threads bring their results back to it. */
#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "experimance_zmq.h"

#define CASE(name) static void name(__attribute__((unused)) void **fixture)
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, test_begins, test_ends, (void *)#name)
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

int test_begins(void **state);
int test_ends(void **state);

/* Ends the test here, as it can not have what it needs. Tests/C/run-tests reads the reason. */
void skip_because(const char *reason);

/* Names what the checks that follow are about, until the next call or the end of the test. */
__attribute__((format(printf, 1, 2))) void in_row(const char *format, ...);

/* Names the call whose consequences the checks that follow are about; NULL for none. */
void after_call(const char *call);

#define check(condition) check_at((condition) ? true : false, #condition, __FILE__, __LINE__)
#define check_status(status, expected) check_status_at((status), (expected), #status, __FILE__, __LINE__)
#define check_int(value, expected) check_int_at((long long)(value), (long long)(expected), #value, __FILE__, __LINE__)
#define check_text(text, expected) check_text_at((text), (expected), #text, __FILE__, __LINE__)

void check_at(bool holds, const char *condition, const char *file, int line);
void check_status_at(exz_status status, exz_status expected, const char *call, const char *file, int line);
void check_int_at(long long value, long long expected, const char *expression, const char *file, int line);
void check_text_at(const char *text, const char *expected, const char *expression, const char *file, int line);

#endif
