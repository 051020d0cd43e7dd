// SPDX-License-Identifier: Apache-2.0

/// A socket of one pattern.
public protocol ZMQPattern: ZMQMessagingSocket {
    /// Opens the socket.
    init(options: ZMQSocketOptions, context: ZMQContext) throws(ZMQSocketError)
}

extension ZMQPattern {
    /// Blocks its thread while `body` runs with a socket of its own, and until that is closed, however `body` ends:
    /// within the socket's linger + 100 ms.
    ///
    /// ```swift
    /// let answer = try ZMQRequester.with { requester in
    ///     try requester.connect("tcp://127.0.0.1:5555")
    ///     return try requester.request("ping".utf8).text
    /// }
    /// ```
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``, and what `body` throws.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    // A function without a wait fits both; in a task the other one is meant.
    @_disfavoredOverload
    public static func with<Result>(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared,
        _ body: (Self) throws -> Result
    ) throws -> Result {
        let opened = try Self(options: options, context: context)
        defer { _ = opened.socket.handle.close(linger: -1) }
        return try body(opened)
    }

    /// Runs `body` with a socket of its own, which is closed before this returns, however `body` ends: within the
    /// socket's linger + 100 ms, or at once in a task that is cancelled; then the linger passes in the background.
    ///
    /// ```swift
    /// try await ZMQPuller.with { puller in
    ///     try await puller.bind("tcp://127.0.0.1:5555")
    ///     for try await message in puller.messages { handle(message) }
    /// }
    /// ```
    ///
    /// - Throws: as ``ZMQSocket/init(_:options:context:)``, and what `body` throws.
    public nonisolated(nonsending) static func with<Result>(
        options: ZMQSocketOptions = ZMQSocketOptions(),
        context: ZMQContext = .shared,
        _ body: nonisolated(nonsending) (Self) async throws -> Result
    ) async throws -> Result {
        let opened = try Self(options: options, context: context)
        do {
            let result = try await body(opened)
            try await opened.close()
            return result
        } catch {
            // What went wrong first is what counts.
            try? await opened.close()
            throw error
        }
    }
}
