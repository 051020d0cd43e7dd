/* SPDX-License-Identifier: Apache-2.0
 *
 * idle PAIRS SECONDS: connects PAIRS pairs of sockets over tcp on the loopback, publishers with subscribers and dealers
 * with dealers in turn, sends a message through each, and then does nothing for SECONDS. Prints, for that time: the CPU
 * nanoseconds of the process; the nanoseconds of the clock; how often its threads went to sleep, the main one left out,
 * which does the asking; the number of threads. One that sleeps all the time goes to sleep no further time, so each
 * is a wake-up.
 */
#include "door_ours.h"

#include <dirent.h>
#include <sys/resource.h>

/* Connections are looked at once, a second after the last message. */
enum { SETTLE_S = 2 };

static void connect_pair(exz_socket_type here, exz_socket_type there)
{
    char endpoint[ENDPOINT_SIZE];
    exz_message message;
    door binder = door_open(here), connecter = door_open(there);
    door_bind(binder, "tcp://127.0.0.1:0", endpoint);
    if (there == EXZ_SUB)
        exz_must(exz_subscribe(connecter, "topic"), "exz_subscribe");
    door_connect(connecter, endpoint);
    if (here == EXZ_PUB) {
        exz_must(exz_wait_subscribers(binder, "topic", 1, PATIENCE_MS), "exz_wait_subscribers");
        exz_must(exz_publish(binder, "topic", "payload", 7, PATIENCE_MS), "exz_publish");
    } else {
        door_send(binder, "payload", 7);
    }
    exz_must(exz_recv_message(&message, connecter, PATIENCE_MS), "exz_recv_message");
    exz_must(exz_message_free(message), "exz_message_free");
}

static int64_t cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
}

static long voluntary_switches(const char *thread)
{
    char path[64], line[256];
    long switches = -1;
    snprintf(path, sizeof path, "/proc/self/task/%.20s/status", thread);
    FILE *status = fopen(path, "r");
    must(status != NULL, path, "not readable");
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "voluntary_ctxt_switches: %ld", &switches) == 1)
            break;
    fclose(status);
    must(switches >= 0, path, "has no voluntary_ctxt_switches");
    return switches;
}

/* Of every thread but the main one, which is the one that asks. */
static long sleeps_of_others(int *threads)
{
    char main_thread[24];
    snprintf(main_thread, sizeof main_thread, "%ld", (long)getpid());
    DIR *tasks = opendir("/proc/self/task");
    must(tasks != NULL, "/proc/self/task", "not readable");
    long sum = 0;
    *threads = 1;
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        if (task->d_name[0] == '.' || strcmp(task->d_name, main_thread) == 0)
            continue;
        sum += voluntary_switches(task->d_name);
        (*threads)++;
    }
    closedir(tasks);
    return sum;
}

static void do_nothing(long seconds)
{
    struct timespec span = {seconds, 0};
    nanosleep(&span, NULL);
}

int main(int argc, char **argv)
{
    must(argc == 3, argv[0], "PAIRS SECONDS");
    alarm(WATCHDOG_S);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (long pair = number_from(argv[1]); pair > 0; pair--)
        connect_pair(pair % 2 ? EXZ_PUB : EXZ_DEALER, pair % 2 ? EXZ_SUB : EXZ_DEALER);
    do_nothing(SETTLE_S);
    int threads;
    int64_t cpu = cpu_ns();
    long sleeps = sleeps_of_others(&threads);
    int64_t start = now_ns();
    do_nothing(number_from(argv[2]));
    int64_t span = now_ns() - start;
    sleeps = sleeps_of_others(&threads) - sleeps;
    cpu = cpu_ns() - cpu;
    printf("%" PRId64 " %" PRId64 " %ld %d\n", cpu, span, sleeps, threads);
    return 0;
}
