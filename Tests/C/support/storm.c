/* SPDX-License-Identifier: Apache-2.0 */
#include "storm.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

timer_t storm_begin(void (*handler)(int number), int64_t interval_ns) {
    struct sigaction action = {.sa_handler = handler};
    check_int(sigaction(SIGUSR2, &action, NULL), 0);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    timer_t timer;
    check_int(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec times = {{0, interval_ns}, {0, interval_ns}};
    check_int(timer_settime(timer, 0, &times, NULL), 0);
    return timer;
}

void storm_end(timer_t timer) {
    timer_delete(timer);
    /* One may be on its way. */
    signal(SIGUSR2, SIG_IGN);
}
