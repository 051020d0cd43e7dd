// SPDX-License-Identifier: Apache-2.0

public import ExperimanceZMQ

/// Two sockets that have shaken hands, in a context of their own.
///
/// ```swift
/// try await ConnectedPair.withPipeline { pusher, puller in
///     try await pusher.send("hello".utf8)
///     #expect(try await puller.receive().text == "hello")
/// }
/// ```
public enum ConnectedPair {
    /// A PUSH and a PULL.
    ///
    /// - Parameters:
    ///   - carrier: what carries the messages.
    ///   - options: of both sockets.
    ///   - body: is called with the two; they are closed when it ends.
    /// - Throws: what opening, binding and connecting throw, and what `body` throws.
    public nonisolated(nonsending) static func withPipeline<Result>(
        over carrier: FreeEndpoint = .tcp,
        options: ZMQSocketOptions = ZMQSocketOptions(),
        _ body: nonisolated(nonsending) (ZMQPusher, ZMQPuller) async throws -> Result
    ) async throws -> Result {
        try await with(ZMQPusher.self, ZMQPuller.self, over: carrier, options, body)
    }

    /// A PUB and a SUB, with the subscriptions in force.
    ///
    /// - Parameters:
    ///   - topics: what is subscribed to; by default everything.
    ///   - carrier: what carries the messages.
    ///   - options: of both sockets.
    ///   - body: is called with the two; they are closed when it ends.
    /// - Throws: what opening, binding and connecting throw, and what `body` throws.
    public nonisolated(nonsending) static func withPublisher<Result>(
        of topics: [String] = [""],
        over carrier: FreeEndpoint = .tcp,
        options: ZMQSocketOptions = ZMQSocketOptions(),
        _ body: nonisolated(nonsending) (ZMQPublisher, ZMQSubscriber) async throws -> Result
    ) async throws -> Result {
        try await with(ZMQPublisher.self, ZMQSubscriber.self, over: carrier, options) { publisher, subscriber in
            for topic in topics { try subscriber.subscribe(to: topic) }
            try await subscriber.waitForSubscriptions(timeout: patience)
            return try await body(publisher, subscriber)
        }
    }

    /// A REQ and a REP.
    ///
    /// - Parameters:
    ///   - carrier: what carries the messages.
    ///   - options: of both sockets.
    ///   - body: is called with the two; they are closed when it ends.
    /// - Throws: what opening, binding and connecting throw, and what `body` throws.
    public nonisolated(nonsending) static func withRequester<Result>(
        over carrier: FreeEndpoint = .tcp,
        options: ZMQSocketOptions = ZMQSocketOptions(),
        _ body: nonisolated(nonsending) (ZMQRequester, ZMQReplier) async throws -> Result
    ) async throws -> Result {
        try await with(ZMQRequester.self, ZMQReplier.self, over: carrier, options, body)
    }

    /// Two sockets of any types that fit: the second is bound, the first connected to it.
    ///
    /// - Parameters:
    ///   - first: the type of the one that connects.
    ///   - second: the type of the one that is bound.
    ///   - carrier: what carries the messages.
    ///   - options: of both sockets.
    ///   - body: is called with the two; they are closed when it ends.
    /// - Throws: what opening, binding and connecting throw, and what `body` throws.
    public nonisolated(nonsending) static func with<First: ZMQPattern, Second: ZMQPattern, Result>(
        _ first: First.Type,
        _ second: Second.Type,
        over carrier: FreeEndpoint = .tcp,
        _ options: ZMQSocketOptions = ZMQSocketOptions(),
        _ body: nonisolated(nonsending) (First, Second) async throws -> Result
    ) async throws -> Result {
        let context = try ZMQContext()
        do {
            let (one, other) = try (
                First(options: options, context: context), Second(options: options, context: context)
            )
            try await one.connect(other.bind(carrier.endpoint, timeout: patience), timeout: patience)
            try await other.waitForPeers(timeout: patience)
            let result = try await body(one, other)
            try await context.close(linger: .zero)
            return result
        } catch {
            // What went wrong first is what counts.
            try? await context.close(linger: .zero)
            throw error
        }
    }

    /// What does happen happens in this time, on a machine that is busy with something else.
    private static let patience = ZMQTimeout.seconds(20)
}
