/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel knows of connections, by descriptors that are somebody else's: libzmq's.
 */
#ifndef CLINUX_CONNECTIONS_H
#define CLINUX_CONNECTIONS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Hidden behind _GNU_SOURCE. */
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

/* How many descriptors the process may have; 0 if that can not be told. */
uint64_t clinux_descriptor_limit(void);

/* Gives a socket in the file system a mode, and nothing else that may have its name by then. 0 or an errno. */
int clinux_set_mode_of_socket(const char *path, uint32_t mode);

/* The beginning of Linux's struct tcp_info (<linux/tcp.h>, which can not be included beside <netinet/tcp.h>). */
struct clinux_tcp_info {
    uint8_t state, ca_state, retransmits, probes, backoff, options, wscale, flags;
    uint32_t rto, ato, snd_mss, rcv_mss;
    uint32_t unacked, sacked, lost, retrans, fackets;
    uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
    uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
    uint32_t rcv_rtt, rcv_space, total_retrans;
    uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
    uint32_t segs_out, segs_in, notsent_bytes;
    /* Not of every kernel: 0 then. */
    uint32_t min_rtt, data_segs_in, data_segs_out;
    uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
    uint32_t delivered, delivered_ce;
    uint64_t bytes_sent, bytes_retrans;
    uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd;
};

/* What the kernel knows of a TCP connection, in a struct of zeros; false for a descriptor that is none. */
static inline int clinux_get_tcp_info(int descriptor, struct clinux_tcp_info *info)
{
    socklen_t size = sizeof *info;
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info, &size) == 0 &&
           size >= offsetof(struct clinux_tcp_info, min_rtt);
}

/* Has the kernel send again, and ask a peer whose window is closed, at intervals of at most that many milliseconds,
 * from 1000 on. Without it they grow to two minutes. Linux 6.15 and later; the number is that of TCP_RTO_MAX_MS. */
static inline void clinux_limit_retry_interval(int descriptor, int milliseconds)
{
    (void)setsockopt(descriptor, IPPROTO_TCP, 44, &milliseconds, sizeof milliseconds);
}

/* The kernel's name for an open socket, never used twice; 0 for a descriptor that is none. */
static inline uint64_t clinux_socket_cookie(int descriptor)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

/* A descriptor of our own for the same; -1 with errno. */
static inline int clinux_duplicate(int descriptor)
{
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

/* Whether the connection with that name is still the one behind the descriptor, and neither side has ended it. */
static inline int clinux_is_connected(int descriptor, uint64_t cookie)
{
    struct pollfd item = {descriptor, POLLRDHUP, 0};
    return cookie != 0 && clinux_socket_cookie(descriptor) == cookie && poll(&item, 1, 0) == 0;
}

/* Ends the connection behind a descriptor, if it is the one with that name. On a descriptor of our own, so that it can
 * not become another one in between. */
static inline void clinux_end_connection(int descriptor, uint64_t cookie)
{
    int own = clinux_duplicate(descriptor);
    if (own < 0)
        return;
    if (clinux_socket_cookie(own) == cookie)
        (void)shutdown(own, SHUT_RDWR);
    (void)close(own);
}

/* Who is at the other end of a local connection: what Linux has in its struct ucred. */
struct clinux_credentials {
    int32_t process;
    uint32_t user, group;
};

/* False for what is no socket. */
static inline int clinux_get_peer_credentials(int descriptor, struct clinux_credentials *known)
{
    socklen_t size = sizeof *known;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, known, &size) == 0 && size == sizeof *known;
}

/* The groups that the process at the other end of a local connection had beside its first one when it connected: how
 * many have been written; -1 with errno, ERANGE for more than there is room for. */
static inline int clinux_peer_groups(int descriptor, gid_t *groups, int count)
{
    socklen_t size = (socklen_t)((size_t)count * sizeof *groups);
    if (getsockopt(descriptor, SOL_SOCKET, 59 /* SO_PEERGROUPS */, groups, &size) != 0)
        return -1;
    return (int)(size / sizeof *groups);
}

/* The bytes that have been written to a TCP connection, or less where much is being acknowledged; -1 for what is none.
 */
static inline int64_t clinux_written(int descriptor)
{
    struct clinux_tcp_info before = {0}, info = {0};
    int waiting = 0, tries = 8;
    if (!clinux_get_tcp_info(descriptor, &info))
        return -1;
    /* What is acknowledged in between would be missing in both. */
    do {
        before = info;
        if (ioctl(descriptor, TIOCOUTQ, &waiting) != 0 || !clinux_get_tcp_info(descriptor, &info))
            return -1;
    } while (info.bytes_acked != before.bytes_acked && --tries > 0);
    return (int64_t)info.bytes_acked + waiting;
}

/* Whether a TCP connection has the same address at both ends: a connect to a local port that nobody listens on, and
 * that the kernel chose for this end, too, meets itself. */
static inline int clinux_is_connected_to_itself(int descriptor)
{
    struct sockaddr_storage own = {0}, peer = {0};
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    if (getsockname(descriptor, (struct sockaddr *)&own, &own_size) != 0)
        return 0;
    if (own.ss_family != AF_INET && own.ss_family != AF_INET6)
        return 0;
    if (getpeername(descriptor, (struct sockaddr *)&peer, &peer_size) != 0)
        return 0;
    return own_size == peer_size && memcmp(&own, &peer, own_size) == 0;
}

/* Ends a connection at once and with a reset, so that nothing of it holds its port. The descriptor stays open. */
static inline void clinux_reset_connection(int descriptor)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    (void)connect(descriptor, &nobody, sizeof nobody);
}

#endif
