/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that are allowed by lying in a file or a directory, while files come, change and go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admission.h"
#include "monotonic.h"

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/exz-keys-XXXXXX");
    check(mkdtemp(folder) != NULL);
}

static const char *in_folder(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *content) {
    char draft[512];
    snprintf(draft, sizeof draft, "%s", in_folder(name));
    FILE *file = fopen(draft, "w");
    check(file != NULL);
    fputs(content, file);
    fclose(file);
}

static void write_key(const char *name, const key_pair *keys, const char *user_id) {
    char content[512];
    snprintf(content, sizeof content, "metadata\n    user-id = \"%s\"\ncurve\n    public-key = \"%s\"\n", user_id,
             keys->public_key);
    write_file(name, content);
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    check(system(command) == 0);
}

/* A service with a directory of keys. */
typedef struct keyed {
    service of;
    exz_authenticator a;
} keyed;

static keyed open_keyed(void) {
    keyed k;
    make_folder();
    open_guarded_service(&k.of, 0, TCP);
    k.a = open_authenticator(k.of.context);
    return k;
}

static void close_keyed(keyed *k) {
    close_guarded_service(&k->of);
    remove_folder();
}

CASE(keys_count_as_their_files_come_change_and_go) {
    keyed s = open_keyed();
    const key_pair anna = new_keys(), bert = new_keys(), carl = new_keys();
    write_key("anna.key", &anna, "");
    check_status(exz_authenticator_allow_keys(s.a, folder, 0), EXZ_OK);
    check_int(counts_of(s.a).keys, 1);
    check_status(knock(&s.of, &anna), EXZ_OK);
    check_status(knock(&s.of, &bert), EXZ_ERR_SECURITY);
    write_key("bert.key", &bert, "b");
    await_keys(s.a, 2);
    check_status(knock(&s.of, &bert), EXZ_OK);
    check(unlink(in_folder("anna.key")) == 0);
    await_keys(s.a, 1);
    check_status(knock(&s.of, &anna), EXZ_ERR_SECURITY);
    /* Another key in the same file, which is replaced at once. */
    char draft[512];
    snprintf(draft, sizeof draft, "%s", in_folder(".draft"));
    write_key(".draft", &carl, "b");
    const uint64_t before = counts_of(s.a).key_changes;
    check(rename(draft, in_folder("bert.key")) == 0);
    check_status(exz_authenticator_wait(s.a, EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES, before + 1, PATIENCE_MS), EXZ_OK);
    check_int(counts_of(s.a).keys, 1);
    check_status(knock(&s.of, &carl), EXZ_OK);
    check_status(knock(&s.of, &bert), EXZ_ERR_SECURITY);
    close_keyed(&s);
}

CASE(a_directory_that_is_gone_has_no_keys_until_it_is_back) {
    keyed s = open_keyed();
    const key_pair anna = new_keys();
    char inner[512], moved[512];
    snprintf(inner, sizeof inner, "%s", in_folder("keys"));
    snprintf(moved, sizeof moved, "%s", in_folder("away"));
    check(mkdir(inner, 0700) == 0);
    write_key("keys/anna.key", &anna, "anna");
    check_status(exz_authenticator_allow_keys(s.a, inner, 0), EXZ_OK);
    check_int(counts_of(s.a).keys, 1);
    check(rename(inner, moved) == 0);
    await_keys(s.a, 0);
    check(rename(moved, inner) == 0);
    await_keys(s.a, 1);
    check_status(knock(&s.of, &anna), EXZ_OK);
    close_keyed(&s);
}

CASE(a_single_file_is_watched_too) {
    keyed s = open_keyed();
    const key_pair anna = new_keys();
    write_key("anna.key", &anna, "anna");
    char path[512];
    snprintf(path, sizeof path, "%s", in_folder("anna.key"));
    check_status(exz_authenticator_allow_keys(s.a, path, 0), EXZ_OK);
    check_status(knock(&s.of, &anna), EXZ_OK);
    check(unlink(path) == 0);
    await_keys(s.a, 0);
    write_key("anna.key", &anna, "anna");
    await_keys(s.a, 1);
    check_status(knock(&s.of, &anna), EXZ_OK);
    close_keyed(&s);
}

CASE(links_end_with_the_file_of_their_key_where_that_was_said) {
    for (int ends = 0; ends < 2; ends++) {
        in_row("END_LINKS %d", ends);
        keyed s = open_keyed();
        const key_pair anna = new_keys(), bert = new_keys();
        write_key("anna.key", &anna, "anna");
        write_key("bert.key", &bert, "bert");
        check_status(exz_authenticator_allow_keys(s.a, folder, ends ? EXZ_AUTHENTICATOR_END_LINKS : 0), EXZ_OK);
        exz_socket first = open_guarded_client(&s.of, &anna), second = open_guarded_client(&s.of, &bert);
        connect_to(first, s.of.endpoint);
        connect_to(second, s.of.endpoint);
        check_carries(first, s.of.socket);
        check_carries(second, s.of.socket);
        check(unlink(in_folder("anna.key")) == 0);
        await_keys(s.a, 1);
        if (ends) expect_event(first, EXZ_EVENT_LOST);
        else check_carries(first, s.of.socket);
        check_carries(second, s.of.socket);
        check_int(stats_of(second).links_lost, 0);
        close_socket(first);
        close_socket(second);
        close_keyed(&s);
    }
}

/* A file that is being written again must not cost its peer the link. */
CASE(a_file_that_is_half_written_for_a_moment_keeps_its_key) {
    keyed s = open_keyed();
    const key_pair anna = new_keys(), bert = new_keys();
    write_key("anna.key", &anna, "anna");
    check_status(exz_authenticator_allow_keys(s.a, folder, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    exz_socket client = open_guarded_client(&s.of, &anna);
    connect_to(client, s.of.endpoint);
    write_file("anna.key", "metadata\ncurve\n    public-k");
    /* What has been seen then is the half of it. */
    write_key("bert.key", &bert, "bert");
    await_keys(s.a, 2);
    write_key("anna.key", &anna, "anna");
    await_unreadable(s.a, 0);
    check_int(counts_of(s.a).keys, 2);
    check_int(stats_of(client).links_lost, 0);
    check_carries(client, s.of.socket);
    /* And one that stays like that does not. */
    write_file("anna.key", "metadata\ncurve\n    public-k");
    await_keys(s.a, 1);
    expect_event(client, EXZ_EVENT_LOST);
    close_socket(client);
    close_keyed(&s);
}

/* Neither must it when there is no descriptor left to look with: that is what strangers can use up. */
CASE(without_descriptors_keys_are_what_they_were) {
    keyed s = open_keyed();
    const key_pair anna = new_keys(), bert = new_keys();
    char file[512], directory[512];
    snprintf(file, sizeof file, "%s", in_folder("anna.key"));
    snprintf(directory, sizeof directory, "%s", in_folder("keys"));
    check(mkdir(directory, 0700) == 0);
    write_key("anna.key", &anna, "anna");
    write_key("keys/bert.key", &bert, "bert");
    /* The directory is looked at first. */
    check_status(exz_authenticator_allow_keys(s.a, directory, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    check_status(exz_authenticator_allow_keys(s.a, file, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    exz_socket client = open_guarded_client(&s.of, &bert);
    connect_to(client, s.of.endpoint);
    check_carries(client, s.of.socket);
    struct rlimit usual;
    check_int(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const int next = dup(0);
    check(next > 0);
    close(next);
    const struct rlimit none = {(rlim_t)next, usual.rlim_max};
    check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
    /* A change that is noticed without a descriptor, and shows: the file can not be read. */
    check(chmod(file, 0640) == 0);
    await_unreadable(s.a, 1);
    check_int(counts_of(s.a).keys, 2);
    check(unlink(in_folder("keys/bert.key")) == 0);
    check_int(setrlimit(RLIMIT_NOFILE, &usual), 0);
    /* It is seen without another change, once there are descriptors again. */
    await_keys(s.a, 1);
    expect_event(client, EXZ_EVENT_LOST);
    await_unreadable(s.a, 0);
    check_status(knock(&s.of, &anna), EXZ_OK);
    close_socket(client);
    close_keyed(&s);
}

CASE(what_is_no_key_is_counted_and_does_not_matter) {
    keyed s = open_keyed();
    const key_pair anna = new_keys(), bert = new_keys();
    write_key("anna.key", &anna, "anna");
    write_key(".hidden.key", &bert, "bert");
    write_file("README", "The keys of our cameras.\n");
    check(mkdir(in_folder("more"), 0700) == 0);
    check_status(exz_authenticator_allow_keys(s.a, folder, 0), EXZ_OK);
    check_int(counts_of(s.a).keys, 1);
    check_int(counts_of(s.a).unreadable_files, 1);
    check_status(exz_authenticator_allow_keys(s.a, in_folder("README"), 0), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_keys(s.a, in_folder("nothing"), 0), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_keys(s.a, "", 0), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_keys(s.a, NULL, 0), EXZ_ERR_INVALID);
    check_status(exz_authenticator_allow_keys(s.a, folder, 4), EXZ_ERR_INVALID);
    check_int(counts_of(s.a).keys, 1);
    close_keyed(&s);
}

/* A key of several places is allowed as long as one has it. */
CASE(a_key_in_two_places_is_allowed_by_either) {
    keyed s = open_keyed();
    const key_pair anna = new_keys();
    write_key("one.key", &anna, "one");
    write_key("two.key", &anna, "two");
    check_status(exz_authenticator_allow_keys(s.a, folder, EXZ_AUTHENTICATOR_END_LINKS), EXZ_OK);
    check_int(counts_of(s.a).keys, 1);
    exz_socket client = open_guarded_client(&s.of, &anna);
    connect_to(client, s.of.endpoint);
    check_status(exz_authenticator_allow_key(s.a, anna.public_key, "mine"), EXZ_OK);
    check(unlink(in_folder("one.key")) == 0 && unlink(in_folder("two.key")) == 0);
    const key_pair bert = new_keys();
    write_key("bert.key", &bert, "bert");
    await_keys(s.a, 2);
    check_int(stats_of(client).links_lost, 0);
    check_carries(client, s.of.socket);
    close_socket(client);
    close_keyed(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_count_as_their_files_come_change_and_go),
        TEST(a_directory_that_is_gone_has_no_keys_until_it_is_back),
        TEST(a_single_file_is_watched_too),
        TEST(links_end_with_the_file_of_their_key_where_that_was_said),
        TEST(a_file_that_is_half_written_for_a_moment_keeps_its_key),
        TEST(without_descriptors_keys_are_what_they_were),
        TEST(what_is_no_key_is_counted_and_does_not_matter),
        TEST(a_key_in_two_places_is_allowed_by_either),
    };
    return cmocka_run_group_tests_name("keys in files", tests, NULL, NULL);
}
