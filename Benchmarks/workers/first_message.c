/* SPDX-License-Identifier: Apache-2.0
 *
 * first_message ROUNDS: a publisher and a subscriber start at the same time, each in a new process that has not used
 * the library before. Prints for each round the nanoseconds from the first exz_socket_open() to the receipt of the
 * first published message: two contexts, bind, verified connect, wait_subscribers, publish, recv.
 */
#include "door_ours.h"

static int64_t publish(peer subscriber)
{
    char endpoint[ENDPOINT_SIZE] = "";
    int64_t start = now_ns();
    door socket = door_open(EXZ_PUB);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(subscriber, endpoint, sizeof endpoint);
    exz_must(exz_wait_subscribers(socket, "topic", 1, PATIENCE_MS), "exz_wait_subscribers");
    exz_must(exz_publish(socket, "topic", "payload", 7, PATIENCE_MS), "exz_publish");
    hear(subscriber, endpoint, 1);
    door_close(socket);
    return start;
}

static int64_t subscribe(peer publisher, int64_t *received)
{
    char endpoint[ENDPOINT_SIZE];
    exz_message message;
    int64_t start = now_ns();
    door socket = door_open(EXZ_SUB);
    exz_must(exz_subscribe(socket, "topic"), "exz_subscribe");
    hear(publisher, endpoint, sizeof endpoint);
    door_connect(socket, endpoint);
    exz_must(exz_recv_message(&message, socket, PATIENCE_MS), "exz_recv_message");
    *received = now_ns();
    tell(publisher, "", 1);
    exz_must(exz_message_free(message), "exz_message_free");
    door_close(socket);
    return start;
}

/* The child of the one who asks: publishes, with a child of its own that subscribes. */
static void round_in_new_processes(peer asker)
{
    peer other = fork_peer();
    int64_t start, other_start, received;
    char go = 0;
    if (other.process == 0) {
        hear(other, &go, sizeof go);
        start = subscribe(other, &received);
        tell(other, &start, sizeof start);
        tell(other, &received, sizeof received);
        return;
    }
    tell(other, &go, sizeof go);
    start = publish(other);
    hear(other, &other_start, sizeof other_start);
    hear(other, &received, sizeof received);
    await_exit(other);
    int64_t duration = received - (start < other_start ? start : other_start);
    tell(asker, &duration, sizeof duration);
}

int main(int argc, char **argv)
{
    must(argc == 2, argv[0], "ROUNDS");
    for (long rounds = number_from(argv[1]); rounds > 0; rounds--) {
        peer other = fork_peer();
        if (other.process == 0) {
            round_in_new_processes(other);
            return 0;
        }
        int64_t duration;
        hear(other, &duration, sizeof duration);
        await_exit(other);
        printf("%" PRId64 "\n", duration);
        fflush(stdout);
    }
    return 0;
}
