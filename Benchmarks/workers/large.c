/* SPDX-License-Identifier: Apache-2.0
 *
 * large SIZE COUNT: as stream, but nothing is copied. The one process lends its buffers to the library, and writes the
 * next number into one when it has come back; the other looks at each message where it lies.
 */
#include <semaphore.h>

#include "cores.h"
#include "door.h"

enum { PUSH = 8, PULL = 7, BUFFERS = 16 };

/* Buffers that are not lent. They come back in the order in which they were lent. */
static sem_t at_home;

static void come_back(void *data, void *user)
{
    (void)data;
    (void)user;
    sem_post(&at_home);
}

#ifdef PLAIN

static void send_lent(door socket, void *data, size_t size)
{
    zmq_msg_t message;
    zmq_must(zmq_msg_init_data(&message, data, size, come_back, NULL) == 0, "zmq_msg_init_data");
    zmq_must(zmq_msg_send(&message, socket, 0) == (int)size, "zmq_msg_send");
}

static void receive_kept(door socket, size_t size, int64_t number)
{
    zmq_msg_t message;
    zmq_must(zmq_msg_init(&message) == 0, "zmq_msg_init");
    zmq_must(zmq_msg_recv(&message, socket, 0) == (int)size, "zmq_msg_recv");
    must(memcmp(zmq_msg_data(&message), &number, sizeof number) == 0, "large", "a message is missing");
    zmq_must(zmq_msg_close(&message) == 0, "zmq_msg_close");
}

#else

static void send_lent(door socket, void *data, size_t size)
{
    exz_must(exz_send_owned(socket, data, size, come_back, NULL, PATIENCE_MS), "exz_send_owned");
}

static void receive_kept(door socket, size_t size, int64_t number)
{
    exz_message message;
    const void *data;
    size_t received;
    exz_must(exz_recv_message(&message, socket, PATIENCE_MS), "exz_recv_message");
    exz_must(exz_message_view(&data, &received, message, 0), "exz_message_view");
    must(received == size && memcmp(data, &number, sizeof number) == 0, "large", "a message is missing");
    exz_must(exz_message_free(message), "exz_message_free");
}

#endif

static void push(peer puller, size_t size, int64_t count)
{
    char endpoint[ENDPOINT_SIZE];
    char *buffers = calloc(BUFFERS, size);
    must(buffers != NULL && sem_init(&at_home, 0, BUFFERS) == 0, "large", "no memory");
    door socket = door_open(PUSH);
    hear(puller, endpoint, sizeof endpoint);
    door_connect(socket, endpoint);
    for (int64_t number = 0; number < count; number++) {
        char *buffer = buffers + (size_t)(number % BUFFERS) * size;
        while (sem_wait(&at_home) != 0)
            continue;
        memcpy(buffer, &number, sizeof number);
        send_lent(socket, buffer, size);
    }
    hear(puller, endpoint, 1);
    for (int back = 0; back < BUFFERS; back++) {
        while (sem_wait(&at_home) != 0)
            continue;
    }
    door_close(socket);
    free(buffers);
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SIZE COUNT");
    size_t size = (size_t)number_from(argv[1]);
    int64_t count = number_from(argv[2]), warm_up = count / 10;
    must(size >= sizeof(int64_t) && count > 0, argv[0], "SIZE is at least 8, COUNT at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        push(other, size, warm_up + count);
        return 0;
    }
    char endpoint[ENDPOINT_SIZE] = "";
    door socket = door_open(PULL);
    door_bind(socket, "tcp://127.0.0.1:0", endpoint);
    tell(other, endpoint, sizeof endpoint);
    int64_t number = 0, start = now_ns();
    for (; number < warm_up; number++)
        receive_kept(socket, size, number);
    if (warm_up > 0)
        start = now_ns();
    for (; number < warm_up + count; number++)
        receive_kept(socket, size, number);
    printf("%.9f\n", (double)(now_ns() - start) / 1e9);
    tell(other, "", 1);
    door_close(socket);
    await_exit(other);
    return 0;
}
