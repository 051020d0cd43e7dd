// SPDX-License-Identifier: Apache-2.0

// Not Foundation, whose tables of languages a program that is linked statically would have with it.
import FoundationEssentials
import LibC
import Synchronization

/// A TCP server on loopback that does everything wrong in one chosen way, until it is stopped.
public final class MisbehavingPeer: Sendable {
    /// What the server does wrong.
    public enum Manner: String, CaseIterable, Sendable {
        /// The port is taken but nobody listens: connections are refused.
        case refuses
        /// Accepts and closes at once.
        case closes
        /// Accepts and resets.
        case resets
        /// Accepts and says nothing.
        case silent
        /// Never answers a SYN: the backlog is full.
        case drops
        /// Answers as an HTTP server does.
        case http
        /// Waits for a line, as simple HTTP servers do, then answers.
        case httpAfterLine = "http-after-line"
        /// Greets as ZMTP 1.
        case zmtp1
        /// Greets as ZMTP 2.
        case zmtp2
        /// Greets as ZMTP 3 with another security mechanism.
        case curve
        /// Says things that are no protocol at all.
        case garbage
        /// Greets correctly and stops there.
        case stopsAfterGreeting = "stops-after-greeting"
    }

    /// What it does wrong.
    public let manner: Manner
    /// The port it has.
    public let port: UInt16
    /// The endpoint to connect to.
    public var endpoint: String { "tcp://127.0.0.1:\(port)" }

    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var open: [Int32] = []
        var isStopped = false
        var accepted = 0
    }

    /// Connections accepted so far.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// Starts the server.
    ///
    /// - Parameters:
    ///   - manner: what it does wrong.
    ///   - port: 0 for any.
    /// - Throws: `POSIXError` where the port can not be had.
    public init(_ manner: Manner, port: UInt16 = 0) throws {
        self.manner = manner
        (listener, self.port) = try Self.bind(port: port)
        guard manner != .refuses else { return }
        guard listen(listener, manner == .drops ? 0 : 64) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        if manner == .drops {
            fillBacklog()
        } else {
            let number = DetachedThread.start { [self] in serve() }
            guard number == 0 else {
                close(listener)
                throw POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO)
            }
        }
    }

    /// Closes the port and every connection.
    public func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            if manner == .drops || manner == .refuses {
                for descriptor in state.open { close(descriptor) }
                state.open = []
                close(listener)
            }
        }
    }

    deinit { stop() }

    private static func bind(port: UInt16) throws -> (listener: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let status = unsafe LibC.bind(listener, pointer, size)
                return unsafe status == 0 ? getsockname(listener, pointer, &size) : status
            }
        }
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    /// With a backlog of 0 one connection waits to be accepted; the kernel drops the SYN of all others.
    private func fillBacklog() {
        for _ in 0..<3 {
            let descriptor = socket(
                AF_INET,
                Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
                0
            )
            var address = Self.loopback(port)
            _ = unsafe withUnsafePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            state.withLock { $0.open.append(descriptor) }
        }
    }

    private func serve() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else {
                if errno == EINTR { continue }
                break
            }
            let mayServe = state.withLock { state in
                state.accepted += 1
                if !state.isStopped { state.open.append(descriptor) }
                return !state.isStopped
            }
            guard mayServe else {
                close(descriptor)
                break
            }
            let number = DetachedThread.start { [self] in
                answer(descriptor)
                forget(descriptor)
            }
            if number != 0 { forget(descriptor) }
        }
        close(listener)
    }

    private func forget(_ descriptor: Int32) {
        state.withLock { state in
            state.open.removeAll { $0 == descriptor }
            close(descriptor)
        }
    }

    private func answer(_ descriptor: Int32) {
        switch manner {
        case .refuses, .drops, .closes:
            return
        case .resets:
            var linger = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return
        case .silent:
            break
        case .http:
            _ = read(descriptor, upTo: 1)
            write(descriptor, Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".utf8))
            return
        case .httpAfterLine:
            while let byte = read(descriptor, upTo: 1)?.first, byte != UInt8(ascii: "\n") {}
            write(descriptor, Array("HTTP/1.0 400 Bad request syntax\r\n\r\n".utf8))
            return
        case .zmtp1:
            write(descriptor, [0x01, 0x00])
        case .zmtp2:
            write(descriptor, [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 0x01, 0x05, 0x00, 0x00])
        case .curve:
            write(descriptor, Self.greeting("CURVE"))
        case .garbage:
            write(descriptor, (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })
        case .stopsAfterGreeting:
            write(descriptor, Self.greeting("NULL"))
        }
        while let bytes = read(descriptor, upTo: 4096), !bytes.isEmpty {}
    }

    private static func greeting(_ mechanism: String) -> [UInt8] {
        let start: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array(mechanism.utf8)
        return start + [UInt8](repeating: 0, count: 64 - start.count)
    }

    private func read(_ descriptor: Int32, upTo count: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(descriptor, &buffer, count, 0)
        return received > 0 ? Array(buffer.prefix(received)) : nil
    }

    private func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
