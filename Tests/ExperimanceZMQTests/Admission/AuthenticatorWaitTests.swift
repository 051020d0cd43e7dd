// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Waiting for what an authenticator counts", .watchdog)
struct AuthenticatorWaitTests {
    private let patience = ZMQTimeout.seconds(20)

    /// What it counts, by the public names.
    private func counts(_ statistics: ZMQAuthenticator.Statistics) -> [ZMQAuthenticator.Count: UInt64] {
        [
            .pending: UInt64(statistics.pending), .accepted: statistics.accepted, .refused: statistics.refused,
            .refusedAddress: statistics.refusedAddress, .refusedUser: statistics.refusedUser,
            .refusedKey: statistics.refusedKey, .refusedPassword: statistics.refusedPassword,
            .refusedDecision: statistics.refusedDecision, .refusedLate: statistics.refusedLate,
            .refusedBusy: statistics.refusedBusy, .refusedOther: statistics.refusedOther,
            .lateDecisions: statistics.lateDecisions, .keys: UInt64(statistics.keys),
            .unreadableFiles: UInt64(statistics.unreadableFiles), .keyChanges: statistics.keyChanges,
        ]
    }

    @Test("Each count is the statistic of that name, and numbered as in C")
    func names() throws {
        let inCore = AuthenticatorCount.allCases
        #expect(inCore.map(\.rawValue) == Array(1...Int32(inCore.count)))
        #expect(ZMQAuthenticator.Count.allCases.count == inCore.count)
        var core = AuthenticatorStatistics()
        (core.pending, core.admitted, core.lateDecisions) = (100, 101, 102)
        (core.keys, core.unreadableFiles, core.keyChanges) = (103, 104, 105)
        for refusal in Refusal.allCases { for _ in 0...refusal.rawValue { core.count(refusal) } }
        let told = counts(ZMQAuthenticator.Statistics(core))
        for (count, name) in zip(inCore, ZMQAuthenticator.Count.allCases) {
            #expect("\(count)" == "\(name)")
            #expect(core[count] == told[name], "\(name)")
        }
    }

    @Test("It waits until that is reached, no shorter and no longer, and not at all for nothing")
    func reached() async throws {
        let context = try ZMQContext()
        let authenticator = try ZMQAuthenticator(context: context)
        for count in ZMQAuthenticator.Count.allCases {
            try await authenticator.wait(for: count, atLeast: 0, timeout: .zero)
            let failure = await #expect(throws: ZMQSocketError.self) {
                try await authenticator.wait(for: count, atLeast: 1, timeout: .milliseconds(1))
            }
            #expect(failure?.code == .timeout, "\(count)")
        }
        let key = try ZMQCurveKeyPair().publicKey
        async let waited: Void = authenticator.wait(for: .keys, atLeast: 1, timeout: patience)
        try authenticator.allow(key)
        try await waited
        try await context.close(linger: .zero)
    }

    @Test("Its end, or the context's, ends the wait, and so does the task's")
    func ended() async throws {
        for way in 0..<3 {
            let context = try ZMQContext()
            let authenticator = try ZMQAuthenticator(context: context)
            let waiting = Task { [patience] () -> ZMQSocketError.Code? in
                do throws(ZMQSocketError) {
                    try await authenticator.wait(for: .accepted, atLeast: 1, timeout: patience)
                    return nil
                } catch {
                    return error.code
                }
            }
            switch way {
            case 0: authenticator.close()
            case 1: try await context.close(linger: .zero)
            default: waiting.cancel()
            }
            #expect(await waiting.value == (way < 2 ? .closed : .canceled))
            try await context.close(linger: .zero)
        }
    }

    @Test("A thread waits as a task does")
    func blocking() throws {
        let context = try ZMQContext()
        let authenticator = try ZMQAuthenticator(context: context)
        #expect(throws: ZMQSocketError.self) {
            try authenticator.wait(for: .accepted, atLeast: 1, timeout: .milliseconds(5))
        }
        try authenticator.allow(try ZMQCurveKeyPair().publicKey)
        try authenticator.wait(for: .keys, atLeast: 1, timeout: .zero)
        authenticator.close()
        let failure = #expect(throws: ZMQSocketError.self) {
            try authenticator.wait(for: .keys, atLeast: 0, timeout: .zero)
        }
        #expect(failure?.code == .closed)
        try context.close(linger: .zero)
    }
}
