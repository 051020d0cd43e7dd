/* SPDX-License-Identifier: Apache-2.0
 *
 * A service is gone, and somebody else is where it was: another type of socket, a web server, someone who says nothing,
 * over tcp and ipc; or its path is removed. What its clients are told, and that they find the service when it is back.
 * */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "monotonic.h"
#include "places.h"
#include "raw_peer.h"
#include "services.h"
#include "worker.h"

static exz_socket_options eager(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.max_attempts = 0;
    options.retry.initial_backoff_ms = 10;
    options.retry.max_backoff_ms = 100;
    options.retry.attempt_timeout_ms = 500;
    return options;
}

static exz_socket service_at(exz_socket_type type, const char *endpoint) {
    const exz_socket_options options = eager();
    exz_socket s = open_with(type, &options);
    bind_to(s, endpoint);
    return s;
}

/* A plain socket that listens where a service was. */
static int listen_at(transport t, const char *endpoint) {
    const int yes = 1, family = t == TCP ? AF_INET : AF_UNIX;
    int s = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(s >= 0);
    if (t == TCP) {
        struct sockaddr_in address = tcp_address(endpoint);
        check_int(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
        check_int(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    } else {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%.100s", endpoint + strlen("ipc://"));
        check_int(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    }
    check_int(listen(s, 64), 0);
    return s;
}

/* Somebody who has come instead of the service, until his end. */
typedef struct stranger {
    int listener;
    exz_socket s;
    worker worker;
} stranger;

static exz_status answer_as_web_server(void *argument) {
    stranger *other = argument;
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    for (;;) {
        int connection = accept(other->listener, NULL, NULL);
        if (connection < 0) return EXZ_OK;
        raw_say(connection, answer, sizeof answer - 1);
        shutdown(connection, SHUT_WR);
        char heard[256];
        while (recv(connection, heard, sizeof heard, MSG_DONTWAIT) > 0) continue;
        close(connection);
    }
}

static void come_as_another_type(stranger *other, transport t, const char *endpoint) {
    (void)t;
    other->s = service_at(EXZ_PAIR, endpoint);
}

static void leave_as_another_type(stranger *other, transport t, const char *endpoint) {
    (void)t, (void)endpoint;
    close_socket(other->s);
}

static void come_silently(stranger *other, transport t, const char *endpoint) {
    other->listener = listen_at(t, endpoint);
}

static void leave_silently(stranger *other, transport t, const char *endpoint) {
    close(other->listener);
    if (t == IPC) check_int(unlink(endpoint + strlen("ipc://")), 0);
}

static void come_as_web_server(stranger *other, transport t, const char *endpoint) {
    come_silently(other, t, endpoint);
    worker_start(&other->worker, answer_as_web_server, other);
}

static void leave_as_web_server(stranger *other, transport t, const char *endpoint) {
    shutdown(other->listener, SHUT_RDWR);
    check_status(worker_join(&other->worker), EXZ_OK);
    leave_silently(other, t, endpoint);
}

typedef struct stranger_kind {
    const char *name;
    /* What a client is told of him. */
    exz_status status;
    void (*come)(stranger *, transport, const char *endpoint);
    void (*leave)(stranger *, transport, const char *endpoint);
} stranger_kind;

static void expect_failure(exz_socket s, exz_status status) {
    for (exz_event event;;) {
        event = expect_event(s, EXZ_EVENT_FAILED);
        if (event.status == status) return;
    }
}

/* A client, and where its service is. */
typedef struct scene {
    transport t;
    const service_kind *kind;
    bool was_up;
    char endpoint[ENDPOINT_SIZE];
    int reservation;
    exz_socket client;
    stranger someone;
} scene;

static void name_scene(const scene *sc, const char *stranger_name) {
    in_row("%s, %s, %s, link %s", stranger_name, transport_name(sc->t), sc->kind->name,
           sc->was_up ? "was up" : "is made");
}

static void begin(scene *sc) {
    const exz_socket_options options = eager();
    sc->reservation = -1;
    if (sc->t == TCP) sc->reservation = reserve_port(sc->endpoint);
    if (sc->t == IPC) unused_endpoint(IPC, sc->endpoint);
    sc->client = open_client_of(sc->kind, &options);
    if (!sc->was_up) return;
    exz_socket service = service_at(sc->kind->service, sc->endpoint);
    connect_to(sc->client, sc->endpoint);
    check_served(sc->kind, service, sc->client);
    close_socket(service);
    expect_event(sc->client, EXZ_EVENT_LOST);
}

static void end(scene *sc) {
    exz_socket service = service_at(sc->kind->service, sc->endpoint);
    expect_event(sc->client, EXZ_EVENT_HANDSHAKEN);
    check_served(sc->kind, service, sc->client);
    close_socket(sc->client);
    close_socket(service);
    if (sc->reservation >= 0) close(sc->reservation);
}

/* All of them at once, as it takes seconds until somebody counts as silent. */
static void run(const stranger_kind *other) {
    static scene scenes[2 * 2 * SERVICE_KINDS];
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        scene *sc = &scenes[i];
        *sc = (scene){.t = i % 2 == 0 ? TCP : IPC, .was_up = i / 2 % 2, .kind = &service_kinds[i / 4]};
        name_scene(sc, other->name);
        begin(sc);
        other->come(&sc->someone, sc->t, sc->endpoint);
        if (!sc->was_up) connect_later(sc->client, sc->endpoint);
    }
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        name_scene(&scenes[i], other->name);
        expect_failure(scenes[i].client, other->status);
        other->leave(&scenes[i].someone, scenes[i].t, scenes[i].endpoint);
        end(&scenes[i]);
    }
}

CASE(clients_of_a_service_are_told_that_another_type_has_its_place_and_find_it_again) {
    run(&(stranger_kind){"another type", EXZ_ERR_PROTOCOL, come_as_another_type, leave_as_another_type});
}

CASE(clients_of_a_service_are_told_that_a_web_server_has_its_place_and_find_it_again) {
    run(&(stranger_kind){"a web server", EXZ_ERR_PROTOCOL, come_as_web_server, leave_as_web_server});
}

CASE(clients_of_a_service_are_told_that_who_has_its_place_is_silent_and_find_it_again) {
    run(&(stranger_kind){"somebody silent", EXZ_ERR_TIMEOUT, come_silently, leave_silently});
}

CASE(a_link_outlives_its_path_and_the_next_service_is_found_there) {
    for (int k = 0; k < SERVICE_KINDS; k++) {
        const service_kind *kind = &service_kinds[k];
        in_row("%s", kind->name);
        char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        temporary_path(path);
        snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path);
        const exz_socket_options options = eager();
        exz_socket service = service_at(kind->service, endpoint), client = open_client_of(kind, &options);
        connect_to(client, endpoint);
        check_served(kind, service, client);
        check_int(unlink(path), 0);
        check_served(kind, service, client);
        exz_socket late = open_client_of(kind, &options);
        check_status(exz_socket_connect(late, endpoint, 0, 500, NULL), EXZ_ERR_REFUSED);
        close_socket(late);
        close_socket(service);
        expect_event(client, EXZ_EVENT_LOST);
        check_status(expect_event(client, EXZ_EVENT_FAILED).status, EXZ_ERR_REFUSED);
        service = service_at(kind->service, endpoint);
        expect_event(client, EXZ_EVENT_HANDSHAKEN);
        check_served(kind, service, client);
        close_socket(client);
        close_socket(service);
    }
}

CASE(a_path_that_became_something_else_refuses_clients_and_service_until_it_is_gone) {
    for (int k = 0; k < SERVICE_KINDS; k++) {
        const service_kind *kind = &service_kinds[k];
        in_row("%s", kind->name);
        char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
        temporary_path(path);
        snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path);
        const exz_socket_options options = eager();
        exz_socket service = service_at(kind->service, endpoint), client = open_client_of(kind, &options);
        connect_to(client, endpoint);
        close_socket(service);
        check_int(mkdir(path, 0700), 0);
        expect_event(client, EXZ_EVENT_LOST);
        check_status(expect_event(client, EXZ_EVENT_FAILED).status, EXZ_ERR_REFUSED);
        service = open_with(kind->service, &options);
        link_call call = {service, endpoint};
        worker binding;
        worker_start(&binding, bind_patiently, &call);
        check_status(expect_event(service, EXZ_EVENT_FAILED).status, EXZ_ERR_ADDRESS_IN_USE);
        check_int(rmdir(path), 0);
        check_status(worker_join(&binding), EXZ_OK);
        expect_event(client, EXZ_EVENT_HANDSHAKEN);
        check_served(kind, service, client);
        close_socket(client);
        close_socket(service);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(clients_of_a_service_are_told_that_another_type_has_its_place_and_find_it_again),
        TEST(clients_of_a_service_are_told_that_a_web_server_has_its_place_and_find_it_again),
        TEST(clients_of_a_service_are_told_that_who_has_its_place_is_silent_and_find_it_again),
        TEST(a_link_outlives_its_path_and_the_next_service_is_found_there),
        TEST(a_path_that_became_something_else_refuses_clients_and_service_until_it_is_gone),
    };
    return cmocka_run_group_tests_name("taken places", tests, NULL, NULL);
}
