// SPDX-License-Identifier: Apache-2.0

import LibC

/// A thread that nobody waits for.
enum DetachedThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on a thread of its own.
    ///
    /// - Returns: 0, or the errno without a thread.
    static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let number = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            unsafe work.toOpaque()
        )
        if number == 0 {
            pthread_detach(thread)
        } else {
            unsafe work.release()
        }
        return number
    }
}
