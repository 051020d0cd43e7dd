/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t journal_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void begin_line(int64_t time_ns, const char *what) {
    printf("%" PRId64 ".%06" PRId64 " %s ", time_ns / 1000000000, time_ns / 1000 % 1000000, what);
}

static void end_line(void) {
    putchar('\n');
    fflush(stdout);
}

void journal_at(int64_t time_ns, const char *what, const char *format, ...) {
    begin_line(time_ns, what);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    end_line();
}

exz_status journal_event(exz_socket socket, int32_t timeout_ms) {
    exz_event event = EXZ_EVENT_INIT;
    exz_status status = exz_next_event(&event, socket, timeout_ms);
    if (status != EXZ_OK) return status;

    begin_line(event.time_ns, exz_event_name(event.kind));
    switch (event.kind) {
        case EXZ_EVENT_CONNECTING: printf("attempt=%" PRIu32 " %s", event.attempt, event.endpoint); break;
        case EXZ_EVENT_RETRY_IN: printf("attempt=%" PRIu32 " ms=%" PRId32, event.attempt, event.delay_ms); break;
        case EXZ_EVENT_HANDSHAKEN: printf("attempt=%" PRIu32 " peers=%" PRIu32, event.attempt, event.count); break;
        case EXZ_EVENT_SUBSCRIBER_JOINED:
        case EXZ_EVENT_SUBSCRIBER_LEFT: printf("topic=%s count=%" PRIu32, event.topic, event.count); break;
        case EXZ_EVENT_FAILED:
        case EXZ_EVENT_LOST:
        case EXZ_EVENT_PEER_REJECTED:
        case EXZ_EVENT_QUEUE_DROPPED:
            printf("attempt=%" PRIu32 " status=%s %s", event.attempt, exz_status_name(event.status), event.message);
            break;
        default: printf("%s", event.endpoint); break;
    }
    end_line();
    return EXZ_OK;
}

void insist(exz_status status, const char *what) {
    if (status == EXZ_OK) return;
    fprintf(stderr, "%s: %s: %s\n", what, exz_status_name(status), exz_strerror(status));
    exit(EXIT_FAILURE);
}

void journal_close(exz_socket socket) {
    int64_t start = journal_clock();
    insist(exz_socket_close(socket, EXZ_DEFAULT_TIMEOUT), "close");
    journal("closed", "ms=%.1f", (double)(journal_clock() - start) / 1e6);
}
