/* SPDX-License-Identifier: Apache-2.0 */
#include "other_side.h"

#include "../../../workers/cores.h"
#include "../../../workers/echo.h"
#include "../../../workers/flow.h"

static peer other;

/* Whether this is the other side. */
static bool split(void)
{
    other = fork_peer();
    take_half_of_the_cores(other);
    return other.process == 0;
}

/* Ends without what else is in the process, as it has never begun here. */
static _Noreturn void leave(void)
{
    fflush(stdout);
    _exit(EXIT_SUCCESS);
}

void other_side_push(int64_t size, int64_t count)
{
    if (!split())
        return;
    flow_push(other, (size_t)size, count);
    leave();
}

void other_side_pull(int64_t size, int64_t warm_up, int64_t count)
{
    if (!split())
        return;
    printf("%.9f\n", (double)flow_pull(other, (size_t)size, warm_up, count) / 1e9);
    leave();
}

void other_side_echo(int64_t size, int64_t count)
{
    if (!split())
        return;
    echo(other, (size_t)size, count);
    leave();
}

static void push_some(door socket, char *message, size_t size, int64_t from, int64_t to)
{
    for (int64_t number = from; number < to; number++) {
        memcpy(message, &number, sizeof number);
        door_send(socket, message, size);
    }
}

void other_side_push_all(int64_t size, int64_t pushers, int64_t count, int64_t at_once)
{
    if (!split())
        return;
    char endpoint[ENDPOINT_SIZE];
    char *message = calloc(1, (size_t)size);
    door *sockets = calloc((size_t)pushers, sizeof *sockets);
    for (int64_t index = 0; index < pushers; index++) {
        sockets[index] = door_open(PUSH);
        hear(other, endpoint, sizeof endpoint);
        door_connect(sockets[index], endpoint);
    }
    for (int64_t index = 0; index < pushers; index++)
        push_some(sockets[index], message, (size_t)size, 0, 1);
    hear(other, endpoint, 1);
    for (int64_t number = 1, next; number <= count; number = next) {
        next = number + at_once <= count ? number + at_once : count + 1;
        for (int64_t index = 0; index < pushers; index++)
            push_some(sockets[index], message, (size_t)size, number, next);
    }
    hear(other, endpoint, 1);
    leave();
}

void other_side_terminate(void)
{
    other = fork_peer();
    if (other.process == 0)
        return;
    char ready;
    hear(other, &ready, sizeof ready);
    int64_t start = now_ns();
    must(kill(other.process, SIGTERM) == 0, "SIGTERM", "can not be sent");
    await_exit(other);
    printf("%" PRId64 "\n", now_ns() - start);
    leave();
}

void other_side_tell_endpoint(const char *endpoint)
{
    char text[ENDPOINT_SIZE] = "";
    must(strlen(endpoint) < sizeof text, endpoint, "is too long");
    strcpy(text, endpoint);
    tell(other, text, sizeof text);
}

void other_side_hear_endpoint(char endpoint[OTHER_SIDE_ENDPOINT_SIZE])
{
    hear(other, endpoint, OTHER_SIDE_ENDPOINT_SIZE);
}

void other_side_release(void)
{
    tell(other, "", 1);
}

void other_side_await_exit(void)
{
    await_exit(other);
}

int64_t monotonic_nanoseconds(void)
{
    return now_ns();
}

int64_t processor_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
