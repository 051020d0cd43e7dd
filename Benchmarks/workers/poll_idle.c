/* SPDX-License-Identifier: Apache-2.0
 *
 * poll_idle SOCKETS COUNT: asks COUNT times whether one of so many sockets has a message, which none has, without a
 * wait: with exz_poll or zmq_poll. Prints the nanoseconds of one time, after a tenth of them as a warm-up.
 */
#include "door.h"

#include <sys/resource.h>

enum { PULL = 7 };

#ifdef PLAIN
typedef zmq_pollitem_t item;

static item item_for(door socket) { return (item){socket, 0, ZMQ_POLLIN, 0}; }

static bool finds_nothing(item *items, long count) { return zmq_poll(items, (int)count, 0) == 0; }
#else
typedef exz_poll_item item;

static item item_for(door socket) { return (item){socket, 0, EXZ_POLL_IN, 0}; }

static bool finds_nothing(item *items, long count) { return exz_poll(items, (size_t)count, 0) == EXZ_ERR_TIMEOUT; }
#endif

static void ask(item *items, long sockets, long times)
{
    for (; times > 0; times--)
        must(finds_nothing(items, sockets), "poll_idle", "there is a message");
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "SOCKETS COUNT");
    alarm(WATCHDOG_S);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    long sockets = number_from(argv[1]), count = number_from(argv[2]);
    must(sockets > 0 && count > 0, argv[0], "both are at least 1");
    char endpoint[ENDPOINT_SIZE];
    item *items = calloc((size_t)sockets, sizeof *items);
    for (long i = 0; i < sockets; i++) {
        door socket = door_open(PULL);
        door_bind(socket, "tcp://127.0.0.1:0", endpoint);
        items[i] = item_for(socket);
    }
    ask(items, sockets, count / 10);
    int64_t start = now_ns();
    ask(items, sockets, count);
    printf("%.1f\n", (double)(now_ns() - start) / (double)count);
    return 0;
}
