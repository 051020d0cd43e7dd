/* SPDX-License-Identifier: Apache-2.0
 *
 * publisher_return ROUNDS: a subscriber receives from a publisher in a process of its own; the publisher is killed
 * (SIGKILL) and a new one is started at once, on the same port. Prints for each round, in nanoseconds:
 *   from the kill to the return of the new publisher's bind (its process start, context, socket and bind),
 *   from there to the next message at the subscriber.
 * "publisher_return publish ENDPOINT" is that publisher.
 */
#include "door_ours.h"

#include <errno.h>
#include <spawn.h>

extern char **environ;

/* Publishes the instant of its bind; waits for its end. */
static void publish(const char *wanted)
{
    char endpoint[ENDPOINT_SIZE] = "";
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(WATCHDOG_S);
    door socket = door_open(EXZ_PUB);
    door_bind(socket, wanted, endpoint);
    int64_t bound = now_ns();
    must(write(STDOUT_FILENO, endpoint, sizeof endpoint) == sizeof endpoint, "publisher", "nobody wants the endpoint");
    exz_must(exz_wait_subscribers(socket, "bound", 1, PATIENCE_MS), "exz_wait_subscribers");
    exz_must(exz_publish(socket, "bound", &bound, sizeof bound, PATIENCE_MS), "exz_publish");
    pause();
}

/* Starts a publisher in a new process and waits for its endpoint. */
static pid_t start_publisher(const char *program, const char *wanted, char endpoint[ENDPOINT_SIZE])
{
    int out[2];
    pid_t process;
    posix_spawn_file_actions_t actions;
    char *arguments[] = {(char *)program, "publish", (char *)wanted, NULL};
    must(pipe(out) == 0, "pipe", "not to be had");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    must(posix_spawn(&process, "/proc/self/exe", &actions, NULL, arguments, environ) == 0, "publisher", "not started");
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    hear((peer){process, out[0], -1}, endpoint, ENDPOINT_SIZE);
    close(out[0]);
    return process;
}

static void kill_publisher(pid_t process)
{
    must(kill(process, SIGKILL) == 0 && waitpid(process, NULL, 0) == process, "publisher", "was gone already");
}

/* When the publisher that sent the next message was bound. */
static int64_t next_bind(door socket)
{
    exz_message message;
    const void *data;
    size_t size;
    int64_t bound;
    exz_must(exz_recv_message(&message, socket, PATIENCE_MS), "exz_recv_message");
    exz_must(exz_message_part(&data, &size, message, 1), "exz_message_part");
    must(size == sizeof bound, "publisher", "sent something else");
    memcpy(&bound, data, sizeof bound);
    exz_must(exz_message_free(message), "exz_message_free");
    return bound;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "publish") == 0) {
        publish(argv[2]);
        return 0;
    }
    must(argc == 2, argv[0], "ROUNDS");
    alarm(WATCHDOG_S);
    char endpoint[ENDPOINT_SIZE];
    pid_t publisher = start_publisher(argv[0], "tcp://127.0.0.1:0", endpoint);
    door socket = door_open(EXZ_SUB);
    exz_must(exz_subscribe(socket, "bound"), "exz_subscribe");
    door_connect(socket, endpoint);
    next_bind(socket);
    for (long rounds = number_from(argv[1]); rounds > 0; rounds--) {
        int64_t killed = now_ns();
        kill_publisher(publisher);
        publisher = start_publisher(argv[0], endpoint, endpoint);
        int64_t bound = next_bind(socket), received = now_ns();
        printf("%" PRId64 " %" PRId64 "\n", bound - killed, received - bound);
        fflush(stdout);
    }
    kill_publisher(publisher);
    door_close(socket);
    return 0;
}
