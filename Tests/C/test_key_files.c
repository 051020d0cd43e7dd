/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files: written and read, by whom they may be read, and what is no such file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "places.h"
#include "security_fields.h"

enum { PATH_SIZE = ENDPOINT_SIZE + 64 };

static const key_pair known = {"b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$", "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a"};

/* A path that nothing is at, with an ending. */
static void new_path(char *path, const char *ending) {
    char base[ENDPOINT_SIZE];
    temporary_path(base);
    snprintf(path, PATH_SIZE, "%s%s", base, ending);
}

static void path_with(char *path, const char *base, const char *ending) {
    check(snprintf(path, PATH_SIZE, "%s%s", base, ending) < PATH_SIZE);
}

static void write_file(const char *path, const void *content, size_t size, mode_t mode) {
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(descriptor >= 0);
    check(write(descriptor, content, size) == (ssize_t)size);
    check_int(fchmod(descriptor, mode), 0);
    close(descriptor);
}

static void save(const char *path, const char *public_key, const char *secret_key) {
    exz_error error = EXZ_ERROR_INIT;
    const exz_status status = exz_curve_save(path, public_key, secret_key, &error);
    if (status != EXZ_OK) print_error("%s\n", error.message);
    check_status(status, EXZ_OK);
}

static key_pair load(const char *path) {
    key_pair keys;
    memset(&keys, 0xA5, sizeof keys);
    exz_error error = EXZ_ERROR_INIT;
    const exz_status status = exz_curve_load(keys.public_key, keys.secret_key, path, &error);
    if (status != EXZ_OK) print_error("%s\n", error.message);
    check_status(status, EXZ_OK);
    return keys;
}

/* Says `words`, and nothing of the secret. */
static void refuse_load(const char *path, exz_status expected, const char *words) {
    key_pair keys = {"untouched", "untouched"};
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_curve_load(keys.public_key, keys.secret_key, path, &error), expected);
    if (strstr(error.message, words) == NULL) print_error("%s\n", error.message);
    check(strstr(error.message, words) != NULL);
    check(strstr(error.message, "kprPbDYmUF") == NULL);
    check_text(keys.public_key, "untouched");
    check_text(keys.secret_key, "untouched");
    check_status(exz_curve_load(keys.public_key, NULL, path, NULL), expected);
}

CASE(a_saved_pair_is_in_two_files_and_comes_back) {
    const key_pair keys = new_keys();
    char base[PATH_SIZE], path[PATH_SIZE];
    new_path(base, "");
    save(base, keys.public_key, keys.secret_key);
    path_with(path, base, ".key_secret");
    key_pair loaded = load(path);
    check_text(loaded.public_key, keys.public_key);
    check_text(loaded.secret_key, keys.secret_key);
    path_with(path, base, ".key");
    loaded = load(path);
    check_text(loaded.public_key, keys.public_key);
    check_text(loaded.secret_key, "");
    char public_key[EXZ_CURVE_TEXT_SIZE];
    check_status(exz_curve_load(public_key, NULL, path, NULL), EXZ_OK);
    check_text(public_key, keys.public_key);
}

CASE(either_key_alone_can_be_saved) {
    char base[PATH_SIZE], path[PATH_SIZE];
    new_path(base, "");
    save(base, known.public_key, NULL);
    path_with(path, base, ".key_secret");
    check_int(access(path, F_OK), -1);
    path_with(path, base, ".key");
    check_text(load(path).public_key, known.public_key);
    new_path(base, "");
    save(base, NULL, known.secret_key);
    path_with(path, base, ".key_secret");
    check_text(load(path).public_key, known.public_key);
    path_with(path, base, ".key");
    check_text(load(path).public_key, known.public_key);
}

/* At no moment: the mode is the one it was made with, as nobody changes it later. */
CASE(nobody_but_its_owner_may_read_a_secret_file_whatever_the_umask) {
    const mode_t masks[] = {0, 022, 0177, 0777};
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        in_row("umask %03o", masks[i]);
        char base[PATH_SIZE], path[PATH_SIZE];
        new_path(base, "");
        const mode_t former = umask(masks[i]);
        const exz_status status = exz_curve_save(base, NULL, known.secret_key, NULL);
        umask(former);
        check_status(status, EXZ_OK);
        struct stat found;
        path_with(path, base, ".key_secret");
        check_int(stat(path, &found), 0);
        check_int(found.st_mode & 07777 & ~0600u, 0);
        path_with(path, base, ".key");
        check_int(stat(path, &found), 0);
        check_int(found.st_mode & 07777, 0644 & ~masks[i]);
    }
}

CASE(a_file_that_is_there_is_left_alone_and_nothing_is_left_beside_it) {
    const char *const endings[] = {".key", ".key_secret"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        in_row("%s", endings[i]);
        char folder[PATH_SIZE], base[PATH_SIZE], path[PATH_SIZE], content[8] = "";
        new_path(folder, "");
        check_int(mkdir(folder, 0700), 0);
        path_with(base, folder, "/name");
        path_with(path, base, endings[i]);
        write_file(path, "mine", 4, 0600);
        exz_error error = EXZ_ERROR_INIT;
        check_status(exz_curve_save(base, NULL, known.secret_key, &error), EXZ_ERR_STATE);
        check_int(error.sys_errno, EEXIST);
        check(strstr(error.message, endings[i]) != NULL && strstr(error.message, "left alone") != NULL);
        const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
        check_int(read(descriptor, content, sizeof content), 4);
        close(descriptor);
        check_text(content, "mine");
        size_t entries = 0;
        DIR *opened = opendir(folder);
        check(opened != NULL);
        for (struct dirent *entry; (entry = readdir(opened)) != NULL;)
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) entries++;
        closedir(opened);
        check_int(entries, 1);
    }
}

CASE(what_can_not_be_saved_says_why) {
    char base[PATH_SIZE], long_path[5000];
    exz_error error = EXZ_ERROR_INIT;
    new_path(base, "");
    check_status(exz_curve_save(NULL, NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check_status(exz_curve_save(base, NULL, NULL, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "public_key") != NULL);
    check_status(exz_curve_save(base, "no key", NULL, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "public_key") != NULL);
    check_status(exz_curve_save(base, NULL, "no key", &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "secret_key") != NULL);
    const key_pair others = new_keys();
    check_status(exz_curve_save(base, others.public_key, known.secret_key, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "public_key") != NULL);
    check_status(exz_curve_save("", NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "path") != NULL);
    check_status(exz_curve_save("\xFF", NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "path") != NULL);
    memset(long_path, 'p', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    check_status(exz_curve_save(long_path, NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "path") != NULL);
    long_path[300] = '\0';
    check_status(exz_curve_save(long_path, NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check_int(error.sys_errno, ENAMETOOLONG);
    path_with(base, base, "/nowhere/name");
    check_status(exz_curve_save(base, NULL, known.secret_key, &error), EXZ_ERR_INVALID);
    check_int(error.sys_errno, ENOENT);
    check(strstr(error.message, "nowhere/name") != NULL);
}

CASE(a_secret_file_that_others_may_use_is_refused) {
    char path[PATH_SIZE];
    const mode_t modes[] = {0640, 0604, 0644, 0660, 0602, 0620, 0666};
    const char content[] = "curve\n    secret-key = \"/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a\"\n";
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        in_row("mode %03o", modes[i]);
        new_path(path, "");
        write_file(path, content, strlen(content), modes[i]);
        refuse_load(path, EXZ_ERR_PERMISSION, "chmod 600");
        check_int(chmod(path, 0600), 0);
        check_text(load(path).secret_key, known.secret_key);
        check_int(chmod(path, 0400), 0);
        check_text(load(path).secret_key, known.secret_key);
    }
    /* A public key is for everybody. */
    const char for_all[] = "curve\n    public-key = \"b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$\"\n";
    write_file(path, for_all, strlen(for_all), 0666);
    check_text(load(path).public_key, known.public_key);
}

#define P "b&C!II:{/.R+CaE9lxoMP0*)g^.HZ:&[T(<</&[$"
#define S "/35u[1b>kprPbDYmUF<l[YPUiJ*Sy>^D0nlB#]$a"

CASE(key_files_are_read_however_they_are_laid_out) {
    const char *const contents[] = {
        "curve\n    public-key = \"" P "\"\n    secret-key = \"" S "\"\n",
        "curve\n    secret-key = \"" S "\"\n    public-key = \"" P "\"",
        "curve\n    secret-key = \"" S "\"\n",
        "curve\r\n    public-key = \"" P "\"\r\n    secret-key = \"" S "\"\r\n",
        "curve\n\tpublic-key='" P "'\n\tsecret-key='" S "'\n",
        "curve\n public-key=" P "\n secret-key   =   " S "   \n",
        "curve   # the keys\n    public-key = \"" P "\"   # public\n    secret-key = " S " # secret\n",
        "#   ****  by somebody  ****\n\nmetadata\n    name = \"A # B\"\n    public-key = nothing\n    odd\n"
        "curve\n    public-key = \"" P "\"\n\n# \n    secret-key = \"" S "\"\n    other = 1\nmore\n    secret-key = 1\n",
        "name = value\ncurve\n    secret-key = \"" S "\"\nmetadata\n    secret-key = 1\n",
    };
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        in_row("layout %zu", i);
        char path[PATH_SIZE];
        new_path(path, "");
        write_file(path, contents[i], strlen(contents[i]), 0600);
        const key_pair keys = load(path);
        check_text(keys.public_key, known.public_key);
        check_text(keys.secret_key, known.secret_key);
    }
}

CASE(what_is_no_key_file_says_which_line_is_to_blame) {
    const struct {
        const char *content, *words;
    } rows[] = {
        {"", "no section"},
        {"\n\n\n", "no section"},
        {"curve\n", "no section"},
        {"metadata\n    public-key = \"" P "\"\n", "no section"},
        {"public-key = \"" P "\"\nsecret-key = \"" S "\"\n", "no section"},
        {"    public-key = \"" P "\"\n", "no section"},
        {"#curve\n    secret-key = \"" S "\"\n", "no section"},
        {"curve\n#    secret-key = \"" S "\"\n", "no section"},
        {"curve\n    secret-key\n", "line 2: secret-key"},
        {"curve\n    secret-key =\n", "line 2: secret-key"},
        {"curve\n    secret-key = \"\"\n", "line 2: secret-key"},
        {"curve\n    secret-key = \"" S "\n", "line 2: a quotation"},
        {"curve\n    secret-key = \"" S "'\n", "line 2: a quotation"},
        {"curve\n\n    secret-key = \"a" S "\"\n", "line 3: secret-key"},
        {"curve\n    secret-key = \"########################################\"\n", "line 2: secret-key"},
        /* czmq saves a public key so. */
        {"curve\n    public-key = \"" P "\"\n    secret-key = \"0000000000000000000000000000000000000000\"\n", "zeros"},
        {"curve\n    public-key = \"" S "\"\n    secret-key = \"" S "\"\n", "public-key is not the one"},
        {"curve\n    public-key = \"" P "\"\n    public-key = \"" P "\"\n", "line 3: the same key"},
        {"curve\n    secret-key = \"" S "\"\n    secret-key = \"" S "\"\n", "line 3: the same key"},
        {"curve\n    public-key = \"" P "\"\ncurve\n    public-key = \"" P "\"\n", "line 4: the same key"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        in_row("content %zu", i);
        char path[PATH_SIZE];
        new_path(path, "");
        write_file(path, rows[i].content, strlen(rows[i].content), 0600);
        refuse_load(path, EXZ_ERR_INVALID, rows[i].words);
    }
}

CASE(bytes_of_every_kind_are_no_key_file) {
    char path[PATH_SIZE], content[256];
    new_path(path, "");
    for (size_t i = 0; i < sizeof content; i++) content[i] = (char)i;
    write_file(path, content, sizeof content, 0600);
    refuse_load(path, EXZ_ERR_INVALID, "no section");
    memset(content, 0, sizeof content);
    write_file(path, content, sizeof content, 0600);
    refuse_load(path, EXZ_ERR_INVALID, "no section");
}

static void put_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check_int(bind(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    close(descriptor);
}

CASE(what_is_no_regular_file_is_refused_at_once) {
    char path[PATH_SIZE], loop[PATH_SIZE];
    new_path(path, "");
    refuse_load(path, EXZ_ERR_INVALID, path);
    check_int(mkfifo(path, 0600), 0);
    refuse_load(path, EXZ_ERR_INVALID, "regular");
    check_int(unlink(path), 0);
    check_int(mkdir(path, 0700), 0);
    refuse_load(path, EXZ_ERR_INVALID, "regular");
    refuse_load("/dev/zero", EXZ_ERR_INVALID, "regular");
    check_int(rmdir(path), 0);
    put_socket(path);
    refuse_load(path, EXZ_ERR_INVALID, path);
    /* It looks like a file, and nothing is where a read begins. */
    refuse_load("/proc/self/mem", EXZ_ERR_INVALID, "/proc/self/mem");
    refuse_load("", EXZ_ERR_INVALID, "path");
    refuse_load("\xFF", EXZ_ERR_INVALID, "path");
    new_path(loop, "");
    check_int(symlink(loop, loop), 0);
    refuse_load(loop, EXZ_ERR_INVALID, loop);
    new_path(path, "");
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    check_int(ftruncate(descriptor, INT64_C(1) << 40), 0);
    close(descriptor);
    refuse_load(path, EXZ_ERR_INVALID, "too long");
    check_int(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_saved_pair_is_in_two_files_and_comes_back),
        TEST(either_key_alone_can_be_saved),
        TEST(nobody_but_its_owner_may_read_a_secret_file_whatever_the_umask),
        TEST(a_file_that_is_there_is_left_alone_and_nothing_is_left_beside_it),
        TEST(what_can_not_be_saved_says_why),
        TEST(a_secret_file_that_others_may_use_is_refused),
        TEST(key_files_are_read_however_they_are_laid_out),
        TEST(what_is_no_key_file_says_which_line_is_to_blame),
        TEST(bytes_of_every_kind_are_no_key_file),
        TEST(what_is_no_regular_file_is_refused_at_once),
    };
    return cmocka_run_group_tests_name("key files", tests, NULL, NULL);
}
