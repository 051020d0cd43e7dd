// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Threads of our own, in one place: detached, named, and with every signal blocked, so that a host's signal handlers
/// run on the host's threads.
enum DetachedThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// - Parameter name: at most 15 characters, as the kernel stores them.
    /// - Throws: `limit` when the system allows no more threads.
    static func start(named name: String, _ run: @escaping @Sendable () -> Void) throws(ZMQSocketError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 512 << 10)

        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        // The thread takes the reference over; it is our own pointer, handed to pthread_create and nobody else.
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        ForkGate.enter()
        let number = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                clinux_name_thread(body.name)
                body.run()
                ForkGate.leave()
                return nil
            },
            body.toOpaque()
        )
        guard number == 0 else {
            body.release()
            ForkGate.leave()
            throw ZMQSocketError(
                .limit,
                systemErrno: number,
                message: "can not start a thread: \(describe(errno: number))"
            )
        }
    }
}
