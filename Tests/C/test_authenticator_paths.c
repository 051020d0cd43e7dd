/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that are allowed by lying somewhere, when that can not be reached by its path any more: the kernel tells nobody
 * who watches the directory of it, and a key that was taken away would open the door for ever. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"

/* A path, and what the shell does before it is allowed and to take the key away: in a directory with "one.key". */
static const struct {
    const char *what, *path, *before, *after;
} ways[] = {
    {"the directory above is moved", "top/keys", "mkdir -p top/keys; mv one.key top/keys", "mv top away"},
    {"a link leads to another directory", "link", "mkdir a b; mv one.key a; ln -s a link", "ln -sfn b link"},
    {"a link above it does", "link/keys", "mkdir -p a/keys b/keys; mv one.key a/keys; ln -s a link", "ln -sfn b link"},
    {"the file that a link leads to goes", "keys", "mkdir keys; ln -s ../one.key keys/one.key", "rm one.key"},
    {"the same, of a single file", "keys/one.key", "mkdir keys; ln -s ../one.key keys/one.key", "rm one.key"},
    {"a file is emptied by its other name", "keys", "mkdir keys; ln one.key keys/one.key", ": > one.key"},
    {"the directory is made again", "keys", "mkdir keys; mv one.key keys", "rm -r keys; mkdir keys"},
    {"all of it goes", "top/keys/one.key", "mkdir -p top/keys; mv one.key top/keys", "rm -r top"},
};

static void shell(const char *command) { check(system(command) == 0); }

static char at_first[PATH_MAX], folder[64];

/* The process goes there. */
static void enter_folder(void) {
    check(getcwd(at_first, sizeof at_first) != NULL);
    strcpy(folder, "/tmp/exz-paths-XXXXXX");
    check(mkdtemp(folder) != NULL);
    check(chdir(folder) == 0);
}

static void leave_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    check(chdir(at_first) == 0);
    shell(command);
}

CASE(a_key_that_its_path_leads_to_no_more_is_not_allowed_any_more) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        in_row("%s", ways[i].what);
        enter_folder();
        service s;
        open_guarded_service(&s, 0, TCP);
        exz_authenticator a = open_authenticator(s.context);
        const key_pair keys = new_keys();
        check_status(exz_curve_save("one", keys.public_key, NULL, NULL), EXZ_OK);
        shell(ways[i].before);
        check_status(exz_authenticator_allow_keys(a, ways[i].path, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
        check_int(counts_of(a).keys, 1);
        exz_socket client = open_guarded_client(&s, &keys);
        connect_to(client, s.endpoint);
        shell(ways[i].after);
        await_keys(a, 0);
        expect_event(client, EXZ_EVENT_LOST);
        check_status(knock(&s, &keys), EXZ_ERR_SECURITY);
        close_socket(client);
        close_guarded_service(&s);
        leave_folder();
    }
}

CASE(a_file_that_is_emptied_and_kept_open_has_no_key) {
    enter_folder();
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    const key_pair keys = new_keys();
    check_status(exz_curve_save("one", keys.public_key, NULL, NULL), EXZ_OK);
    check_status(exz_authenticator_allow_keys(a, "one.key", 0), EXZ_OK);
    const int file = open("one.key", O_WRONLY | O_TRUNC);
    check(file >= 0);
    await_keys(a, 0);
    check(close(file) == 0);
    end_context(context);
    leave_folder();
}

CASE(a_relative_path_is_taken_from_where_the_process_was) {
    enter_folder();
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    const key_pair keys = new_keys(), other = new_keys();
    shell("mkdir keys elsewhere");
    check_status(exz_curve_save("keys/one", keys.public_key, NULL, NULL), EXZ_OK);
    check_status(exz_authenticator_allow_keys(a, "keys", 0), EXZ_OK);
    check(chdir("elsewhere") == 0);
    check_status(exz_curve_save("../keys/two", other.public_key, NULL, NULL), EXZ_OK);
    await_keys(a, 2);
    end_context(context);
    leave_folder();
}

/* The same characters, of other bytes; and bytes that are no characters. */
CASE(names_are_bytes) {
    enter_folder();
    exz_context context = new_context();
    exz_authenticator a = open_authenticator(context);
    const char *folders[] = {"\xC3\xA9", "e\xCC\x81"};
    for (int i = 0; i < 2; i++) {
        const key_pair keys = new_keys();
        char path[64];
        check(mkdir(folders[i], 0700) == 0);
        snprintf(path, sizeof path, "%s/one", folders[i]);
        check_status(exz_curve_save(path, keys.public_key, NULL, NULL), EXZ_OK);
        check_status(exz_authenticator_allow_keys(a, folders[i], 0), EXZ_OK);
        check_int(counts_of(a).keys, i + 1);
    }
    check_int(counts_of(a).unreadable_files, 0);
    shell("mv \xC3\xA9/one.key \xC3\xA9/$(printf '\\377').key");
    await_keys(a, 1);
    await_unreadable(a, 1);
    end_context(context);
    leave_folder();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_that_its_path_leads_to_no_more_is_not_allowed_any_more),
        TEST(a_file_that_is_emptied_and_kept_open_has_no_key),
        TEST(a_relative_path_is_taken_from_where_the_process_was),
        TEST(names_are_bytes),
    };
    return cmocka_run_group_tests_name("paths of keys", tests, NULL, NULL);
}
