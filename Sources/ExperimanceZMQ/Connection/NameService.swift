// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How host names become addresses: outside libzmq, which would ask in its I/O thread and stop all traffic meanwhile.
///
/// A look-up can take as long as the system's resolver likes and can not be broken off. So it runs on a thread of its
/// own; those who ask for the same name while it runs share it, and a caller's deadline never depends on it.
final class NameService: Sendable {
    typealias Lookup = @Sendable (_ host: String) -> Result<[Host], ConnectFailure>
    typealias Completion = @Sendable (Result<[NumericAddress], ConnectFailure>) -> Void

    /// A socket address without its port.
    struct Host: Sendable {
        fileprivate let numeric: String

        /// - Parameter numeric: an IPv4 or IPv6 address in digits.
        init(numeric: String) {
            self.numeric = numeric
        }
    }

    private struct Request: Sendable {
        let port: UInt16
        let completion: Completion
    }

    private let lookup: Lookup
    private let waiting = Guarded<[ExactText: [Request]]>([:])

    init(lookup: @escaping Lookup = NameService.systemLookup) {
        self.lookup = lookup
    }

    /// Looks the name up and calls `completion` on another thread, whenever that is. Never before this returns on the
    /// same one: whoever asks may hold a lock that the completion wants.
    ///
    /// - Parameter supervisor: on its thread it is told that no thread could be started.
    func resolve(_ host: String, port: UInt16, supervisor: Supervisor, completion: @escaping Completion) {
        let request = Request(port: port, completion: completion)
        let isFirst = waiting.withLock { waiting in
            waiting[ExactText(host), default: []].append(request)
            return waiting[ExactText(host)]?.count == 1
        }
        guard isFirst else { return }
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "exz-resolver", of: self) { [self] in answer(host, with: lookup(host)) }
        } catch {
            let failure = ConnectFailure(code: error.code, systemErrno: error.systemErrno, reason: error.message)
            supervisor.perform { [self] in answer(host, with: .failure(failure)) }
        }
    }

    /// Waits for the look-ups that are under way; false if the deadline comes first.
    func awaitEnd(until deadline: Deadline) -> Bool { OwnThread.awaitEnd(of: self, until: deadline) }

    private func answer(_ host: String, with result: Result<[Host], ConnectFailure>) {
        let requests = waiting.withLock { $0.removeValue(forKey: ExactText(host)) ?? [] }
        for request in requests {
            request.completion(
                result.map { hosts in hosts.compactMap { NumericAddress($0.numeric, port: request.port) } }
            )
        }
    }

    /// getaddrinfo(3), all addresses in the order the system prefers.
    static let systemLookup: Lookup = { host in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var results: UnsafeMutablePointer<addrinfo>?
        ForkGate.leave()
        let status = getaddrinfo(host, nil, &hints, &results)
        let number = status == EAI_SYSTEM ? errno : 0
        ForkGate.enter()
        guard status == 0, let first = results else {
            // Without a descriptor the resolver finds nothing, and calls that an unknown name.
            if let number = Descriptors.shortage(of: 1) { return .failure(ConnectFailure(errno: number, of: .socket)) }
            return .failure(ConnectFailure(resolverStatus: status, errno: number, host: host))
        }
        defer { freeaddrinfo(first) }
        var hosts: [Host] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.pointee.ai_addr,
                entry.pointee.ai_addrlen,
                &name,
                socklen_t(name.count),
                nil,
                0,
                NI_NUMERICHOST
            ) == 0 {
                hosts.append(Host(numeric: name.withUnsafeBufferPointer { String(nulTerminated: $0) }))
            }
            next = entry.pointee.ai_next
        }
        return .success(hosts)
    }
}
