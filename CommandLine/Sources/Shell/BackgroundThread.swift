// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread beside the command's own, which ends with the process.
public enum BackgroundThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Whether there was one to be had.
    @discardableResult
    public static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = begin(body) else { return false }
        pthread_detach(thread)
        return true
    }

    /// Runs `body` while `work` runs in a thread, and waits for the end of both.
    ///
    /// - Parameters:
    ///   - work: what is done beside. It has to end when `body` has.
    ///   - body: what is done here.
    /// - Returns: what `body` does; nil if there was no thread to be had.
    public static func alongside<Result>(
        _ work: @escaping @Sendable () -> Void,
        _ body: () throws -> Result
    ) rethrows -> Result? {
        guard let thread = begin(work) else { return nil }
        defer { unsafe pthread_join(thread, nil) }
        return try body()
    }

    private static func begin(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let failed = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            unsafe work.toOpaque()
        )
        guard failed == 0 else {
            unsafe work.release()
            return nil
        }
        return thread
    }
}
