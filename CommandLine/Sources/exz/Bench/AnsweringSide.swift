// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Measuring
import Shell

/// The side that answers those who measure: a ROUTER, so that each is answered and nobody else.
struct AnsweringSide: Sendable {
    /// How long an answer may wait for room. Whoever takes none of them is not waited for by the others for ever.
    private static let room = ZMQTimeout.seconds(1)

    let opened: OpenSocket
    let lost: LostPeers
    let telling: TellingOptions

    /// Goes on until the socket is closed.
    ///
    /// - Parameter once: whether the first who has measured is the last.
    /// - Throws: `timedOut` if nobody comes; `failed` if one is lost that was to be the last.
    func serve(once: Bool) throws {
        var (state, hasToldOfStranger) = (AnsweringState(), false)
        while true {
            guard let batch = try nextBatch() else {
                try dropLost(from: &state, once)
                continue
            }
            for message in batch {
                guard let said = MeasuringMessage(message.bytes) else {
                    if !hasToldOfStranger { telling.tell("ignored: a message that exz bench has not sent") }
                    hasToldOfStranger = true
                    continue
                }
                switch state.take(said, from: name(of: message)) {
                case .nothing: break
                case .back:
                    try sending { () throws(ZMQSocketError) in
                        try opened.socket.send(message, timeout: Self.room)
                    }
                case .message(let answer):
                    if said.kind == .end { tell(answer) }
                    let parts = [message.parts[0], [], answer.written]
                    try sending { () throws(ZMQSocketError) in
                        try opened.socket.send(parts: parts, timeout: Self.room)
                    }
                case .bye: if once { return }
                }
            }
        }
    }

    /// Messages that have come; nil if a connection was lost meanwhile.
    private func nextBatch() throws -> ZMQBatch? {
        try lost.interrupting {
            try opened.patience.wait(orSay: "nobody has come to measure") { (timeout) throws(ZMQSocketError) in
                try opened.socket.receiveBatch(timeout: timeout)
            }
        }
    }

    /// Forgets those who have gone without a word.
    private func dropLost(from state: inout AnsweringState, _ once: Bool) throws {
        for address in lost.take() where state.forget(at: address) {
            guard !once else { throw Failure(.failed, "the measuring side was lost before it had done") }
            telling.tell("a measuring side was lost before it had done")
        }
    }

    /// The name that a peer has chosen; a ROUTER gives those without one a name that begins with zero.
    private func name(of message: ZMQMessage) -> [UInt8]? { message.parts[0].first == 0 ? nil : message.parts[0] }

    /// Whoever is gone needs no answer, and who takes none gets none.
    private func sending(_ send: () throws(ZMQSocketError) -> Void) throws(ZMQSocketError) {
        do throws(ZMQSocketError) {
            try send()
        } catch {
            guard [.timeout, .unreachable].contains(error.code) else { throw error }
        }
    }

    private func tell(_ report: MeasuringMessage) {
        guard report.kind == .report, report.fields.count == 3 else { return }
        let faults = SequenceFaults(lost: report.fields[0], doubled: report.fields[1], reordered: report.fields[2])
        telling.tell("\(Figures.count(report.number, "message")), \(faults.text)")
    }
}
