/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets that were set up by the numbers of libzmq's options, and have a ZAP domain of their own. */
#include <string.h>
#include <zmq.h>

#include "admission.h"
#include "monotonic.h"

static exz_status set_domain(exz_socket s, const char *domain) {
    return exz_socket_set_bytes(s, ZMQ_ZAP_DOMAIN, domain, strlen(domain));
}

CASE(a_domain_of_ones_own_is_not_opened_by_closing_the_authenticator) {
    exz_context context = new_context();
    exz_socket server = open_secured(context, EXZ_PULL, NULL);
    check_status(set_domain(server, "mine"), EXZ_OK);
    char endpoint[ENDPOINT_SIZE];
    bind_somewhere(server, TCP, endpoint);
    for (int step = 0; step < 4; step++) {
        in_row("step %d", step);
        exz_authenticator a = {0};
        if (step == 1 || step == 2) a = open_authenticator(context);
        if (step == 2) check_status(exz_authenticator_allow_address(a, "127.0.0.1"), EXZ_OK);
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
        /* Open before there was ever an authenticator, as with libzmq; then only where one says so. */
        check_status(try_connect(client, endpoint), step == 0 || step == 2 ? EXZ_OK : EXZ_ERR_SECURITY);
        close_socket(client);
        if (a.id != 0) close_authenticator(a);
    }
    close_socket(server);
    end_context(context);
}

/* ZMQ_ZAP_ENFORCE_DOMAIN, which <zmq.h> shows only with its drafts. */
enum { ENFORCES_DOMAIN = 93 };

CASE(what_is_closed_by_number_stays_closed_whoever_looks_after_the_context) {
    const key_pair keys = new_keys();
    const exz_security security = curve_server(&keys, 0);
    for (int step = 0; step < 5; step++) {
        in_row("step %d", step);
        exz_context context = new_context();
        exz_socket server = open_secured(context, EXZ_PULL, NULL);
        check_status(exz_socket_set_int(server, ENFORCES_DOMAIN, 1), EXZ_OK);
        /* Open again. */
        if (step == 4) check_status(exz_socket_set_int(server, ENFORCES_DOMAIN, 0), EXZ_OK);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(server, TCP, endpoint);
        exz_socket other = {0};
        if (step == 1) other = open_secured(context, EXZ_PULL, &security);
        exz_authenticator a = {0};
        if (step > 1) a = open_authenticator(context);
        if (step == 3) check_status(exz_authenticator_allow_address(a, "127.0.0.1"), EXZ_OK);
        exz_socket client = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL);
        const exz_status status = exz_socket_connect(client, endpoint, 0, step == 0 ? 200 : PATIENCE_MS, NULL);
        if (step == 0) check(status != EXZ_OK);
        else check_status(status, step < 3 ? EXZ_ERR_SECURITY : EXZ_OK);
        close_socket(client);
        close_socket(server);
        if (other.id != 0) close_socket(other);
        end_context(context);
    }
}

/* By such a name it would be taken for a socket that lets everybody in, or for another one. */
CASE(the_domains_of_the_library_are_nobody_elses) {
    exz_socket s = open_secured(EXZ_DEFAULT_CONTEXT, EXZ_PULL, NULL);
    const char *own[] = {"experimance", "experimance.1", "experimance."};
    for (int i = 0; i < 3; i++) {
        in_row("%s", own[i]);
        check_status(set_domain(s, own[i]), EXZ_ERR_INVALID);
    }
    check_status(set_domain(s, "experimance-cameras"), EXZ_OK);
    close_socket(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_domain_of_ones_own_is_not_opened_by_closing_the_authenticator),
        TEST(what_is_closed_by_number_stays_closed_whoever_looks_after_the_context),
        TEST(the_domains_of_the_library_are_nobody_elses),
    };
    return cmocka_run_group_tests_name("domains by number", tests, NULL, NULL);
}
