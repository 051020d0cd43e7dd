// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs work that blocks on a thread of its own, and waits for it without blocking one.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withUnsafeThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
