/* SPDX-License-Identifier: Apache-2.0
 *
 * publish SUBSCRIBERS COUNT: one process publishes COUNT messages of a topic and 64 bytes to as many subscribers in
 * another, over tcp on the loopback: with exz_publish, or with an XPUB of plain libzmq. The subscribers are plain
 * libzmq's, and each gets everything: who publishes waits for room. Every message is numbered and checked. Prints the
 * seconds they took at the subscribers, after a tenth of them as a warm-up, and those that the publishing thread had of
 * the processor.
 */
#include "cores.h"
#include "door.h"

#include <zmq.h>

enum { SIZE = 64 };

static const char topic[] = "topic";

static double seconds_of_thread(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#ifdef PLAIN
static door open_publisher(void)
{
    const int on = 1;
    door publisher = door_open(ZMQ_XPUB);
    zmq_must(zmq_setsockopt(publisher, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "ZMQ_XPUB_NODROP");
    zmq_must(zmq_setsockopt(publisher, ZMQ_XPUB_VERBOSER, &on, sizeof on) == 0, "ZMQ_XPUB_VERBOSER");
    return publisher;
}

static void await_subscribers(door publisher, long count)
{
    char subscription[16];
    for (; count > 0; count--)
        door_recv(publisher, subscription, sizeof subscription);
}

static inline void publish(door publisher, const char *message)
{
    zmq_must(zmq_send(publisher, topic, sizeof topic - 1, ZMQ_SNDMORE) >= 0, "zmq_send");
    zmq_must(zmq_send(publisher, message, SIZE, 0) >= 0, "zmq_send");
}
#else
static door open_publisher(void)
{
    door publisher;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.on_full = EXZ_ON_FULL_WAIT;
    exz_must(exz_socket_open(&publisher, EXZ_DEFAULT_CONTEXT, EXZ_PUB, &options), "exz_socket_open");
    return publisher;
}

static void await_subscribers(door publisher, long count)
{
    exz_must(exz_wait_subscribers(publisher, topic, (uint32_t)count, PATIENCE_MS), "exz_wait_subscribers");
}

static inline void publish(door publisher, const char *message)
{
    exz_must(exz_publish(publisher, topic, message, SIZE, PATIENCE_MS), "exz_publish");
}
#endif

static void publish_all(peer subscribers, long number_of_them, int64_t warm_up, int64_t count)
{
    char endpoint[ENDPOINT_SIZE] = "", message[SIZE] = "";
    double began = 0;
    door publisher = open_publisher();
    door_bind(publisher, "tcp://127.0.0.1:0", endpoint);
    tell(subscribers, endpoint, sizeof endpoint);
    await_subscribers(publisher, number_of_them);
    for (int64_t number = 0; number < warm_up + count; number++) {
        if (number == warm_up)
            began = seconds_of_thread();
        memcpy(message, &number, sizeof number);
        publish(publisher, message);
    }
    double had = seconds_of_thread() - began;
    tell(subscribers, &had, sizeof had);
    hear(subscribers, endpoint, 1);
    door_close(publisher);
}

/* Each in turn: all get the same. */
static void receive(void **subscribers, long number_of_them, int64_t from, int64_t to)
{
    char message[SIZE];
    for (int64_t number = from; number < to; number++)
        for (long i = 0; i < number_of_them; i++)
            must(zmq_recv(subscribers[i], message, SIZE, 0) == sizeof topic - 1 &&
                     zmq_recv(subscribers[i], message, SIZE, 0) == SIZE && memcmp(message, &number, sizeof number) == 0,
                 "publish", "a message is missing");
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SUBSCRIBERS COUNT");
    long number_of_them = number_from(argv[1]);
    int64_t count = number_from(argv[2]), warm_up = count / 10;
    must(number_of_them > 0 && count > 0, argv[0], "both are at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        publish_all(other, number_of_them, warm_up, count);
        return 0;
    }
    char endpoint[ENDPOINT_SIZE];
    void *context = zmq_ctx_new(), **subscribers = calloc((size_t)number_of_them, sizeof *subscribers);
    hear(other, endpoint, sizeof endpoint);
    for (long i = 0; i < number_of_them; i++) {
        subscribers[i] = zmq_socket(context, ZMQ_SUB);
        must(zmq_setsockopt(subscribers[i], ZMQ_SUBSCRIBE, topic, sizeof topic - 1) == 0 &&
                 zmq_connect(subscribers[i], endpoint) == 0, "publish", zmq_strerror(zmq_errno()));
    }
    receive(subscribers, number_of_them, 0, warm_up);
    int64_t start = now_ns();
    receive(subscribers, number_of_them, warm_up, warm_up + count);
    int64_t took = now_ns() - start;
    double had;
    hear(other, &had, sizeof had);
    tell(other, "", 1);
    await_exit(other);
    printf("%.9f %.9f\n", (double)took / 1e9, had);
    return 0;
}
