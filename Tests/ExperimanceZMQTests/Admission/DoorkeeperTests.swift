// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite("A yes that has to wait for its turn", .watchdog)
struct DoorkeeperTests {
    /// Lets nobody in by itself.
    private final class HeldDoor: Door {
        let demand = AccessRules.Demand.key(anybody: false)
        let admissions: AsyncStream<Admission>
        let refusals: AsyncStream<Refusal>
        private let admitted: AsyncStream<Admission>.Continuation
        private let refused: AsyncStream<Refusal>.Continuation

        init() {
            (admissions, admitted) = AsyncStream.makeStream(of: Admission.self)
            (refusals, refused) = AsyncStream.makeStream(of: Refusal.self)
        }

        func groups(of origin: PeerOrigin) -> [UInt32] { [] }
        func asker(from origin: PeerOrigin) -> AdmissionQueue.Candidate? { nil }
        func admit(_ admission: Admission) { admitted.yield(admission) }
        func noteRefusal(_ refusal: Refusal, of key: ZMQCurvePublicKey?, from origin: PeerOrigin) {
            refused.yield(refusal)
        }
        func endLinks(of keys: Set<ZMQCurvePublicKey>) {}
    }

    /// A context with a door, and somebody who asks there as libzmq does.
    private struct House: @unchecked Sendable {
        // Unchecked: one thread after the other uses the asker.
        let context: ContextCore
        let door = HeldDoor()
        let number: UInt64
        let asker: RawSocket

        init() throws {
            context = try ContextCore.open()
            let doorkeeper = try context.keepDoors()
            number = doorkeeper.open(door)
            asker = try context.newSocket(.dealer)
            #expect(ZMQ.connect(asker, ZAPSocket.endpoint) == 0)
        }

        func ask(about key: ZMQCurvePublicKey) {
            let frames: [[UInt8]] = [
                [], Array("1.0".utf8), [1], Array(Doorkeeper.domain(of: number).utf8), Array("127.0.0.1".utf8), [],
                Array("CURVE".utf8), key.bytes,
            ]
            for (index, frame) in frames.enumerated() {
                let sent = frame.withUnsafeBytes {
                    ZMQ.send(asker, $0.baseAddress, $0.count, more: index < frames.count - 1)
                }
                #expect(sent >= 0)
            }
        }

        func letIn(_ admission: Admission) async -> Bool {
            await withCheckedContinuation { continuation in
                context.supervisor.perform { continuation.resume(returning: admission.letIn()) }
            }
        }

        func close() {
            ZMQ.close(asker)
            context.abandon()
        }
    }

    private static func key() throws -> ZMQCurvePublicKey { try ZMQCurveKeyPair().publicKey }

    @Test("It goes out if the rules still say the same")
    func same() async throws {
        let (house, key) = (try House(), try Self.key())
        let authenticator = try house.context.openAuthenticator(nil)
        try authenticator.allow(key, as: "anna")
        house.ask(about: key)
        var admissions = house.door.admissions.makeAsyncIterator()
        let admission = try #require(await admissions.next())
        #expect(admission.peer.userID == "anna")
        #expect(await house.letIn(admission))
        #expect(authenticator.statistics.admitted == 1)
        house.close()
    }

    @Test("Who is somebody else by now comes in as that one")
    func renamed() async throws {
        let (house, key) = (try House(), try Self.key())
        let authenticator = try house.context.openAuthenticator(nil)
        try authenticator.allow(key, as: "anna")
        house.ask(about: key)
        var admissions = house.door.admissions.makeAsyncIterator()
        let first = try #require(await admissions.next())
        try authenticator.allow(key, as: "bert")
        #expect(await !house.letIn(first))
        let second = try #require(await admissions.next())
        #expect(second.peer.userID == "bert")
        #expect(await house.letIn(second))
        #expect(authenticator.statistics.admitted == 1)
        house.close()
    }

    @Test("A question that comes while another one is answered is heard of")
    func meanwhile() async throws {
        let (house, anna, bert) = (try House(), try Self.key(), try Self.key())
        let authenticator = try house.context.openAuthenticator(nil)
        try authenticator.allow(anna, as: "anna")
        try authenticator.allow(bert, as: "bert")
        house.ask(about: anna)
        var admissions = house.door.admissions.makeAsyncIterator()
        let first = try #require(await admissions.next())
        await withCheckedContinuation { continuation in
            house.context.supervisor.perform {
                house.ask(about: bert)
                // A send works through libzmq's commands only if nobody has for about a millisecond.
                let end = MonotonicInstant.now().advanced(byNanoseconds: 5 * nanosecondsPerMillisecond)
                while MonotonicInstant.now() < end {}
                #expect(first.letIn())
                continuation.resume()
            }
        }
        #expect(await admissions.next()?.peer.userID == "bert")
        house.close()
    }

    @Test("Who is denied by now is told so")
    func denied() async throws {
        let (house, key) = (try House(), try Self.key())
        let authenticator = try house.context.openAuthenticator(.function { _ in .admit(userID: "anybody") })
        house.ask(about: key)
        var admissions = house.door.admissions.makeAsyncIterator()
        let admission = try #require(await admissions.next())
        #expect(admission.peer.userID == "anybody")
        try authenticator.deny(key)
        #expect(await !house.letIn(admission))
        var refusals = house.door.refusals.makeAsyncIterator()
        #expect(await refusals.next() == .key)
        #expect(authenticator.statistics.admitted == 0 && authenticator.statistics.refused(for: .key) == 1)
        house.close()
    }

    @Test("Whose key is not allowed any more, the program is asked about")
    func asked() async throws {
        let (house, key) = (try House(), try Self.key())
        let authenticator = try house.context.openAuthenticator(.function { _ in .refuse })
        let path = "/tmp/exz-doorkeeper-\(UInt64.random(in: 0 ... .max))"
        try CurveKeyFile.save(key, nil, at: path)
        try authenticator.allow(keysAt: path + ".key")
        house.ask(about: key)
        var admissions = house.door.admissions.makeAsyncIterator()
        let admission = try #require(await admissions.next())
        _ = unlink(path + ".key")
        while authenticator.statistics.keys > 0 { await Task.yield() }
        #expect(await !house.letIn(admission))
        var refusals = house.door.refusals.makeAsyncIterator()
        #expect(await refusals.next() == .decision)
        #expect(authenticator.statistics.admitted == 0)
        house.close()
    }
}
