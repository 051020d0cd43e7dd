// SPDX-License-Identifier: Apache-2.0

/// The supervisor's eye on libzmq's descriptor of one socket.
struct CommandWatch {
    /// How long libzmq's threads may take for what a disconnect or an unbind sets off.
    static let limit: Int64 = 1_000 * nanosecondsPerMillisecond

    /// libzmq's descriptor, which says that there are commands to work through.
    let descriptor: Int32
    var token: Supervisor.Token?
    var isPermanent = false
    var end: Supervisor.Token?
    /// Until when every command that comes is to be worked through at once.
    private(set) var followUpEnd: MonotonicInstant?

    var isFollowingUp: Bool { followUpEnd.map { .now() < $0 } ?? false }

    mutating func followsUp(from start: MonotonicInstant) {
        followUpEnd = start.advanced(byNanoseconds: Self.limit)
    }

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }
}
