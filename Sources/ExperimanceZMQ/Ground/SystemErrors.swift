// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// The numbers libzmq adds to the system's, from `ZMQ_HAUSNUMERO` in `<zmq.h>` on.
enum LibzmqErrno {
    private static let first: Int32 = 156_384_712
    /// Not possible in the socket's present state.
    static let state = first + 51
    /// The protocol does not go with the socket type.
    static let incompatibleProtocol = first + 52
    /// The context was terminated.
    static let terminated = first + 53
    /// There is no I/O thread.
    static let noThread = first + 54
}

extension ZMQSocketError.Code {
    /// The code for an errno of libzmq or the system.
    init(errno number: Int32) {
        switch number {
        case 0: self = .ok
        case EINVAL, EFAULT, ENAMETOOLONG, EDESTADDRREQ: self = .invalid
        case LibzmqErrno.terminated, ENOTSOCK: self = .closed
        case EINTR: self = .interrupted
        case EAGAIN, ETIMEDOUT: self = .timeout
        case ECONNREFUSED, ENOENT: self = .refused
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN: self = .unreachable
        case EPROTO, LibzmqErrno.incompatibleProtocol: self = .protocolError
        case ECONNRESET, ECONNABORTED, EPIPE: self = .peerLost
        case EADDRINUSE: self = .addressInUse
        case EADDRNOTAVAIL, ENODEV, ENXIO: self = .addressNotAvailable
        case EACCES, EPERM, EROFS: self = .permission
        case EMSGSIZE: self = .tooLarge
        case LibzmqErrno.state: self = .state
        // A filter of system calls says ENOSYS of what it does not let through.
        case ENOTSUP, EPROTONOSUPPORT, EAFNOSUPPORT, ENOSYS: self = .notSupported
        // ENOSPC is epoll's word for more watches than a user may have.
        case EMFILE, ENFILE, LibzmqErrno.noThread, ENOSPC: self = .limit
        case ENOMEM, ENOBUFS: self = .noMemory
        default: self = .internal
        }
    }
}

/// The text for an errno of the system or of libzmq.
package func describe(errno number: Int32) -> String {
    switch number {
    case LibzmqErrno.state: "not possible in the present state of the socket"
    case LibzmqErrno.incompatibleProtocol: "the protocol does not go with the socket type"
    case LibzmqErrno.terminated: "the context is closed"
    case LibzmqErrno.noThread: "the context has no I/O thread"
    default:
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, let text = unsafe clinux_describe(number, base, buffer.count) else {
                return "errno \(number)"
            }
            return unsafe String(cString: text)
        }
    }
}

extension ZMQSocketError {
    /// What could not be done, and the errno that says why.
    ///
    /// - Parameter task: a clause that goes on with a colon and the system's words for the errno.
    init(errno number: Int32, doing task: String, endpoint: String? = nil) {
        self.init(
            Code(errno: number),
            endpoint: endpoint,
            systemErrno: number,
            message: "\(task): \(describe(errno: number))"
        )
    }
}
