// SPDX-License-Identifier: Apache-2.0

import CLinux

/// What libzmq has written to the kernel, on its way to peers that are slow: waited for before a socket is closed.
///
/// libzmq 4.3.4 loses messages when a socket is closed behind a slow peer, whatever its linger. Its last portion (8
/// KiB) goes with the connection if the kernel has no room for it at that moment. And over ipc a peer whose queue is
/// full stops reading for good when the connection ends, with up to all of the kernel's buffer unread. Both can not
/// happen once the kernel has room, or the peer has read all.
struct Outflow {
    /// How long to look away, in nanoseconds.
    static let interval: Int64 = nanosecondsPerMillisecond
    /// A message that was sent a moment ago reaches the kernel a moment later: one look is not enough.
    private static let looks = 2

    private let descriptors: [Int32]
    private let deadline: Deadline
    private var looksInARow = 0

    /// - Parameter deadline: it is over then at the latest.
    init(on descriptors: [Int32], until deadline: Deadline) {
        self.descriptors = descriptors
        self.deadline = deadline
    }

    /// Looks whether it is over.
    mutating func isOver() -> Bool {
        guard !descriptors.isEmpty else { return true }
        looksInARow = descriptors.allSatisfy { clinux_carries($0) != 0 } ? looksInARow + 1 : 0
        return looksInARow >= Self.looks || deadline.hasPassed(at: .now())
    }

    /// Waits, at the latest until the deadline. False if a signal came after which `goesOn` answers false.
    static func wait(on descriptors: [Int32], until deadline: Deadline, goesOn: (() -> Bool)?) -> Bool {
        var outflow = Outflow(on: descriptors, until: deadline)
        var signalLooks = SignalLooks(from: .now())
        while !outflow.isOver() {
            let isUndisturbed = clinux_pause_ns(interval) != 0
            // A signal may also have come between two pauses.
            if let goesOn, !isUndisturbed || signalLooks.isDue(at: .now()), !goesOn() { return false }
        }
        return true
    }

    /// The same for the current task. False if that is cancelled.
    nonisolated(nonsending) static func waitInTask(on descriptors: [Int32], until deadline: Deadline) async -> Bool {
        guard !descriptors.isEmpty else { return !Task.isCancelled }
        var outflow = Outflow(on: descriptors, until: deadline)
        while !outflow.isOver() {
            do { try await Task.sleep(for: .nanoseconds(interval)) } catch { return false }
        }
        return true
    }

    /// What is left of a linger that began then, in milliseconds.
    static func rest(of linger: Int32, since start: MonotonicInstant) -> Int32 {
        let passed = MonotonicInstant.now().nanoseconds(since: start) / nanosecondsPerMillisecond
        return Int32(max(0, Int64(linger) - passed))
    }
}
