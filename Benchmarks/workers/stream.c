/* SPDX-License-Identifier: Apache-2.0
 *
 * stream [curve] SIZE COUNT: one process pushes COUNT messages of SIZE bytes, another pulls them, over tcp on the
 * loopback, encrypted or not. Prints the seconds they took at the puller, after a tenth of them as a warm-up. Every
 * message is numbered and checked.
 */
#include "cores.h"
#include "flow.h"

int main(int argc, char **argv)
{
    flow_is_encrypted = argc == 4 && strcmp(argv[1], "curve") == 0;
    must(argc == 3 || flow_is_encrypted, argv[0], "[curve] SIZE COUNT");
    argv += flow_is_encrypted;
    size_t size = (size_t)number_from(argv[1]);
    int64_t count = number_from(argv[2]), warm_up = count / 10;
    must(size >= sizeof(int64_t) && count > 0, argv[0], "SIZE is at least 8, COUNT at least 1");
    peer other = fork_peer();
    take_half_of_the_cores(other);
    if (other.process == 0) {
        flow_push(other, size, warm_up + count);
        return 0;
    }
    printf("%.9f\n", (double)flow_pull(other, size, warm_up, count) / 1e9);
    await_exit(other);
    return 0;
}
