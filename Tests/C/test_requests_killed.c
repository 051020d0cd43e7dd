/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that is killed over and over in the middle of requests: each request gets its own answer or a clear error,
 * and none that was made once is executed twice. EXZ_REQUESTS and EXZ_KILLS of the environment say how many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "requests.h"

static unsigned number_of(const char *variable, unsigned usual) {
    const char *text = getenv(variable);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : usual;
}

typedef struct campaign {
    exz_socket client;
    bool is_idempotent;
    unsigned requests;
    atomic_uint asked, answered, lost, others, wrong;
    exz_status strangest;
} campaign;

static exz_status ask_all(void *argument) {
    campaign *c = argument;
    for (unsigned n = 0; n < c->requests; n++) {
        question q = {.s = c->client, .is_idempotent = c->is_idempotent, .timeout_ms = PATIENCE_MS};
        char expected[sizeof q.answer];
        snprintf(q.text, sizeof q.text, "%u", n);
        snprintf(expected, sizeof expected, "re %s", q.text);
        switch (ask(&q)) {
        case EXZ_OK:
            atomic_fetch_add(strcmp(q.answer, expected) == 0 ? &c->answered : &c->wrong, 1);
            break;
        case EXZ_ERR_PEER_LOST:
            atomic_fetch_add(&c->lost, 1);
            break;
        default:
            atomic_fetch_add(&c->others, 1);
            c->strangest = q.status;
        }
        atomic_fetch_add(&c->asked, 1);
    }
    return EXZ_OK;
}

/* Kills the server each time some more requests have been made, in the middle of whatever is going on. */
static unsigned kill_again_and_again(campaign *c, const char *type, const char *endpoint, const char *log,
                                     unsigned kills) {
    plain_server server = plain_server_start(type, endpoint, log);
    worker asking;
    worker_start(&asking, ask_all, c);
    unsigned done = 0;
    for (; done < kills; done++) {
        const unsigned target = (done + 1) * c->requests / (kills + 1);
        while (atomic_load(&c->asked) < target) sched_yield();
        child_kill(&server.process);
        server = plain_server_start(type, endpoint, log);
    }
    check_status(worker_join(&asking), EXZ_OK);
    check_int(child_end(&server.process), 0);
    return done;
}

/* How often each request was executed; gives the most. */
static unsigned count_executions(const char *log, unsigned requests, unsigned *total, unsigned *executed) {
    unsigned *times = calloc(requests, sizeof *times), most = 0, n;
    char line[64];
    FILE *file = fopen(log, "r");
    check(file != NULL);
    *total = *executed = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        check_int(sscanf(line, "%u", &n), 1);
        check(n < requests);
        *executed += times[n]++ == 0;
        ++*total;
        if (times[n] > most) most = times[n];
    }
    fclose(file);
    free(times);
    return most;
}

static void run(const char *type, bool is_idempotent) {
    in_row("%s, %s", type, is_idempotent ? "idempotent" : "once");
    const exz_socket_options options = quick_options();
    const unsigned kills = number_of("EXZ_KILLS", 10);
    char endpoint[ENDPOINT_SIZE], log[ENDPOINT_SIZE];
    int reservation = reserve_port(endpoint);
    temporary_path(log);
    campaign c = {.client = open_with(EXZ_REQ, &options), .is_idempotent = is_idempotent};
    c.requests = number_of("EXZ_REQUESTS", 1000);
    connect_later(c.client, endpoint);
    int64_t began = now_ns();
    unsigned killed = kill_again_and_again(&c, type, endpoint, log, kills);
    unsigned total, executed, most = count_executions(log, c.requests, &total, &executed);
    print_message("%s, %s: %u requests, %u kills, %u answered, %u lost, %u otherwise, %u wrong; "
                  "%u executed, %u executions, at most %u of one; %lld ms\n",
                  type, is_idempotent ? "idempotent" : "once", c.requests, killed, c.answered, c.lost, c.others,
                  c.wrong, executed, total, most, (long long)(now_ns() - began) / 1000000);
    check_int(c.wrong, 0);
    check_status(c.strangest, EXZ_OK);
    check_int(c.answered + c.lost, c.requests);
    check(executed >= c.answered);
    if (is_idempotent) {
        check_int(c.lost, 0);
    } else {
        check_int(most, 1);
        check(c.lost <= killed);
    }
    exz_stats stats = stats_of(c.client);
    check_int(stats.messages_received, c.answered);
    check(stats.messages_sent >= total);
    if (!is_idempotent) check_int(stats.messages_sent, c.requests);
    close_socket(c.client);
    unlink(log);
    close(reservation);
}

CASE(requests_survive_a_rep_that_is_killed) { run("rep", false); }

CASE(requests_survive_a_router_that_is_killed) { run("router", false); }

CASE(idempotent_requests_are_all_answered_whatever_is_killed) {
    run("rep", true);
    run("router", true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(requests_survive_a_rep_that_is_killed),
        TEST(requests_survive_a_router_that_is_killed),
        TEST(idempotent_requests_are_all_answered_whatever_is_killed),
    };
    return cmocka_run_group_tests_name("requests to servers that are killed", tests, NULL, NULL);
}
