// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell
import Synchronization

/// A look-up of a host name. The system's resolver takes as long as it likes and can not be broken off, so it runs on a
/// thread of its own, and whoever waits for it goes on when the time is up.
final class NameLookup: Sendable {
    enum Answer: Equatable, Sendable {
        case addresses([SocketAddress])
        /// The system's words.
        case unknown(String)
        case timedOut
    }

    /// What is still under way, by name: asked again it is waited for again, so that threads do not pile up.
    private static let underWay = Mutex<[String: NameLookup]>([:])

    private let answer = Mutex<Answer?>(nil)
    /// A pipe with a byte in it when there is an answer.
    private let bell: (reading: Int32, writing: Int32)

    private init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(.failed, "can not look a name up: \(describe(errno))") }
        bell = (ends[0], ends[1])
    }

    deinit {
        close(bell.reading)
        close(bell.writing)
    }

    /// All addresses of a host, in the order that the system prefers.
    ///
    /// - Throws: `failed` without a descriptor or a thread.
    static func ask(_ host: String, port: UInt16, until limit: TimeLimit) throws(Failure) -> Answer {
        // What is a number needs nobody's answer.
        let numeric = look(host, port, AI_NUMERICHOST)
        if case .addresses = numeric { return numeric }
        let key = "\(host):\(port)"
        let lookup: NameLookup
        if let running = underWay.withLock({ $0[key] }) {
            lookup = running
        } else {
            lookup = try NameLookup()
            underWay.withLock { $0[key] = lookup }
            let isStarted = BackgroundThread.start { lookup.run(host, port, key) }
            guard isStarted else {
                underWay.withLock { $0[key] = nil }
                throw Failure(.failed, "can not look a name up: no thread can be started")
            }
        }
        // Nobody reads it, so that everybody who waits finds it.
        _ = limit.wait(for: lookup.bell.reading, POLLIN)
        return lookup.answer.withLock { $0 } ?? .timedOut
    }

    private func run(_ host: String, _ port: UInt16, _ key: String) {
        let found = Self.look(host, port, 0)
        answer.withLock { $0 = found }
        Self.underWay.withLock { $0[key] = nil }
        _ = unsafe write(bell.writing, [1], 1)
    }

    private static func look(_ host: String, _ port: UInt16, _ flags: Int32) -> Answer {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | flags
        var results: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &results)
        let number = errno
        guard status == 0, let first = unsafe results else {
            return .unknown(status == EAI_SYSTEM ? describe(number) : unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let entry = unsafe next {
            let address = unsafe SocketAddress(entry.pointee.ai_addr, length: entry.pointee.ai_addrlen)
            if let address, !addresses.contains(address) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return .addresses(addresses)
    }
}
