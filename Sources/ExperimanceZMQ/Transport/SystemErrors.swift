// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc

extension ZMQSocketError.Code {
    /// The code for an errno of libzmq or the system.
    init(errno number: Int32) {
        switch number {
        case 0: self = .ok
        case EINVAL, EFAULT, ENAMETOOLONG, EDESTADDRREQ: self = .invalid
        case ETERM, ENOTSOCK: self = .closed
        case EINTR: self = .interrupted
        case EAGAIN, ETIMEDOUT: self = .timeout
        case ECONNREFUSED, ENOENT: self = .refused
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN: self = .unreachable
        case EPROTO, ENOCOMPATPROTO: self = .protocolError
        case ECONNRESET, ECONNABORTED, EPIPE: self = .peerLost
        case EADDRINUSE: self = .addressInUse
        case EADDRNOTAVAIL, ENODEV, ENXIO: self = .addressNotAvailable
        case EACCES, EPERM, EROFS: self = .permission
        case EMSGSIZE: self = .tooLarge
        case EFSM: self = .state
        case ENOTSUP, EPROTONOSUPPORT, EAFNOSUPPORT: self = .notSupported
        // ENOSPC is epoll's word for more watches than a user may have.
        case EMFILE, ENFILE, EMTHREAD, ENOSPC: self = .limit
        case ENOMEM, ENOBUFS: self = .noMemory
        default: self = .internal
        }
    }
}

/// The system's text for an errno, libzmq's own numbers included.
package func describe(errno number: Int32) -> String {
    guard let text = zmq_strerror(number) else { return "errno \(number)" }
    return String(cString: text)
}
