// SPDX-License-Identifier: Apache-2.0

import LibC

/// The system calls behind a bind or a connect, whose errno tells why it failed. The same number has another meaning in
/// another call: `EINVAL` from connect(2) is a route that leads nowhere, from bind(2) an address that makes no sense.
package enum LinkCall {
    /// socket(2): the machine or the process can not have the socket.
    case socket
    /// connect(2), and what a connection under way ends with.
    case connect
    /// bind(2) and listen(2).
    case bind
}

extension ConnectFailure {
    /// The failure that an errno of one of these calls stands for.
    ///
    /// The numbers are those of the manual pages connect(2), bind(2), listen(2), accept(2), socket(2), ip(7), unix(7)
    /// and of POSIX. `Tests/data/errnos.tsv` has a line for each.
    package init(errno number: Int32, of call: LinkCall) {
        let own: (code: ZMQSocketError.Code, reason: String)? =
            switch call {
            case .socket: Self.meaningForSocket(number)
            case .connect: Self.meaningForConnect(number)
            case .bind: Self.meaningForBind(number)
            }
        if let (code, reason) = own ?? Self.meaningForAll(number) {
            self.init(code: code, systemErrno: number, reason: reason)
        } else {
            self.init(
                code: ZMQSocketError.Code(errno: number),
                systemErrno: number,
                reason: describe(errno: number)
            )
        }
    }

    private static func meaningForConnect(_ number: Int32) -> (ZMQSocketError.Code, String)? {
        switch number {
        case ECONNREFUSED: (.refused, "nothing listens there; is the service started?")
        case ENOENT: (.refused, "the path does not exist; is the service started?")
        case ENOTDIR: (.refused, "a part of the path is no directory; is the service started elsewhere?")
        case ETIMEDOUT: (.timeout, noAnswer.reason)
        case EAGAIN: (.timeout, "the service takes no more connections at the moment: its queue is full")
        // What connect(2) answers for a route of the type blackhole.
        case EINVAL: (.unreachable, "the route to the address leads nowhere (a blackhole); check the routes")
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ENONET:
            (.unreachable, "\(describe(errno: number)); check the address and the network")
        case ECONNRESET, ECONNABORTED, EPIPE: (.peerLost, "the peer closed or reset the connection")
        case EPROTOTYPE: (.protocolError, "what is bound to the path is a socket of another type")
        case EADDRNOTAVAIL: (.addressNotAvailable, "no local port is left, or the address can not be reached from here")
        case EACCES: (.permission, "not permitted: by the path's mode, by a route that prohibits it, or by a firewall")
        case EPERM: (.permission, "not permitted: a firewall of this machine rejects it, or a broadcast address")
        default: nil
        }
    }

    private static func meaningForBind(_ number: Int32) -> (ZMQSocketError.Code, String)? {
        switch number {
        case EADDRINUSE: (.addressInUse, "the address is in use by another socket")
        case EADDRNOTAVAIL, ENODEV, ENXIO:
            (.addressNotAvailable, "the address does not belong to this machine, or its interface is down")
        case ENOENT: (.addressNotAvailable, "the directory of the path does not exist")
        case ENOTDIR: (.addressNotAvailable, "a part of the path is no directory")
        case EACCES, EPERM:
            (.permission, "permission denied; ports below 1024 need a privilege, a path needs a writable directory")
        case ENOSPC, EDQUOT: (.limit, "there is no room for the file of the path")
        case EROFS: (.permission, "the path is on a file system that can only be read")
        case EINVAL: (.invalid, "the system takes no such address")
        default: nil
        }
    }

    private static func meaningForSocket(_ number: Int32) -> (ZMQSocketError.Code, String)? {
        switch number {
        case EAFNOSUPPORT: (.notSupported, "this machine has no addresses of that family; is IPv6 switched off?")
        case EPROTONOSUPPORT, ESOCKTNOSUPPORT: (.notSupported, "this machine can not make such a socket")
        case EACCES, EPERM: (.permission, "this process may not make such a socket")
        case EINVAL: (.notSupported, "this machine can not make such a socket")
        default: nil
        }
    }

    /// What means the same in each of them.
    private static func meaningForAll(_ number: Int32) -> (ZMQSocketError.Code, String)? {
        switch number {
        case EMFILE: (.limit, "the process has no descriptor left (ulimit -n)")
        case ENFILE: (.limit, "the machine has no descriptor left")
        case ENOMEM, ENOBUFS: (.noMemory, "the system has no memory for it")
        case EAFNOSUPPORT: (.notSupported, "this machine has no addresses of that family; is IPv6 switched off?")
        case ELOOP: (.invalid, "the path leads in a circle of symbolic links")
        case ENAMETOOLONG: (.invalid, "the path is too long")
        default: nil
        }
    }

    /// The failure that an answer of getaddrinfo(3) stands for.
    ///
    /// - Parameters:
    ///   - status: one of the `EAI_…` of `<netdb.h>`.
    ///   - number: the errno, where the status is `EAI_SYSTEM`.
    init(resolverStatus status: Int32, errno number: Int32, host: String) {
        let text = unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
        let code: ZMQSocketError.Code
        var reason = text
        switch status {
        case EAI_MEMORY:
            code = .noMemory
        case EAI_SYSTEM:
            let failure = ConnectFailure(errno: number, of: .socket)
            code = failure.code.isShortage ? failure.code : .resolve
            reason = failure.reason
        case EAI_BADFLAGS, EAI_SERVICE, EAI_SOCKTYPE:
            code = .internal
        default:
            code = .resolve
        }
        self.init(
            code: code,
            systemErrno: status == EAI_SYSTEM ? number : nil,
            reason: "the host name \"\(host)\" could not be resolved: \(reason)"
        )
    }
}
