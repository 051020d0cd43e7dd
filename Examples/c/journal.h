/* SPDX-License-Identifier: Apache-2.0
 *
 * How the example programs tell what they do: one line for each thing that happens, at once, on standard output.
 *
 *     81203.412345 connecting attempt=1 tcp://127.0.0.1:5555
 *
 * The seconds are those of the monotonic clock, which all processes of a machine share.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <experimance_zmq.h>

/** The monotonic clock, in nanoseconds. */
int64_t journal_clock(void);

/** Writes a line about something that happened at that time; `format` and what follows are as for printf(). */
void journal_at(int64_t time_ns, const char *what, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Writes a line about now. */
#define journal(...) journal_at(journal_clock(), __VA_ARGS__)

/** Waits for the next event of a socket and writes a line about it. Returns what exz_next_event() returns. */
exz_status journal_event(exz_socket socket, int32_t timeout_ms);

/** Ends the program with a message unless the status is EXZ_OK. */
void insist(exz_status status, const char *what);

/** Closes a socket, and writes how long that took. */
void journal_close(exz_socket socket);

#endif
