// SPDX-License-Identifier: Apache-2.0

import DequeModule
import LibC

/// How host names become addresses: outside libzmq, which would ask in its I/O thread and stop all traffic meanwhile.
///
/// A look-up can take as long as the system's resolver likes and can not be broken off. So it runs aside; those who ask
/// for the same name while it runs share it, and a caller's deadline never depends on it. Up to eight names are looked
/// up at once, each on a thread that ends when no name is left. While names wait and none of the threads has taken one
/// for a second, one more is started each second, up to 64: a name server that is slow for some holds up no others for
/// long.
package final class NameService: Sendable {
    package typealias Lookup = @Sendable (_ host: String) -> Result<[Host], ConnectFailure>
    package typealias Completion = @Sendable (Result<[NumericAddress], ConnectFailure>) -> Void

    /// A socket address without its port.
    package struct Host: Sendable {
        fileprivate let numeric: String

        /// - Parameter numeric: an IPv4 or IPv6 address in digits.
        package init(numeric: String) {
            self.numeric = numeric
        }
    }

    private struct Request: Sendable {
        let port: UInt16
        let completion: Completion
    }

    private struct State {
        /// Who asks for each name, until it is answered.
        var requests: [ExactText: [Request]] = [:]
        /// The names that no thread has taken yet, in the order in which they came.
        var queue: Deque<ExactText> = []
        var threads = 0
        /// Somebody looks soon whether the threads there are get on.
        var isWatched = false
        /// A name was taken since the last look.
        var getsOn = false
    }

    /// As many look-ups at once as there is no reason to be careful with.
    private static let usualThreads = 8
    private static let mostThreads = 64
    /// When all threads have been at the same names for so long, others must not wait for these.
    private static let patience: Int64 = 1_000 * nanosecondsPerMillisecond

    private let lookup: Lookup
    private let settings: ThreadSettings
    private let state = Guarded(State())

    package init(_ settings: ThreadSettings = .usual, lookup: @escaping Lookup = NameService.systemLookup) {
        self.settings = settings
        self.lookup = lookup
    }

    /// Looks the name up and calls `completion` on another thread, whenever that is. Never before this returns on the
    /// same one: whoever asks may hold a lock that the completion wants.
    ///
    /// - Parameter supervisor: on its thread it is told that no thread could be started.
    package func resolve(_ host: String, port: UInt16, supervisor: Supervisor, completion: @escaping Completion) {
        let name = ExactText(host)
        let request = Request(port: port, completion: completion)
        let needsThread = state.withLock { state in
            state.requests[name, default: []].append(request)
            guard state.requests[name]?.count == 1 else { return false }
            state.queue.append(name)
            guard state.threads < Self.usualThreads else { return false }
            state.threads += 1
            return true
        }
        if needsThread { startThread(supervisor) } else { watch(supervisor) }
    }

    private func startThread(_ supervisor: Supervisor) {
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "resolver", of: self, settings) { [self] in
                while let host = nextName() { answer(host, with: lookup(host.string)) }
            }
        } catch {
            // Those that run do it all, if there are any.
            let unserved = state.withLock { state in
                state.threads -= 1
                guard state.threads == 0 else { return Deque<ExactText>() }
                defer { state.queue = [] }
                return state.queue
            }
            guard !unserved.isEmpty else { return }
            let failure = ConnectFailure(error)
            supervisor.perform { [self] in for host in unserved { answer(host, with: .failure(failure)) } }
        }
    }

    /// Waits for the look-ups that are under way, and begins no others; false if the deadline comes first.
    package func awaitEnd(until deadline: Deadline) -> Bool {
        forgetNames()
        return OwnThread.awaitEnd(of: self, until: deadline)
    }

    /// Begins no look-up for a name that waits for one: nobody wants it any more.
    func forgetNames() {
        state.withLock { state in
            for name in state.queue { state.requests[name] = nil }
            state.queue = []
        }
    }

    /// The name that is a thread's to look up next; nil when it is to end.
    private func nextName() -> ExactText? {
        state.withLock { state in
            state.getsOn = true
            guard let name = state.queue.popFirst() else {
                state.threads -= 1
                return nil
            }
            return name
        }
    }

    /// Sees to it that names that wait are not kept waiting by slow ones.
    private func watch(_ supervisor: Supervisor) {
        let isFirst = state.withLock { state in
            guard !state.queue.isEmpty, !state.isWatched, state.threads < Self.mostThreads else { return false }
            state.isWatched = true
            state.getsOn = false
            return true
        }
        guard isFirst else { return }
        let next = MonotonicInstant.now().advanced(byNanoseconds: Self.patience)
        _ = supervisor.schedule(at: next) { [self] in
            let needsThread = state.withLock { state in
                state.isWatched = false
                guard !state.queue.isEmpty, !state.getsOn, state.threads < Self.mostThreads else { return false }
                state.threads += 1
                return true
            }
            if needsThread { startThread(supervisor) }
            watch(supervisor)
        }
    }

    private func answer(_ host: ExactText, with result: Result<[Host], ConnectFailure>) {
        let requests = state.withLock { $0.requests.removeValue(forKey: host) ?? [] }
        for request in requests {
            request.completion(
                result.map { hosts in hosts.compactMap { NumericAddress($0.numeric, port: request.port) } }
            )
        }
    }

    /// getaddrinfo(3), all addresses in the order the system prefers.
    package static let systemLookup: Lookup = { host in
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var results: UnsafeMutablePointer<addrinfo>?
        ForkGate.leave()
        let status = unsafe getaddrinfo(host, nil, &hints, &results)
        let number = status == EAI_SYSTEM ? errno : 0
        ForkGate.enter()
        guard status == 0, let first = unsafe results else {
            // Without a descriptor the resolver finds nothing, and calls that an unknown name.
            if let number = Descriptors.shortage(of: 1) { return .failure(ConnectFailure(errno: number, of: .socket)) }
            return .failure(ConnectFailure(resolverStatus: status, errno: number, host: host))
        }
        defer { unsafe freeaddrinfo(first) }
        var hosts: [Host] = []
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let entry = unsafe next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if unsafe getnameinfo(
                entry.pointee.ai_addr,
                entry.pointee.ai_addrlen,
                &name,
                socklen_t(name.count),
                nil,
                0,
                NI_NUMERICHOST
            ) == 0 {
                unsafe hosts.append(Host(numeric: name.withUnsafeBufferPointer { unsafe String(nulTerminated: $0) }))
            }
            unsafe next = entry.pointee.ai_next
        }
        return .success(hosts)
    }
}
