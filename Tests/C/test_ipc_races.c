/* SPDX-License-Identifier: Apache-2.0
 *
 * One path, several processes at the same moment: exactly one of them binds, beside whatever is left of others. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "forked.h"
#include "monotonic.h"
#include "places.h"

#define WORKERS 4
#define ROUNDS 250

/* What the processes share. */
typedef struct race {
    pthread_barrier_t barrier;
    atomic_int winners;
    atomic_int others;
} race;

static race *new_race(void) {
    race *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(r != MAP_FAILED);
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    check_int(pthread_barrier_init(&r->barrier, &attributes, WORKERS + 1), 0);
    pthread_barrierattr_destroy(&attributes);
    return r;
}

static exz_socket open_racer(void) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = 1;
    options.retry.max_backoff_ms = 1;
    options.retry.max_attempts = 0;
    exz_socket s;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), EXZ_OK);
    return s;
}

static void run(race *r, const char *endpoint, int32_t timeout_ms) {
    exz_socket s = open_racer(), push;
    pthread_barrier_wait(&r->barrier);
    exz_status status;
    /* Who has time waits for a dying one, which on a busy machine may take its own. */
    do status = exz_socket_bind(s, endpoint, timeout_ms, NULL);
    while (status == EXZ_ERR_ADDRESS_IN_USE && timeout_ms > 0 && atomic_load(&r->winners) == 0);
    if (status == EXZ_OK) atomic_fetch_add(&r->winners, 1);
    else if (status != EXZ_ERR_ADDRESS_IN_USE) atomic_fetch_add(&r->others, 1);
    pthread_barrier_wait(&r->barrier);
    /* Who has won can be reached. */
    if (status == EXZ_OK) {
        char text[16];
        size_t size;
        must(exz_socket_open(&push, EXZ_DEFAULT_CONTEXT, EXZ_PUSH, NULL), EXZ_OK);
        must(exz_socket_connect(push, endpoint, 0, PATIENCE_MS, NULL), EXZ_OK);
        must(exz_send(push, "mine", 4, 0, PATIENCE_MS), EXZ_OK);
        must(exz_recv(&size, s, text, sizeof text, PATIENCE_MS), EXZ_OK);
        must(exz_socket_close(push, 0), EXZ_OK);
    }
    must(exz_socket_close(s, 0), EXZ_OK);
    pthread_barrier_wait(&r->barrier);
}

/* A socket that is bound to the path and listens, of a process that does not use the library. */
static int serve_without(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check_int(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    check_int(listen(descriptor, 4), 0);
    return descriptor;
}

typedef enum before { NOTHING, A_DEAD_ONE_S_FILE, A_DYING_ONE } before;

static void check_one_winner(before found, int32_t timeout_ms, int rounds) {
    race *r = new_race();
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    temporary_path(path);
    check(snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path) < ENDPOINT_SIZE);
    pid_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork_child();
        if (workers[i] == 0) {
            for (int round = 0; round < rounds; round++) run(r, endpoint, timeout_ms);
            _exit(0);
        }
    }
    for (int round = 0; round < rounds; round++) {
        in_row("round %d", round);
        atomic_store(&r->winners, 0);
        atomic_store(&r->others, 0);
        int server = found == NOTHING ? -1 : serve_without(path);
        if (found == A_DEAD_ONE_S_FILE) close(server);
        pthread_barrier_wait(&r->barrier);
        if (found == A_DYING_ONE) close(server);
        pthread_barrier_wait(&r->barrier);
        int winners = atomic_load(&r->winners), others = atomic_load(&r->others);
        pthread_barrier_wait(&r->barrier);
        check_int(others, 0);
        check_int(winners, 1);
        struct stat status;
        check(lstat(path, &status) != 0);
    }
    for (int i = 0; i < WORKERS; i++) check_child(workers[i]);
    pthread_barrier_destroy(&r->barrier);
    munmap(r, sizeof *r);
}

CASE(of_several_processes_one_gets_a_free_path) { check_one_winner(NOTHING, 0, ROUNDS); }

CASE(of_several_processes_one_gets_the_path_of_a_dead_one) { check_one_winner(A_DEAD_ONE_S_FILE, 0, ROUNDS); }

CASE(of_several_processes_one_gets_the_path_of_a_dying_one) { check_one_winner(A_DYING_ONE, 50, 40); }

CASE(a_socket_that_does_not_listen_yet_has_its_path) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    temporary_path(path);
    check(snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path) < ENDPOINT_SIZE);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check_int(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    exz_socket s = open_socket(EXZ_PULL);
    check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_ERR_ADDRESS_IN_USE);
    check_int(listen(descriptor, 4), 0);
    check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_ERR_ADDRESS_IN_USE);
    close(descriptor);
    check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
    close_socket(s);
}

/* The lock that processes take in turn, as every version of the library has to make it: of the directory's number, and
 * a sum of the file's name (FNV-1a). */
static int take_turn(const char *path) {
    const char *name = strrchr(path, '/') + 1;
    char directory[ENDPOINT_SIZE];
    struct stat status;
    snprintf(directory, sizeof directory, "%.*s", (int)(name - 1 - path), path);
    check_int(stat(directory, &status), 0);
    uint64_t sum = 0xcbf29ce484222325U;
    for (const char *c = name; *c != '\0'; c++) sum = (sum ^ (unsigned char)*c) * 0x100000001b3U;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "experimance-zmq bind %llx:%llx:%llx",
                          (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
                          (unsigned long long)sum);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    check_int(bind(descriptor, (struct sockaddr *)&address, size), 0);
    return descriptor;
}

CASE(one_process_at_a_time_looks_whether_a_path_is_free) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    temporary_path(path);
    check(snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path) < ENDPOINT_SIZE);
    exz_error error = EXZ_ERROR_INIT;
    int turn = take_turn(path);
    exz_socket s = open_socket(EXZ_PULL);
    check_status(exz_socket_bind(s, endpoint, 0, &error), EXZ_ERR_ADDRESS_IN_USE);
    check(strstr(error.message, "at this moment") != NULL);
    close(turn);
    check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
    close(take_turn(path));
    close_socket(s);
}

CASE(a_file_that_another_has_made_meanwhile_is_not_removed) {
    char path[ENDPOINT_SIZE], endpoint[ENDPOINT_SIZE];
    struct stat status;
    temporary_path(path);
    check(snprintf(endpoint, sizeof endpoint, "ipc://%.240s", path) < ENDPOINT_SIZE);
    exz_socket s = open_socket(EXZ_PULL);
    check_status(exz_socket_bind(s, endpoint, 0, NULL), EXZ_OK);
    check_int(unlink(path), 0);
    int other = serve_without(path);
    close_socket(s);
    check_int(lstat(path, &status), 0);
    close(other);
    check_int(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(of_several_processes_one_gets_a_free_path),
        TEST(of_several_processes_one_gets_the_path_of_a_dead_one),
        TEST(of_several_processes_one_gets_the_path_of_a_dying_one),
        TEST(a_socket_that_does_not_listen_yet_has_its_path),
        TEST(one_process_at_a_time_looks_whether_a_path_is_free),
        TEST(a_file_that_another_has_made_meanwhile_is_not_removed),
    };
    return cmocka_run_group_tests_name("ipc races", tests, NULL, NULL);
}
