/* SPDX-License-Identifier: Apache-2.0
 *
 * hot_path WHAT SIZE COUNT: hands COUNT messages of SIZE bytes over inproc to a receiver in the same thread, in batches
 * that never fill a queue, so that no call waits. Under callgrind with --instr-atstart=no, what is counted is the sends
 * of a PUSH if WHAT is 0, the receives of its PULL if it is 1, what is published to a SUB if it is 2, the same to
 * nobody if it is 3, and the sends of one part of a PUB if it is 4; and nothing but the loop around them.
 */
#include "door.h"

#include <valgrind/callgrind.h>

enum { PUB = 1, SUB = 2, PULL = 7, PUSH = 8, XPUB = 9, BATCH = 500 };
enum { SENDS, RECEIVES, PUBLISHES, PUBLISHES_IN_VAIN, SENDS_OF_A_PUBLISHER };

static const char endpoint[] = "inproc://hot-path";
static const char topic[] = "topic";

#ifdef PLAIN
static door open_publisher(void) { return door_open(XPUB); }

static void subscribe(door subscriber)
{
    zmq_must(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, topic, sizeof topic - 1) == 0, "ZMQ_SUBSCRIBE");
}

static void await_subscriber(door publisher)
{
    char subscription[16];
    door_recv(publisher, subscription, sizeof subscription);
}

static inline void publish(door publisher, const char *message, size_t size)
{
    zmq_must(zmq_send(publisher, topic, sizeof topic - 1, ZMQ_SNDMORE) >= 0, "zmq_send");
    zmq_must(zmq_send(publisher, message, size, 0) >= 0, "zmq_send");
}

/* Both frames. */
static size_t receive_published(door subscriber, char *buffer, size_t capacity)
{
    door_recv(subscriber, buffer, capacity);
    return door_recv(subscriber, buffer, capacity);
}
#else
static door open_publisher(void) { return door_open(PUB); }

static void subscribe(door subscriber) { exz_must(exz_subscribe(subscriber, topic), "exz_subscribe"); }

static void await_subscriber(door publisher)
{
    exz_must(exz_wait_subscribers(publisher, topic, 1, PATIENCE_MS), "exz_wait_subscribers");
}

static inline void publish(door publisher, const char *message, size_t size)
{
    exz_must(exz_publish(publisher, topic, message, size, PATIENCE_MS), "exz_publish");
}

static size_t receive_published(door subscriber, char *buffer, size_t capacity)
{
    size_t sizes[2], count;
    exz_must(exz_recv_published(&count, subscriber, buffer, capacity, sizes, 1, PATIENCE_MS), "exz_recv_published");
    return sizes[1];
}
#endif

static void send_batch(door socket, const char *message, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        door_send(socket, message, size);
}

static void publish_batch(door socket, const char *message, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        publish(socket, message, size);
}

static void check(size_t received, size_t size)
{
    must(received == size, "hot path", "a message of another size came out");
}

static void receive_batch(door socket, char *buffer, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        check(door_recv(socket, buffer, size), size);
}

static void receive_published_batch(door socket, char *buffer, size_t size)
{
    for (int i = 0; i < BATCH; i++)
        check(receive_published(socket, buffer, size + sizeof topic), size);
}

static void push_and_pull(bool counts_sends, char *message, size_t size, long count)
{
    char actual[ENDPOINT_SIZE];
    door puller = door_open(PULL), pusher = door_open(PUSH);
    door_bind(puller, endpoint, actual);
    door_connect(pusher, endpoint);
    for (long sent = 0; sent < count; sent += BATCH) {
        if (counts_sends)
            CALLGRIND_START_INSTRUMENTATION;
        send_batch(pusher, message, size);
        if (counts_sends)
            CALLGRIND_STOP_INSTRUMENTATION;
        else
            CALLGRIND_START_INSTRUMENTATION;
        receive_batch(puller, message, size);
        if (!counts_sends)
            CALLGRIND_STOP_INSTRUMENTATION;
    }
    door_close(pusher);
    door_close(puller);
}

static void publish_and_receive(long what, char *message, size_t size, long count)
{
    const bool is_in_vain = what == PUBLISHES_IN_VAIN, is_in_one = what == SENDS_OF_A_PUBLISHER;
    char actual[ENDPOINT_SIZE];
    door publisher = open_publisher(), subscriber = door_open(SUB);
    door_bind(publisher, endpoint, actual);
    if (!is_in_vain) {
        subscribe(subscriber);
        door_connect(subscriber, endpoint);
        await_subscriber(publisher);
    }
    for (long sent = 0; sent < count; sent += BATCH) {
        CALLGRIND_START_INSTRUMENTATION;
        if (is_in_one)
            send_batch(publisher, message, size);
        else
            publish_batch(publisher, message, size);
        CALLGRIND_STOP_INSTRUMENTATION;
        if (is_in_one)
            receive_batch(subscriber, message, size);
        else if (!is_in_vain)
            receive_published_batch(subscriber, message, size);
    }
    door_close(publisher);
    door_close(subscriber);
}

int main(int argc, char **argv)
{
    must(argc == 4, argv[0], "WHAT SIZE COUNT");
    long what = number_from(argv[1]), count = number_from(argv[3]);
    size_t size = (size_t)number_from(argv[2]);
    must(SENDS <= what && what <= SENDS_OF_A_PUBLISHER && count % BATCH == 0, argv[0],
         "WHAT is 0 to 4, COUNT a multiple of 500");
    /* With room for the topic in front, which it begins with as well. */
    char *message = calloc(1, size + sizeof topic);
    must(message, argv[0], "no memory");
    memcpy(message, topic, sizeof topic - 1);
    if (what == SENDS || what == RECEIVES)
        push_and_pull(what == SENDS, message, size, count);
    else
        publish_and_receive(what, message, size, count);
    free(message);
    return 0;
}
