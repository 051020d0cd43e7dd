/* SPDX-License-Identifier: Apache-2.0
 *
 * Peers over ipc by their groups, as the kernel knows them: the first one, and all others. */
#include <grp.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"
#include "forked.h"

/* Numbers that no group of this machine is likely to have; which does not matter. */
enum { FIRST = 61001, SECOND = 61002, THIRD = 61003 };

/* A process with these groups: what it is told. */
static void check_knock(const char *endpoint, gid_t own, const gid_t *others, size_t count, exz_status expected) {
    const pid_t pid = fork_child();
    if (pid == 0) {
        if (setgroups(count, others) != 0 || setgid(own) != 0) _exit(2);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.retry.max_attempts = 1;
        exz_context context;
        exz_socket client;
        child_must(exz_context_open(&context), EXZ_OK, "exz_context_open");
        child_must(exz_socket_open(&client, context, EXZ_PUSH, &options), EXZ_OK, "exz_socket_open");
        child_must(exz_socket_connect(client, endpoint, 0, PATIENCE_MS, NULL), expected, "exz_socket_connect");
        child_must(exz_socket_close(client, 0), EXZ_OK, "exz_socket_close");
        _exit(0);
    }
    check_child(pid);
}

CASE(a_group_is_allowed_whichever_of_the_peer_s_it_is) {
    if (geteuid() != 0) skip_because("only root can become a member of other groups");
    exz_security guarded = EXZ_SECURITY_INIT;
    guarded.mechanism = EXZ_SECURITY_GUARDED;
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    check_status(exz_authenticator_allow_group(a, SECOND), EXZ_OK);
    exz_socket server = open_secured(context, EXZ_PULL, &guarded);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, IPC, endpoint);
    const struct {
        gid_t own, others[2];
        size_t count;
        exz_status expected;
    } rows[] = {
        {FIRST, {0, 0}, 0, EXZ_ERR_SECURITY},          {SECOND, {0, 0}, 0, EXZ_OK},
        {FIRST, {SECOND, 0}, 1, EXZ_OK},               {FIRST, {THIRD, SECOND}, 2, EXZ_OK},
        {FIRST, {FIRST, THIRD}, 2, EXZ_ERR_SECURITY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("own %u, %zu others", (unsigned)rows[i].own, rows[i].count);
        check_knock(endpoint, rows[i].own, rows[i].others, rows[i].count, rows[i].expected);
    }
    check_int(counts_of(a).accepted, 3);
    check(counts_of(a).refused_user >= 2);
    check_int(counts_of(a).refused, counts_of(a).refused_user);
    close_socket(server);
    close_authenticator(a);
    end_context(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_group_is_allowed_whichever_of_the_peer_s_it_is),
    };
    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
