// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc

/// A descriptor that is readable while a message can be received.
///
/// libzmq's own signals that something has happened, once, and any call may use the signal up. This one shows the state:
/// an eventfd that is set and cleared under the socket's lock whenever the state has been read
/// (``SocketCore/readEvents()``). The supervisor reads it when libzmq signals, and every send and receive afterwards. So
/// it is right for any poll(2), however many threads and descriptors look at the socket. A socket that was never asked
/// for it pays nothing.
struct ReadinessDescriptor {
    /// Negative until somebody asks for it.
    private(set) var number: Int32 = -1
    private var isReadable = false

    var isOpen: Bool { number >= 0 }

    /// - Throws: `limit` out of descriptors.
    mutating func open() throws(ZMQSocketError) {
        number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number < 0 else { return }
        let failure = errno
        throw ZMQSocketError(
            ZMQSocketError.Code(errno: failure),
            systemErrno: failure,
            message: "can not make a descriptor: \(describe(errno: failure))"
        )
    }

    mutating func show(_ readable: Bool) {
        guard isOpen, readable != isReadable else { return }
        isReadable = readable
        var counter: UInt64 = 1
        _ =
            readable
            ? write(number, &counter, MemoryLayout<UInt64>.size) : read(number, &counter, MemoryLayout<UInt64>.size)
    }

    mutating func close() {
        if isOpen { Glibc.close(number) }
        number = -1
        isReadable = false
    }
}

extension SocketCore {
    /// The socket's descriptor; made and kept true from the first call on.
    func readinessDescriptor() throws(ZMQSocketError) -> Int32 {
        guard kind.canReceive else {
            throw ZMQSocketError(.notSupported, message: "a \(kind.name) socket receives nothing")
        }
        if !readiness.isOpen {
            try readiness.open()
            do throws(ZMQSocketError) {
                try watchCommands(permanently: true)
            } catch {
                readiness.close()
                throw error
            }
            updateTraps()
            pump()
        }
        return readiness.number
    }
}
