// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Work on a thread of its own, for tests in which one call has to wait while another happens.
public final class BackgroundTask<Value: Sendable>: @unchecked Sendable {
    // Unchecked: `result` is written before `done` is signalled and read after.
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<Value, any Error>?

    /// Starts the work.
    public init(_ body: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [self] in
            result = Result { try body() }
            done.signal()
        }
    }

    /// Waits for the end of the work. Once only.
    public func value() throws -> Value {
        done.wait()
        guard let result else { throw CancellationError() }
        return try result.get()
    }
}
