/* SPDX-License-Identifier: Apache-2.0
 *
 * A subscriber goes, and another one is there with its descriptor before the library has looked: what the one has said
 * is not the other's. The thread that looks after connections is held up meanwhile, in a callback. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "sockets.h"

enum { MOST_DESCRIPTORS = 4096, LOOKS = 2000 };

static pthread_t tester;
static atomic_bool is_held, may_go;

static void hold(__attribute__((unused)) void *user, __attribute__((unused)) exz_log_level level,
                 __attribute__((unused)) const char *message) {
    if (pthread_equal(pthread_self(), tester)) return;
    atomic_store(&is_held, true);
    while (!atomic_load(&may_go)) sched_yield();
}

/* A peer comes, which is news that the thread tells the callback. */
static int hold_the_thread(const char *endpoint) {
    tester = pthread_self();
    atomic_store(&is_held, false);
    atomic_store(&may_go, false);
    check_status(exz_set_log(hold, NULL, EXZ_LOG_INFO), EXZ_OK);
    int news = raw_connect(endpoint);
    check(raw_handshake(news, "PUSH"));
    while (!atomic_load(&is_held)) sched_yield();
    return news;
}

static void let_the_thread_go(void) {
    atomic_store(&may_go, true);
    check_status(exz_set_log(NULL, NULL, EXZ_LOG_OFF), EXZ_OK);
}

/* The port at this end of a TCP connection, or at the other; 0 for what is none. */
static in_port_t port_of(int descriptor, bool is_other) {
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    int status = is_other ? getpeername(descriptor, (struct sockaddr *)&address, &size)
                          : getsockname(descriptor, (struct sockaddr *)&address, &size);
    return status == 0 && address.sin_family == AF_INET ? address.sin_port : 0;
}

/* The library's end of a connection; -1 if it has none. */
static int other_end(int descriptor) {
    in_port_t port = port_of(descriptor, false);
    check(port != 0);
    for (int other = 0; other < MOST_DESCRIPTORS; other++) {
        if (port_of(other, true) == port) return other;
    }
    return -1;
}

/* Two subscribers, one after the other. */
typedef struct succession {
    exz_socket pub, pull;
    char endpoint[ENDPOINT_SIZE], news_endpoint[ENDPOINT_SIZE];
    int first, second, news;
} succession;

static succession begin(void) {
    succession s = {.pub = open_socket(EXZ_PUB), .pull = open_socket(EXZ_PULL)};
    bind_somewhere(s.pub, TCP, s.endpoint);
    bind_somewhere(s.pull, TCP, s.news_endpoint);
    /* Now, so that it is not the one to take the descriptor. */
    s.second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(s.second >= 0);
    s.first = raw_connect(s.endpoint);
    check(raw_handshake(s.first, "SUB"));
    return s;
}

/* The first one goes, the second one comes and gets its descriptor. */
static void succeed(succession *s) {
    s->news = hold_the_thread(s->news_endpoint);
    int end = other_end(s->first);
    check(end >= 0);
    /* Nothing else is free below it. */
    int filler = open("/dev/null", O_RDONLY | O_CLOEXEC), fillers[MOST_DESCRIPTORS], count = 0;
    check(filler >= 0);
    while ((fillers[count] = fcntl(filler, F_DUPFD_CLOEXEC, 0)) < end) count++;
    close(fillers[count]);
    check_int(dup3(filler, s->first, O_CLOEXEC), s->first);
    while (fcntl(end, F_GETFD) >= 0) sched_yield();
    struct sockaddr_in address = tcp_address(s->endpoint);
    check_int(connect(s->second, (struct sockaddr *)&address, sizeof address), 0);
    check(raw_handshake(s->second, "SUB"));
    check_int(other_end(s->second), end);
    while (count > 0) close(fillers[--count]);
    close(filler);
}

/* Without the thread nobody tells a call that waits. */
static void await_subscriber(exz_socket pub, const char *topic) {
    while (exz_wait_subscribers(pub, topic, 1, 0) == EXZ_ERR_TIMEOUT) sched_yield();
    check_status(exz_wait_subscribers(pub, topic, 1, 0), EXZ_OK);
}

/* The topic has that many subscribers, and goes on to. */
static void check_subscribers(exz_socket pub, const char *topic, uint32_t count) {
    for (int i = 0; i < LOOKS; i++) {
        check_status(exz_wait_subscribers(pub, topic, count, 0), EXZ_OK);
        check_status(exz_wait_subscribers(pub, topic, count + 1, 0), EXZ_ERR_TIMEOUT);
        /* On a busy machine all others have their turn then. */
        if (i % 20 == 0) sched_yield();
    }
}

static void end(succession s) {
    close(s.second);
    expect_event(s.pub, EXZ_EVENT_LOST);
    check_subscribers(s.pub, "weather", 0);
    check_subscribers(s.pub, "news", 0);
    close(s.first);
    close(s.news);
    close_socket(s.pub);
    close_socket(s.pull);
}

CASE(a_subscriber_is_there_though_the_former_one_with_its_descriptor_is_gone) {
    succession s = begin();
    raw_notice(s.first, true, "weather");
    check_status(exz_wait_subscribers(s.pub, "weather", 1, PATIENCE_MS), EXZ_OK);
    succeed(&s);
    raw_notice(s.second, true, "weather");
    raw_notice(s.second, true, "news");
    await_subscriber(s.pub, "news");
    check_subscribers(s.pub, "weather", 1);
    let_the_thread_go();
    expect_event(s.pub, EXZ_EVENT_LOST);
    check_subscribers(s.pub, "weather", 1);
    check_subscribers(s.pub, "news", 1);
    end(s);
}

CASE(a_subscriber_that_has_repeated_itself_is_gone_though_another_one_has_its_descriptor) {
    succession s = begin();
    for (int i = 0; i < 3; i++) raw_notice(s.first, true, "weather");
    raw_notice(s.first, true, "first");
    check_status(exz_wait_subscribers(s.pub, "first", 1, PATIENCE_MS), EXZ_OK);
    succeed(&s);
    raw_notice(s.second, true, "news");
    await_subscriber(s.pub, "news");
    check_subscribers(s.pub, "weather", 0);
    let_the_thread_go();
    expect_event(s.pub, EXZ_EVENT_LOST);
    check_subscribers(s.pub, "weather", 0);
    check_subscribers(s.pub, "first", 0);
    check_subscribers(s.pub, "news", 1);
    end(s);
}

CASE(a_subscriber_is_gone_though_another_one_has_its_descriptor_and_says_nothing) {
    succession s = begin();
    for (int i = 0; i < 3; i++) raw_notice(s.first, true, "weather");
    raw_notice(s.first, true, "first");
    check_status(exz_wait_subscribers(s.pub, "first", 1, PATIENCE_MS), EXZ_OK);
    succeed(&s);
    let_the_thread_go();
    expect_event(s.pub, EXZ_EVENT_LOST);
    check_subscribers(s.pub, "weather", 0);
    raw_notice(s.second, true, "weather");
    check_status(exz_wait_subscribers(s.pub, "weather", 1, PATIENCE_MS), EXZ_OK);
    check_subscribers(s.pub, "weather", 1);
    end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_subscriber_is_there_though_the_former_one_with_its_descriptor_is_gone),
        TEST(a_subscriber_that_has_repeated_itself_is_gone_though_another_one_has_its_descriptor),
        TEST(a_subscriber_is_gone_though_another_one_has_its_descriptor_and_says_nothing),
    };
    return cmocka_run_group_tests_name("successors", tests, NULL, NULL);
}
