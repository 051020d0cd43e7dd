// SPDX-License-Identifier: Apache-2.0

import LibC

/// Work that can not but block, for tasks: on a thread of its own, which ends with it. For what happens once in the
/// life of a program, such as the wait for the library's threads to end: so it is none of them.
enum Blocking {
    private final class Job: Sendable {
        private let body: @Sendable () throws(ZMQSocketError) -> Void
        private let result = Guarded<Result<Void, ZMQSocketError>?>(nil)
        private let task = ParkedTask()

        init(_ body: @escaping @Sendable () throws(ZMQSocketError) -> Void) {
            self.body = body
        }

        func run() {
            let found = Result { () throws(ZMQSocketError) in try body() }
            result.withLock { $0 = found }
            task.wakeNow()
        }

        nonisolated(nonsending) func end() async -> Result<Void, ZMQSocketError> {
            while true {
                if let result = result.withLock({ $0 }) { return result }
                await task.sleepThrough()
                task.rearm()
            }
        }
    }

    /// - Throws: what `body` throws; `limit` without a thread.
    nonisolated(nonsending) static func perform(
        _ body: @escaping @Sendable () throws(ZMQSocketError) -> Void
    ) async throws(ZMQSocketError) {
        let job = Job(body)
        let number = start(job)
        guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not wait") }
        try await job.end().get()
    }

    private static func start(_ job: Job) -> Int32 {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let argument = unsafe Unmanaged.passRetained(job)
        var thread = pthread_t()
        let number = HeldSignals.during {
            unsafe pthread_create(
                &thread,
                &attributes,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                },
                unsafe argument.toOpaque()
            )
        }
        if number != 0 { unsafe argument.release() }
        return number
    }
}
