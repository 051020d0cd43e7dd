/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file experimance_zmq.h
 * ZeroMQ sockets that never hang and never lie.
 *
 * This library carries messages between processes with ZeroMQ's patterns (publish-subscribe, pipeline, request-reply)
 * and its wire protocol, ZMTP 3, so its sockets talk to those of every other ZeroMQ library. What it adds is a set of
 * promises:
 *
 *  - Every call that can wait takes a time-out and is back by then. There is no infinite wait.
 *  - exz_socket_connect() that answers EXZ_OK is connected: the handshake with the peer is done. Otherwise the status
 *    says why not. A lost connection is made again until the socket is closed.
 *  - Retries follow one policy everywhere: bounded, with exponential back-off and jitter.
 *  - Nothing is lost in silence, closing never blocks, and misuse is answered with a status instead of a crash.
 *
 * ## In short
 *
 *     exz_socket pub, sub;
 *     exz_socket_open(&pub, EXZ_DEFAULT_CONTEXT, EXZ_PUB, NULL);
 *     exz_socket_open(&sub, EXZ_DEFAULT_CONTEXT, EXZ_SUB, NULL);
 *     exz_socket_bind(pub, "tcp://127.0.0.1:0", 1000, NULL);
 *     char endpoint[256];
 *     exz_socket_endpoint(pub, endpoint, sizeof endpoint);
 *     exz_subscribe(sub, "weather");
 *     exz_socket_connect(sub, endpoint, 0, 1000, NULL);
 *     exz_wait_subscribers(pub, "weather", 1, 1000);
 *     exz_publish(pub, "weather", "sunny", 5, 1000);
 *
 * ## Rules that hold for every function
 *
 * Time-outs are milliseconds. 0 tries once and never waits. EXZ_DEFAULT_TIMEOUT (-1) is the socket's own default. Any
 * other negative number is EXZ_ERR_INVALID. A time-out is turned into one deadline on the monotonic clock when the call
 * begins; everything inside the call ends by it. A time-out never comes early.
 *
 * Threads: every function may be called from any thread at any time, on the same handle too.
 *
 * Signal handlers may call exz_socket_cancel() and exz_canceler_cancel(), whatever the signal has interrupted: they
 * take no lock, allocate nothing and leave errno alone. Everything else is for threads: it answers EXZ_ERR_STATE at
 * once where the signal has interrupted a call on the same socket, or one that has a lock of the library; but malloc()
 * and libzmq have locks that know nothing of handlers. Signals whose handlers return end no call, unless
 * `interruptible` asks for that.
 *
 * Cancelled threads (pthread_cancel()) end between two calls and never in one: when a call begins, or when it ends
 * without success, so that what a call has taken is not lost with its thread. A wait is over first. For this the
 * library looks, whenever a socket is opened, whether an object in the process imports pthread_cancel(). Code that
 * finds it with dlsym() alone is not seen, and must not cancel a thread that may be in a call. A call, and a callback,
 * has to be left by its return: what siglongjmp() or pthread_exit() out of it, or an exception that goes through it
 * from a callback, leave behind is undefined, but for pthread_exit() in exz_auth_decide.
 *
 * Handles are small structs, passed by value. A zeroed, stale or invented one is answered with EXZ_ERR_HANDLE, one that
 * has been closed with EXZ_ERR_CLOSED, one inherited through fork() with EXZ_ERR_FORKED.
 *
 * Strings are UTF-8 and end with NUL. An endpoint that is not UTF-8 is EXZ_ERR_INVALID; a topic may be any bytes. Both
 * are compared byte by byte: other bytes are another name, even if they show the same characters. Strings and buffers
 * that are passed in are borrowed until the function returns and copied where they are needed longer.
 *
 * Out-parameters come first. They are written on success only, except where a function says so.
 *
 * Structs of options begin with their size; fill them with the _INIT macro or the _init() function and change what you
 * need. They grow at the end only. A size this version does not know is EXZ_ERR_INVALID.
 *
 * Any function may answer EXZ_ERR_INVALID for an argument that is NULL, negative or out of range where that makes no
 * sense, the three handle statuses above, and EXZ_ERR_INTERNAL for something unforeseen. These are not repeated below.
 */
#ifndef EXPERIMANCE_ZMQ_H
#define EXPERIMANCE_ZMQ_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------
 * Version
 * --------------------------------------------------------------------------------------------------------------- */

/** The version of this header. */
#define EXZ_VERSION_MAJOR 0
#define EXZ_VERSION_MINOR 1
#define EXZ_VERSION_PATCH 0

/**
 * The version of the loaded library: major · 10000 + minor · 100 + patch.
 *
 * Never waits. Since 0.1.
 */
int32_t exz_version(void);

/**
 * The version of the loaded library as text, such as "0.1.0". Static; do not free.
 *
 * Never waits. Since 0.1.
 */
const char *exz_version_string(void);

/* ------------------------------------------------------------------------------------------------------------------
 * Status
 * --------------------------------------------------------------------------------------------------------------- */

/** The answer of a function: EXZ_OK or one of the negative EXZ_ERR_… below. Numbers are never used again or changed. */
typedef int32_t exz_status;

enum {
    /** Success. */
    EXZ_OK = 0,
    /** An argument, an option or an endpoint makes no sense. */
    EXZ_ERR_INVALID = -1,
    /** Not a handle of this library, or one of another kind. */
    EXZ_ERR_HANDLE = -2,
    /** The socket or its context is closed. */
    EXZ_ERR_CLOSED = -3,
    /** exz_socket_cancel() or exz_canceler_cancel() ended the wait. */
    EXZ_ERR_CANCELED = -4,
    /** The handle belongs to the parent process. Open a new one after fork(). */
    EXZ_ERR_FORKED = -5,
    /** A signal arrived during the wait, and the socket was opened with `interruptible`. */
    EXZ_ERR_INTERRUPTED = -6,
    /** The time was up. */
    EXZ_ERR_TIMEOUT = -7,
    /** Nothing listens at the endpoint. */
    EXZ_ERR_REFUSED = -8,
    /** There is no route to the host. */
    EXZ_ERR_UNREACHABLE = -9,
    /** The host name could not be resolved. */
    EXZ_ERR_RESOLVE = -10,
    /** What answers there is not a ZMTP 3 peer, or one of a socket type that does not fit. */
    EXZ_ERR_PROTOCOL = -11,
    /** The peer wants another security mechanism, or rejects the key. */
    EXZ_ERR_SECURITY = -12,
    /** The peer accepted the connection and closed or reset it. */
    EXZ_ERR_PEER_LOST = -13,
    /** The attempts of the retry policy are used up (exz_retry() and exz_backoff_next() only). */
    EXZ_ERR_EXHAUSTED = -14,
    /** The address is in use. */
    EXZ_ERR_ADDRESS_IN_USE = -15,
    /** The address does not belong to this machine (yet), or the directory of an ipc path is missing. */
    EXZ_ERR_ADDRESS_NOT_AVAILABLE = -16,
    /** The operating system does not permit it. */
    EXZ_ERR_PERMISSION = -17,
    /** The buffer is too small for the message, which is kept. */
    EXZ_ERR_TOO_SMALL = -18,
    /** The message is larger than the socket's `max_message_size`. */
    EXZ_ERR_TOO_LARGE = -19,
    /** Not possible in the present state of the socket, or in a signal handler that has interrupted the library. */
    EXZ_ERR_STATE = -20,
    /** This socket type, transport or peer can not do that. */
    EXZ_ERR_NOT_SUPPORTED = -21,
    /** Out of descriptors, sockets, threads or handles. */
    EXZ_ERR_LIMIT = -22,
    /** Out of memory. */
    EXZ_ERR_NO_MEMORY = -23,
    /** The version of the library or of libzmq does not fit. */
    EXZ_ERR_VERSION = -24,
    /** An unforeseen answer of libzmq or the operating system; `sys_errno` has it. */
    EXZ_ERR_INTERNAL = -25
};

/**
 * What a status means, in one sentence. Static; do not free. Never NULL, also for numbers that are no status.
 *
 * Never waits. Since 0.1.
 */
const char *exz_strerror(exz_status status);

/**
 * The name of a status, such as "EXZ_ERR_TIMEOUT". Static; do not free. Never NULL; "EXZ_ERR_UNKNOWN" for numbers that
 * are no status.
 *
 * Never waits. Since 0.1.
 */
const char *exz_status_name(exz_status status);

/** The details of a failure. The caller's; filled when the function that takes it fails. */
typedef struct exz_error {
    /** sizeof(exz_error), to be set by the caller. */
    uint32_t size;
    /** The status the function returned. */
    exz_status status;
    /** The operating system's or libzmq's errno behind it; 0 if there is none. */
    int32_t sys_errno;
    /** Attempts that were made; 0 where none are counted. */
    uint32_t attempts;
    /** Milliseconds from the beginning of the call to the failure. */
    int64_t elapsed_ms;
    /** The endpoint as it was passed in, cut to what fits, with U+FFFD for what is not UTF-8; "" where there is
     *  none. */
    char endpoint[256];
    /** A sentence a person can act on, cut to what fits. */
    char message[512];
    /** The status of the last attempt where `status` only says that attempts or time ran out; else EXZ_OK. */
    exz_status cause;
} exz_error;

#define EXZ_ERROR_INIT {sizeof(exz_error), EXZ_OK, 0, 0, 0, {0}, {0}, EXZ_OK}

/**
 * The details of the failure that the calling thread has met last, whichever function it was: for those that have no
 * room for details, such as exz_send(). A call that succeeds leaves them as they are, as with errno.
 *
 * They are kept for each thread, and not as one more parameter of every function: a call that succeeds costs no more.
 * Calls made within a signal handler, or by a thread that had no memory for it, are not noted.
 *
 * @param out receives the details; `status` is EXZ_OK if no call of this thread has failed yet. Its `size` is to be
 *            set. Not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for NULL or a wrong size, which is not noted.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_last_error(exz_error *out);

/* ------------------------------------------------------------------------------------------------------------------
 * Log
 * --------------------------------------------------------------------------------------------------------------- */

/** How much a log line matters. */
typedef int32_t exz_log_level;

enum {
    EXZ_LOG_DEBUG = 1,
    EXZ_LOG_INFO = 2,
    EXZ_LOG_WARNING = 3,
    EXZ_LOG_ERROR = 4,
    /** As a threshold: nothing is logged. */
    EXZ_LOG_OFF = 5
};

/**
 * Receives a line of the log.
 *
 * Called on the thread on which it happens, often one of the library's own; several threads may call at once. No lock
 * of the library is held, so it may call the library. It should not take long: connections are looked after meanwhile
 * by nobody else.
 *
 * @param user    what was passed to exz_set_log().
 * @param level   how much it matters.
 * @param message the line, without a line break. Borrowed: copy it if it is needed after the call.
 */
typedef void (*exz_log_callback)(void *user, exz_log_level level, const char *message);

/**
 * Sends the library's log to a function, or nowhere. Without this call nothing is logged.
 *
 * A line tells of one event of a socket (see exz_event_kind): a link that was lost and a peer that was rejected are
 * warnings; handshakes, failed attempts and new bound endpoints are information; the rest is for debugging. Nothing is
 * logged as an error, as what a call could not do is the call's answer.
 *
 * May be called again at any time, to change the function or the level. Once it has returned, the former function is
 * not called any more, unless it is running right now on another thread for more than 100 ms.
 *
 * @param callback the function; NULL turns the log off.
 * @param user     passed to the function as it is; may be NULL.
 * @param level    the least important lines to pass on.
 * @return EXZ_OK; EXZ_ERR_INVALID for an unknown level.
 *
 * Waits at most 100 ms, for calls of the former function that are under way. Since 0.1.
 */
exz_status exz_set_log(exz_log_callback callback, void *user, exz_log_level level);

/* ------------------------------------------------------------------------------------------------------------------
 * Retry policy
 * --------------------------------------------------------------------------------------------------------------- */

/** How a back-off delay d is spread. U(a, b) is a uniform draw from a to b. */
enum {
    /** Exactly d. */
    EXZ_JITTER_NONE = 0,
    /** U(0, d). */
    EXZ_JITTER_FULL = 1,
    /** d/2 + U(0, d/2). */
    EXZ_JITTER_EQUAL = 2,
    /** min(max_backoff, U(initial_backoff, 3 · the delay before)). */
    EXZ_JITTER_DECORRELATED = 3,
    /** d · U(1 - jitter_ratio, 1 + jitter_ratio). */
    EXZ_JITTER_PROPORTIONAL = 4
};

/**
 * When to try again, and how often.
 *
 * The delay before retry n (n = 1, 2, …) is min(max_backoff_ms, initial_backoff_ms · multiplier^(n-1)), with the jitter
 * applied to that value. Tried again are EXZ_ERR_REFUSED, …UNREACHABLE, …RESOLVE, …TIMEOUT, …PEER_LOST,
 * …ADDRESS_IN_USE and …ADDRESS_NOT_AVAILABLE; all others end the retries. On the forms of jitter see M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * A link that was up is made again by libzmq, which repeats what is drawn for each socket once, so that the clients of
 * a server do not come back all at once: a first delay, which doubles if the multiplier is more than 1, and the
 * longest, which is at least half of max_backoff_ms. EXZ_JITTER_NONE draws nothing, and all clients wait the same.
 */
typedef struct exz_retry_policy {
    /** sizeof(exz_retry_policy). */
    uint32_t size;
    /** Attempts in all, the first included; 0 = only the deadline ends them. 0 to 2^31-1, default 6. For calls that
     *  wait; background connects and re-connections go on until the socket is closed. */
    uint32_t max_attempts;
    /** Milliseconds before the first retry; 0 to 2^31-1, at most max_backoff_ms. Default 100. Less
     *  than 100 counts as 100 for a link that was up: it is tried again after 25 to 150 ms. */
    int32_t initial_backoff_ms;
    /** The cap of the delay before jitter, in milliseconds; 0 to 2^31-1. Default 30000. */
    int32_t max_backoff_ms;
    /** The growth of the delay; a finite number of at least 1. Default 2.0. */
    double multiplier;
    /** One of EXZ_JITTER_…. Default EXZ_JITTER_EQUAL. */
    uint32_t jitter;
    /** The bound of one attempt in milliseconds; 0 (the default) = what is left of the deadline. */
    int32_t attempt_timeout_ms;
    /** For EXZ_JITTER_PROPORTIONAL: 0 to 1. Default 0.2. */
    double jitter_ratio;
    /** 0 (the default) draws from the system; any other value makes the delays reproducible. */
    uint64_t seed;
} exz_retry_policy;

#define EXZ_RETRY_POLICY_INIT {sizeof(exz_retry_policy), 6, 100, 30000, 2.0, EXZ_JITTER_EQUAL, 0, 0.2, 0}

/**
 * Fills a retry policy with the defaults; the same as EXZ_RETRY_POLICY_INIT, for languages without macros.
 *
 * @param policy not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_retry_policy_init(exz_retry_policy *policy);

/** A schedule of delays: one retry policy at work. */
typedef struct exz_backoff {
    uint64_t id;
} exz_backoff;

/**
 * Starts a schedule of delays, for a retry loop of your own that is to follow the same rules as this library.
 *
 * @param out    receives the handle, to be closed with exz_backoff_close(). Not NULL.
 * @param policy copied; NULL is the default policy.
 * @return EXZ_OK; EXZ_ERR_INVALID for a policy with a field out of range; EXZ_ERR_LIMIT when there are too many.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_backoff_open(exz_backoff *out, const exz_retry_policy *policy);

/**
 * The delay before the next retry.
 *
 * @param delay_ms receives milliseconds, rounded up. Not NULL.
 * @param b        the schedule.
 * @return EXZ_OK; EXZ_ERR_EXHAUSTED when the policy allows no further attempt.
 *
 * Never waits; sleeping is the caller's. Since 0.1.
 */
exz_status exz_backoff_next(int32_t *delay_ms, exz_backoff b);

/**
 * Goes back to the first delay, after a success. The random source is not rewound.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_backoff_reset(exz_backoff b);

/**
 * Ends a schedule. Ending it again is not an error.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_backoff_close(exz_backoff b);

/**
 * Calls a function until it succeeds, as often and with such delays as the policy says.
 *
 * @param policy     copied; NULL is the default policy.
 * @param timeout_ms the bound of all attempts and delays together; EXZ_DEFAULT_TIMEOUT is 1000. The function itself is
 *                   not interrupted: an attempt that takes long makes the call late.
 * @param attempt    returns EXZ_OK to end with success, one of the statuses that are tried again (exz_retry_policy) for
 *                   another attempt, any other status to give up. `n` counts from 1. Called on this thread.
 * @param user       passed to `attempt` as it is; may be NULL.
 * @param err        filled on failure: `attempts`, `elapsed_ms`, and in `cause` what the last attempt returned. May be
 *                   NULL.
 * @return EXZ_OK; EXZ_ERR_EXHAUSTED when all attempts failed; EXZ_ERR_TIMEOUT when the time was up; what `attempt`
 *         returned if that is not tried again; EXZ_ERR_INVALID for a bad policy or a NULL function.
 *
 * Waits at most timeout_ms plus the time the last attempt takes. Signals do not end it. Since 0.1.
 */
exz_status exz_retry(const exz_retry_policy *policy, int32_t timeout_ms, exz_status (*attempt)(void *user, uint32_t n),
                     void *user, exz_error *err);

/* ------------------------------------------------------------------------------------------------------------------
 * Contexts
 * --------------------------------------------------------------------------------------------------------------- */

/** As a time-out: the socket's own default, 1000 ms unless it was opened with another. */
#define EXZ_DEFAULT_TIMEOUT (-1)

/** What sockets share: libzmq's I/O thread, the thread that looks after connections, the names of inproc endpoints. */
typedef struct exz_context {
    uint64_t id;
} exz_context;

#ifdef __cplusplus
#define EXZ_DEFAULT_CONTEXT (exz_context{0})
#else
/** The process-wide context, made when it is first used; only exz_shutdown() closes it. Enough for most programs. */
#define EXZ_DEFAULT_CONTEXT ((exz_context){0})
#endif

/** The same to initialise a variable with, a static one too: `static exz_context c = EXZ_DEFAULT_CONTEXT_INIT;` */
#define EXZ_DEFAULT_CONTEXT_INIT {0}

/**
 * Opens a context of its own, for code that wants to close everything it opened in one call.
 *
 * @param out receives the handle, to be closed with exz_context_close(). Not NULL.
 * @return EXZ_OK; EXZ_ERR_LIMIT out of descriptors; EXZ_ERR_NO_MEMORY; EXZ_ERR_VERSION for a libzmq before 4.3;
 *         EXZ_ERR_PERMISSION, or EXZ_ERR_NOT_SUPPORTED, where the system refuses a call that libzmq needs.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_context_open(exz_context *out);

/** As sched_policy: as the thread that opens the context. */
#define EXZ_SCHED_INHERITED (-1)

/** How a context is set up: fixed when it is opened. */
typedef struct exz_context_options {
    /** sizeof(exz_context_options). */
    uint32_t size;
    /** Threads of libzmq that carry what goes over the network, 1 to 64. Default 1: libzmq's manual counts one for each
     *  gigabyte a second. */
    uint32_t io_threads;
    /** The most sockets that may be open at once; 0, the default: as many as libzmq can have, about 21,000. */
    uint32_t max_sockets;
    /** How the context's threads get the processor, libzmq's included: SCHED_… of <sched.h>, where the system permits
     *  it. Default EXZ_SCHED_INHERITED. */
    int32_t sched_policy;
    /** The priority that goes with the policy: 1 to 99 with SCHED_FIFO and SCHED_RR, else 0. */
    int32_t sched_priority;
    /** The processors that the context's threads may use, by their numbers, copied; NULL only if there are none.
     *  Default none: those of the thread that opens the context. */
    const int32_t *cpus;
    /** Their number, at most 65536. */
    size_t cpu_count;
    /** What the names of the context's threads begin with, copied: 1 to 8 letters, digits, '_' and '.'. With "cam" they
     *  are cam-supervisor, cam-resolver, cam-reaper, cam-io-0, cam-proxy. Default NULL: "exz", and libzmq's own
     *  names. */
    const char *thread_name_prefix;
    /** Where operators may look at the context's sockets while the program runs, with `exz top`, copied: "ipc://PATH",
     *  or "ipc://" and a star for a path in $XDG_RUNTIME_DIR/experimance_zmq, without that variable in
     *  /tmp/experimance_zmq-UID, a directory that is made. Whoever connects there, as the same user or root, gets one
     *  document in JSON: counters, endpoints and failures, no messages and no keys; docs/operating.md has its form. It
     *  is served on a thread of its own, which no reader keeps waiting. The file can be reached by the user alone, and
     *  goes with the context; a child of fork() does not serve it. Default NULL: nowhere, unless the environment has
     *  EXZ_STATS=1, which asks for it in every context, the process-wide one included; where it can not be had then, a
     *  line in the log says so. */
    const char *stats_endpoint;
} exz_context_options;

#define EXZ_CONTEXT_OPTIONS_INIT {sizeof(exz_context_options), 1, 0, EXZ_SCHED_INHERITED, 0, NULL, 0, NULL, NULL}

/**
 * Fills in the defaults, for languages without initializers.
 *
 * @param options receives the defaults, its size included. Not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for NULL.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_context_options_init(exz_context_options *options);

/**
 * Opens a context of its own with options. What is wrong with them is found here, and exz_last_error() names it.
 *
 * @param out     receives the handle, to be closed with exz_context_close(). Not NULL.
 * @param options NULL for the defaults.
 * @return as exz_context_open(); EXZ_ERR_INVALID also for an option out of range, a processor that there is not, and a
 *         policy with a priority that it does not have, and a stats_endpoint that is none of ipc; EXZ_ERR_PERMISSION
 *         for a policy that the system does not permit to the process, and for a directory for statistics that is
 *         another user's, or that others may write to; EXZ_ERR_LIMIT also without a thread; EXZ_ERR_ADDRESS_IN_USE if
 *         somebody serves the stats_endpoint; EXZ_ERR_ADDRESS_NOT_AVAILABLE if its directory is not there.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_context_open_with(exz_context *out, const exz_context_options *options);

/**
 * Closes every socket of a context, the context and its threads. Closing again is not an error. The process-wide
 * context can not be closed by itself: EXZ_ERR_INVALID; exz_shutdown() closes all there are.
 *
 * @param ctx       the context.
 * @param linger_ms how long queued messages may still be sent; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK. What libzmq has not finished by then it finishes in the background. Otherwise no thread of the
 *         context is left, but for one that waits for the system's name service, which nobody can stop, and those
 *         that an authenticator's `decide` has not come back from: exz_authenticator_close() waits for these.
 *
 * Waits at most linger_ms + 100 ms. Wakes every wait on the sockets with EXZ_ERR_CLOSED. Since 0.1.
 */
exz_status exz_context_close(exz_context ctx, int32_t linger_ms);

/**
 * Ends all waits in a context, those of this moment and all that would begin later, with EXZ_ERR_CANCELED, and closes
 * nothing: so every thread that has a socket of the context learns that it is time to close it.
 *
 * A call that is waiting comes back at once, and one that begins later does what it can do without a wait, as with a
 * time-out of 0; only where it would have to wait it answers EXZ_ERR_CANCELED (and EXZ_ERR_TIMEOUT still where it was
 * not to wait). That holds for every call on a socket that takes a time-out, and for exz_poll() if one of its sockets
 * is in the context. exz_authenticator_wait() is ended likewise, and a proxy that has a socket of the context ends with
 * EXZ_ERR_CANCELED as the `reason` in its statistics. Links go on: they are made again, and what is queued is sent. A
 * close has its linger, of a socket and of the context.
 *
 * It can not be undone. Again it is not an error.
 *
 * @param ctx the context. Not EXZ_DEFAULT_CONTEXT, which is everybody's.
 * @return EXZ_OK; EXZ_ERR_INVALID for the process-wide context.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_context_end_waits(exz_context ctx);

/**
 * Ends everything: closes every context, the process-wide one included, and every fault proxy, ends every thread of the
 * library, gives its descriptors back and turns the log off, as it was when the library was loaded. For a plug-in that
 * is about to be unloaded, and for leak checkers.
 *
 * What is opened afterwards starts afresh. What other threads open meanwhile is closed with the rest or stays open; so
 * let them be done first. Handles of contexts, sockets and fault proxies answer EXZ_ERR_CLOSED from now on; messages,
 * schedules and cancelers are memory, and stay their owners'. Shutting down again, or when nothing was ever opened, is
 * not an error. A child of fork() ends what it opened itself.
 *
 * dlclose() needs no shutdown: the library's code stays in memory.
 *
 * @param timeout_ms the bound of all of it; EXZ_DEFAULT_TIMEOUT is 1000. What is queued may still be sent until 100 ms
 *                   before. 0 closes everything and answers EXZ_ERR_TIMEOUT unless all threads have ended already.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT when everything is closed but threads have not ended yet, one that waits for the
 *         system's name service for example: they end by themselves, and another call waits for them; EXZ_ERR_STATE on
 *         a thread of the library, where a log callback runs.
 *
 * Waits at most timeout_ms, and 100 ms for log callbacks that are under way. Wakes every wait with EXZ_ERR_CLOSED.
 * Since 0.1.
 */
exz_status exz_shutdown(int32_t timeout_ms);

/* ------------------------------------------------------------------------------------------------------------------
 * Keys and security
 * --------------------------------------------------------------------------------------------------------------- */

/*
 * CURVE encrypts a connection and proves to each side which key the other one has. A key pair is a secret key, which
 * stays with its owner, and the public key that belongs to it, which the others get. A server has a pair; so has each
 * client, and the server's public key beside it.
 *
 * Keys are passed as text, 40 characters of Z85, as every ZeroMQ library writes them. What is given as a secret is
 * copied into memory that is wiped when it is not needed any more, and never shown in a message, an event or the log.
 * libzmq has copies as long as the socket and its connections live. The socket's own is overwritten when it closes,
 * also where it was set by its number, if only once; those of its connections libzmq gives back to the system's
 * allocator as they are, and so what it has read from them, over PLAIN with the peer's password.
 */

/** The bytes of a key. */
#define EXZ_CURVE_KEY_SIZE 32
/** The room for a key as text, its NUL included. */
#define EXZ_CURVE_TEXT_SIZE 41

/**
 * Makes a new key pair.
 *
 * @param public_key receives the public key as text: EXZ_CURVE_TEXT_SIZE bytes. Not NULL.
 * @param secret_key receives the secret key, the same. Not NULL. It is the caller's to wipe.
 * @return EXZ_OK; EXZ_ERR_NOT_SUPPORTED for a libzmq without CURVE, or where the system gives no random numbers;
 *         EXZ_ERR_PERMISSION where it does not permit them; EXZ_ERR_NO_MEMORY.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_curve_keypair(char *public_key, char *secret_key);

/**
 * The public key that belongs to a secret key.
 *
 * @param public_key receives it as text: EXZ_CURVE_TEXT_SIZE bytes. Not NULL.
 * @param secret_key the secret key as text. Not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is no key; EXZ_ERR_NOT_SUPPORTED for a libzmq without CURVE;
 *         EXZ_ERR_NO_MEMORY.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_curve_public(char *public_key, const char *secret_key);

/**
 * Writes bytes as text in Z85 (RFC 32): five characters for every four bytes.
 *
 * @param text     receives the text and a NUL; not NULL.
 * @param capacity its room in bytes: size / 4 * 5 + 1 are needed.
 * @param data     the bytes; NULL only if there are none.
 * @param size     their number, a multiple of 4.
 * @return EXZ_OK; EXZ_ERR_TOO_SMALL, with nothing written.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_curve_encode(char *text, size_t capacity, const void *data, size_t size);

/**
 * Reads bytes from text in Z85.
 *
 * @param size     receives the number of bytes, with EXZ_ERR_TOO_SMALL also: how many there would be. Not NULL.
 * @param data     receives them; NULL only without capacity.
 * @param capacity its room in bytes: strlen(text) / 5 * 4 are needed.
 * @param text     a multiple of 5 characters; not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is not Z85, with nothing written; EXZ_ERR_TOO_SMALL.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_curve_decode(size_t *size, void *data, size_t capacity, const char *text);

/**
 * Writes a key pair into files, in the form that czmq and pyzmq read: "PATH.key" with the public key, for everybody,
 * and "PATH.key_secret" with both, which nobody but the owner may read, at no moment (mode 0600).
 *
 * A file that is there already is left alone. Either all files are there in the end, complete, or none.
 *
 * @param path       where, without the endings; of at most 4000 bytes. Not NULL.
 * @param public_key as text. NULL is the one that belongs to `secret_key`.
 * @param secret_key as text. NULL writes "PATH.key" only.
 * @param err        filled on failure. May be NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is no key, no key at all, a public key that is not the secret one's, or a
 *         directory that is not there; EXZ_ERR_STATE for a file that is there already; EXZ_ERR_PERMISSION;
 *         EXZ_ERR_LIMIT without room or a descriptor; EXZ_ERR_NOT_SUPPORTED for a libzmq without CURVE, or where the
 *         system gives no random numbers; EXZ_ERR_NO_MEMORY.
 *
 * Waits at most as long as the file system takes. Since 0.1.
 */
exz_status exz_curve_save(const char *path, const char *public_key, const char *secret_key, exz_error *err);

/**
 * Reads a file with keys, as this library, czmq and pyzmq write them: one with a public key, or one with both.
 *
 * @param public_key receives the public key as text: EXZ_CURVE_TEXT_SIZE bytes. Not NULL.
 * @param secret_key receives the secret key, the same; "" where the file has none. NULL if it is not wanted. It is the
 *                   caller's to wipe.
 * @param path       the file, of at most 64 KiB. Not NULL.
 * @param err        filled on failure. May be NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for a file that is not there, is none, or has no keys in it, naming the line where
 *         there is one to blame, and for a public key that is not the secret one's; EXZ_ERR_PERMISSION for a file that
 *         may not be read, and for one with a secret key that others than its owner may read or write; EXZ_ERR_LIMIT
 *         without a descriptor; EXZ_ERR_NOT_SUPPORTED for a secret key and a libzmq without CURVE; EXZ_ERR_NO_MEMORY.
 *
 * Waits at most as long as the file system takes. Since 0.1.
 */
exz_status exz_curve_load(char *public_key, char *secret_key, const char *path, exz_error *err);

/** How the connections of a socket are protected, and which side of it the socket is. */
enum {
    /** Not at all. */
    EXZ_SECURITY_NONE = 0,
    /** CURVE, as the side that proves who it is and knows whom it wants: `public_key`, `secret_key`, `server_key`. */
    EXZ_SECURITY_CURVE_CLIENT = 1,
    /** CURVE, as the side that lets others in: `secret_key`, and `public_key` if the caller likes. Closed by default:
     *  nobody comes in but whom the context's authenticator allows, unless there is EXZ_SECURITY_ANYBODY. */
    EXZ_SECURITY_CURVE_SERVER = 2,
    /** PLAIN encrypts nothing, and whoever sees the connection has the password: `username` and `password` go over it
     *  as they are. For peers that have nothing better. */
    EXZ_SECURITY_PLAIN_CLIENT = 3,
    /** PLAIN encrypts nothing, as the side that is given a name and a password. Nobody comes in but whom the context's
     *  authenticator allows. */
    EXZ_SECURITY_PLAIN_SERVER = 4,
    /** No encryption and no keys: the context's authenticator decides by the peer's address. Nobody comes in but whom
     *  it allows. */
    EXZ_SECURITY_GUARDED = 5
};

/** In `flags`, for EXZ_SECURITY_CURVE_SERVER: everybody who knows the server's public key may come in. */
#define EXZ_SECURITY_ANYBODY 1u

/**
 * The security of a socket: a part of exz_socket_options, fixed when the socket is opened.
 *
 * Which of a connection's ends is bound has nothing to do with which is the server. Both need the same mechanism: a
 * peer that has another one, or none, is rejected (EXZ_ERR_SECURITY). Connections within the process (inproc) have
 * none, whatever is said here.
 *
 * A field that the mechanism does not use has to be NULL.
 */
typedef struct exz_security {
    /** sizeof(exz_security). */
    uint32_t size;
    /** One of EXZ_SECURITY_…. Default EXZ_SECURITY_NONE. */
    int32_t mechanism;
    /** The socket's own public key as text. */
    const char *public_key;
    /** The socket's own secret key as text. */
    const char *secret_key;
    /** A client's: the public key of the server as text. */
    const char *server_key;
    /** 1 to 255 bytes. */
    const char *username;
    /** 1 to 255 bytes. */
    const char *password;
    /** 0 or EXZ_SECURITY_ANYBODY. */
    uint32_t flags;
} exz_security;

#define EXZ_SECURITY_INIT {sizeof(exz_security), EXZ_SECURITY_NONE, NULL, NULL, NULL, NULL, NULL, 0}

/**
 * Fills in the defaults, which are no security; the same as EXZ_SECURITY_INIT, for languages without macros.
 *
 * @param security not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_security_init(exz_security *security);

/* ------------------------------------------------------------------------------------------------------------------
 * Sockets
 * --------------------------------------------------------------------------------------------------------------- */

/** A socket. */
typedef struct exz_socket {
    uint64_t id;
} exz_socket;

/** The ZeroMQ socket types, numbered as libzmq numbers them. */
typedef int32_t exz_socket_type;

enum {
    EXZ_PAIR = 0,
    EXZ_PUB = 1,
    EXZ_SUB = 2,
    EXZ_REQ = 3,
    EXZ_REP = 4,
    EXZ_DEALER = 5,
    EXZ_ROUTER = 6,
    EXZ_PULL = 7,
    EXZ_PUSH = 8,
    EXZ_XPUB = 9,
    EXZ_XSUB = 10
};

/** What a publisher does when a subscriber's queue is full. */
enum {
    /** Drop the message for that subscriber: ZeroMQ's rule. libzmq does not say that it happened. */
    EXZ_ON_FULL_DROP = 0,
    /** Wait until every matching subscriber has room, up to the call's deadline. One that does not read stops all. */
    EXZ_ON_FULL_WAIT = 1
};

/** How a published message looks on the wire, and what a subscriber expects. */
enum {
    /** Two frames: the topic, the payload. */
    EXZ_WIRE_MULTIPART = 0,
    /** One frame: the topic, a space, the payload. */
    EXZ_WIRE_SPACE = 1
};

/** As a heartbeat time: the default of the socket type. */
#define EXZ_HEARTBEAT_DEFAULT (-1)

/** How a socket is set up. All of it is fixed with its first bind or connect; until then exz_socket_set_options() can
 *  replace it. */
typedef struct exz_socket_options {
    /** sizeof(exz_socket_options). */
    uint32_t size;
    /** Messages queued for one peer before a send waits (or a publisher drops); 0 = unlimited. Default 1000. Not looked
     *  at on SUB and XSUB, whose subscriptions are never dropped. */
    int32_t send_hwm;
    /** Messages queued from one peer before that peer is made to wait; 0 = unlimited. Default 1000. Not looked at where
     *  nothing is received, nor with heartbeats, where there is no limit: heartbeat_interval_ms. */
    int32_t receive_hwm;
    /** Milliseconds for which a close without a linger of its own goes on sending. Default 1000. */
    int32_t linger_ms;
    /** What EXZ_DEFAULT_TIMEOUT means on this socket, in milliseconds. Default 1000. */
    int32_t default_timeout_ms;
    /** EXZ_ON_FULL_…, for publishers; not looked at elsewhere. Default EXZ_ON_FULL_DROP. */
    uint32_t on_full;
    /** EXZ_WIRE_…, for publishers and subscribers; not looked at elsewhere. Default EXZ_WIRE_MULTIPART. */
    uint32_t wire_form;
    /** Milliseconds between ZMTP heartbeats; 0 = none; EXZ_HEARTBEAT_DEFAULT = 1000 for REQ, none for others.
     *  Heartbeats notice a frozen process, which TCP does not; and the peer, whichever library it has, is told to end
     *  the link when it hears nothing for `heartbeat_timeout_ms`. But a receiver whose queue is full answers none: a
     *  healthy link is cut then, and messages on their way are lost. Keep them off where a consumer may pause. A socket
     *  with heartbeats goes on reading however full its queue is: libzmq ends the process when a connection ends that
     *  it does not read, and a heartbeat is due there. Not looked at on ROUTER, REP and PAIR, whose connections it does
     *  not always read for other reasons: there the peers' heartbeats count. */
    int32_t heartbeat_interval_ms;
    /** Milliseconds without an answer that end the link; EXZ_HEARTBEAT_DEFAULT = four intervals. */
    int32_t heartbeat_timeout_ms;
    /** Milliseconds after which a tcp peer whose host does not answer is lost, rounded up to seconds, at least 4000; 0
     *  = the system's settings (hours on a quiet link, about 15 minutes with data on its way). Default 5000. A quiet
     *  link is asked by TCP keep-alive; one with data on its way is watched while the socket sends. A consumer that
     *  does not read keeps its link, as its host answers; if that vanishes then, a kernel before Linux 6.15 takes
     *  longer to find it out. */
    int32_t keepalive_ms;
    /** The largest message to send or to accept, in bytes; 0 = unlimited. Default 64 MiB. A peer that sends a larger
     *  one loses its connection. Messages of up to 1024 bytes are always accepted, as a handshake needs that much. What
     *  a PUB accepts are subscriptions, and it cuts the link to a peer that subscribes to a topic of more than 65,536
     *  bytes whatever is allowed here, as libzmq takes 27 bytes of memory for each byte of a topic: EXZ_EVENT_LOST,
     *  links_lost; the peer connects again and is cut again. (An XPUB has messages to receive, and this limit.) What
     *  comes in several parts is measured part by part: libzmq keeps them until the last is there, however many there
     *  are, so a peer that never ends its message can fill the memory. */
    int64_t max_message_size;
    /** 1: keep only the newest message of each queue; for SUB with EXZ_WIRE_SPACE, PUSH, PULL and DEALER, and not for
     *  messages of several parts. The answer to an exz_wait_subscribed() counts as one: a SUB's own, and another's
     *  where it has subscribed to everything, may take the newest message's place. Default 0. */
    uint32_t conflate;
    /** 1: a wait returns EXZ_ERR_INTERRUPTED when a signal arrives. A connect or bind goes on where it was when it is
     *  called again; a connect that is not wanted any more has to be disconnected. 0 (the default): the wait goes on.
     *  2 is the Python package's: whether it goes on is for the interpreter to say. */
    uint32_t interruptible;
    /** The kernel's send buffer of each connection in bytes; 0 (the default) = the system's choice. */
    int32_t send_buffer;
    /** The kernel's receive buffer of each connection in bytes; 0 (the default) = the system's choice. */
    int32_t receive_buffer;
    /** Events kept for exz_next_event(); beyond it the oldest is dropped and counted. At least 1, default 1000. */
    uint32_t event_capacity;
    /** Reserved; 0. */
    uint32_t reserved;
    /** The name by which a ROUTER knows this socket; NULL (the default) lets the peer choose one. Copied. The newest
     *  connection that brings a name has it: a ROUTER or REP hears nothing from an older one any more, and drops what
     *  it had sent and nobody has received. */
    const void *identity;
    /** Bytes of the identity: 0 to 255, the first not zero. */
    size_t identity_size;
    /** The policy for connecting, binding and re-connecting. As it lies in here, it keeps its size for as long as the
     *  SONAME stays: whatever is added to it will be added behind it. */
    exz_retry_policy retry;
    /** Keys, passwords and who may come in; NULL (the default): no security. Copied. */
    const exz_security *security;
    /** The mode of the file that a bind to a path of ipc makes, such as 0660: who may write to it may connect. It has
     *  it before anybody can. 0 (the default) leaves it to the process's umask. 0 to 0777. With it, ipc://… that names
     *  no path (`*`, and what begins with @) is EXZ_ERR_NOT_SUPPORTED. */
    uint32_t ipc_mode;
} exz_socket_options;

#define EXZ_SOCKET_OPTIONS_INIT \
    {sizeof(exz_socket_options), 1000, 1000, 1000, 1000, EXZ_ON_FULL_DROP, EXZ_WIRE_MULTIPART, EXZ_HEARTBEAT_DEFAULT, \
     EXZ_HEARTBEAT_DEFAULT, 5000, INT64_C(67108864), 0, 0, 0, 0, 1000, 0, NULL, 0, EXZ_RETRY_POLICY_INIT, NULL, 0}

/**
 * Fills socket options with the defaults; the same as EXZ_SOCKET_OPTIONS_INIT, for languages without macros.
 *
 * @param options not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_options_init(exz_socket_options *options);

/**
 * Says what is wrong with socket options that exz_socket_open() refuses.
 *
 * @param options as for exz_socket_open(); NULL is the defaults.
 * @param type    the type of the socket: not every option suits every type.
 * @param err     receives a sentence that names the field, or NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID; EXZ_ERR_NOT_SUPPORTED for CURVE and a libzmq without it; EXZ_ERR_NO_MEMORY.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_options_check(const exz_socket_options *options, exz_socket_type type, exz_error *err);

/**
 * Opens a socket.
 *
 * @param out     receives the handle, to be closed with exz_socket_close(). Not NULL.
 * @param ctx     a context, or EXZ_DEFAULT_CONTEXT.
 * @param type    EXZ_PUB, EXZ_SUB, …
 * @param options copied; NULL is the defaults.
 * @return EXZ_OK; EXZ_ERR_INVALID for an unknown type or an option out of range; EXZ_ERR_LIMIT out of descriptors,
 *         threads or sockets; EXZ_ERR_NO_MEMORY; EXZ_ERR_NOT_SUPPORTED for CURVE and a libzmq without it;
 *         EXZ_ERR_ADDRESS_IN_USE for a socket that lets others in by its `security`, where a socket of the context is
 *         bound to inproc://zeromq.zap.01; EXZ_ERR_VERSION for a libzmq before 4.3;
 *         EXZ_ERR_PERMISSION, or EXZ_ERR_NOT_SUPPORTED, where the system refuses a call that libzmq needs.
 *
 * Never waits, but for up to 100 ms with the first socket of a context whose threads have names of their own, until
 * they have them. Since 0.1.
 */
exz_status exz_socket_open(exz_socket *out, exz_context ctx, exz_socket_type type, const exz_socket_options *options);

/**
 * Replaces the options of a socket, until its first bind or connect: for programs that set one option after the other
 * when the socket is there already.
 *
 * All fields count, those that are at their defaults, too; but an `identity` or `security` of NULL leaves what the
 * socket has, and other security is EXZ_ERR_NOT_SUPPORTED: that is given when the socket is opened, or by the numbers
 * of libzmq's options. What was set by number and has no field stays, and so do subscriptions. Calls that wait keep the
 * time-out they have, descriptors of the socket stay what they are.
 *
 * @param s       the socket.
 * @param options copied; NULL is the defaults.
 * @param err     receives details, or NULL.
 * @return EXZ_OK; EXZ_ERR_STATE once it has listened or a connect has begun, whatever has become of that;
 *         EXZ_ERR_INVALID for an option out of range; EXZ_ERR_NOT_SUPPORTED for security; EXZ_ERR_NO_MEMORY. On
 *         failure the socket keeps its options.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_set_options(exz_socket s, const exz_socket_options *options, exz_error *err);

/**
 * Closes a socket. Every call that waits on it returns EXZ_ERR_CLOSED. Closing again is not an error: where
 * exz_socket_close_start() has begun to, it waits for that end, for its own linger_ms at most, and cuts nothing short.
 *
 * Queued messages are sent for up to linger_ms; those still queued then are dropped. When the call returns before that
 * time, libzmq has ended every connection and the port can be bound again; the last descriptors of the socket follow
 * within moments.
 *
 * @param s         the socket.
 * @param linger_ms milliseconds; EXZ_DEFAULT_TIMEOUT is the socket's `linger_ms` option.
 * @return EXZ_OK.
 *
 * Waits at most linger_ms + 100 ms, whatever the peers do; less when there is nothing to send. Since 0.1.
 */
exz_status exz_socket_close(exz_socket s, int32_t linger_ms);

/**
 * Begins to close a socket, and does not wait: queued messages are sent for up to linger_ms in the background. For who
 * uses the socket it is closed when the call returns, as with exz_socket_close(). Closing again is not an error.
 *
 * The descriptor in *done_fd tells when the socket is over: libzmq has ended every connection by then and the port can
 * be bound again; or linger_ms and 100 ms have passed, and libzmq finishes the rest by itself. It is readable from then
 * on, and read(2) of 8 bytes gives a uint64_t: 1 if all that was sent has been handed over to the kernel or to a peer
 * in this process, or nothing was sent; 2 if the linger was over first, so that messages may have been dropped. (What
 * libzmq drops with a connection that is lost it does not tell.) After a close that was over before nothing is known:
 * it is readable at once and gives 2. It is an eventfd(2) that does not block, is the caller's, to be closed with
 * close(2) at any time, and can be had more than once, also of a socket that another call is closing, that of its
 * context included. exz_socket_close() waits for the same end, for the linger_ms that it is given. Neither that nor
 * exz_context_close() cuts the linger short that was given here.
 *
 * @param done_fd   receives the descriptor; NULL if nobody waits for it.
 * @param s         the socket.
 * @param linger_ms milliseconds; EXZ_DEFAULT_TIMEOUT is the socket's `linger_ms` option.
 * @return EXZ_OK; EXZ_ERR_LIMIT without a descriptor for *done_fd (it takes two while the socket is closing), and the
 *         socket is as it was.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_close_start(int *done_fd, exz_socket s, int32_t linger_ms);

/**
 * Ends every call that waits on the socket at this moment with EXZ_ERR_CANCELED. The socket stays usable; calls that
 * begin later are not affected. A connect that is cancelled leaves no link behind.
 *
 * May be called in a signal handler. A signal that comes just before its thread would wait ends nothing this way: there
 * a canceler is better, as it stays cancelled.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_cancel(exz_socket s);

/**
 * Binds a socket to an endpoint, so that peers can connect to it.
 *
 * Endpoints: tcp://ADDRESS:PORT, where ADDRESS is a number, a name, an interface (its IPv4 address) or * and PORT may
 * be 0 or * for one that the system chooses (exz_socket_endpoint() tells which); ipc://PATH of at most 107 bytes;
 * inproc://NAME of at most 255 bytes, within one context. All of them are UTF-8 without control characters; PATH and
 * NAME may have spaces. While the address is in use or not there yet, binding is tried again under the socket's retry
 * policy.
 *
 * With * as ADDRESS the socket listens at every address of the machine, of IPv6 and of IPv4; where there is no IPv6,
 * or the process may not use it, of IPv4. Either way exz_socket_endpoint() and events call it tcp://0.0.0.0:PORT.
 *
 * The file of an ipc endpoint whose process is gone is replaced; a live one or a regular file is never touched. Of
 * several processes that bind to one path at the same moment one gets it; the others are told
 * EXZ_ERR_ADDRESS_IN_USE. That holds among processes that use this library in one network namespace: libzmq by itself
 * removes whatever is at the path. The file is removed when the socket is closed or unbound.
 *
 * When the process has no descriptor left for a peer that connects, that peer waits on tcp, and gets in when there is
 * one again. On ipc libzmq ends the process with abort(3), and nothing outside it can prevent that: where descriptors
 * may run out, raise the limit (RLIMIT_NOFILE), or use tcp on 127.0.0.1.
 *
 * @param s          the socket.
 * @param endpoint   not NULL.
 * @param timeout_ms the bound of all attempts.
 * @param err        filled on failure. May be NULL.
 * @return EXZ_OK; EXZ_ERR_ADDRESS_IN_USE, EXZ_ERR_ADDRESS_NOT_AVAILABLE or EXZ_ERR_RESOLVE when attempts or time ran
 *         out; EXZ_ERR_INVALID also for an inproc name the socket is connected to itself; EXZ_ERR_PERMISSION;
 *         EXZ_ERR_NOT_SUPPORTED for another transport; EXZ_ERR_LIMIT out of descriptors; EXZ_ERR_CANCELED,
 *         EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_socket_bind(exz_socket s, const char *endpoint, int32_t timeout_ms, exz_error *err);

/**
 * Binds a socket to a descriptor that listens already: one that a service manager has opened (systemd's socket
 * activation: descriptors 3 to 3 + LISTEN_FDS - 1), or a parent process.
 *
 * The library listens with a copy of its own. `descriptor` stays the caller's, who may close it at once; as long as it
 * is open somewhere, connections go on queueing up there after the socket is closed. Connections that wait there are
 * accepted. Both copies share one state: it becomes non-blocking (O_NONBLOCK). The backlog is the one it was given, and
 * the file of a local socket is never removed.
 *
 * exz_socket_endpoint() tells the endpoint, and exz_socket_unbind() takes it.
 *
 * @param s          the socket.
 * @param descriptor a stream socket of IPv4, IPv6 or the local domain (AF_UNIX) on which listen(2) has been called.
 * @param err        filled on failure. May be NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for any other descriptor, with what it is in the message; EXZ_ERR_LIMIT out of
 *         descriptors.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_bind_fd(exz_socket s, int32_t descriptor, exz_error *err);

/** exz_socket_connect(): return at once and go on in the background, for a peer that starts later. */
#define EXZ_CONNECT_BACKGROUND 1u

/**
 * Connects a socket to an endpoint.
 *
 * Without flags the call returns EXZ_OK only when the ZMTP handshake with the peer is done. Attempts that fail for a
 * passing reason are repeated under the socket's retry policy until it or the deadline ends them; then no link is left
 * behind and the status is the reason of the last attempt. With EXZ_CONNECT_BACKGROUND it returns at once and the
 * attempts go on, without a limit of number, until the socket is closed; exz_next_event() tells how they fare.
 *
 * Either way a connection that is lost is made again until the socket is closed, and a subscriber's subscriptions come
 * back with it. Connecting to an endpoint a second time waits for the link there is; it does not add another.
 *
 * Names are resolved when an attempt begins, outside libzmq's threads, and all their addresses are tried. When a
 * connection to a name is lost, its name is resolved again, at once and then after the policy's delays: the link goes
 * to where the name is today. It stays where it was while the name stands for that address, too, unless nobody answers
 * there for the time of an attempt and somebody does at another of the name's addresses; and while the name can not be
 * resolved.
 *
 * While an attempt is under way, sends on sockets that spread their messages over peers (PUSH, DEALER, REQ, PAIR) wait;
 * not for a peer that gave no answer the last time, which is looked for aside until there is one. What is queued when a
 * connection is lost is sent when it is back; on a REQ it is dropped, so that nothing is executed that nobody waits
 * for. So is what was queued for an address that is left: EXZ_EVENT_QUEUE_DROPPED. As little as possible is: while a
 * link by name is down, sends of those sockets wait, unless there is another peer.
 *
 * A PAIR has one peer at a time. One of this library ends the connection of another that comes, which therefore is made
 * again and again until the place is free: when the peer is gone and all that it sent has been received. Of other
 * libraries' PAIRs that can not be known: they shake hands with everybody and ignore all but the first.
 *
 * @param s          the socket.
 * @param endpoint   tcp://HOST:PORT (HOST a name or a number, PORT 1 to 65535), ipc://PATH or inproc://NAME, as for
 *                   exz_socket_bind(). Not NULL.
 * @param flags      0 or EXZ_CONNECT_BACKGROUND.
 * @param timeout_ms the bound of all attempts; not used in the background.
 * @param err        filled on failure. May be NULL.
 * @return EXZ_OK; EXZ_ERR_REFUSED nobody listens there, or the ipc path is missing; EXZ_ERR_UNREACHABLE no route;
 *         EXZ_ERR_RESOLVE the name has no address; EXZ_ERR_TIMEOUT the peer is silent, or packets are dropped;
 *         EXZ_ERR_PEER_LOST it accepts and closes; EXZ_ERR_PROTOCOL it is no ZMTP 3 peer (HTTP, ZMTP 1 …), or its
 *         socket type does not fit; EXZ_ERR_SECURITY another mechanism, or the key was rejected;
 *         EXZ_ERR_INVALID also for an endpoint the socket is bound to itself; EXZ_ERR_STATE a PAIR that has a peer;
 *         EXZ_ERR_NOT_SUPPORTED for another transport; EXZ_ERR_PERMISSION; EXZ_ERR_LIMIT; EXZ_ERR_NO_MEMORY;
 *         EXZ_ERR_ADDRESS_NOT_AVAILABLE no local port left; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms; never with EXZ_CONNECT_BACKGROUND. Since 0.1.
 */
exz_status exz_socket_connect(exz_socket s, const char *endpoint, uint32_t flags, int32_t timeout_ms, exz_error *err);

/**
 * Stops listening at an endpoint and ends the connections that came through it.
 *
 * @param endpoint as it was bound, or as exz_socket_endpoint() told it. Not NULL.
 * @return EXZ_OK; EXZ_ERR_STATE if the socket is not bound to it; EXZ_ERR_NOT_SUPPORTED for another transport.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_unbind(exz_socket s, const char *endpoint);

/**
 * Ends the link to an endpoint. Messages queued for it are still sent in the background, for up to the socket's
 * `linger_ms`; messages that came from it and that libzmq still holds are dropped. Of what is queued for a peer that is
 * slow libzmq may lose the last; where that matters, close the socket, which waits for such a peer.
 *
 * @param endpoint as it was connected. Not NULL.
 * @return EXZ_OK; EXZ_ERR_STATE if the socket is not connected to it; EXZ_ERR_NOT_SUPPORTED for another transport.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_disconnect(exz_socket s, const char *endpoint);

/**
 * The endpoint a socket was bound to last, with the port the system chose; without one, the endpoint it was connected
 * to last.
 *
 * @param s        the socket.
 * @param buffer   receives the text with its NUL. Not NULL.
 * @param capacity bytes of the buffer; 1024 are always enough.
 * @return EXZ_OK; EXZ_ERR_STATE if it is neither bound nor connected; EXZ_ERR_TOO_SMALL.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_endpoint(exz_socket s, char *buffer, size_t capacity);

/** What a socket is doing, seen from its links. */
typedef uint32_t exz_state;

enum {
    /** Neither bound nor connected. */
    EXZ_STATE_IDLE = 0,
    /** Bound, but no peer yet. */
    EXZ_STATE_LISTENING = 1,
    /** Connecting, no peer yet. */
    EXZ_STATE_CONNECTING = 2,
    /** At least one peer with a finished handshake. */
    EXZ_STATE_READY = 3,
    /** A link was lost and is being made again; there is no other peer. */
    EXZ_STATE_RECONNECTING = 4
};

/**
 * What a socket is doing.
 *
 * @param out receives one of EXZ_STATE_…. Not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_state(exz_state *out, exz_socket s);

/** What a socket has done since it was opened. */
typedef struct exz_stats {
    /** sizeof(exz_stats), to be set by the caller. */
    uint32_t size;
    /** One of EXZ_STATE_…. */
    exz_state state;
    /** Messages libzmq has taken over, and their bytes. Of a publisher: each message once, whether it goes to many
     *  subscribers, to none, or is dropped for one whose queue is full; who has to know numbers the messages. */
    uint64_t messages_sent;
    uint64_t bytes_sent;
    /** Messages handed to the caller, and their bytes. */
    uint64_t messages_received;
    uint64_t bytes_received;
    /** Sends that returned an error; the message stayed with the caller. A batch that was cut short counts once, misuse
     *  (EXZ_ERR_INVALID, a handle that is none) not at all. */
    uint64_t sends_refused;
    /** Calls of any kind that waited until their deadline. A try that does not wait, with a time-out of 0, is not
     *  counted, nor is it a `last_error`. */
    uint64_t timeouts;
    /** Attempts to connect. */
    uint64_t connect_attempts;
    /** Links that were made again after they had been lost. */
    uint64_t reconnects;
    /** Links and accepted connections that were lost after their handshake; not those this side ended itself. */
    uint64_t links_lost;
    /** Connections to a bound endpoint that did not get through the handshake. A peer of this library that looks why it
     *  was rejected is not counted again, but under PLAIN and CURVE, where libzmq tells the two apart by nothing. */
    uint64_t peers_rejected;
    /** Events that were dropped because nobody read them. */
    uint64_t events_dropped;
    /** Peers with a finished handshake at this moment. */
    uint32_t peers;
    /** The status of the last failure of any call or link; EXZ_OK if there was none. */
    exz_status last_error;
    /** Queues of lost links that were dropped, with what may still have been in them: EXZ_EVENT_QUEUE_DROPPED. */
    uint64_t queues_dropped;
} exz_stats;

#define EXZ_STATS_INIT {sizeof(exz_stats), EXZ_STATE_IDLE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, EXZ_OK, 0}

/**
 * The counters of a socket.
 *
 * @param out filled; its `size` has to be set. Not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_stats(exz_stats *out, exz_socket s);

/**
 * Sets one of libzmq's options by its number in <zmq.h>, for what exz_socket_options has no field for.
 *
 * Options of connections apply to those made afterwards. Refused are options that would break a promise of this library
 * or abort the process: time-outs (every call has its own), re-connection (the retry policy), ZMQ_IMMEDIATE,
 * ZMQ_CONFLATE, ZMQ_ROUTER_MANDATORY (always on), ZMQ_ROUTER_RAW, ZMQ_REQ_RELAXED (always on), ZMQ_CONNECT_ROUTING_ID,
 * ZMQ_USE_FD, ZMQ_SOCKS_PROXY, ZMQ_IPV6 and ZMQ_IPV4ONLY (both families are used), ZMQ_AFFINITY, ZMQ_HEARTBEAT_IVL
 * (heartbeat_interval_ms), the handshake's and the connect time-out, ZMQ_SNDHWM on SUB and XSUB, and those of XPUB
 * (ZMQ_INVERT_MATCHING among them) on other sockets than XPUB and XSUB. ZMQ_LINGER, ZMQ_SNDHWM, ZMQ_RCVHWM,
 * ZMQ_MAXMSGSIZE and ZMQ_XPUB_NODROP change the field of exz_socket_options they stand for. The high-water marks can be
 * set until the socket first binds or connects: libzmq 4.3.4 crashes if the other end of a queue is gone when they
 * change. So can ZMQ_REQ_CORRELATE, which is on: at 0 a request has no number in front, for a ROUTER that does not
 * expect one, and exz_request() is EXZ_ERR_NOT_SUPPORTED, as late answers are not told apart. With ZMQ_TCP_MAXRT a
 * consumer that does not read for so long loses its link.
 *
 * @param s      the socket.
 * @param option ZMQ_….
 * @param value  for options of 32 and of 64 bits alike.
 * @return EXZ_OK; EXZ_ERR_NOT_SUPPORTED for an option that is refused; EXZ_ERR_INVALID for one libzmq does not know,
 *         that is no number, or a value out of range; EXZ_ERR_STATE for a high-water mark, too late.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_set_int(exz_socket s, int32_t option, int64_t value);

/**
 * Reads one of libzmq's options by its number. ZMQ_EVENTS works through what has arrived and says what can be done now,
 * just as exz_poll() does.
 *
 * @param value  receives the number. Not NULL.
 * @param s      the socket.
 * @param option ZMQ_…; not ZMQ_FD, for which there is exz_socket_fd(), nor ZMQ_RCVMORE.
 * @return EXZ_OK; EXZ_ERR_NOT_SUPPORTED for the two; EXZ_ERR_INVALID for one libzmq does not know, or that is no
 *         number.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_get_int(int64_t *value, exz_socket s, int32_t option);

/**
 * Sets one of libzmq's options that is a text or bytes. ZMQ_SUBSCRIBE and ZMQ_UNSUBSCRIBE are exz_subscribe() and
 * exz_unsubscribe() for topics with a NUL in them.
 *
 * @param s      the socket.
 * @param option ZMQ_….
 * @param data   copied. NULL only if size is 0.
 * @param size   bytes.
 * @return as exz_socket_set_int(); EXZ_ERR_INVALID also for an empty ZMQ_ZAP_DOMAIN, which would let ZMTP 1 peers in,
 *         and for "experimance" and what begins with "experimance.", which are the library's own.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_set_bytes(exz_socket s, int32_t option, const void *data, size_t size);

/**
 * Reads one of libzmq's options that is a text, with its NUL, or bytes.
 *
 * @param size     receives the bytes of the value; also with EXZ_ERR_TOO_SMALL. Not NULL.
 * @param s        the socket.
 * @param option   ZMQ_….
 * @param buffer   receives the value. NULL only if capacity is 0.
 * @param capacity bytes of the buffer. CURVE keys come as 32 bytes or as 41 of text, as the capacity says.
 * @return EXZ_OK; EXZ_ERR_TOO_SMALL; otherwise as exz_socket_get_int().
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_get_bytes(size_t *size, exz_socket s, int32_t option, void *buffer, size_t capacity);

/* ------------------------------------------------------------------------------------------------------------------
 * Messages
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Sends one message of one part.
 *
 * EXZ_OK means that libzmq has the message and will deliver it, again and again across re-connections, unless the link
 * dies while it is on its way: ZeroMQ has no acknowledgement. While no peer has a finished handshake, or the queues to
 * all peers are full, the call waits. While a link that was up is being made again, its queue takes messages. (A
 * publisher never waits for peers; see exz_publish(). On a REQ a new message gives up the one before, if that was not
 * answered; exz_request() does more. On a ROUTER use exz_send_parts(): the first part names the peer.)
 *
 * @param s          the socket.
 * @param data       copied. NULL only if size is 0.
 * @param size       bytes.
 * @param flags      0; none are defined.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: the message was not taken; EXZ_ERR_TOO_LARGE; EXZ_ERR_NOT_SUPPORTED on SUB, PULL and
 *         ROUTER; EXZ_ERR_UNREACHABLE on a ROUTER for a peer it does not have (exz_send_parts()); EXZ_ERR_NO_MEMORY;
 *         EXZ_ERR_STATE on REP without a request, and on REQ during exz_request(); EXZ_ERR_LIMIT out of descriptors to
 *         wait with; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED. On every failure the message stays with the
 *         caller.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_send(exz_socket s, const void *data, size_t size, uint32_t flags, int32_t timeout_ms);

/**
 * Receives one message of one part: the bytes as they came. In the wire form EXZ_WIRE_SPACE that is topic, space and
 * payload; exz_recv_published() and exz_recv_message() tell them apart.
 *
 * @param size       receives the size of the message; also with EXZ_ERR_TOO_SMALL. Not NULL.
 * @param s          the socket.
 * @param buffer     receives the message. NULL only if capacity is 0.
 * @param capacity   bytes of the buffer.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: nothing arrived; EXZ_ERR_TOO_SMALL: `size` says how much is needed, the message is
 *         kept for the next receive; EXZ_ERR_STATE: the message has several parts and is kept for exz_recv_message(),
 *         or it is not the turn of a REQ or REP, or exz_request() waits on it; EXZ_ERR_NOT_SUPPORTED on PUB and PUSH;
 *         EXZ_ERR_LIMIT; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED. A failure never loses a message.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_recv(size_t *size, exz_socket s, void *buffer, size_t capacity, int32_t timeout_ms);

/**
 * Sends many messages of one part each, in their order. What makes a program fast that has many at once.
 *
 * @param sent       receives how many were taken; written whatever the status, unless that is a wrong argument or
 *                   handle. Not NULL.
 * @param s          the socket.
 * @param data       the messages, one behind the other; copied. NULL only if all sizes are 0.
 * @param sizes      bytes of each. Not NULL.
 * @param count      messages, 1 or more.
 * @param timeout_ms the bound of all together.
 * @return EXZ_OK: all were taken; else the status of the first that was not, as exz_send() would have answered: it and
 *         those behind it stay with the caller.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_send_many(size_t *sent, exz_socket s, const void *data, const size_t *sizes, size_t count,
                         int32_t timeout_ms);

/**
 * Receives many messages of one part each: waits for the first, and takes what is there.
 *
 * Ends before a message that does not fit into what is left of the buffer, and before one of several parts; both are
 * kept for the next receive.
 *
 * @param count      receives how many came; 0 unless the status is EXZ_OK. Not NULL.
 * @param s          the socket.
 * @param buffer     receives the messages, one behind the other. NULL only if capacity is 0.
 * @param capacity   bytes of the buffer.
 * @param sizes      receives the bytes of each; the first one also with EXZ_ERR_TOO_SMALL. Not NULL.
 * @param max_count  the places in `sizes`, 1 or more. No more than 65536 messages come at once.
 * @param timeout_ms the bound of the wait for the first.
 * @return EXZ_OK with at least one message; EXZ_ERR_TOO_SMALL: sizes[0] says how much the first one needs;
 *         EXZ_ERR_STATE: the first one has several parts; otherwise as exz_recv(). A failure never loses a message.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_recv_many(size_t *count, exz_socket s, void *buffer, size_t capacity, size_t *sizes, size_t max_count,
                         int32_t timeout_ms);

/** One part of a message to send. */
typedef struct exz_part {
    /** NULL only if size is 0. */
    const void *data;
    /** Bytes. */
    size_t size;
} exz_part;

/**
 * Sends one message of several parts, which arrive together or not at all.
 *
 * @param s          the socket.
 * @param parts      copied. Not NULL.
 * @param count      1 or more.
 * @param timeout_ms the bound.
 * @return as exz_send(), but a ROUTER can, with two parts or more; the size limit applies to all parts together.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_send_parts(exz_socket s, const exz_part *parts, size_t count, int32_t timeout_ms);

/**
 * Sends one message of one part from the caller's memory, without copying it.
 *
 * @param s          the socket.
 * @param data       lent to libzmq from a call that returns EXZ_OK until `release` is called with it; it must not
 *                   change meanwhile, or what is sent is undefined. NULL only if size is 0.
 * @param size       bytes.
 * @param release    called exactly once if the call returns EXZ_OK, when nobody needs the memory any more; on any other
 *                   status never, and the memory is the caller's as before. It may be called before this function
 *                   returns, and on any thread, libzmq's own mostly: it must be quick and must not call this library.
 *                   Not NULL.
 * @param user       handed to `release`.
 * @param timeout_ms the bound.
 * @return as exz_send().
 *
 * A message that nobody has taken is released when it is given up, at the latest with the end of its context; in a
 * process that ends without that, and in a forked child, never. Below some kilobytes exz_send() is faster.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_send_owned(exz_socket s, void *data, size_t size, void (*release)(void *data, void *user), void *user,
                          int32_t timeout_ms);

/** Memory of the caller's for one part of a message. */
typedef struct exz_buffer {
    /** NULL only if capacity is 0. */
    void *data;
    /** Its bytes. */
    size_t capacity;
    /** Set by exz_recv_parts(): the bytes of the part. */
    size_t size;
} exz_buffer;

/**
 * Receives one message, each part into a buffer of its own.
 *
 * On a subscriber with EXZ_WIRE_SPACE it comes in topic and payload, as with exz_recv_message().
 *
 * @param count      receives the number of parts; also with EXZ_ERR_TOO_SMALL. Not NULL.
 * @param s          the socket.
 * @param buffers    as many as parts are expected; `size` is set of those that a part is for, also with
 *                   EXZ_ERR_TOO_SMALL. Not NULL.
 * @param max_count  the number of buffers, 1 or more.
 * @param timeout_ms the bound.
 * @return as exz_recv(), but messages of several parts are no failure; EXZ_ERR_TOO_SMALL if a part does not fit or
 *         there are more parts than buffers: nothing is copied, and the message is kept for the next receive.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_recv_parts(size_t *count, exz_socket s, exz_buffer *buffers, size_t max_count, int32_t timeout_ms);

/** A received message with its parts. */
typedef struct exz_message {
    uint64_t id;
} exz_message;

/**
 * Receives one message with all its parts. A large one is not copied.
 *
 * On a subscriber with EXZ_WIRE_SPACE a message of one part is cut at its first space into topic and payload. Otherwise
 * the parts are as the peer sent them: a publisher of another program may send any number.
 *
 * @param out        receives the message, to be released with exz_message_free(). Not NULL.
 * @param s          the socket.
 * @param timeout_ms the bound.
 * @return as exz_recv(), without EXZ_ERR_TOO_SMALL; EXZ_ERR_LIMIT also when there are too many messages: the message
 *         is kept for the next receive.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_recv_message(exz_message *out, exz_socket s, int32_t timeout_ms);

/**
 * How many parts a message has.
 *
 * @param count receives the number. Not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_message_count(size_t *count, exz_message m);

/**
 * One part of a message.
 *
 * @param data  receives the place of the part, aligned to 16 bytes, for any type of C's; the same whenever it is asked
 *              for, and valid until exz_message_free(), also for a part without bytes. Not NULL.
 * @param size  receives its bytes. Not NULL.
 * @param m     the message.
 * @param index 0 for the first.
 * @return EXZ_OK; EXZ_ERR_INVALID if there is no such part; EXZ_ERR_NO_MEMORY if a large part has to be moved to be
 *         aligned, and there is no room for that now; EXZ_ERR_STATE while another call sends the message on.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_message_part(const void **data, size_t *size, exz_message m, size_t index);

/**
 * The same where the part lies, which is never copied for it: at an address of any alignment.
 *
 * @param data  receives the address, good until the message is released or sent; exz_message_part() may move it. Not
 *              NULL.
 * @param size  receives the bytes. Not NULL.
 * @param m     the message.
 * @param index 0 to the number of parts - 1.
 * @return EXZ_OK; EXZ_ERR_INVALID if there is no such part.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_message_view(const void **data, size_t *size, exz_message m, size_t index);

/**
 * What is known of the peer that a message has come from.
 *
 * @param buffer   receives a text with its NUL: "" where the peer has none, and where nothing is known, as over inproc.
 *                 NULL only if capacity is 0.
 * @param capacity bytes of the buffer. 256 are enough, but for what a ZAP handler of another kind may give as
 *                 "User-Id".
 * @param m        the message.
 * @param name     "Peer-Address": its numeric address, over ipc with user, group and process; "User-Id": as whom the
 *                 context's authenticator has let it in, or a ZAP handler of the program's own, where that is certain
 *                 (exz_authenticator), and never the peer's own word; "Public-Key": its key over CURVE, where an
 *                 exz_authenticator has; "Socket-Type": "PUSH" and so on; "Identity": the routing id it has chosen, up
 *                 to a NUL. Not NULL.
 * @return EXZ_OK; EXZ_ERR_TOO_SMALL; EXZ_ERR_INVALID for another name.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_message_property(char *buffer, size_t capacity, exz_message m, const char *name);

/**
 * Sends a received message on, with all its parts. What is long in it is not copied.
 *
 * On a subscriber with EXZ_WIRE_SPACE a message was cut in two when it was received; it goes on as it came.
 *
 * @param s          the socket.
 * @param m          released if the call returns EXZ_OK; on any other status still the caller's.
 * @param timeout_ms the bound.
 * @return as exz_send_parts(); EXZ_ERR_STATE also while another call sends the same message; EXZ_ERR_CLOSED for one
 *         that was released or sent; EXZ_ERR_HANDLE for what is no message.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_send_message(exz_socket s, exz_message m, int32_t timeout_ms);

/**
 * Releases a message. The zeroed handle and a message that is released already are fine.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_message_free(exz_message m);

/* ------------------------------------------------------------------------------------------------------------------
 * Requests
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Sends a request on a REQ socket and waits for its answer.
 *
 * While there is no server the request waits here, and goes out once when there is one. If the server is lost after
 * that, the call says so: the request may have been executed, so it is not made again. Whatever the outcome, the socket
 * can make the next request at once; an answer that comes late is dropped, never taken for another request's. Requests
 * of several threads on one socket follow each other. (Where a socket has several servers libzmq does not tell which of
 * them has the request: it counts as lost when as many were lost as there were; an idempotent one with the first.)
 *
 * @param size       receives the size of the answer; also with EXZ_ERR_TOO_SMALL. Not NULL.
 * @param s          a REQ socket.
 * @param data       the request; copied. NULL only if n is 0.
 * @param n          bytes of the request.
 * @param buffer     receives the answer. NULL only if capacity is 0.
 * @param capacity   bytes of the buffer.
 * @param timeout_ms the bound of everything together.
 * @param err        filled on failure: `attempts` says how often the request was sent or tried. May be NULL.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: the request was sent and no answer came, or there was no server to send it to and
 *         no reason for that is known; EXZ_ERR_PEER_LOST: the server was lost before it answered; EXZ_ERR_REFUSED,
 *         EXZ_ERR_UNREACHABLE, EXZ_ERR_RESOLVE, EXZ_ERR_PROTOCOL, EXZ_ERR_SECURITY: there was no server to send it to;
 *         EXZ_ERR_TOO_SMALL: `size` says how much is needed, the answer is kept for exz_recv() until the next request;
 *         EXZ_ERR_STATE: it has several parts and is kept for exz_recv_message(); EXZ_ERR_TOO_LARGE;
 *         EXZ_ERR_NOT_SUPPORTED on other socket types; EXZ_ERR_NO_MEMORY; EXZ_ERR_LIMIT; EXZ_ERR_CANCELED,
 *         EXZ_ERR_CLOSED; EXZ_ERR_INTERRUPTED: the same request again goes on where it was, anything else gives it up.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_request(size_t *size, exz_socket s, const void *data, size_t n, void *buffer, size_t capacity,
                       int32_t timeout_ms, exz_error *err);

/**
 * The same for a request that may be executed more than once.
 *
 * When the server is lost, or does not answer within the retry policy's `attempt_timeout_ms`, the request is sent
 * again: with the policy's delays, and at most `max_attempts` times.
 *
 * @return as exz_request(). EXZ_ERR_PEER_LOST or EXZ_ERR_TIMEOUT is the outcome of the last attempt.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_request_idempotent(size_t *size, exz_socket s, const void *data, size_t n, void *buffer, size_t capacity,
                                  int32_t timeout_ms, exz_error *err);

/* ------------------------------------------------------------------------------------------------------------------
 * Publish and subscribe
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Publishes a message to the subscribers whose subscriptions begin its topic, in the socket's wire form.
 *
 * Messages that nobody has subscribed to are dropped, as ZeroMQ does; exz_wait_subscribers() says when somebody has.
 *
 * @param s          a PUB or XPUB socket.
 * @param topic      not NULL; "" is a topic. Without a space in the wire form EXZ_WIRE_SPACE, where it would end there.
 * @param data       the payload; copied. NULL only if size is 0.
 * @param size       bytes of the payload.
 * @param timeout_ms the bound, for a socket with EXZ_ON_FULL_WAIT; others do not wait.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: a subscriber's queue stayed full; EXZ_ERR_TOO_LARGE; EXZ_ERR_NOT_SUPPORTED on other
 *         socket types; EXZ_ERR_NO_MEMORY; EXZ_ERR_LIMIT; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_publish(exz_socket s, const char *topic, const void *data, size_t size, int32_t timeout_ms);

/**
 * exz_publish() for a topic that is bytes: it may have a NUL in it, where that of exz_publish() ends.
 *
 * @param topic      copied. NULL only if topic_size is 0.
 * @param topic_size bytes of the topic.
 * @return as exz_publish().
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_publish_bytes(exz_socket s, const void *topic, size_t topic_size, const void *data, size_t size,
                             int32_t timeout_ms);

/**
 * Subscribes to all topics that begin with `topic`; "" is everything. Subscribing again counts: it takes as many
 * unsubscriptions to end. In force at publishers that connect or come back later, too.
 *
 * (On an XSUB a subscription is a message: a byte 1, or 0 to end it, and the topic. This sends it the first time. A
 * plain exz_send() sends it each time, and with that you keep to the limits yourself; it is not counted, so end a
 * subscription in the way it was made. On an XPUB it comes as such a
 * message to receive.)
 *
 * A topic with a NUL in it is subscribed with exz_socket_set_bytes() and ZMQ_SUBSCRIBE.
 *
 * libzmq gives a subscription up by recursion, with about 80 bytes of stack for each byte of its topic: on the thread
 * that unsubscribes, and when the socket is closed on one of libzmq's own, which has what `ulimit -s` says. 8 MiB are
 * enough for the longest topic; on a thread of 512 KiB a topic of 6,500 bytes ends the process.
 *
 * @param s     a SUB or XSUB socket.
 * @param topic not NULL; not of 246 to 255 bytes, which libzmq 4.3.4 garbles on the wire; at most 65,536 bytes, more
 *              than which a publisher of this library does not accept.
 * @return EXZ_OK; EXZ_ERR_INVALID: such a topic; EXZ_ERR_NOT_SUPPORTED on other socket types.
 *
 * Never waits; exz_wait_subscribed() does. Since 0.1.
 */
exz_status exz_subscribe(exz_socket s, const char *topic);

/**
 * Takes a subscription back.
 *
 * @param s     a SUB or XSUB socket.
 * @param topic as it was subscribed. Not NULL; not of 246 to 255 bytes, nor of more than 65,536.
 * @return EXZ_OK, also if there is no such subscription; EXZ_ERR_NOT_SUPPORTED on other socket types.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_unsubscribe(exz_socket s, const char *topic);

/**
 * Receives many published messages: waits for the first, and takes what is there, in the socket's wire form.
 *
 * Ends before a message that does not fit into what is left of the buffer, and before one that is not a topic and a
 * payload; both are kept for the next receive.
 *
 * @param count      receives how many messages came; 0 unless the status is EXZ_OK. Not NULL.
 * @param s          a SUB socket.
 * @param buffer     receives topics and payloads, one behind the other: topic, payload, topic, payload … NULL only if
 *                   capacity is 0.
 * @param capacity   bytes of the buffer.
 * @param sizes      receives two numbers for each message: the bytes of its topic and of its payload; the first two
 *                   also with EXZ_ERR_TOO_SMALL. Room for 2 · max_count numbers. Not NULL.
 * @param max_count  messages, 1 or more. No more than 65536 come at once.
 * @param timeout_ms the bound of the wait for the first.
 * @return EXZ_OK with at least one message; EXZ_ERR_TIMEOUT; EXZ_ERR_TOO_SMALL: the first one needs sizes[0] +
 *         sizes[1]; EXZ_ERR_STATE: the first one is no topic and payload, and is kept for exz_recv_message();
 *         EXZ_ERR_NOT_SUPPORTED on other socket types; EXZ_ERR_LIMIT; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED,
 *         EXZ_ERR_INTERRUPTED. A failure never loses a message.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_recv_published(size_t *count, exz_socket s, void *buffer, size_t capacity, size_t *sizes,
                              size_t max_count, int32_t timeout_ms);

/**
 * Waits until a message of this topic reaches at least `count` subscribers: their subscriptions are in force, and the
 * next publish arrives. Works with subscribers of every ZeroMQ library.
 *
 * libzmq takes in all that has arrived in one go, in whichever call meets it: subscribers that come and go with
 * thousands of topics each, faster than it can work that off, can keep a call on the publisher beyond its deadline.
 *
 * An XPUB counts what it hands out: its notices of subscriptions are received as ever, in their order, whether or not
 * they were counted before, and as its options ZMQ_XPUB_VERBOSE and ZMQ_XPUB_VERBOSER say. It has no
 * EXZ_EVENT_SUBSCRIBER_JOINED. (Over inproc an XSUB that sends a subscription twice as a message counts twice, and so
 * may that of a proxy whose XPUB has ZMQ_XPUB_VERBOSE; not one that calls exz_subscribe() twice.)
 *
 * @param s          a PUB or XPUB socket.
 * @param topic      the topic of the messages to publish. Not NULL; not of 246 to 255 bytes.
 * @param count      subscribers, 0 or more.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT; EXZ_ERR_NOT_SUPPORTED on other socket types, on an XPUB that has connected over tcp
 *         or ipc, as libzmq does not tell what is still subscribed when such a link is made again, and on one where
 *         subscriptions do not say who gets what (ZMQ_XPUB_MANUAL, ZMQ_INVERT_MATCHING); EXZ_ERR_CANCELED,
 *         EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_wait_subscribers(exz_socket s, const char *topic, uint32_t count, int32_t timeout_ms);

/**
 * exz_wait_subscribers() for a topic that is bytes.
 *
 * @param topic      NULL only if topic_size is 0.
 * @param topic_size bytes of the topic.
 * @return as exz_wait_subscribers().
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_wait_subscribers_bytes(exz_socket s, const void *topic, size_t topic_size, uint32_t count,
                                      int32_t timeout_ms);

/**
 * Waits until the subscriptions made so far are in force at every publisher the subscriber is linked to.
 *
 * Asks the publishers, which answer if they are of this library: the subscriber adds a subscription of its own, the
 * publisher sends one message of that topic back. (Subscribers of other libraries that have subscribed to everything
 * see that message. It has the publisher's wire form like any other: a topic that begins with a zero byte and
 * "experimance-zmq-probe:", and an empty payload.)
 *
 * @param s          a SUB socket.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: no publisher, or one that did not answer in time; EXZ_ERR_NOT_SUPPORTED: there are
 *         publishers but none answered by the deadline, 100 ms or more away, so they are of another library; or
 *         another socket type; EXZ_ERR_LIMIT; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_wait_subscribed(exz_socket s, int32_t timeout_ms);

/**
 * Waits until at least `count` peers have finished their handshake with this socket, whichever side connected.
 *
 * @param s          the socket.
 * @param count      peers, 0 or more.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_wait_peers(exz_socket s, uint32_t count, int32_t timeout_ms);

/* ------------------------------------------------------------------------------------------------------------------
 * Events
 * --------------------------------------------------------------------------------------------------------------- */

/** What happened to a socket's links. */
typedef uint32_t exz_event_kind;

enum {
    /** An attempt to connect begins: `attempt`. */
    EXZ_EVENT_CONNECTING = 1,
    /** The handshake with a peer is done: `peer`, `count` peers now. */
    EXZ_EVENT_HANDSHAKEN = 2,
    /** An attempt failed: `status`, `sys_errno`, `message`. */
    EXZ_EVENT_FAILED = 3,
    /** The next attempt comes after `delay_ms`. */
    EXZ_EVENT_RETRY_IN = 4,
    /** A link that was up is gone, and is being made again if this side connected: `peer`, `status`. (Where strangers
     *  stop in the middle of a handshake, libzmq does not always let one tell which connection it was. A peer that was
     *  taken for gone is found within 6 s: EXZ_EVENT_HANDSHAKEN.) */
    EXZ_EVENT_LOST = 5,
    /** The endpoint was disconnected or unbound. */
    EXZ_EVENT_CLOSED = 6,
    /** The socket is bound to `endpoint`. */
    EXZ_EVENT_LISTENING = 7,
    /** A connection to a bound endpoint did not get through the handshake, or is not heard in spite of it: `status`,
     *  `message`. EXZ_ERR_STATE: a PAIR that has a peer refused another one; or a newer connection brought an identity
     *  to a ROUTER that an older one had, which is not heard any more until the newer one is gone. */
    EXZ_EVENT_PEER_REJECTED = 8,
    /** A subscription to `topic` arrived: `count` subscriptions now. */
    EXZ_EVENT_SUBSCRIBER_JOINED = 9,
    /** A subscription to `topic` ended: `count` subscriptions now. */
    EXZ_EVENT_SUBSCRIBER_LEFT = 10,
    /** What was still queued for a link that was lost is dropped, as the link is made again from scratch: its name has
     *  come to stand for another address, or another protocol answers there. `message`. Also where nothing happened to
     *  be in the queue, which libzmq does not tell; not if nothing was sent since the link was made. */
    EXZ_EVENT_QUEUE_DROPPED = 11,
    /** The socket lets nobody in, as its context has no authenticator: before the first bind or connect of one that was
     *  opened with EXZ_SECURITY_CURVE_SERVER (without EXZ_SECURITY_ANYBODY), …PLAIN_SERVER or …GUARDED. Once. `status`,
     *  `message`. */
    EXZ_EVENT_NO_AUTHENTICATOR = 12
};

/** One event. Fields that do not belong to its kind are 0 or "". */
typedef struct exz_event {
    /** sizeof(exz_event), to be set by the caller. */
    uint32_t size;
    /** One of EXZ_EVENT_…. */
    exz_event_kind kind;
    /** When it happened: nanoseconds of CLOCK_MONOTONIC. */
    int64_t time_ns;
    /** The reason of a failure. */
    exz_status status;
    /** The errno behind it; 0 if there is none. */
    int32_t sys_errno;
    /** The attempt, from 1. */
    uint32_t attempt;
    /** Milliseconds to the next attempt. */
    int32_t delay_ms;
    /** Peers or subscriptions. */
    uint32_t count;
    /** Bytes of the topic, also if it was cut. */
    uint32_t topic_size;
    /** The topic, cut to what fits, and a NUL behind it. (No more of it is kept.) It may have a NUL in it, too. */
    char topic[256];
    /** The endpoint, as it was connected or as it is bound; cut to what fits. */
    char endpoint[256];
    /** A sentence on it, cut to what fits. */
    char message[256];
    /** The peer of EXZ_EVENT_HANDSHAKEN, EXZ_EVENT_LOST, EXZ_EVENT_PEER_REJECTED, EXZ_EVENT_SUBSCRIBER_JOINED and
     *  EXZ_EVENT_SUBSCRIBER_LEFT: its address in numbers, such as "tcp://10.0.0.3:41234"; over ipc what
     *  exz_message_property() has for "Peer-Address", with user, group and process: "localhost:1000:1000:4711".
     *
     *  "" where that is not certain, as nobody is named by a guess: over inproc; where several connections were in
     *  their handshake at once, and libzmq does not tell whose is done; of a stranger that was gone before it could be
     *  looked at; where a subscription ended with its connection, and others have it, too. */
    char peer[128];
    /** Bytes of the identity; 0 if none is known. */
    uint32_t identity_size;
    /** The routing id that the peer has chosen, and a NUL behind it. (It may have a NUL in it, too.) On a ROUTER that
     *  has received something from the peer, of EXZ_EVENT_LOST and of an identity that a newer connection has brought
     *  (EXZ_EVENT_PEER_REJECTED); over inproc also of EXZ_EVENT_HANDSHAKEN. */
    char identity[256];
    /** As whom an authenticator has let the peer in, of the events that have `peer`; "" where nobody has given it a
     *  name, or it is not certain who it is: where several peers from one address (over ipc, from one process) were in
     *  their handshakes at the same moment, and libzmq does not tell whose is done. A publisher's subscribers are
     *  always known by their subscriptions. */
    char user_id[256];
    /** The key that the peer has proved to have over CURVE, likewise, and of a peer whose key is refused
     *  (EXZ_EVENT_PEER_REJECTED); "" where that is not certain. */
    char public_key[41];
} exz_event;

#define EXZ_EVENT_INIT {sizeof(exz_event), 0, 0, EXZ_OK, 0, 0, 0, 0, 0, {0}, {0}, {0}, {0}, 0, {0}, {0}, {0}}

/**
 * The oldest event that nobody has read, or the next one to come.
 *
 * Events are kept whether or not anybody reads them; beyond the socket's `event_capacity` the oldest is dropped and
 * counted in exz_stats.
 *
 * @param out        filled; its `size` has to be set. Not NULL.
 * @param s          the socket.
 * @param timeout_ms the bound.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT: there was none; EXZ_ERR_CANCELED, EXZ_ERR_CLOSED, EXZ_ERR_INTERRUPTED.
 *
 * Waits at most timeout_ms. Since 0.1.
 */
exz_status exz_next_event(exz_event *out, exz_socket s, int32_t timeout_ms);

/**
 * A short name for a kind of event, such as "connecting". Static; do not free. Never NULL; "unknown" for other numbers.
 *
 * Never waits. Since 0.1.
 */
const char *exz_event_name(exz_event_kind kind);

/* ------------------------------------------------------------------------------------------------------------------
 * Waiting for several
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * A descriptor that is readable exactly while a message can be received, for epoll, select and event loops.
 *
 * Level-triggered, so the rules of ZMQ_FD do not matter: it stays readable until the last message is received, whoever
 * receives it, and whatever else is done with the socket. There is one per socket; several loops may watch it. It
 * belongs to the socket: do not read or close it, and take it out of every loop before the socket is closed. Sends and
 * receives cost a little more from the first call on. A copy made with dup(2) outlives the socket, and is readable for
 * good once that is closed.
 *
 * @param fd receives the descriptor. Not NULL.
 * @param s  the socket.
 * @return EXZ_OK; EXZ_ERR_NOT_SUPPORTED on PUB and PUSH, which receive nothing; EXZ_ERR_LIMIT out of descriptors.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_fd(int *fd, exz_socket s);

/**
 * A descriptor that is readable while a message can be sent: the counterpart of exz_socket_fd(), which can be
 * watched for in the same loop. (It is readable then, not writable.)
 *
 * It says what EXZ_POLL_OUT says: a PUSH, DEALER, PAIR or REQ that never had a peer has no room, nor has one whose
 * first connect is under way; while a lost peer is connected to again there is as much as is kept for it; a REP has
 * room while it has a request to answer; a publisher always has; a ROUTER has if any of its peers does, so a send to
 * one that is full may still find none.
 *
 * Level-triggered. That the last room was used up it may say only when a send has found none, as whoever sends learns
 * anyway. Such a send has it cleared first, whatever it said, so that also who watches for edges (EPOLLET) hears of the
 * room that comes after it. Where room depends on whom a message is for, as with a ROUTER or a publisher that waits,
 * this edge comes at once, as others have room: after a failed send wait a little before the next one, or the loop
 * never sleeps. Otherwise it is as with the other one: there is one per socket, several loops may watch it, and it
 * belongs to the socket: do not read or close it, and take it out of every loop before the socket is closed.
 * Receives cost a little more from the first call on, and sends while it is not readable. A copy made with dup(2)
 * outlives the socket, and is readable for good once that is closed.
 *
 * @param fd receives the descriptor. Not NULL.
 * @param s  the socket.
 * @return EXZ_OK; EXZ_ERR_NOT_SUPPORTED on SUB and PULL, which send nothing; EXZ_ERR_LIMIT out of descriptors.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_socket_send_fd(int *fd, exz_socket s);

/** What to wait for, and what has come. */
enum {
    /** A message can be received; a descriptor can be read. */
    EXZ_POLL_IN = 1,
    /** A message can be sent; a descriptor can be written. (A publisher always can; whether a subscriber's queue is
     *  full depends on the topic. A ROUTER can if any of its peers has room.) */
    EXZ_POLL_OUT = 2,
    /** An event can be read with exz_next_event(). */
    EXZ_POLL_EVENT = 4
};

/** One thing to wait for together with others; {0} is nothing: a place that is not used. */
typedef struct exz_poll_item {
    /** A socket, or {0} for a descriptor. */
    exz_socket socket;
    /** A descriptor, if there is no socket; else not looked at. 0 is standard input only where something is asked of
     *  it. */
    int32_t fd;
    /** EXZ_POLL_… to wait for; 0 = nothing. EXZ_POLL_EVENT is for sockets. */
    uint16_t events;
    /** Set by exz_poll(): those of `events` that are there. An error or end of a descriptor counts as all of them. */
    uint16_t revents;
} exz_poll_item;

/**
 * Waits until at least one of several sockets and descriptors is ready.
 *
 * @param items      `revents` is written for each, unless the status is that of a wrong argument or handle. NULL only
 *                   if count is 0.
 * @param count      at most 65536.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK: at least one is ready; EXZ_ERR_TIMEOUT: none is; EXZ_ERR_INVALID also for a descriptor that is not
 *         open; EXZ_ERR_LIMIT out of descriptors, or with more of them among the items, each counted once, than the
 *         process may have; EXZ_ERR_CANCELED or EXZ_ERR_CLOSED when that happens to one of the sockets;
 *         EXZ_ERR_INTERRUPTED if one of them is interruptible.
 *
 * Waits at most timeout_ms. Other threads may receive meanwhile, so a message that was there may be gone. Since 0.1.
 */
exz_status exz_poll(exz_poll_item *items, size_t count, int32_t timeout_ms);

/* ------------------------------------------------------------------------------------------------------------------
 * Cancelling one thread's waits
 * --------------------------------------------------------------------------------------------------------------- */

/** Ends the waits of the threads it is attached to, and nobody else's: what a task that can be cancelled needs. */
typedef struct exz_canceler {
    uint64_t id;
} exz_canceler;

/**
 * Makes a canceler.
 *
 * @param out receives the handle, to be closed with exz_canceler_close(). Not NULL.
 * @return EXZ_OK; EXZ_ERR_LIMIT when there are too many.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_canceler_open(exz_canceler *out);

/**
 * Attaches a canceler to the calling thread, in place of the one before. From now on every wait of this thread on any
 * socket can be ended through it. (A wait for the end of a linger can not, nor an exz_poll() without sockets.)
 *
 * @param c the canceler; {0} for none. It may be attached to several threads: it ends the waits of all of them.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_canceler_attach(exz_canceler c);

/**
 * Ends the waits the attached threads are in, if any, with EXZ_ERR_CANCELED, and every later one when it would begin,
 * until exz_canceler_reset(). A call that does not have to wait succeeds as always. May be called in a signal handler.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_canceler_cancel(exz_canceler c);

/**
 * Takes a cancellation back, before the next use.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_canceler_reset(exz_canceler c);

/**
 * Gives a canceler back. A thread it is attached to is not harmed. Closing it again is not an error.
 *
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_canceler_close(exz_canceler c);

/* ------------------------------------------------------------------------------------------------------------------
 * Forwarding
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Forwards messages between two sockets, on a thread of its own: what stands between many senders and many receivers
 * that do not know each other.
 *
 *     exz_socket front, back;                                        // XSUB and XPUB
 *     exz_socket_bind(front, "tcp://127.0.0.1:5556", 1000, NULL);    // publishers connect here
 *     exz_socket_bind(back, "tcp://127.0.0.1:5557", 1000, NULL);     // and subscribers here
 *     exz_proxy proxy;
 *     exz_proxy_open(&proxy, front, back, (exz_socket){0}, NULL);
 *     …
 *     exz_proxy_close(proxy, EXZ_DEFAULT_TIMEOUT);
 *
 * It forwards between XSUB and XPUB, ROUTER and DEALER, PULL and PUSH; each may be the front or the back. Messages go
 * on as they came, with all parts, in order, and none of their bytes is copied.
 *
 * XSUB and XPUB: messages go the one way and subscriptions the other. A publisher at the XSUB has the proxy for a
 * subscriber of whatever somebody at the XPUB has subscribed to: exz_wait_subscribers() of it works across the proxy,
 * where each topic counts once, however many have it. exz_wait_subscribed() works across it, too, and is answered by
 * the first of the publishers; over several proxies as well. Subscriptions to topics that exz_subscribe() refuses stay
 * at the proxy and are counted as `undeliverable`, as one of them could have the link to a publisher cut for all.
 *
 * The sockets stay the caller's, who binds, connects and closes them, before or while they are forwarded. Peers may
 * come and go on both sides. When one of the sockets is closed, the forwarding ends, and the statistics tell. The
 * caller may send on the sockets and receive, too: a message goes to who comes first. The thread has the name, the
 * processors and the scheduling that the context of the front gives its threads (exz_context_options); where that names
 * no processors, those of the thread that opens the proxy.
 *
 * Nothing is lost in between. Messages are taken from one side only when the other one has room, in bursts of at most
 * 256 messages or about 256 KiB (a larger message goes alone). When there is no room they wait where ZeroMQ has them,
 * and their senders wait, or drop, as the type of their socket is. What was taken and could not be handed on when the
 * proxy pauses or ends is received next on the socket it came from. Two rules of ZeroMQ's hold as ever: an XPUB drops
 * for a slow subscriber unless it was opened with `on_full` = EXZ_ON_FULL_WAIT, and then the slowest holds up all; a
 * ROUTER waits for a peer whose queue is full, and so do the messages behind that one.
 */
typedef struct exz_proxy {
    uint64_t id;
} exz_proxy;

/**
 * Starts to forward.
 *
 * The capture gets a copy of each message that was forwarded, in either direction, subscriptions included: a PUSH, PUB,
 * PAIR or DEALER socket. It never holds anything up: a copy for which it has no room at once is dropped and counted
 * (`capture_refused`, and `sends_refused` of that socket). Long messages are not copied for it, but shared.
 *
 * @param out     receives the handle, to be closed with exz_proxy_close(). Not NULL.
 * @param front   one of the sockets.
 * @param back    the other one.
 * @param capture a socket for copies; {0} for none.
 * @param err     filled on failure: `message` names the socket. May be NULL.
 * @return EXZ_OK: it forwards; EXZ_ERR_NOT_SUPPORTED for types that can not be forwarded to each other, or that can not
 *         capture; EXZ_ERR_INVALID for the same socket twice; EXZ_ERR_STATE for one that another proxy has, or on which
 *         a call waits to send or to receive (exz_poll() included); EXZ_ERR_HANDLE, EXZ_ERR_CLOSED and EXZ_ERR_FORKED
 *         of one of the sockets; EXZ_ERR_LIMIT out of descriptors, threads or handles; EXZ_ERR_NO_MEMORY.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_proxy_open(exz_proxy *out, exz_socket front, exz_socket back, exz_socket capture, exz_error *err);

/**
 * Takes no more messages until exz_proxy_resume(). What is queued waits, and can be received by the caller; what was
 * taken and could not be handed on is received next on the socket it came from. Links are kept up. Pausing again is not
 * an error.
 *
 * @param p          the proxy.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK: nothing is forwarded any more; EXZ_ERR_TIMEOUT: that is not so yet, but will be; EXZ_ERR_STATE when
 *         the forwarding has ended.
 *
 * Waits at most timeout_ms, for what is being forwarded at this moment. Since 0.1.
 */
exz_status exz_proxy_pause(exz_proxy p, int32_t timeout_ms);

/**
 * Goes on after a pause. Where there is none it does nothing.
 *
 * @param p the proxy.
 * @return EXZ_OK; EXZ_ERR_STATE when the forwarding has ended.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_proxy_resume(exz_proxy p);

/** What a proxy is doing. */
typedef int32_t exz_proxy_state;

enum {
    /** It forwards. */
    EXZ_PROXY_FORWARDING = 1,
    /** It pauses. */
    EXZ_PROXY_PAUSED = 2,
    /** One of its sockets was closed, or can not be used any more: `reason` has the status. */
    EXZ_PROXY_ENDED = 3
};

/** What a proxy has done so far. */
typedef struct exz_proxy_statistics {
    /** sizeof(exz_proxy_statistics), to be set by the caller. */
    uint32_t size;
    /** One of EXZ_PROXY_FORWARDING, EXZ_PROXY_PAUSED and EXZ_PROXY_ENDED. */
    exz_proxy_state state;
    /** Messages that were handed on from the front to the back, and their bytes. Subscriptions count as messages. */
    uint64_t messages_to_back;
    uint64_t bytes_to_back;
    /** The same from the back to the front. */
    uint64_t messages_to_front;
    uint64_t bytes_to_front;
    /** Messages that could not be handed on and are gone: a ROUTER has no peer of that name, or not any more; it is
     *  longer than `max_message_size` of the socket it was to go to; or it is a subscription to a topic that
     *  exz_subscribe() refuses: `sends_refused` of that socket counts them, too. Or there was no memory to take it
     *  with: `last_error` of the socket it came from. Or it still waited when that socket was closed. */
    uint64_t undeliverable;
    /** Copies that the capture has taken. */
    uint64_t captured;
    /** Copies for which it had no room at once, or that it does not take. */
    uint64_t capture_refused;
    /** Messages that have been taken from one side and wait for room on the other. */
    uint64_t waiting;
    /** Why the forwarding has ended, such as EXZ_ERR_CLOSED; EXZ_OK as long as it has not. */
    exz_status reason;
} exz_proxy_statistics;

#define EXZ_PROXY_STATISTICS_INIT {sizeof(exz_proxy_statistics), EXZ_PROXY_FORWARDING, 0, 0, 0, 0, 0, 0, 0, 0, EXZ_OK}

/**
 * What a proxy has done so far. A message may be received a moment before it is counted here.
 *
 * @param out its `size` must be set, EXZ_PROXY_STATISTICS_INIT does. Not NULL.
 * @param p   the proxy.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_proxy_stats(exz_proxy_statistics *out, exz_proxy p);

/**
 * Ends the forwarding, and gives the sockets back. What was taken and could not be handed on is received next on the
 * socket it came from. Closing again is not an error.
 *
 * @param p          the proxy.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK: the thread is gone; EXZ_ERR_TIMEOUT: it is not yet, and goes when it can. Close it again to wait for
 *         that.
 *
 * Waits at most timeout_ms, for what is being forwarded at this moment: no peer can make that longer. Since 0.1.
 */
exz_status exz_proxy_close(exz_proxy p, int32_t timeout_ms);

/* ------------------------------------------------------------------------------------------------------------------
 * Who may come in
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * Decides who may come in. It does so for all sockets of a context that are opened with EXZ_SECURITY_CURVE_SERVER,
 * EXZ_SECURITY_PLAIN_SERVER or EXZ_SECURITY_GUARDED.
 *
 *     exz_authenticator a;
 *     exz_authenticator_open(&a, EXZ_DEFAULT_CONTEXT, NULL);
 *     exz_authenticator_allow_key(a, camera_key, "camera 1");
 *
 * Closed by default: without an authenticator such a socket lets nobody in and says so with EXZ_EVENT_NO_AUTHENTICATOR;
 * only EXZ_SECURITY_ANYBODY opens it. The order of calls does not matter. Rules count from the next handshake on, for
 * all sockets of the context, also those that were opened before.
 *
 * A peer is looked at in this order, and the first rule that speaks of it counts:
 *
 *  - Over TCP: an address that is denied is refused; so are all others than the allowed ones, once there are any.
 *  - Over ipc: once users or groups are allowed, all others are refused.
 *  - CURVE: a key that is denied is refused, one that is allowed comes in. About any other the program is asked
 *    (`decide`); without that EXZ_SECURITY_ANYBODY counts, if the socket was opened with it; else it is refused.
 *  - PLAIN: a name that is allowed comes in with its password and not with another. About any other the program is
 *    asked; without that it is refused.
 *  - EXZ_SECURITY_GUARDED: over ipc, a user or group that is allowed comes in. About any other peer the program is
 *    asked; without that it comes in over TCP if there are rules on addresses, which have let it pass, and else is
 *    refused.
 *
 * A peer that was let in has a user id: of a key what it was allowed as, of a password the name, over ipc and guarded
 * the number of the user, of a decision what the program says. It is the property "User-Id" of each of its messages
 * (exz_message_property()), and "Public-Key" is its key over CURVE. Connections within the process (inproc) are
 * nobody's to decide on.
 *
 * A peer that is refused learns no more than that: EXZ_ERR_SECURITY. The socket has an EXZ_EVENT_PEER_REJECTED with the
 * reason.
 *
 * It answers at inproc://zeromq.zap.01 (RFC 27), so a socket of the context can not be bound there, and where one is,
 * there can be no authenticator. Sockets that were set up by the numbers of libzmq's options are decided on as well:
 * ZMQ_CURVE_SERVER and ZMQ_PLAIN_SERVER like the above, others like EXZ_SECURITY_GUARDED if they have a ZMQ_ZAP_DOMAIN
 * of their own, from the first authenticator of the context on, also when that is closed, and with
 * ZMQ_ZAP_ENFORCE_DOMAIN (93) always. Links to these sockets do not end with their keys (EXZ_AUTHENTICATOR_END_LINKS).
 *
 * A program may have a handler of its own there instead. Its user ids are told where nobody can be a peer of a socket
 * about whom it was not asked: where libzmq lets nobody in without a handler (ZMQ_CURVE_SERVER, ZMQ_PLAIN_SERVER, and
 * 93), or the handler was bound before the socket's first bind or connect and has been since. Else "User-Id" is "".
 */
typedef struct exz_authenticator {
    uint64_t id;
} exz_authenticator;

/** What there is to know of a peer that wants to come in. Everything is borrowed until the function returns. */
typedef struct exz_auth_request {
    /** sizeof(exz_auth_request). */
    uint32_t size;
    /** What the socket was opened with: EXZ_SECURITY_CURVE_SERVER, …PLAIN_SERVER or …GUARDED. */
    int32_t mechanism;
    /** A numeric address without a port, such as "10.1.2.3"; over ipc "localhost:1000:100:4711": the user, the group
     *  and the process. "" if it can not be told. */
    const char *address;
    /** CURVE: the key that the peer has proved to have, as text. Else "". */
    const char *public_key;
    /** PLAIN: what the peer says. Else "". */
    const char *username;
    const char *password;
    /** Over ipc: the process at the other end, as the kernel knows it. Else -1. */
    int64_t uid;
    int64_t gid;
    int64_t pid;
} exz_auth_request;

/** The room for a user id: up to 255 bytes, and a NUL. */
#define EXZ_USER_ID_SIZE 256

/**
 * Decides on a peer that no rule speaks of.
 *
 * Called on a thread of the library's own, several at once, with no lock held: it may block, and call the library. An
 * answer that takes longer than `decision_timeout_ms` counts for nothing, and the peer has been refused by then. Not
 * more than four calls run at once; who would have to wait too long behind them is refused as well.
 *
 * It has to be left by its return. A thread that ends in it (pthread_exit()) is replaced, and the peer refused when its
 * time is over; but what the call held is never given back, a password is not wiped, and with siglongjmp() or an
 * exception everything is undefined.
 *
 * @param user    what the options have.
 * @param request what there is to know. Borrowed.
 * @param user_id receives the peer's user id: EXZ_USER_ID_SIZE bytes, "" to begin with.
 * @return EXZ_OK lets the peer in; anything else refuses it.
 */
typedef exz_status (*exz_auth_decide)(void *user, const exz_auth_request *request, char *user_id);

/** How an authenticator is set up: fixed when it is opened. */
typedef struct exz_authenticator_options {
    /** sizeof(exz_authenticator_options). */
    uint32_t size;
    /** How long `decide` may take, in milliseconds; 1 to 4000, as a handshake has 5 seconds. Default 1000. */
    int32_t decision_timeout_ms;
    /** Asked about peers that no rule speaks of; NULL (the default): they are refused. */
    exz_auth_decide decide;
    /** Passed to `decide` as it is. */
    void *user;
} exz_authenticator_options;

#define EXZ_AUTHENTICATOR_OPTIONS_INIT {sizeof(exz_authenticator_options), 1000, NULL, NULL}

/**
 * Fills in the defaults; the same as EXZ_AUTHENTICATOR_OPTIONS_INIT, for languages without macros.
 *
 * @param options not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_options_init(exz_authenticator_options *options);

/**
 * Opens the authenticator of a context. There is one at a time. It ends with the context, if it was not closed before.
 *
 * @param out     receives the handle, to be closed with exz_authenticator_close(). Not NULL.
 * @param ctx     the context; EXZ_DEFAULT_CONTEXT is the process-wide one.
 * @param options NULL stands for the defaults. Copied.
 * @return EXZ_OK; EXZ_ERR_STATE if the context has one; EXZ_ERR_ADDRESS_IN_USE if a socket of the context is bound to
 *         inproc://zeromq.zap.01; EXZ_ERR_LIMIT out of descriptors, threads, sockets or handles; EXZ_ERR_NO_MEMORY;
 *         EXZ_ERR_VERSION for a libzmq before 4.3; EXZ_ERR_PERMISSION or EXZ_ERR_NOT_SUPPORTED where the system refuses
 *         a call that libzmq needs.
 *
 * Never waits, but as exz_socket_open() does where it is the first to need a socket of the context. Since 0.1.
 */
exz_status exz_authenticator_open(exz_authenticator *out, exz_context ctx, const exz_authenticator_options *options);

/**
 * Lets whoever has the key in, over CURVE. A key that was denied is allowed again.
 *
 * @param a          the authenticator.
 * @param public_key the peer's public key as text. Not NULL.
 * @param user_id    what the peer is called from then on, up to 255 bytes; NULL is the key's text. Copied.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is no key, or a longer name.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_allow_key(exz_authenticator a, const char *public_key, const char *user_id);

/** For exz_authenticator_deny_key() and exz_authenticator_allow_keys(): links that were made with a key end when it is
 *  not allowed any more. */
#define EXZ_AUTHENTICATOR_END_LINKS 1u

/**
 * Refuses whoever has the key, whatever else allows it: a file, the program, EXZ_SECURITY_ANYBODY.
 *
 * With EXZ_AUTHENTICATOR_END_LINKS the links that were made with it end, on both sides of the context's sockets, with
 * EXZ_EVENT_LOST. Nothing happens to links of other keys, but where a link's key can not be told from another's: it
 * ends with either of them, and a peer that is still allowed makes it again. That is so over ipc, for links that one
 * process has made with several keys at the same moment, and over TCP for those that were made while others from the
 * same address broke off their handshakes.
 *
 * @param a          the authenticator.
 * @param public_key the key as text. Not NULL. It need not have been allowed.
 * @param flags      0 or EXZ_AUTHENTICATOR_END_LINKS.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is no key, or an unknown flag.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_deny_key(exz_authenticator a, const char *public_key, uint32_t flags);

/**
 * Lets whoever has a key in that is in a file, or in the files of a directory, from now on as they are there: a file
 * that is added, changed or removed counts at the next handshake, within a second. So does a path that leads elsewhere
 * by then, or nowhere, and a link. The kernel tells of changes; on a network file system it does not tell of those that
 * others make: call this again then, it reads the path again.
 *
 * Files are read as exz_curve_load() does. In a directory, names that begin with a dot or end with "_secret" are left
 * out, and files that hold no key, or whose name is not UTF-8, are counted (`unreadable_files`) and do not matter. A
 * file that can not be read any more keeps its key for less than a second, as it may just be being written. The user id
 * of a key is what the file has as "user-id" or "name" in its section "metadata", else the file's name without ".key".
 * Of two files with the same key the one whose name comes first counts, and what exz_authenticator_allow_key() says
 * counts more.
 *
 * @param a     the authenticator.
 * @param path  the file or the directory, of at most 4000 bytes; a relative one is taken from where the process is now.
 *              Not NULL. Copied.
 * @param flags 0 or EXZ_AUTHENTICATOR_END_LINKS: links that were made with a key end when no file, and nobody else,
 *              allows it any more, with EXZ_EVENT_LOST. As for exz_authenticator_deny_key().
 * @return EXZ_OK: the keys are allowed; EXZ_ERR_INVALID for a path that is not there, a file without a key, or an
 *         unknown flag; EXZ_ERR_PERMISSION for one that may not be read, and for a file with a secret key that others
 *         than its owner may read or write; EXZ_ERR_LIMIT out of descriptors, threads or watches of files;
 *         EXZ_ERR_NOT_SUPPORTED for a file with a secret key and a libzmq without CURVE, and where the system tells
 *         nobody of changes (inotify(7)); EXZ_ERR_NO_MEMORY.
 *
 * Waits at most as long as the file system takes. Since 0.1.
 */
exz_status exz_authenticator_allow_keys(exz_authenticator a, const char *path, uint32_t flags);

/**
 * Lets peers in from an address or a network, as far as that goes: from the first one on all others over TCP are
 * refused. One that was denied by the same text is allowed again.
 *
 * @param a       the authenticator.
 * @param address a numeric address, or a range with the number of bits that count: "10.1.0.0/16", "2001:db8::/32". An
 *                IPv4 address is never in a range of IPv6. Not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for what is neither, and for a range with more bits than count.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_allow_address(exz_authenticator a, const char *address);

/**
 * Refuses peers from an address or a network, also if it is in one that is allowed.
 *
 * @param a       the authenticator.
 * @param address as for exz_authenticator_allow_address().
 * @return EXZ_OK; EXZ_ERR_INVALID.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_deny_address(exz_authenticator a, const char *address);

/**
 * Lets processes of a user in over ipc, as far as that goes: from the first user or group on all others are refused.
 *
 * @param a   the authenticator.
 * @param uid the user's number. It is the one that the process had when it connected.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_allow_user(exz_authenticator a, uint32_t uid);

/**
 * Lets processes of a group in over ipc, likewise: those whose group it is, and those that have it among their others.
 *
 * @param a   the authenticator.
 * @param gid the group's number.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_allow_group(exz_authenticator a, uint32_t gid);

/**
 * Lets whoever says this name and password in, over PLAIN, which encrypts neither. Again for a name: another password.
 *
 * @param a        the authenticator.
 * @param username 1 to 255 bytes of UTF-8; also the peer's user id. Not NULL. Copied.
 * @param password 1 to 255 bytes. Not NULL. Copied into memory that is wiped in the end.
 * @return EXZ_OK; EXZ_ERR_INVALID for other lengths; EXZ_ERR_NO_MEMORY.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_allow_password(exz_authenticator a, const char *username, const char *password);

/** What an authenticator has decided so far. Peers that were refused for want of an authenticator are not among them.
 * */
typedef struct exz_authenticator_statistics {
    /** sizeof(exz_authenticator_statistics), to be set by the caller. */
    uint32_t size;
    /** Peers about whom the program is being asked. */
    uint32_t pending;
    /** Peers that were let in. */
    uint64_t accepted;
    /** Peers that were refused: the sum of the following. */
    uint64_t refused;
    /** For their address. */
    uint64_t refused_address;
    /** For their user and groups, over ipc. */
    uint64_t refused_user;
    /** For their key. */
    uint64_t refused_key;
    /** For their name and password. */
    uint64_t refused_password;
    /** By the program. */
    uint64_t refused_decision;
    /** As the program took too long. */
    uint64_t refused_late;
    /** As too many were waited for. */
    uint64_t refused_busy;
    /** For anything else: what they say can not be read, or the authenticator was closed meanwhile. */
    uint64_t refused_other;
    /** Answers of the program that came too late. */
    uint64_t late_decisions;
    /** Keys that are allowed now. */
    uint64_t keys;
    /** Files that exz_authenticator_allow_keys() has found to hold no key that can be read. */
    uint64_t unreadable_files;
    /** How often a look at those files, the first one included, has found other keys or user ids, or another number of
     *  unreadable files, than the look before. What it has found counts by then. */
    uint64_t key_changes;
} exz_authenticator_statistics;

#define EXZ_AUTHENTICATOR_STATISTICS_INIT \
    {sizeof(exz_authenticator_statistics), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/**
 * What an authenticator has decided so far, exactly.
 *
 * @param out its `size` must be set, EXZ_AUTHENTICATOR_STATISTICS_INIT does. Not NULL.
 * @param a   the authenticator.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_authenticator_stats(exz_authenticator_statistics *out, exz_authenticator a);

/** What exz_authenticator_wait() looks at: each is a field of exz_authenticator_statistics. */
typedef int32_t exz_authenticator_count;

enum {
    /** Peers about whom the program is being asked, at one moment. */
    EXZ_AUTHENTICATOR_COUNT_PENDING = 1,
    EXZ_AUTHENTICATOR_COUNT_ACCEPTED = 2,
    EXZ_AUTHENTICATOR_COUNT_REFUSED = 3,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_ADDRESS = 4,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_USER = 5,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY = 6,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_PASSWORD = 7,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_DECISION = 8,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_LATE = 9,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_BUSY = 10,
    EXZ_AUTHENTICATOR_COUNT_REFUSED_OTHER = 11,
    EXZ_AUTHENTICATOR_COUNT_LATE_DECISIONS = 12,
    /** Keys that are allowed, at one moment. */
    EXZ_AUTHENTICATOR_COUNT_KEYS = 13,
    /** Files without a key that can be read, at one moment. */
    EXZ_AUTHENTICATOR_COUNT_UNREADABLE_FILES = 14,
    EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES = 15
};

/**
 * Waits until something has been counted often enough: a peer that was let in or refused, a file of keys that was read.
 *
 *     exz_authenticator_statistics before = EXZ_AUTHENTICATOR_STATISTICS_INIT;
 *     exz_authenticator_stats(&before, a);
 *     rename("camera.key.new", "keys/camera.key");
 *     exz_authenticator_wait(a, EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES, before.key_changes + 1, 2000); // it counts now
 *
 * @param a          the authenticator.
 * @param what       EXZ_AUTHENTICATOR_COUNT_…; counted from the authenticator's beginning.
 * @param at_least   how often; 0 is always reached.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT; EXZ_ERR_CLOSED also when the authenticator, or its context, is closed meanwhile;
 *         EXZ_ERR_INVALID for an unknown count.
 *
 * Waits at most timeout_ms. Neither signals nor cancelers end it. In a process of Python alone it ends with
 * EXZ_ERR_INTERRUPTED when one of Python's signal handlers has raised an exception. Since 0.1.
 */
exz_status exz_authenticator_wait(exz_authenticator a, exz_authenticator_count what, uint64_t at_least,
                                  int32_t timeout_ms);

/**
 * Ends an authenticator: from now on nobody is let in any more by sockets that need one, and the program is not asked.
 * Links that are there stay. Another one may be opened at once. Closing again is not an error.
 *
 * @param a          the authenticator.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK: no call of `decide` runs any more; EXZ_ERR_TIMEOUT: one does, and everything else is done. Close it
 *         again to wait for that. EXZ_ERR_STATE within `decide`, with nothing done.
 *
 * Waits at most timeout_ms, for calls of `decide` that run. Since 0.1.
 */
exz_status exz_authenticator_close(exz_authenticator a, int32_t timeout_ms);

/* ------------------------------------------------------------------------------------------------------------------
 * Faults on purpose
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * A relay between a listening and a target endpoint, for tests of what a program does when connections fail.
 *
 * It passes bytes on, not messages, and knows nothing of ZeroMQ: whatever talks over TCP or local sockets can be put on
 * either side of it. While it runs, faults are added and removed; with none it passes everything on as it is. One
 * thread of the library serves all proxies: it starts with the first and ends with the last.
 *
 *     exz_fault_proxy proxy;
 *     exz_fault_proxy_open(&proxy, "tcp://127.0.0.1:*", "tcp://127.0.0.1:5555", 0, NULL);
 *     char endpoint[256];
 *     exz_fault_proxy_endpoint(proxy, endpoint, sizeof endpoint);   // for the program to connect to
 *     uint32_t id;
 *     exz_fault_add(&id, proxy, EXZ_FAULT(.kind = EXZ_FAULT_LATENCY, .delay_ms = 200));
 *     exz_fault_wait(proxy, id, 1, 1000);                            // it has struck
 *     exz_fault_remove(proxy, id);
 *
 * Of each connection and each direction it holds at most 256 KiB that have not been passed on. When they are full it
 * reads no more, and the sender waits as it would for a slow network. Nothing is dropped but by a fault that ends a
 * connection, or by a side that is gone.
 */
typedef struct exz_fault_proxy {
    uint64_t id;
} exz_fault_proxy;

/** What goes wrong. */
typedef int32_t exz_fault_kind;

/**
 * The kinds, what each looks at, and what it means for connections that are there when it is added. `direction`,
 * `count` and `share` are looked at unless a kind says otherwise. A field that a kind does not look at must be as
 * EXZ_FAULT_INIT leaves it.
 */
enum {
    /** Nothing listens: connects are refused, as the port or the path is kept and not listened at; nobody else can have
     *  it meanwhile. Those that are there end, with a reset. When it is removed the proxy listens again, at the same
     *  endpoint. Of the whole proxy: looks at no other field. */
    EXZ_FAULT_DOWN = 1,
    /** Accepts, and then silence in both directions, as when a cable is cut: nothing is passed on, an end of a
     *  connection neither. A new connection does not reach the target. When it is removed, what has been sent goes on.
     *  Takes hold of connections that are there. No `direction`. */
    EXZ_FAULT_BLACKHOLE = 2,
    /** Ends the connection with a reset, on both sides: at once, or after `after_bytes` or `after_ms`, whichever is
     *  first where both are given. A local socket knows no reset and is closed. Of connections that are there, bytes
     *  and time count from now. */
    EXZ_FAULT_RESET = 3,
    /** The same, with the orderly end that close(2) makes (FIN). Bytes that were passed on before arrive. */
    EXZ_FAULT_CLOSE = 4,
    /** What is read is passed on `delay_ms` ± a random part of `jitter_ms` later, in order; an end of the connection,
     *  also one that is a reset, too. Of connections that are there it delays what is read from now on. When it is
     *  removed, what waits is passed on at once. */
    EXZ_FAULT_LATENCY = 5,
    /** At most `bytes_per_second` are passed on, each direction by itself. From now on. */
    EXZ_FAULT_BANDWIDTH = 6,
    /** Passed on in pieces of `slice_bytes` ± a random part of `slice_spread`, with `pause_ms` between them. From now
     *  on. */
    EXZ_FAULT_SLICE = 7,
    /** The end of a connection is passed on `delay_ms` late, also one that is a reset. From now on. */
    EXZ_FAULT_SLOW_CLOSE = 8,
    /** Of each byte that is read a random bit is flipped with the probability `flip_rate`. From now on. The same bits
     *  of the same bytes, where seed, number of the fault, number of the connection and direction are the same. */
    EXZ_FAULT_CORRUPT = 9,
    /** Answers the first bytes of a new connection as a web server that does not understand them, and closes. The
     *  target hears nothing. No `direction`. */
    EXZ_FAULT_HTTP = 10,
    /** Passes `after_bytes` on, then nothing: in the middle of a handshake, for one. When it is removed, what has been
     *  sent goes on. Of connections that are there, bytes count from now. */
    EXZ_FAULT_STALL = 11,
    /** One direction stops, its end included, and the other goes on. `direction` must be one of the two. When it is
     *  removed, what has been sent goes on. Takes hold of connections that are there. */
    EXZ_FAULT_HALF_OPEN = 12
};

/** Which way the bytes go that a fault is about. */
enum {
    /** Both. Of `after_bytes` each direction has its own. */
    EXZ_FAULT_BOTH = 0,
    /** From who has connected to the target. */
    EXZ_FAULT_TO_TARGET = 1,
    /** From the target to who has connected. */
    EXZ_FAULT_TO_CLIENT = 2
};

/** A fault, before it is added. Times are milliseconds from 0 to 2^31-1. */
typedef struct exz_fault {
    /** sizeof(exz_fault). */
    uint32_t size;
    /** One of EXZ_FAULT_DOWN to EXZ_FAULT_HALF_OPEN. Has no default. */
    exz_fault_kind kind;
    /** EXZ_FAULT_BOTH (the default), EXZ_FAULT_TO_TARGET or EXZ_FAULT_TO_CLIENT. */
    uint32_t direction;
    /** Strikes only the next so many connections that are accepted; 0 (the default) = no limit, and also those that are
     *  there. */
    uint32_t count;
    /** The share of the connections that it strikes, up to 1; 0 and 1 (the default) = all of them. For each of them it
     *  is drawn from the seed, the number of the fault and the number of the connection, so that a run with the same
     *  seed strikes the same ones. */
    double share;
    /** RESET, CLOSE, STALL: bytes of a direction that are passed on before. Default 0. */
    uint64_t after_bytes;
    /** RESET, CLOSE: milliseconds. Default 0. */
    int32_t after_ms;
    /** LATENCY, SLOW_CLOSE: milliseconds. Default 0; SLOW_CLOSE needs at least 1, LATENCY that or a jitter. */
    int32_t delay_ms;
    /** LATENCY: milliseconds, at most delay_ms. Default 0. Each read draws one, uniformly from minus to plus this. */
    int32_t jitter_ms;
    /** SLICE: milliseconds. Default 0. */
    int32_t pause_ms;
    /** BANDWIDTH: at least 1. */
    uint64_t bytes_per_second;
    /** SLICE: bytes, at least 1. */
    uint32_t slice_bytes;
    /** SLICE: bytes, less than slice_bytes. Default 0. Each piece draws one, uniformly from minus to plus this. */
    uint32_t slice_spread;
    /** CORRUPT: the probability for each byte, over 0 and at most 1. */
    double flip_rate;
} exz_fault;

#define EXZ_FAULT_INIT {sizeof(exz_fault), 0, EXZ_FAULT_BOTH, 0, 1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0}

/** A fault in the place where it is asked for, in C: EXZ_FAULT(.kind = EXZ_FAULT_RESET, .count = 2). What is not named
 *  has its default. A pointer, good to the end of the block. C++ has no such values: fill an EXZ_FAULT_INIT there. */
#define EXZ_FAULT(...) (&(const exz_fault){.size = sizeof(exz_fault), __VA_ARGS__})

/**
 * Fills a fault with the defaults; the same as EXZ_FAULT_INIT, for languages without macros.
 *
 * @param fault not NULL.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_init(exz_fault *fault);

/**
 * Says what is wrong with a fault, as exz_fault_add() only answers that something is.
 *
 * @param fault not NULL.
 * @param err   filled on failure: `message` names the field. May be NULL.
 * @return EXZ_OK if it can be added; EXZ_ERR_INVALID.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_check(const exz_fault *fault, exz_error *err);

/**
 * Starts a proxy.
 *
 * For each connection it accepts it makes one to the target. A client whose target can not be reached has been accepted
 * already, so it can not be refused: it is reset (a local one is closed), and `failed` and `target_status` of the
 * statistics tell of it. A target by name is resolved for each connection anew, on another thread, and its addresses
 * are tried in order.
 *
 * @param out    receives the handle, to be closed with exz_fault_proxy_close(). Not NULL.
 * @param listen where to listen, as for exz_socket_bind(): "tcp://127.0.0.1:*" for a port of the system's choice, tcp
 *               or ipc; a "*" for the path makes a name that is in no file system. Not NULL.
 * @param target where the connections go, as for exz_socket_connect(): tcp or ipc, of the kind of `listen` or the
 *               other. Nobody has to be there yet. Not NULL.
 * @param seed   what all draws are made from; 0 draws one from the system, which the statistics tell.
 * @param err    filled on failure. May be NULL.
 * @return EXZ_OK: it listens; EXZ_ERR_INVALID for a bad endpoint, or one that is its own target;
 *         EXZ_ERR_NOT_SUPPORTED for inproc and other transports; EXZ_ERR_ADDRESS_IN_USE;
 *         EXZ_ERR_ADDRESS_NOT_AVAILABLE; EXZ_ERR_RESOLVE; EXZ_ERR_PERMISSION; EXZ_ERR_LIMIT out of descriptors, threads
 *         or handles; EXZ_ERR_NO_MEMORY.
 *
 * Waits at most 1000 ms, where `listen` has a name that has to be resolved, and else never. Since 0.1.
 */
exz_status exz_fault_proxy_open(exz_fault_proxy *out, const char *listen, const char *target, uint64_t seed,
                                exz_error *err);

/**
 * Where the proxy listens, with its real port: what to connect to. It stays the same while a fault keeps it down.
 *
 * @param p        the proxy.
 * @param buffer   receives the endpoint with its NUL. Not NULL.
 * @param capacity bytes in buffer; 256 are enough for all but the longest host names and paths.
 * @return EXZ_OK; EXZ_ERR_TOO_SMALL.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_proxy_endpoint(exz_fault_proxy p, char *buffer, size_t capacity);

/**
 * Adds a fault. It is in force when this returns.
 *
 * Several may be in force at once: delays add up, the smallest bandwidth and the shortest slices count, and what ends
 * or holds a connection does so whatever else there is. Where one fault resets new connections and another answers them
 * as a web server, that which was added first has them.
 *
 * @param id    receives the number it is removed by: 1 for the proxy's first, then 2, and so on. Not NULL.
 * @param p     the proxy.
 * @param fault copied. Not NULL.
 * @return EXZ_OK; EXZ_ERR_INVALID for a fault that makes no sense (exz_fault_check() says why); EXZ_ERR_LIMIT beyond
 *         1000 faults at once; EXZ_ERR_NO_MEMORY for what it takes in the connections that are there.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_add(uint32_t *id, exz_fault_proxy p, const exz_fault *fault);

/**
 * Removes a fault. What it held back goes on; what it has ended stays so. Removing it again is not an error.
 *
 * @param p  the proxy.
 * @param id what exz_fault_add() gave.
 * @return EXZ_OK; EXZ_ERR_INVALID for a number that was never given; after a fault that kept the proxy down, the status
 *         of the attempt to listen again, such as EXZ_ERR_ADDRESS_IN_USE where another process has taken a path: the
 *         fault is removed, and the proxy tries again until it listens.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_remove(exz_fault_proxy p, uint32_t id);

/**
 * What a proxy has done.
 *
 * Whoever connects is counted, and struck by faults that are for the next few or for a share: also a socket of this
 * library that looks, with a connection of its own, why one has failed. It does so after an attempt that was refused or
 * broken off, so there may be more connections than attempts, and that of an attempt may be the second next.
 */
typedef struct exz_fault_stats {
    /** sizeof(exz_fault_stats), to be set by the caller. */
    uint32_t size;
    /** Faults in force. */
    uint32_t faults;
    /** What all draws are made from. The same seed, with the same faults in the same order, repeats a run. */
    uint64_t seed;
    /** Connections accepted. */
    uint64_t connections;
    /** Connections that have not ended. */
    uint64_t open;
    /** Connections whose target could not be reached, or for which there was no memory. */
    uint64_t failed;
    /** Bytes passed on to the target. */
    uint64_t bytes_to_target;
    /** Bytes passed on to who has connected. */
    uint64_t bytes_to_client;
    /** How often a fault has struck a connection: once for each of both, however often it did. DOWN strikes once, the
     *  proxy. */
    uint64_t struck;
    /** Why the target could not be reached the last time; EXZ_OK if it always could. */
    exz_status target_status;
    /** The errno of that; 0 if there is none. */
    int32_t target_errno;
} exz_fault_stats;

#define EXZ_FAULT_STATS_INIT {sizeof(exz_fault_stats), 0, 0, 0, 0, 0, 0, 0, 0, EXZ_OK, 0}

/**
 * What a proxy has done so far.
 *
 * @param out its `size` must be set, EXZ_FAULT_STATS_INIT does. Not NULL.
 * @param p   the proxy.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_proxy_stats(exz_fault_stats *out, exz_fault_proxy p);

/** What exz_fault_proxy_wait() counts. */
typedef int32_t exz_fault_count;

enum {
    /** Connections accepted. */
    EXZ_FAULT_COUNT_CONNECTIONS = 1,
    /** Connections that have ended. */
    EXZ_FAULT_COUNT_ENDED = 2,
    /** Connections whose target could not be reached. */
    EXZ_FAULT_COUNT_FAILED = 3,
    /** Bytes passed on to the target. */
    EXZ_FAULT_COUNT_BYTES_TO_TARGET = 4,
    /** Bytes passed on to who has connected. */
    EXZ_FAULT_COUNT_BYTES_TO_CLIENT = 5,
    /** How often a fault has struck. */
    EXZ_FAULT_COUNT_STRUCK = 6
};

/**
 * Waits until something has happened often enough, so that no test has to sleep.
 *
 * @param p          the proxy.
 * @param what       EXZ_FAULT_COUNT_…; counted from the proxy's beginning.
 * @param at_least   how often; 0 is always reached.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT; EXZ_ERR_CLOSED also when the proxy is closed meanwhile; EXZ_ERR_INVALID for an
 *         unknown count.
 *
 * Waits at most timeout_ms. Neither signals nor cancelers end it. In a process of Python alone it ends with
 * EXZ_ERR_INTERRUPTED when one of Python's signal handlers has raised an exception. Since 0.1.
 */
exz_status exz_fault_proxy_wait(exz_fault_proxy p, exz_fault_count what, uint64_t at_least, int32_t timeout_ms);

/**
 * Waits until one fault has struck so many connections.
 *
 * A fault strikes a connection when it first changes something there: the first bytes are delayed, slowed down, sliced
 * or flipped; an end of the connection is held back; the bytes that were let through before are through; the connection
 * is ended, answered, or swallowed.
 *
 * @param p          the proxy.
 * @param id         what exz_fault_add() gave.
 * @param at_least   how many connections; 0 is always reached.
 * @param timeout_ms the bound; EXZ_DEFAULT_TIMEOUT is 1000.
 * @return EXZ_OK; EXZ_ERR_TIMEOUT; EXZ_ERR_CLOSED when the proxy is closed meanwhile, or the fault has been removed;
 *         EXZ_ERR_INVALID for a number that was never given.
 *
 * Waits at most timeout_ms. Neither signals nor cancelers end it. In a process of Python alone it ends with
 * EXZ_ERR_INTERRUPTED when one of Python's signal handlers has raised an exception. Since 0.1.
 */
exz_status exz_fault_wait(exz_fault_proxy p, uint32_t id, uint64_t at_least, int32_t timeout_ms);

/**
 * Ends all connections now, with a reset; local ones are closed. The proxy goes on, and so do its faults.
 *
 * @param p the proxy.
 * @return EXZ_OK.
 *
 * Never waits. Since 0.1.
 */
exz_status exz_fault_proxy_drop(exz_fault_proxy p);

/**
 * Ends a proxy with all its connections, as exz_fault_proxy_drop() does, and gives its endpoint back. The last one ends
 * the thread. Waits that are going on answer EXZ_ERR_CLOSED. Closing again is not an error.
 *
 * @param p the proxy.
 * @return EXZ_OK.
 *
 * Waits at most 100 ms, for the thread to end. Since 0.1.
 */
exz_status exz_fault_proxy_close(exz_fault_proxy p);

/* ------------------------------------------------------------------------------------------------------------------
 * For the Python package
 * --------------------------------------------------------------------------------------------------------------- */

/**
 * What the Python package makes its fastest calls of. Not for programs: what is in it changes with every version.
 *
 * @return an array of CPython's PyMethodDef, ended by one without a name; never freed. NULL in a process without
 *         CPython 3.11 or later. The functions take and return Python's objects, with the interpreter's lock held, and
 *         have the socket's number for their self.
 *
 * Never waits. Since 0.1.
 */
const void *exz_python_methods(void);

#ifdef __cplusplus
}
#endif

#endif
