/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of ipc endpoints: a dead process's is replaced, everything else is left alone. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "monotonic.h"
#include "places.h"

static exz_socket open_impatient(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 2;
    options.retry.initial_backoff_ms = 5;
    return open_with(EXZ_PULL, &options);
}

static void new_place(char *path, char *endpoint) {
    temporary_path(path);
    check(snprintf(endpoint, ENDPOINT_SIZE, "ipc://%.240s", path) < ENDPOINT_SIZE);
}

static void start_server(child *c, const char *endpoint) {
    char line[ENDPOINT_SIZE + 8];
    child_start(c, sibling_program("plain_peer"), (const char *const[]){"pull", "bind", endpoint, "0", NULL});
    child_expect_line(c, line, sizeof line);
}

static void check_refused_to_bind(const char *endpoint) {
    exz_socket s = open_impatient();
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_bind(s, endpoint, PATIENCE_MS, &error), EXZ_ERR_ADDRESS_IN_USE);
    check_int(error.attempts, 2);
    check(strstr(error.message, endpoint) != NULL);
    close_socket(s);
}

CASE(the_file_of_a_dead_process_is_replaced) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    struct stat status;
    child server;
    new_place(path, endpoint);
    start_server(&server, endpoint);
    child_kill(&server);
    check_int(lstat(path, &status), 0);
    check(S_ISSOCK(status.st_mode));

    exz_socket pull = open_impatient(), push = open_socket(EXZ_PUSH);
    check_status(exz_socket_bind(pull, endpoint, 0, NULL), EXZ_OK);
    connect_to(push, endpoint);
    check_carries(push, pull);
    close_socket(push);
    close_socket(pull);
}

CASE(a_dead_process_s_file_refuses_a_connect) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    child server;
    new_place(path, endpoint);
    start_server(&server, endpoint);
    child_kill(&server);
    exz_socket s = open_impatient();
    check_status(exz_socket_connect(s, endpoint, 0, PATIENCE_MS, NULL), EXZ_ERR_REFUSED);
    close_socket(s);
}

CASE(a_live_server_of_another_process_is_left_alone) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE], line[64];
    child server;
    new_place(path, endpoint);
    start_server(&server, endpoint);
    check_refused_to_bind(endpoint);
    exz_socket push = open_socket(EXZ_PUSH);
    connect_to(push, endpoint);
    send_text(push, "still served");
    child_expect_line(&server, line, sizeof line);
    check_text(line, "still served");
    check_int(child_end(&server), 0);
    close_socket(push);
}

CASE(a_live_server_of_this_process_is_left_alone) {
    char endpoint[ENDPOINT_SIZE];
    exz_socket owner = open_socket(EXZ_PULL), push = open_socket(EXZ_PUSH);
    bind_somewhere(owner, IPC, endpoint);
    check_refused_to_bind(endpoint);
    connect_to(push, endpoint);
    check_carries(push, owner);
    close_socket(push);
    close_socket(owner);
}

CASE(what_is_not_a_socket_is_left_alone) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE], content[32] = "";
    new_place(path, endpoint);
    FILE *file = fopen(path, "w");
    check(file != NULL && fputs("precious", file) >= 0 && fclose(file) == 0);
    check_refused_to_bind(endpoint);
    file = fopen(path, "r");
    check(file != NULL && fgets(content, sizeof content, file) != NULL && fclose(file) == 0);
    check_text(content, "precious");

    new_place(path, endpoint);
    check_int(mkdir(path, 0700), 0);
    check_refused_to_bind(endpoint);
    check_int(rmdir(path), 0);

    char target[ENDPOINT_SIZE];
    temporary_path(target);
    new_place(path, endpoint);
    check_int(symlink(target, path), 0);
    check_refused_to_bind(endpoint);
    struct stat status;
    check_int(lstat(path, &status), 0);
    check(S_ISLNK(status.st_mode));
}

CASE(a_path_can_be_bound_again_at_once) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    new_place(path, endpoint);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        exz_socket pull = open_impatient(), push = open_socket(EXZ_PUSH);
        check_status(exz_socket_bind(pull, endpoint, 0, NULL), EXZ_OK);
        connect_to(push, endpoint);
        check_carries(push, pull);
        check_status(exz_socket_close(push, PATIENCE_MS), EXZ_OK);
        check_status(exz_socket_close(pull, PATIENCE_MS), EXZ_OK);
    }
}

CASE(a_missing_directory_is_not_made) {
    exz_socket s = open_impatient();
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_socket_bind(s, "ipc:///nowhere/at/all", PATIENCE_MS, &error), EXZ_ERR_ADDRESS_NOT_AVAILABLE);
    check_int(error.attempts, 2);
    check(strstr(error.message, "directory") != NULL);
    close_socket(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_file_of_a_dead_process_is_replaced),
        TEST(a_dead_process_s_file_refuses_a_connect),
        TEST(a_live_server_of_another_process_is_left_alone),
        TEST(a_live_server_of_this_process_is_left_alone),
        TEST(what_is_not_a_socket_is_left_alone),
        TEST(a_path_can_be_bound_again_at_once),
        TEST(a_missing_directory_is_not_made),
    };
    return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
