// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Measuring
import Shell

/// The side that measures: a DEALER with one peer.
struct MeasuringSide: Sendable {
    /// Who is at the other end.
    enum Peer {
        /// `exz bench --bind`.
        case bench
        /// Something that sends back what comes.
        case echo
    }

    let opened: OpenSocket
    let load: Load
    let trouble: Trouble
    let run = UInt32.random(in: .min ... .max)

    /// Finds out who is there.
    ///
    /// - Throws: `timedOut`; `failed` if it is neither.
    func greet() throws -> Peer {
        try send(MeasuringMessage(.hello, run: run, number: MeasuringMessage.version))
        let answer = try opened.patience.wait(orSay: "nobody at \(load.endpoint) has answered") {
            (timeout) throws(ZMQSocketError) in try opened.socket.receive(timeout: timeout)
        }
        guard let message = MeasuringMessage(answer.bytes), message.run == run else { throw noEcho }
        switch message.kind {
        case .hello: return .echo
        case .welcome where message.number == MeasuringMessage.version: return .bench
        case .welcome:
            throw Failure(
                .failed,
                "exz at \(load.endpoint) is of another version: both sides have to be of the same one"
            )
        default: throw noEcho
        }
    }

    /// Sends something that is not measured.
    func send(_ message: MeasuringMessage) throws { try send(parts: [[], message.written]) }

    /// Sends a message of several parts.
    func send(parts: [[UInt8]]) throws {
        try opened.patience.wait(orSay: "there was no room for a message") { (timeout) throws(ZMQSocketError) in
            try opened.socket.send(parts: parts, timeout: timeout)
        }
    }

    /// The next message that is none of those that are measured; nil for what is nothing of this run's.
    func next(until deadline: Deadline) throws -> MeasuringMessage? {
        let message = try opened.patience.wait(until: deadline, orSay: "the other side has said nothing more") {
            (timeout) throws(ZMQSocketError) in try opened.socket.receive(timeout: timeout)
        }
        return MeasuringMessage(message.bytes).flatMap { $0.run == run ? $0 : nil }
    }

    /// As ``next(until:)``, if there is one already.
    func nextThatIsThere() throws -> MeasuringMessage? {
        do throws(ZMQSocketError) {
            let message = try opened.socket.receive(timeout: .zero)
            return MeasuringMessage(message.bytes).flatMap { $0.run == run ? $0 : nil }
        } catch {
            guard error.code == .timeout else { throw error }
            return nil
        }
    }

    /// What is in a part, from its beginning on: bytes that would not be the same if some were moved.
    func filler() -> [UInt8] { (0..<load.size).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

    var noEcho: Failure {
        Failure(
            .failed,
            "what answers at \(load.endpoint) is no echo, and not exz bench: start exz bench --bind there, "
                + "or exz rep --echo"
        )
    }
}
