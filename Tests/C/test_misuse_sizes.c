/* SPDX-License-Identifier: Apache-2.0
 *
 * Misuse: sizes, numbers and lengths of topics that can not be. */
#include <string.h>

#include "misuse.h"
#include "monotonic.h"

/* No memory holds so many bytes, so nobody may try to read or to write them. */
static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 2 - 8};

/* Any status that makes sense will do: too large, no memory, or no size at all. */
static exz_status as_invalid(exz_status status) {
    return status == EXZ_ERR_TOO_LARGE || status == EXZ_ERR_NO_MEMORY ? EXZ_ERR_INVALID : status;
}

static void refuse_impossible_sizes(exz_socket pusher, exz_socket publisher, exz_socket requester) {
    for (size_t i = 0; i < COUNT_OF(impossible); i++) {
        const size_t size = impossible[i];
        const exz_part first[] = {{"x", size}, {"y", 1}}, last[] = {{"x", 1}, {"y", size}},
                       both[] = {{"x", size}, {"y", size}};
        in_row("%zu", size);
        refuse(as_invalid(exz_send(pusher, "x", size, 0, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_send_parts(pusher, first, 2, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_send_parts(pusher, last, 2, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_send_parts(pusher, both, 2, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_publish(publisher, "bench", "x", size, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_publish_bytes(publisher, "bench", size, "x", 1, 0)), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_publish_bytes(publisher, "bench", size, "x", size, 0)), EXZ_ERR_INVALID);
        refuse(exz_wait_subscribers_bytes(publisher, "bench", size, 0, 0), EXZ_ERR_INVALID);
        refuse(as_invalid(exz_request(&out.size, requester, "x", size, NULL, 0, 0, NULL)), EXZ_ERR_INVALID);
        refuse(exz_socket_set_bytes(pusher, 45 /* ZMQ_PLAIN_USERNAME */, "x", size), EXZ_ERR_INVALID);
    }
}

CASE(sizes_no_memory_has_are_refused) {
    linked asking = link_types(EXZ_REP, EXZ_REQ, INPROC);
    refuse_impossible_sizes(push, pub, asking.connected);
    check_carries(asking.connected, asking.bound);
    close_linked(asking);
    refuse(exz_send_parts(push, &(exz_part){"x", 1}, 0, 0), EXZ_ERR_INVALID);
    refuse(exz_send_parts(push, &(exz_part){"x", 1}, SIZE_MAX, 0), EXZ_ERR_INVALID);
}

CASE(sizes_no_memory_has_are_refused_without_a_limit_too) {
    const uint32_t forms[] = {EXZ_WIRE_MULTIPART, EXZ_WIRE_SPACE};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
        options.max_message_size = 0;
        options.wire_form = forms[i];
        linked pipeline = link_sockets(open_with(EXZ_PULL, &options), open_with(EXZ_PUSH, &options), INPROC);
        linked publishing = link_sockets(open_with(EXZ_PUB, &options), open_with(EXZ_SUB, &options), INPROC);
        check_status(exz_subscribe(publishing.connected, ""), EXZ_OK);
        check_status(exz_wait_subscribers(publishing.bound, "", 1, PATIENCE_MS), EXZ_OK);
        linked asking = link_sockets(open_with(EXZ_REP, &options), open_with(EXZ_REQ, &options), INPROC);
        refuse_impossible_sizes(pipeline.connected, publishing.bound, asking.connected);

        in_row("form %u, afterwards", forms[i]);
        check_carries(pipeline.connected, pipeline.bound);
        check_status(exz_publish(publishing.bound, "t", "x", 1, 0), EXZ_OK);
        exz_message m;
        size_t count = 0;
        check_status(exz_recv_message(&m, publishing.connected, PATIENCE_MS), EXZ_OK);
        check_status(exz_message_count(&count, m), EXZ_OK);
        check_int(count, 2);
        check_part(m, 0, "t");
        check_part(m, 1, "x");
        check_status(exz_message_free(m), EXZ_OK);
        close_linked(pipeline);
        close_linked(publishing);
        close_linked(asking);
    }
}

CASE(capacities_and_places_out_of_range_are_refused) {
    exz_message m;
    send_text(push, "m");
    check_status(exz_recv_message(&m, pull, PATIENCE_MS), EXZ_OK);
    const size_t places[] = {1, 2, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        in_row("%zu", places[i]);
        refuse(exz_message_part(&out.data, &out.size, m, places[i]), EXZ_ERR_INVALID);
    }
    check_status(exz_message_free(m), EXZ_OK);
    refuse(exz_wait_peers(pull, UINT32_MAX, 0), EXZ_ERR_TIMEOUT);
    refuse(exz_wait_subscribers(pub, "bench", UINT32_MAX, 0), EXZ_ERR_TIMEOUT);
}

CASE(topics_that_libzmq_garbles_are_refused) {
    char topic[300];
    memset(topic, 't', sizeof topic);
    for (size_t length = 240; length < 262; length++) {
        in_row("%zu bytes", length);
        topic[length] = '\0';
        if (length >= 246 && length <= 255) {
            refuse(exz_subscribe(sub, topic), EXZ_ERR_INVALID);
            refuse(exz_unsubscribe(sub, topic), EXZ_ERR_INVALID);
        } else {
            check_status(exz_subscribe(sub, topic), EXZ_OK);
            check_status(exz_wait_subscribers(pub, topic, 1, PATIENCE_MS), EXZ_OK);
            check_status(exz_unsubscribe(sub, topic), EXZ_OK);
        }
        topic[length] = 't';
    }
}

CASE(a_message_under_any_topic_reaches_who_subscribed_to_its_beginning) {
    char topic[300];
    memset(topic, 't', sizeof topic);
    check_status(exz_subscribe(sub, "tt"), EXZ_OK);
    check_status(exz_wait_subscribers(pub, "tt", 1, PATIENCE_MS), EXZ_OK);
    for (size_t length = 244; length < 258; length++) {
        in_row("%zu bytes", length);
        topic[length] = '\0';
        check_status(exz_publish(pub, topic, "x", 1, 0), EXZ_OK);
        exz_message m;
        check_status(exz_recv_message(&m, sub, PATIENCE_MS), EXZ_OK);
        check_part(m, 0, topic);
        check_status(exz_message_free(m), EXZ_OK);
        topic[length] = 't';
    }
    check_status(exz_unsubscribe(sub, "tt"), EXZ_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MISUSE(sizes_no_memory_has_are_refused),
        MISUSE(sizes_no_memory_has_are_refused_without_a_limit_too),
        MISUSE(capacities_and_places_out_of_range_are_refused),
        MISUSE(topics_that_libzmq_garbles_are_refused),
        MISUSE(a_message_under_any_topic_reaches_who_subscribed_to_its_beginning),
    };
    return cmocka_run_group_tests_name("misuse of sizes", tests, NULL, NULL);
}
