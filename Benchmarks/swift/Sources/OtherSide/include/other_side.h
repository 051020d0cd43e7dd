/* SPDX-License-Identifier: Apache-2.0
 *
 * The other side of what is measured in Swift: plain libzmq, in a process of its own.
 */
#ifndef OTHER_SIDE_H
#define OTHER_SIDE_H

#include <stdint.h>

enum { OTHER_SIDE_ENDPOINT_SIZE = 256 };

/* Each is to be called first of all, splits the process, and returns in the one that measures alone; the other one does
 * its work and ends. */

/* Connects to the endpoint it is told and pushes numbered messages. */
void other_side_push(int64_t size, int64_t count);

/* Tells its endpoint, pulls numbered messages, and prints the seconds they took after the warm-up. */
void other_side_pull(int64_t size, int64_t warm_up, int64_t count);

/* Connects to the endpoint it is told and sends back what it receives. */
void other_side_echo(int64_t size, int64_t count);

/* Connects a pusher to each endpoint it is told, and sends a message with each; then, once it is released, `count` more
 * with each, `at_once` at a time. */
void other_side_push_all(int64_t size, int64_t pushers, int64_t count, int64_t at_once);

/* Here the other side is who goes on: the one that measures waits until it is released, sends it SIGTERM, and prints
 * the nanoseconds until it has ended. */
void other_side_terminate(void);

void other_side_tell_endpoint(const char *endpoint);
void other_side_hear_endpoint(char endpoint[OTHER_SIDE_ENDPOINT_SIZE]);

/* Lets the other side go on, or end. */
void other_side_release(void);

/* Waits until it has ended, and ends with it if it has failed. */
void other_side_await_exit(void);

int64_t monotonic_nanoseconds(void);

/* What all threads of the process have had of the processor. */
int64_t processor_nanoseconds(void);

#endif
