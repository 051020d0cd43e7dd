/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: things that can not be waited for. A poll that is refused has written nothing, about the others either. */
#include <string.h>

#include "misuse.h"

/* Polls two items, the first of which is ready, and the second one wrong. */
static void refuse_poll(exz_poll_item wrong, exz_status expected) {
    exz_poll_item items[] = {{push, 0, EXZ_POLL_OUT, 0x5A5A}, wrong}, before[COUNT_OF(items)];
    items[1].revents = 0x5A5A;
    memcpy(before, items, sizeof items);
    refuse(exz_poll(items, COUNT_OF(items), 0), expected);
    check(memcmp(items, before, sizeof items) == 0);
    refuse(exz_poll(items, COUNT_OF(items), 10), expected);
    check(memcmp(items, before, sizeof items) == 0);
}

CASE(what_can_not_be_waited_for_is_refused) {
    refuse_poll((exz_poll_item){{1}, 0, EXZ_POLL_IN, 0}, EXZ_ERR_HANDLE);
    refuse_poll((exz_poll_item){{0}, -1, EXZ_POLL_IN, 0}, EXZ_ERR_INVALID);
    refuse_poll((exz_poll_item){{0}, 1000000, EXZ_POLL_IN, 0}, EXZ_ERR_INVALID);
    refuse_poll((exz_poll_item){{0}, 0, EXZ_POLL_EVENT, 0}, EXZ_ERR_INVALID);
    refuse_poll((exz_poll_item){pull, 0, 8, 0}, EXZ_ERR_INVALID);
    refuse_poll((exz_poll_item){pull, 0, UINT16_MAX, 0}, EXZ_ERR_INVALID);
}

CASE(lists_and_time_outs_that_can_not_be_are_refused) {
    exz_poll_item item = {push, 0, EXZ_POLL_OUT, 0x5A5A};
    refuse(exz_poll(NULL, 1, 0), EXZ_ERR_INVALID);
    refuse(exz_poll(&item, SIZE_MAX, 0), EXZ_ERR_INVALID);
    refuse(exz_poll(&item, 65537, 0), EXZ_ERR_INVALID);
    refuse(exz_poll(&item, 1, -2), EXZ_ERR_INVALID);
    refuse(exz_poll(&item, 1, INT32_MIN), EXZ_ERR_INVALID);
    check_int(item.revents, 0x5A5A);
    check_status(exz_poll(NULL, 0, 0), EXZ_ERR_TIMEOUT);
    check_status(exz_poll(&item, 1, 0), EXZ_OK);
    check_int(item.revents, EXZ_POLL_OUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(what_can_not_be_waited_for_is_refused),
        MISUSE(lists_and_time_outs_that_can_not_be_are_refused),
    };
    return cmocka_run_group_tests_name("misuse of polls", tests, NULL, NULL);
}
