/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests while there is no server: they wait for it, say why there is none, and are not executed once given up. */
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "requests.h"

static int keep_endpoint(transport t, char *endpoint) {
    if (t == TCP) return reserve_port(endpoint);
    unused_endpoint(t, endpoint);
    return -1;
}

CASE(a_request_waits_for_the_late_server_and_is_executed_once) {
    const exz_socket_options options = quick_options();
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int is_idempotent = 0; is_idempotent <= 1; is_idempotent++) {
            in_row("%s, %s", transport_name(t), is_idempotent ? "idempotent" : "once");
            char endpoint[ENDPOINT_SIZE];
            int reservation = keep_endpoint(t, endpoint);
            exz_socket client = open_with(EXZ_REQ, &options), rep = open_socket(EXZ_REP);
            connect_later(client, endpoint);
            question q = question_of(client, "early");
            q.is_idempotent = is_idempotent;
            worker asking;
            worker_start(&asking, ask, &q);
            if (t != INPROC) expect_event(client, EXZ_EVENT_FAILED);
            worker_await_sleep(&asking);
            own_server server;
            bind_to(rep, endpoint);
            own_server_start(&server, rep);
            worker_join(&asking);
            check_answer(&q);
            check_int(atomic_load(&server.served), 1);
            check_int(stats_of(client).messages_sent, 1);
            own_server_end(&server);
            close_socket(client);
            if (reservation >= 0) close(reservation);
        }
    }
}

/* Where no server answers, and what a request says of it. */
typedef struct absence {
    const char *name;
    exz_status expected;
    const char *endpoint;
} absence;

static void check_absence(const absence *a, exz_socket client, int is_idempotent) {
    in_row("%s, %s", a->name, is_idempotent ? "idempotent" : "once");
    question q = question_of(client, "in vain");
    q.is_idempotent = is_idempotent;
    q.timeout_ms = 60;
    exz_stats before = stats_of(client);
    int64_t began = now_ns();
    check_status(ask(&q), a->expected);
    check(now_ns() - began >= INT64_C(60000000));
    check(now_ns() - began < (60 + GENEROUS_MS) * INT64_C(1000000));
    check_status(q.error.status, a->expected);
    check_int(q.error.attempts, 1);
    check(q.error.elapsed_ms >= 60);
    check_text(q.error.endpoint, a->endpoint);
    check(strlen(q.error.message) > 0);
    exz_stats after = stats_of(client);
    check_int(after.messages_sent, before.messages_sent);
    check_int(after.sends_refused, before.sends_refused + 1);
    check_status(after.last_error, a->expected);
}

CASE(without_a_server_the_status_is_the_reason_of_its_link) {
    const exz_socket_options options = quick_options();
    char refusing[ENDPOINT_SIZE], wrong[ENDPOINT_SIZE], missing[ENDPOINT_SIZE];
    int reservation = reserve_port(refusing);
    exz_socket pull = open_socket(EXZ_PULL);
    bind_somewhere(pull, TCP, wrong);
    unused_endpoint(IPC, missing);
    const absence absences[] = {
        {"nobody listens", EXZ_ERR_REFUSED, refusing},
        {"no such path", EXZ_ERR_REFUSED, missing},
        {"no such name", EXZ_ERR_RESOLVE, "tcp://no-such-host.invalid:5555"},
        {"not a server", EXZ_ERR_PROTOCOL, wrong},
    };
    for (size_t i = 0; i < COUNT_OF(absences); i++) {
        exz_socket client = open_with(EXZ_REQ, &options);
        connect_later(client, absences[i].endpoint);
        check_status(expect_event(client, EXZ_EVENT_FAILED).status, absences[i].expected);
        for (int is_idempotent = 0; is_idempotent <= 1; is_idempotent++)
            check_absence(&absences[i], client, is_idempotent);
        close_socket(client);
    }
    close_socket(pull);
    close(reservation);
}

CASE(without_a_reason_it_is_a_time_out) {
    char deaf_endpoint[ENDPOINT_SIZE];
    int deaf = deaf_port(deaf_endpoint);
    const absence nobody = {"no link at all", EXZ_ERR_TIMEOUT, ""}, silent = {"silence", EXZ_ERR_TIMEOUT, deaf_endpoint};
    exz_socket client = open_socket(EXZ_REQ);
    check_absence(&nobody, client, 0);
    check_absence(&nobody, client, 1);
    connect_later(client, deaf_endpoint);
    check_absence(&silent, client, 0);
    question q = question_of(client, "no wait");
    q.timeout_ms = 0;
    check_status(ask(&q), EXZ_ERR_TIMEOUT);
    check_int(stats_of(client).timeouts, 3);
    close_socket(client);
    close(deaf);
}

CASE(requests_given_up_before_there_is_a_server_are_never_executed) {
    const exz_socket_options options = quick_options();
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        for (int is_idempotent = 0; is_idempotent <= 1; is_idempotent++) {
            in_row("%s, %s", transport_name(t), is_idempotent ? "idempotent" : "once");
            char endpoint[ENDPOINT_SIZE];
            int reservation = keep_endpoint(t, endpoint);
            exz_socket client = open_with(EXZ_REQ, &options), rep = open_socket(EXZ_REP);
            connect_later(client, endpoint);
            if (t != INPROC) expect_event(client, EXZ_EVENT_FAILED);
            for (int i = 0; i < 5; i++) {
                question q = question_of(client, "in vain");
                q.is_idempotent = is_idempotent;
                q.timeout_ms = 30;
                check_status(ask(&q), t == INPROC ? EXZ_ERR_TIMEOUT : EXZ_ERR_REFUSED);
            }
            own_server server;
            bind_to(rep, endpoint);
            own_server_start(&server, rep);
            check_answered(client, "sixth");
            check_int(atomic_load(&server.served), 1);
            own_server_end(&server);
            close_socket(client);
            if (reservation >= 0) close(reservation);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_request_waits_for_the_late_server_and_is_executed_once),
        TEST(without_a_server_the_status_is_the_reason_of_its_link),
        TEST(without_a_reason_it_is_a_time_out),
        TEST(requests_given_up_before_there_is_a_server_are_never_executed),
    };
    return cmocka_run_group_tests_name("requests without a server", tests, NULL, NULL);
}
