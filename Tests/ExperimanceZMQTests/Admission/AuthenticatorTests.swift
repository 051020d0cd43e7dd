// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Authenticators", .watchdog)
struct AuthenticatorTests {
    private let patience = ZMQTimeout.seconds(20)

    private func server(_ context: ZMQContext, _ keys: ZMQCurveKeyPair) async throws -> (ZMQPuller, String) {
        var options = ZMQSocketOptions()
        options.security = .curveServer(keys)
        options.keepsSenders = true
        let puller = try ZMQPuller(options: options, context: context)
        return (puller, try await puller.bind("tcp://127.0.0.1:0", timeout: patience))
    }

    private func client(_ keys: ZMQCurveKeyPair, of server: ZMQCurveKeyPair) throws -> ZMQPusher {
        var options = ZMQSocketOptions()
        options.security = .curveClient(keys, serverKey: server.publicKey)
        options.retry.maxAttempts = 1
        return try ZMQPusher(options: options)
    }

    @Test("A key that is allowed comes in, and is known by its messages and events")
    func allowed() async throws {
        let (context, keys, friend, stranger) = (
            try ZMQContext(), try ZMQCurveKeyPair(), try ZMQCurveKeyPair(), try ZMQCurveKeyPair()
        )
        let authenticator = try ZMQAuthenticator(context: context)
        try authenticator.allow(friend.publicKey, as: "friend")
        let (puller, endpoint) = try await server(context, keys)
        let pusher = try client(friend, of: keys)
        try await pusher.connect(endpoint, timeout: patience)
        try await pusher.send(Array("x".utf8), timeout: patience)
        let sender = try await puller.receive(timeout: patience).sender
        #expect(sender?.userID == "friend")
        #expect(sender?.publicKey == friend.publicKey.text)
        let other = try client(stranger, of: keys)
        await #expect(throws: ZMQSocketError.self) { try await other.connect(endpoint, timeout: patience) }
        #expect(authenticator.statistics.accepted == 1)
        #expect(authenticator.statistics.refusedKey == 1)
        #expect(throws: ZMQSocketError.self) { try ZMQAuthenticator(context: context) }
        authenticator.close()
        let late = try client(friend, of: keys)
        await #expect(throws: ZMQSocketError.self) { try await late.connect(endpoint, timeout: patience) }
        try await context.close(linger: .zero)
    }

    /// Where other tests have all threads of the pool, the decision is late, and the friend refused.
    ///
    /// - Returns: how often.
    private func connect(_ pusher: ZMQPusher, to endpoint: String) async throws(ZMQSocketError) -> UInt64 {
        var refused: UInt64 = 0
        while true {
            do throws(ZMQSocketError) {
                try await pusher.connect(endpoint, timeout: patience)
                return refused
            } catch {
                guard error.code == .security else { throw error }
                refused += 1
            }
        }
    }

    @Test("A task decides, and is cancelled when its time is over")
    func decision() async throws {
        let (context, keys, friend, stranger) = (
            try ZMQContext(), try ZMQCurveKeyPair(), try ZMQCurveKeyPair(), try ZMQCurveKeyPair()
        )
        let wasCancelled = Completion()
        let authenticator = try ZMQAuthenticator(context: context, decisionTimeout: .seconds(2)) { request in
            if request.publicKey == friend.publicKey { return .admit(userID: "by \(request.address)") }
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            wasCancelled.complete()
            return .admit(userID: "late")
        }
        let (puller, endpoint) = try await server(context, keys)
        let pusher = try client(friend, of: keys)
        let tooLate = try await connect(pusher, to: endpoint)
        #expect(authenticator.statistics.refusedLate == tooLate)
        try await pusher.send(Array("x".utf8), timeout: patience)
        #expect(try await puller.receive(timeout: patience).sender?.userID == "by 127.0.0.1")
        let other = try client(stranger, of: keys)
        await #expect(throws: ZMQSocketError.self) { try await other.connect(endpoint, timeout: patience) }
        #expect(await wasCancelled.waitInTask(until: Deadline(milliseconds: 20_000, after: .now())))
        #expect(authenticator.statistics.refusedLate == tooLate + 1)
        try await context.close(linger: .zero)
    }

    @Test("One that nobody refers to any more has ended")
    func forgotten() throws {
        let context = try ZMQContext()
        _ = try ZMQAuthenticator(context: context)
        let second = try ZMQAuthenticator(context: context)
        second.close()
        #expect(throws: ZMQSocketError.self) { try second.allow(user: 1) }
        #expect(throws: ZMQSocketError.self) {
            try ZMQAuthenticator(context: context, decisionTimeout: .seconds(5)) { _ in .refuse }
        }
    }
}
