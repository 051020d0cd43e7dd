/* SPDX-License-Identifier: Apache-2.0
 *
 * A host that unloads the library is not pulled down with it, and a closed context has no thread left. */
#include <dlfcn.h>

#include "child.h"
#include "sockets.h"

CASE(a_host_that_unloads_the_library_goes_on) {
    Dl_info library;
    check(dladdr(dlsym(RTLD_DEFAULT, "exz_version"), &library) != 0);
    child host;
    char line[64];
    child_start(&host, sibling_program("plain_host"), (const char *const[]){library.dli_fname, "40", NULL});
    child_expect_line(&host, line, sizeof line);
    check_text(line, "still here");
    check_int(child_end(&host), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(a_host_that_unloads_the_library_goes_on)};
    return cmocka_run_group_tests_name("unloading", tests, NULL, NULL);
}
