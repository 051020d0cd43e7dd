// SPDX-License-Identifier: Apache-2.0

/// How far a socket's life has come. It goes one way only.
struct Life {
    enum Phase: Int, Comparable {
        /// It can be used.
        case open
        /// For its users it is gone; libzmq's socket is still there.
        case ended
        /// libzmq has been told to close its socket; calls that waited on it may not have left yet.
        case closing
        /// Nobody is in it any more, and its slot is another one's.
        case gone

        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    private(set) var phase = Phase.open

    var isOpen: Bool { phase == .open }

    /// - Returns: whether that has not been done before.
    mutating func end() -> Bool { advance(to: .ended) }

    /// - Returns: whether that has not been done before.
    mutating func beginClosing() -> Bool { advance(to: .closing) }

    /// Somebody has left the socket, or it has begun to close.
    ///
    /// - Returns: whether its slot is to be given back now.
    mutating func leave(isEmpty: Bool) -> Bool {
        phase == .closing && isEmpty && advance(to: .gone)
    }

    private mutating func advance(to next: Phase) -> Bool {
        guard phase < next else { return false }
        phase = next
        return true
    }
}
