/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes that fork while a message proxy forwards: the parent's goes on, and the child has none of it. */
#include <unistd.h>

#include "forked.h"
#include "monotonic.h"
#include "proxied.h"

CASE(a_child_has_its_own_and_none_of_its_parents) {
    proxied p = open_proxied(EXZ_PULL, EXZ_PUSH, TCP, NULL);
    exz_socket pusher = at_front(&p, EXZ_PUSH), puller = at_back(&p, EXZ_PULL);
    for (int round = 0; round < 10; round++) {
        in_row("round %d", round);
        send_text(pusher, "before");
        pid_t child = fork_child();
        if (child == 0) {
            exz_proxy_statistics statistics = EXZ_PROXY_STATISTICS_INIT;
            must(exz_proxy_stats(&statistics, p.proxy), EXZ_ERR_FORKED);
            must(exz_proxy_pause(p.proxy, 0), EXZ_ERR_FORKED);
            must(exz_proxy_resume(p.proxy), EXZ_ERR_FORKED);
            must(exz_proxy_close(p.proxy, 0), EXZ_ERR_FORKED);
            exz_proxy none;
            must(exz_proxy_open(&none, p.front, p.back, (exz_socket){0}, NULL), EXZ_ERR_FORKED);
            exz_socket front, back;
            must(exz_socket_open(&front, EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL), EXZ_OK);
            must(exz_socket_open(&back, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
            exz_proxy own;
            must(exz_proxy_open(&own, front, back, (exz_socket){0}, NULL), EXZ_OK);
            must(exz_proxy_pause(own, PATIENCE_MS), EXZ_OK);
            must(exz_proxy_close(own, PATIENCE_MS), EXZ_OK);
            _exit(0);
        }
        check_child(child);
        expect_text(puller, "before");
    }
    close_socket(pusher);
    close_socket(puller);
    close_proxied(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_child_has_its_own_and_none_of_its_parents),
    };
    return cmocka_run_group_tests_name("proxy_forks", tests, NULL, NULL);
}
