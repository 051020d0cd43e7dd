// SPDX-License-Identifier: Apache-2.0

import LibC

// Why there is no descriptor that listens.
extension ConnectFailure {
    package init(_ failure: ListeningDescriptor.Failure) {
        self.init(errno: failure.number, of: failure.isForNone ? .socket : .bind)
    }

    /// The same for a port, where it can be said who has it.
    ///
    /// - Parameter isOurs: whether this process listens there.
    init(_ failure: ListeningDescriptor.Failure, port: UInt16, isOurs: (UInt16) -> Bool) {
        self.init(failure)
        guard code == .addressInUse else { return }
        reason =
            isOurs(port)
            ? "this process listens there itself, with a socket of its own or one it inherited"
            : "\(reason); see who has it with: ss -tanp 'sport = :\(port)'"
    }

    /// The path of an ipc endpoint belongs to somebody.
    static func pathInUse(_ reason: String) -> ConnectFailure {
        ConnectFailure(code: .addressInUse, systemErrno: EADDRINUSE, reason: reason)
    }
}
