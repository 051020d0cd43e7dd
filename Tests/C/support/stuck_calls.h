/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on the socket of a scene that do not come back before it is closed: bodies for its workers. */
#ifndef STUCK_CALLS_H
#define STUCK_CALLS_H

#include "situations.h"

exz_status wait_to_receive(void *scene);
exz_status wait_to_receive_many(void *scene);
exz_status wait_to_send(void *scene);
exz_status wait_to_publish(void *scene);
exz_status wait_to_poll(void *scene);
exz_status wait_for_a_reply(void *scene);
exz_status wait_for_peers(void *scene);
exz_status wait_for_events(void *scene);
/* To the scene's endpoint. */
exz_status wait_to_connect(void *scene);

#endif
