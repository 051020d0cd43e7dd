/* SPDX-License-Identifier: Apache-2.0
 *
 * A close that does not wait, and tells when it is over and what has become of the messages. */
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admission.h"
#include "few_descriptors.h"
#include "forked.h"
#include "holdings.h"
#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "waiting_calls.h"
#include "watching.h"
#include "worker.h"

enum { HANDED_OVER = 1, MAY_HAVE_DROPPED = 2, MESSAGES = 100, SIZE = 100000 };

static char data[SIZE];

static int start_to_close(exz_socket s, int32_t linger_ms) {
    int fd = -1;
    check_status(exz_socket_close_start(&fd, s, linger_ms), EXZ_OK);
    check(fd >= 0);
    exz_state state;
    check_status(exz_socket_state(&state, s), EXZ_ERR_CLOSED);
    return fd;
}

/* It has to become readable, and the descriptor is given back. */
static void check_end(int fd, uint64_t expected) {
    uint64_t value = 0;
    await_readable(fd);
    check_int(read(fd, &value, sizeof value), sizeof value);
    check_int(value, expected);
    check(!is_readable(fd));
    close(fd);
}

/* More is on its way than the receiver and the kernel take. */
static linked link_laden_in(exz_context context, transport t) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.send_hwm = MESSAGES;
    options.receive_hwm = 1;
    options.send_buffer = options.receive_buffer = 4096;
    exz_socket push = {0};
    check_status(exz_socket_open(&push, context, EXZ_PUSH, &options), EXZ_OK);
    linked pair = link_sockets(open_with(EXZ_PULL, &options), push, t);
    for (int n = 0; n < MESSAGES; n++)
        check_status(exz_send(pair.connected, data, sizeof data, 0, PATIENCE_MS), EXZ_OK);
    return pair;
}

static linked link_laden(transport t) { return link_laden_in(EXZ_DEFAULT_CONTEXT, t); }

/* And looks for more: within the process libzmq's receiver learns so of the end. */
static void receive_all(exz_socket s) {
    size_t size;
    for (int n = 0; n < MESSAGES; n++) check_status(exz_recv(&size, s, data, sizeof data, PATIENCE_MS), EXZ_OK);
    check_status(exz_recv(&size, s, data, sizeof data, 0), EXZ_ERR_TIMEOUT);
}

CASE(what_is_queued_is_sent_meanwhile) {
    for (transport t = TCP; t < TRANSPORT_COUNT; t++) {
        in_row("%s", transport_name(t));
        linked pair = link_laden(t);
        const int fd = start_to_close(pair.connected, PATIENCE_MS);
        check(!is_readable(fd));
        receive_all(pair.bound);
        check_end(fd, HANDED_OVER);
        close_socket(pair.bound);
    }
}

CASE(what_is_not_sent_in_time_is_told) {
    const transport transports[] = {TCP, IPC};
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        in_row("%s", transport_name(transports[i]));
        linked pair = link_laden(transports[i]);
        check_end(start_to_close(pair.connected, 20), MAY_HAVE_DROPPED);
        close_socket(pair.bound);
    }
}

/* libzmq waits for the receiver, without a limit. */
CASE(nobody_waits_longer_than_the_linger_for_a_peer_that_does_not_receive) {
    linked pair = link_laden(INPROC);
    check_end(start_to_close(pair.connected, 20), MAY_HAVE_DROPPED);
    receive_all(pair.bound);
    close_socket(pair.bound);
}

CASE(where_nothing_was_sent_nothing_is_dropped) {
    for (exz_socket_type type = EXZ_PAIR; type <= EXZ_XSUB; type++) {
        in_row("type %d", type);
        exz_socket s = open_socket(type);
        char endpoint[ENDPOINT_SIZE];
        bind_somewhere(s, TCP, endpoint);
        check_end(start_to_close(s, 0), HANDED_OVER);
    }
}

/* What a linger of 0 drops nobody knows. */
CASE(without_a_linger_messages_may_be_dropped) {
    linked pair = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    send_text(pair.connected, "x");
    check_end(start_to_close(pair.connected, 0), MAY_HAVE_DROPPED);
    close_socket(pair.bound);
}

CASE(the_port_is_free_at_the_end) {
    char endpoint[ENDPOINT_SIZE];
    const int port = reserve_port(endpoint);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        exz_socket s = open_socket(EXZ_PULL);
        check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
        check_end(start_to_close(s, PATIENCE_MS), HANDED_OVER);
    }
    close(port);
}

CASE(a_close_behind_it_waits_for_the_same_end) {
    char endpoint[ENDPOINT_SIZE];
    const int port = reserve_port(endpoint);
    for (int round = 0; round < 50; round++) {
        in_row("round %d", round);
        exz_socket s = open_socket(EXZ_PULL);
        check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
        check_status(exz_socket_close_start(NULL, s, 0), EXZ_OK);
        check_status(exz_socket_close(s, PATIENCE_MS), EXZ_OK);
    }
    close(port);
}

static exz_status close_patiently(void *s) { return exz_socket_close(*(exz_socket *)s, PATIENCE_MS); }

CASE(the_end_can_be_asked_for_more_than_once) {
    linked pair = link_laden(TCP);
    const int first = start_to_close(pair.connected, PATIENCE_MS), second = start_to_close(pair.connected, 0);
    check_status(exz_socket_close_start(NULL, pair.connected, 0), EXZ_OK);
    worker w;
    worker_start(&w, close_patiently, &pair.connected);
    worker_await_sleep(&w);
    check(!is_readable(first) && !is_readable(second) && !atomic_load(&w.is_done));
    receive_all(pair.bound);
    check_end(first, HANDED_OVER);
    check_end(second, HANDED_OVER);
    check_status(worker_join(&w), EXZ_OK);
    check_end(start_to_close(pair.connected, 0), MAY_HAVE_DROPPED);
    close_socket(pair.bound);
}

CASE(it_tells_of_a_close_that_waits_elsewhere) {
    linked pair = link_laden(TCP);
    worker w;
    worker_start(&w, close_patiently, &pair.connected);
    exz_state state;
    while (exz_socket_state(&state, pair.connected) == EXZ_OK) continue;
    const int fd = start_to_close(pair.connected, 0);
    check(!is_readable(fd));
    receive_all(pair.bound);
    check_end(fd, HANDED_OVER);
    check_status(worker_join(&w), EXZ_OK);
    close_socket(pair.bound);
}

typedef struct waiting {
    const waiting_call *w;
    exz_socket s;
} waiting;

static exz_status wait_long(void *argument) {
    const waiting *at = argument;
    return at->w->call(at->s, PATIENCE_MS);
}

CASE(whoever_waits_on_the_socket_is_told) {
    const exz_socket_options options = waiting_options();
    for (size_t i = 0; i < waiting_call_count; i++) {
        in_row("%s", waiting_calls[i].name);
        waiting at = {&waiting_calls[i], open_waiting(&waiting_calls[i], &options)};
        worker w;
        worker_start(&w, wait_long, &at);
        worker_await_sleep(&w);
        const int fd = start_to_close(at.s, 0);
        check_status(worker_join(&w), EXZ_ERR_CLOSED);
        await_readable(fd);
        close(fd);
        release_waiting();
    }
}

/* The number may be another descriptor's by the end. */
CASE(the_descriptor_is_the_caller_s) {
    linked pair = link_laden(TCP);
    const int fd = start_to_close(pair.connected, PATIENCE_MS);
    close(fd);
    const int other = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    check_int(dup2(other, fd), fd);
    const int last = start_to_close(pair.connected, 0);
    receive_all(pair.bound);
    check_end(last, HANDED_OVER);
    check(!is_readable(other));
    close(other);
    close(fd);
    close_socket(pair.bound);
}

static exz_status close_context_patiently(void *context) {
    return exz_context_close(*(exz_context *)context, PATIENCE_MS);
}

CASE(it_tells_of_the_close_of_its_context) {
    exz_context context = new_context();
    linked pair = link_laden_in(context, TCP);
    worker w;
    worker_start(&w, close_context_patiently, &context);
    exz_state state;
    while (exz_socket_state(&state, pair.connected) == EXZ_OK) continue;
    const int fd = start_to_close(pair.connected, 0);
    check(!is_readable(fd));
    receive_all(pair.bound);
    check_end(fd, HANDED_OVER);
    check_status(worker_join(&w), EXZ_OK);
    close_socket(pair.bound);
}

/* libzmq would keep the connection, for who might want to send over it, until the linger is over. */
CASE(where_nothing_was_sent_a_peer_that_says_nothing_is_not_waited_for) {
    const exz_socket_type types[] = {EXZ_PUSH, EXZ_DEALER, EXZ_PAIR, EXZ_REQ, EXZ_ROUTER, EXZ_PUB, EXZ_XPUB};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        in_row("type %d", types[i]);
        char endpoint[ENDPOINT_SIZE], greeting[10];
        const int port = deaf_port(endpoint);
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.retry.attempt_timeout_ms = 10 * PATIENCE_MS;
        exz_socket s = open_with(types[i], &options);
        connect_later(s, endpoint);
        /* The library looks who is there before libzmq connects. */
        const int peers[] = {raw_accept(port), raw_accept(port)};
        check(raw_hear(peers[1], greeting, sizeof greeting));
        check_end(start_to_close(s, 10 * PATIENCE_MS), HANDED_OVER);
        for (size_t j = 0; j < COUNT_OF(peers); j++) close(peers[j]);
        close(port);
    }
}

/* How many descriptors the library closes in a child. */
static int closed_in_child(void) {
    const int held = settle().descriptors;
    pid_t child = fork_child();
    if (child == 0) _exit(held - what_is_held().descriptors);
    int status;
    check_int(waitpid(child, &status, 0), child);
    check(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* What has begun goes on in the parent. */
CASE(a_child_keeps_no_descriptor_to_tell_by) {
    linked pair = link_laden(TCP);
    const int before = closed_in_child(), fd = start_to_close(pair.connected, PATIENCE_MS);
    check_int(closed_in_child(), before + 1);
    check(!is_readable(fd));
    receive_all(pair.bound);
    check_end(fd, HANDED_OVER);
    close_socket(pair.bound);
}

CASE(a_context_that_is_closed_waits_for_it) {
    exz_context context = new_context();
    exz_socket push = {0}, pull = open_socket(EXZ_PULL);
    char endpoint[ENDPOINT_SIZE];
    check_status(exz_socket_open(&push, context, EXZ_PUSH, NULL), EXZ_OK);
    bind_somewhere(pull, TCP, endpoint);
    connect_to(push, endpoint);
    send_text(push, "x");
    const int fd = start_to_close(push, PATIENCE_MS);
    check_status(exz_context_close(context, PATIENCE_MS), EXZ_OK);
    check_end(fd, HANDED_OVER);
    expect_text(pull, "x");
    close_socket(pull);
}

CASE(closes_that_go_on_take_no_threads_and_leave_nothing) {
    enum { CLOSES = 20 };
    exz_socket pulls[CLOSES];
    int fds[CLOSES];
    linked first = link_types(EXZ_PULL, EXZ_PUSH, TCP);
    const holdings before = settle();
    for (int i = 0; i < CLOSES; i++) {
        linked pair = link_laden(TCP);
        pulls[i] = pair.bound;
        fds[i] = start_to_close(pair.connected, PATIENCE_MS);
    }
    check_int(settle().threads, before.threads);
    for (int i = 0; i < CLOSES; i++) {
        check(!is_readable(fds[i]));
        receive_all(pulls[i]);
        check_end(fds[i], HANDED_OVER);
        close_socket(pulls[i]);
    }
    check_int(settle().descriptors, before.descriptors);
    close_linked(first);
}

static void close_with(int descriptors) {
    exz_socket s;
    int fd = -9;
    size_t size;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_DEALER, NULL), EXZ_OK);
    must(exz_recv(&size, s, NULL, 0, 1), EXZ_ERR_TIMEOUT);
    leave_descriptors(descriptors);
    must(exz_socket_close_start(&fd, s, 0), EXZ_ERR_LIMIT);
    if (fd != -9) _exit(1);
    must(exz_recv(&size, s, NULL, 0, 1), EXZ_ERR_TIMEOUT);
    must(exz_socket_close_start(NULL, s, 0), EXZ_OK);
    must(exz_recv(&size, s, NULL, 0, 1), EXZ_ERR_CLOSED);
    _exit(0);
}

CASE(without_descriptors_nothing_is_half_done) {
    for (int descriptors = 0; descriptors < 2; descriptors++) {
        in_row("%d descriptors left", descriptors);
        pid_t pid = fork_child();
        if (pid == 0) close_with(descriptors);
        check_child(pid);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_queued_is_sent_meanwhile),
        TEST(what_is_not_sent_in_time_is_told),
        TEST(nobody_waits_longer_than_the_linger_for_a_peer_that_does_not_receive),
        TEST(where_nothing_was_sent_nothing_is_dropped),
        TEST(without_a_linger_messages_may_be_dropped),
        TEST(the_port_is_free_at_the_end),
        TEST(a_close_behind_it_waits_for_the_same_end),
        TEST(the_end_can_be_asked_for_more_than_once),
        TEST(it_tells_of_a_close_that_waits_elsewhere),
        TEST(whoever_waits_on_the_socket_is_told),
        TEST(the_descriptor_is_the_caller_s),
        TEST(it_tells_of_the_close_of_its_context),
        TEST(where_nothing_was_sent_a_peer_that_says_nothing_is_not_waited_for),
        TEST(a_child_keeps_no_descriptor_to_tell_by),
        TEST(a_context_that_is_closed_waits_for_it),
        TEST(closes_that_go_on_take_no_threads_and_leave_nothing),
        TEST(without_descriptors_nothing_is_half_done),
    };
    return cmocka_run_group_tests_name("closing started", tests, remember_limit, NULL);
}
