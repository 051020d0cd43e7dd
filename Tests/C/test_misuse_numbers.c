/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: libzmq's options by number, with values that would make it lose a descriptor or abort when they are used. */
#include <zmq.h>

#include "misuse.h"

CASE(keepalive_times_that_linux_does_not_take_are_refused) {
    static const struct {
        int32_t option, most;
    } options[] = {{ZMQ_TCP_KEEPALIVE_IDLE, 32767}, {ZMQ_TCP_KEEPALIVE_INTVL, 32767}, {ZMQ_TCP_KEEPALIVE_CNT, 127}};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        in_row("option %d", options[i].option);
        refuse(exz_socket_set_int(pull, options[i].option, 0), EXZ_ERR_INVALID);
        refuse(exz_socket_set_int(pull, options[i].option, -2), EXZ_ERR_INVALID);
        refuse(exz_socket_set_int(pull, options[i].option, options[i].most + 1), EXZ_ERR_INVALID);
        refuse(exz_socket_set_int(pull, options[i].option, INT64_MAX), EXZ_ERR_INVALID);
        /* A connection that is made with the longest and the shortest works. */
        const int32_t taken[] = {-1, 1, options[i].most};
        for (size_t j = 0; j < COUNT_OF(taken); j++) {
            exz_socket ends[] = {open_socket(EXZ_PULL), open_socket(EXZ_PUSH)};
            for (size_t k = 0; k < COUNT_OF(ends); k++)
                check_status(exz_socket_set_int(ends[k], options[i].option, taken[j]), EXZ_OK);
            linked pair = link_sockets(ends[0], ends[1], TCP);
            check_carries(pair.connected, pair.bound);
            close_linked(pair);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(keepalive_times_that_linux_does_not_take_are_refused),
    };
    return cmocka_run_group_tests_name("misuse of options by number", tests, NULL, NULL);
}
