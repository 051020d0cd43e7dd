// SPDX-License-Identifier: Apache-2.0

import LibC

/// Work that can not but block, for tasks: on a thread of its own, which ends with it. For what happens once in the
/// life of a program, such as the wait for the library's threads to end: so it is none of them.
enum Blocking {
    private final class Job: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// - Throws: what `body` throws; `limit` without a thread.
    nonisolated(nonsending) static func perform(
        _ body: @escaping @Sendable () throws(ZMQSocketError) -> Void
    ) async throws(ZMQSocketError) {
        let failure = await withUnsafeContinuation { (continuation: UnsafeContinuation<ZMQSocketError?, Never>) in
            let job = Job {
                do throws(ZMQSocketError) {
                    try body()
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
            let number = start(job)
            if number != 0 { continuation.resume(returning: ZMQSocketError(errno: number, doing: "can not wait")) }
        }
        if let failure { throw failure }
    }

    private static func start(_ job: Job) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(job)
        var thread = pthread_t()
        let number = HeldSignals.during {
            pthread_create(
                &thread,
                &attributes,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                },
                argument.toOpaque()
            )
        }
        if number != 0 { argument.release() }
        return number
    }
}
