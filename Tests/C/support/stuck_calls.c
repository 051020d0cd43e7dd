/* SPDX-License-Identifier: Apache-2.0 */
#include "stuck_calls.h"

#include "monotonic.h"

exz_status wait_to_receive(void *argument) {
    scene *sc = argument;
    char byte;
    size_t size;
    exz_status status;
    do status = exz_recv(&size, sc->s, &byte, sizeof byte, PATIENCE_MS);
    while (status == EXZ_OK);
    return status;
}

exz_status wait_to_receive_many(void *argument) {
    scene *sc = argument;
    char byte;
    size_t size, count;
    return exz_recv_many(&count, sc->s, &byte, sizeof byte, &size, 1, PATIENCE_MS);
}

exz_status wait_to_send(void *argument) {
    scene *sc = argument;
    exz_status status;
    do status = exz_send(sc->s, "some bytes", 10, 0, PATIENCE_MS);
    while (status == EXZ_OK);
    return status;
}

exz_status wait_to_publish(void *argument) {
    scene *sc = argument;
    exz_status status;
    do status = exz_publish(sc->s, "topic", "some bytes", 10, PATIENCE_MS);
    while (status == EXZ_OK);
    return status;
}

exz_status wait_to_poll(void *argument) {
    scene *sc = argument;
    exz_status status;
    do {
        exz_poll_item item = {.socket = sc->s, .events = EXZ_POLL_IN};
        status = exz_poll(&item, 1, PATIENCE_MS);
    } while (status == EXZ_OK);
    return status;
}

exz_status wait_for_a_reply(void *argument) {
    scene *sc = argument;
    char byte;
    size_t size;
    return exz_request(&size, sc->s, "question", 8, &byte, sizeof byte, PATIENCE_MS, NULL);
}

exz_status wait_for_peers(void *argument) {
    scene *sc = argument;
    return exz_wait_peers(sc->s, 1000, PATIENCE_MS);
}

exz_status wait_for_events(void *argument) {
    scene *sc = argument;
    exz_status status;
    do {
        exz_event event = EXZ_EVENT_INIT;
        status = exz_next_event(&event, sc->s, PATIENCE_MS);
    } while (status == EXZ_OK);
    return status;
}

exz_status wait_to_connect(void *argument) {
    scene *sc = argument;
    return exz_socket_connect(sc->s, sc->endpoint, 0, PATIENCE_MS, NULL);
}
