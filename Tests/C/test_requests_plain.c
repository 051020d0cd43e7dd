/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to servers in plain libzmq, which answer late, twice, in another order or not at all, and die. */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "requests.h"

static const char *const types[] = {"rep", "router"};

static exz_socket open_client(const plain_server *server) {
    const exz_socket_options options = quick_options();
    exz_socket s = open_with(EXZ_REQ, &options);
    connect_to(s, server->endpoint);
    return s;
}

static void end(plain_server *server, exz_socket client) {
    close_socket(client);
    check_int(child_end(&server->process), 0);
}

CASE(plain_servers_answer) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("%s", types[i]);
        plain_server server = plain_server_start(types[i], "tcp://127.0.0.1:*", NULL);
        exz_socket client = open_client(&server);
        check_answered(client, "one");
        check_answered(client, "two");
        check_got(&server, "one");
        check_got(&server, "two");
        end(&server, client);
    }
}

CASE(requests_given_up_before_there_is_a_plain_server_are_never_executed) {
    const exz_socket_options options = quick_options();
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("%s", types[i]);
        char endpoint[ENDPOINT_SIZE];
        int reservation = reserve_port(endpoint);
        exz_socket client = open_with(EXZ_REQ, &options);
        connect_later(client, endpoint);
        expect_event(client, EXZ_EVENT_FAILED);
        for (int n = 0; n < 5; n++) {
            question q = question_of(client, "in vain");
            q.timeout_ms = 30;
            check_status(ask(&q), EXZ_ERR_REFUSED);
        }
        plain_server server = plain_server_start(types[i], endpoint, NULL);
        check_answered(client, "sixth");
        check_got(&server, "sixth");
        end(&server, client);
        close(reservation);
    }
}

CASE(a_late_answer_is_never_taken_for_another_requests) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    exz_socket client = open_client(&server);
    char line[64];
    for (int round = 0; round < 20; round++) {
        in_row("round %d", round);
        question late = question_of(client, "hold");
        late.timeout_ms = 5;
        check_status(ask(&late), EXZ_ERR_TIMEOUT);
        check_int(late.error.attempts, 1);
        check_got(&server, "hold");
        if (round % 2 == 0) {
            /* The answer is there before the next request is made. */
            child_tell(&server.process, "release\n");
            child_expect_line(&server.process, line, sizeof line);
            check_text(line, "released");
        }
        question next = question_of(client, "hold next");
        worker asking;
        worker_start(&asking, ask, &next);
        check_got(&server, "hold next");
        /* Else both answers come now, the later one's first. */
        child_tell(&server.process, "release\n");
        child_expect_line(&server.process, line, sizeof line);
        worker_join(&asking);
        check_answer(&next);
        check_answered(client, "third");
        check_got(&server, "third");
    }
    end(&server, client);
}

CASE(a_second_answer_is_dropped) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    exz_socket client = open_client(&server);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        check_answered(client, round % 2 == 0 ? "twice a" : "twice b");
    }
    check_answered(client, "once");
    check_int(stats_of(client).messages_received, 51);
    end(&server, client);
}

CASE(answers_that_come_in_another_order_reach_who_asked) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    question questions[4];
    worker asking[COUNT_OF(questions)];
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        const char *const texts[] = {"hold a", "hold b", "hold c", "hold d"};
        questions[i] = question_of(open_client(&server), texts[i]);
        worker_start(&asking[i], ask, &questions[i]);
        check_got(&server, texts[i]);
    }
    child_tell(&server.process, "release\n");
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        worker_join(&asking[i]);
        check_answer(&questions[i]);
        close_socket(questions[i].s);
    }
    check_int(child_end(&server.process), 0);
}

/* The deadline is far away: only noticing the loss ends the call in the test's time. */
CASE(a_request_whose_server_dies_says_so_at_once_and_is_not_made_again) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("%s", types[i]);
        char endpoint[ENDPOINT_SIZE];
        int reservation = reserve_port(endpoint);
        plain_server server = plain_server_start(types[i], endpoint, NULL);
        exz_socket client = open_client(&server);
        check_answered(client, "before");
        check_got(&server, "before");
        question q = question_of(client, "die");
        q.timeout_ms = 100 * PATIENCE_MS;
        check_status(ask(&q), EXZ_ERR_PEER_LOST);
        check_status(q.error.status, EXZ_ERR_PEER_LOST);
        check_int(q.error.attempts, 1);
        check_text(q.error.endpoint, endpoint);
        check_got(&server, "die");
        check_int(child_end(&server.process), 0);
        server = plain_server_start(types[i], endpoint, NULL);
        check_answered(client, "after");
        check_got(&server, "after");
        end(&server, client);
        close(reservation);
    }
}

CASE(a_request_whose_server_is_killed_says_so_at_once) {
    plain_server server = plain_server_start("router", "tcp://127.0.0.1:*", NULL);
    question q = question_of(open_client(&server), "never");
    q.timeout_ms = 100 * PATIENCE_MS;
    worker asking;
    worker_start(&asking, ask, &q);
    check_got(&server, "never");
    child_kill(&server.process);
    check_status(worker_join(&asking), EXZ_ERR_PEER_LOST);
    close_socket(q.s);
}

CASE(an_answer_that_comes_with_the_servers_last_breath_counts) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    exz_socket client = {0};
    for (int life = 0; life < 20; life++) {
        in_row("life %d", life);
        plain_server server = plain_server_start(types[life % 2], endpoint, NULL);
        if (life == 0) client = open_client(&server);
        /* Before it has heard that the former one has left, it would ask that. */
        while (stats_of(client).links_lost < (uint64_t)life) sched_yield();
        check_answered(client, "leave");
        check_int(child_end(&server.process), 0);
    }
    check_int(stats_of(client).messages_sent, 20);
    close_socket(client);
    close(reservation);
}

CASE(an_idempotent_request_is_made_again_until_the_server_is_back) {
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("%s", types[i]);
        char endpoint[ENDPOINT_SIZE];
        int reservation = reserve_port(endpoint);
        plain_server server = plain_server_start(types[i], endpoint, NULL);
        exz_socket client = open_client(&server);
        question q = question_of(client, "die");
        q.is_idempotent = true;
        worker asking;
        worker_start(&asking, ask, &q);
        for (int death = 0; death < 3; death++) {
            check_got(&server, "die");
            check_int(child_end(&server.process), 0);
            check(!atomic_load(&asking.is_done));
            server = plain_server_start(types[i], endpoint, NULL);
        }
        check_got(&server, "die");
        check_int(child_end(&server.process), 0);
        check_int(exz_socket_cancel(client), EXZ_OK);
        while (!atomic_load(&asking.is_done)) check_int(exz_socket_cancel(client), EXZ_OK);
        check_status(worker_join(&asking), EXZ_ERR_CANCELED);
        check(q.error.attempts >= 4 && q.error.attempts <= 5);
        /* Before it has heard of the last death, it would ask the dead one. */
        while (stats_of(client).links_lost < 4) sched_yield();
        server = plain_server_start(types[i], endpoint, NULL);
        check_answered(client, "after");
        check_got(&server, "after");
        end(&server, client);
        close(reservation);
    }
}

CASE(an_idempotent_request_ends_with_the_attempts_of_the_policy) {
    char endpoint[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    exz_socket_options options = quick_options();
    options.retry.max_attempts = 3;
    exz_socket client = open_with(EXZ_REQ, &options);
    connect_later(client, endpoint);
    question q = question_of(client, "die");
    q.is_idempotent = true;
    worker asking;
    worker_start(&asking, ask, &q);
    for (int life = 0; life < 3; life++) {
        in_row("life %d", life);
        plain_server server = plain_server_start("rep", endpoint, NULL);
        check_got(&server, "die");
        check_int(child_end(&server.process), 0);
    }
    check_status(worker_join(&asking), EXZ_ERR_PEER_LOST);
    check_int(q.error.attempts, 3);
    check_int(stats_of(client).messages_sent, 3);
    close_socket(client);
    close(reservation);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(plain_servers_answer),
        TEST(requests_given_up_before_there_is_a_plain_server_are_never_executed),
        TEST(a_late_answer_is_never_taken_for_another_requests),
        TEST(a_second_answer_is_dropped),
        TEST(answers_that_come_in_another_order_reach_who_asked),
        TEST(a_request_whose_server_dies_says_so_at_once_and_is_not_made_again),
        TEST(a_request_whose_server_is_killed_says_so_at_once),
        TEST(an_answer_that_comes_with_the_servers_last_breath_counts),
        TEST(an_idempotent_request_is_made_again_until_the_server_is_back),
        TEST(an_idempotent_request_ends_with_the_attempts_of_the_policy),
    };
    return cmocka_run_group_tests_name("requests to plain servers", tests, NULL, NULL);
}
