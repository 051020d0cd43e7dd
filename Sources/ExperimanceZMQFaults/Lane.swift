// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// Moves the bytes of one direction from socket to socket, as its flow lets it.
final class Lane {
    enum Outcome {
        /// Nothing to do until a socket or a fault changes.
        case rests
        /// Nothing to do before that instant.
        case waits(until: MonotonicInstant)
        /// There is more to do; others have their turn first.
        case goesOn
        /// The end has been passed on.
        case finished
        /// A fault ends the connection.
        case ends(Ending)
        /// The side that bytes come from has been reset.
        case sourceGone
        /// The side that bytes go to has been reset.
        case sinkGone
    }

    /// So many bytes are passed on before others have their turn.
    private static let turn: UInt64 = 1 << 20

    var flow: Flow

    init(_ flow: Flow) {
        self.flow = flow
    }

    /// The side that bytes come from is known to have been reset. As long as the direction is held, that does not show.
    func loseSource() { flow.takeLoss(at: .now()) }

    /// Moves what can be moved now.
    func move(from source: RelaySocket, to sink: RelaySocket) -> Outcome {
        let end = flow.sent + Self.turn
        while flow.sent < end {
            let now = MonotonicInstant.now()
            let hasRead = read(from: source, at: now)
            switch flow.step(at: now) {
            case .held where hasRead: continue
            case .held: return .rests
            case .lose: return .sourceGone
            case .end(let ending): return .ends(ending)
            case .done: return .finished
            case .finish:
                sink.endWriting()
                flow.finished()
                return .finished
            case .write(let most) where sink.mayWrite:
                let count = unsafe flow.give(most, at: now) { unsafe sink.write($0) }
                if count == -Int(EAGAIN) {
                    sink.isFull()
                } else if count < 0, count != -Int(EINTR) {
                    sink.isFull()
                    return .sinkGone
                }
            case .write, .idle, .wait:
                guard !hasRead else { continue }
                // What is not read does not say so by itself.
                if !flow.wantsBytes, source.mayRead, source.hasFailed {
                    flow.takeLoss(at: now)
                    continue
                }
                return rest(at: now)
            }
        }
        return .goesOn
    }

    /// Until when, if anything comes by itself.
    private func rest(at now: MonotonicInstant) -> Outcome {
        var instant = flow.lossAt
        if case .wait(let next) = flow.step(at: now) { instant = min(next, instant ?? next) }
        return instant.map { .waits(until: $0) } ?? .rests
    }

    /// - Returns: whether there is something new.
    private func read(from source: RelaySocket, at now: MonotonicInstant) -> Bool {
        guard source.mayRead, flow.wantsBytes else { return false }
        let count = unsafe flow.take(at: now) { unsafe source.read(into: $0) }
        switch count {
        case 1...: return true
        case 0: flow.takeEnd(at: now)
        case -Int(EINTR): return true
        case -Int(EAGAIN): source.isEmpty()
        default:
            flow.takeLoss(at: now)
            return true
        }
        return count == 0
    }
}
