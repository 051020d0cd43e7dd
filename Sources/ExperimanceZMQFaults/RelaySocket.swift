// SPDX-License-Identifier: Apache-2.0

import CLinux
import ExperimanceZMQ
import LibC

/// One of the two sockets of a connection, and what is known of its readiness. It is told of changes only (`EPOLLET`),
/// so it is a call that would have to wait that says that it is not ready.
///
/// Everything is done with the relay's lock held.
final class RelaySocket: @unchecked Sendable {
    // Unchecked: see above.
    private let descriptor: Int32
    /// A local socket knows no reset.
    private let isLocal: Bool
    private let relay: Relay
    private var watch: Supervisor.Token?
    /// Called with the relay's lock held whenever something has changed.
    var onChange: (() -> Void)?
    private(set) var mayRead = true
    private(set) var mayWrite = true

    /// Takes a descriptor over.
    init(_ descriptor: Int32, isLocal: Bool, relay: Relay) {
        self.descriptor = descriptor
        self.isLocal = isLocal
        self.relay = relay
        RelayDescriptors.add(descriptor)
        guard !isLocal else { return }
        var isOn: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Begins to look for changes.
    ///
    /// - Parameter locked: takes the relay's lock.
    func start(_ locked: @escaping @Sendable (() -> Void) -> Void) throws(ZMQSocketError) {
        watch = try relay.supervisor.watch(descriptor, events: Supervisor.eachChange) { [self] _ in
            locked {
                (mayRead, mayWrite) = (true, true)
                onChange?()
            }
        }
    }

    /// - Returns: bytes read; 0 at the end; else an errno, negated.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? count : -Int(errno)
    }

    /// - Returns: bytes written, or an errno, negated.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, flags)
        return count >= 0 ? count : -Int(errno)
    }

    /// There is nothing to read until something changes.
    func isEmpty() { mayRead = false }

    /// There is no room to write until something changes.
    func isFull() { mayWrite = false }

    /// Whether the connection has come to its end by an error, which is told once.
    var hasFailed: Bool {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 && number != 0
    }

    /// Whether the other side has ended the connection, or its direction of it.
    var isGone: Bool { clinux_is_gone(descriptor) != 0 }

    /// Begins to connect.
    ///
    /// - Returns: 0 if it is done or under way, or an errno.
    func connect(to address: NumericAddress) -> Int32 {
        let number = address.connect(descriptor)
        return number == EINPROGRESS ? 0 : number
    }

    /// How a connect has ended; nil while it is under way.
    func connected() -> Int32? {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else { return errno }
        guard number == 0 else { return number }
        guard clinux_has_peer(descriptor) != 0 else { return nil }
        return clinux_is_connected_to_itself(descriptor) != 0 ? ECONNREFUSED : 0
    }

    /// Says that nothing more comes.
    func endWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection. A child of the process may have the socket as well, so it is not enough to close it.
    func end(_ ending: Ending) {
        if let watch { relay.supervisor.unwatch(watch, descriptor: descriptor) }
        onChange = nil
        switch ending {
        case .close:
            endWriting()
            discard()
        case .reset where isLocal: _ = shutdown(descriptor, Int32(SHUT_RDWR))
        case .reset: clinux_reset_connection(descriptor)
        }
        RelayDescriptors.close(descriptor)
    }

    /// Reads what is there and forgets it: a close with something unread would be a reset, which what was written last
    /// might not survive.
    private func discard() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { room in
            for _ in 0..<64 where unsafe read(into: room) <= 0 { return }
        }
    }
}
