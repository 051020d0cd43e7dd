/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and key files of libzmq and czmq are the same here, and ours are the same there. */
#include <czmq.h>
#include <string.h>
#include <sys/stat.h>

#include "places.h"
#include "security_fields.h"

enum { PATH_SIZE = ENDPOINT_SIZE + 64 };

static void path_with(char *path, const char *base, const char *ending) {
    check(snprintf(path, PATH_SIZE, "%s%s", base, ending) < PATH_SIZE);
}

CASE(a_pair_has_the_same_public_key_in_libzmq) {
    const key_pair ours = new_keys();
    char public_key[EXZ_CURVE_TEXT_SIZE];
    check_int(zmq_curve_public(public_key, ours.secret_key), 0);
    check_text(public_key, ours.public_key);
    key_pair theirs;
    check_int(zmq_curve_keypair(theirs.public_key, theirs.secret_key), 0);
    check_status(exz_curve_public(public_key, theirs.secret_key), EXZ_OK);
    check_text(public_key, theirs.public_key);
}

CASE(libzmq_writes_and_reads_the_same_text) {
    unsigned char bytes[256], back[256];
    for (size_t round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * (2 * round + 1) + round);
        const size_t count = 4 * (round % 64 + 1);
        char text[321], theirs[321];
        check_status(exz_curve_encode(text, sizeof text, bytes, count), EXZ_OK);
        check(zmq_z85_encode(theirs, bytes, count) != NULL);
        check_text(text, theirs);
        size_t size = 0;
        check_status(exz_curve_decode(&size, back, sizeof back, theirs), EXZ_OK);
        check_int(size, count);
        check(memcmp(back, bytes, count) == 0);
    }
}

CASE(czmq_reads_what_is_saved_here) {
    const key_pair keys = new_keys();
    char base[ENDPOINT_SIZE], path[PATH_SIZE];
    temporary_path(base);
    check_status(exz_curve_save(base, NULL, keys.secret_key, NULL), EXZ_OK);
    path_with(path, base, ".key");
    /* It looks for the secret one beside it by itself. */
    zcert_t *cert = zcert_load(path);
    check(cert != NULL);
    check_text(zcert_public_txt(cert), keys.public_key);
    check_text(zcert_secret_txt(cert), keys.secret_key);
    zcert_destroy(&cert);
    path_with(path, base, ".key_secret");
    check_int(unlink(path), 0);
    path_with(path, base, ".key");
    cert = zcert_load(path);
    check(cert != NULL);
    check_text(zcert_public_txt(cert), keys.public_key);
    check_text(zcert_secret_txt(cert), "0000000000000000000000000000000000000000");
    zcert_destroy(&cert);
}

CASE(what_czmq_saves_is_read_here) {
    char path[ENDPOINT_SIZE], secret_path[PATH_SIZE];
    temporary_path(path);
    path_with(secret_path, path, "_secret");
    zcert_t *cert = zcert_new();
    zcert_set_meta(cert, "name", "%s", "Somebody # with a \"quotation\" and a \n new line");
    zcert_set_meta(cert, "email", "%s", "somebody@example.org");
    check_int(zcert_save(cert, path), 0);
    key_pair keys;
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_curve_load(keys.public_key, keys.secret_key, path, &error), EXZ_OK);
    check_text(keys.public_key, zcert_public_txt(cert));
    check_text(keys.secret_key, "");
    const exz_status status = exz_curve_load(keys.public_key, keys.secret_key, secret_path, &error);
    if (status != EXZ_OK) print_error("%s\n", error.message);
    check_status(status, EXZ_OK);
    check_text(keys.public_key, zcert_public_txt(cert));
    check_text(keys.secret_key, zcert_secret_txt(cert));
    zcert_destroy(&cert);
}

/* It writes zeros for the secret key that it does not have. */
CASE(a_public_key_that_czmq_saves_as_a_pair_is_none) {
    char path[ENDPOINT_SIZE], secret_path[PATH_SIZE];
    temporary_path(path);
    path_with(secret_path, path, "_secret");
    zcert_t *cert = zcert_new();
    check_int(zcert_save_public(cert, path), 0);
    zcert_t *half = zcert_load(path);
    check_int(zcert_save_secret(half, secret_path), 0);
    key_pair keys;
    exz_error error = EXZ_ERROR_INIT;
    check_status(exz_curve_load(keys.public_key, keys.secret_key, secret_path, &error), EXZ_ERR_INVALID);
    check(strstr(error.message, "zeros") != NULL);
    zcert_destroy(&half);
    zcert_destroy(&cert);
}

/* One side of a link, with a certificate. */
static zsock_t *new_czmq(int type, zcert_t *cert) {
    zsock_t *s = zsock_new(type);
    check(s != NULL);
    zcert_apply(cert, s);
    zsock_set_rcvtimeo(s, 30000);
    return s;
}

CASE(a_link_with_czmq_carries_either_way) {
    const key_pair ours = new_keys();
    zcert_t *cert = zcert_new();
    key_pair theirs;
    strcpy(theirs.public_key, zcert_public_txt(cert));
    char endpoint[ENDPOINT_SIZE];

    exz_security security = curve_server(&ours, EXZ_SECURITY_ANYBODY);
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, &security);
    bind_somewhere(s, TCP, endpoint);
    zsock_t *other = new_czmq(ZMQ_PULL, cert);
    zsock_set_curve_serverkey(other, ours.public_key);
    check_int(zsock_connect(other, "%s", endpoint), 0);
    send_text(s, "to czmq");
    char *text = zstr_recv(other);
    check(text != NULL);
    check_text(text, "to czmq");
    zstr_free(&text);
    zsock_destroy(&other);
    close_socket(s);

    other = new_czmq(ZMQ_PUSH, cert);
    zsock_set_curve_server(other, 1);
    const int port = zsock_bind(other, "tcp://127.0.0.1:*");
    check(port > 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    security = curve_client(&ours, &theirs);
    s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, &security);
    connect_to(s, endpoint);
    zstr_send(other, "from czmq");
    expect_text(s, "from czmq");
    close_socket(s);
    zsock_destroy(&other);
    zcert_destroy(&cert);
}

int main(void) {
    /* Signals are the harness's. */
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        TEST(a_pair_has_the_same_public_key_in_libzmq),
        TEST(libzmq_writes_and_reads_the_same_text),
        TEST(czmq_reads_what_is_saved_here),
        TEST(what_czmq_saves_is_read_here),
        TEST(a_public_key_that_czmq_saves_as_a_pair_is_none),
        TEST(a_link_with_czmq_carries_either_way),
    };
    const int failed = cmocka_run_group_tests_name("keys of others", tests, NULL, NULL);
    zsys_shutdown();
    return failed;
}
