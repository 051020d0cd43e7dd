// SPDX-License-Identifier: Apache-2.0

/// A descriptor that is readable while a message can be sent.
///
/// Whether it can follows from what libzmq has said last and from what holds sends up beside that, which changes by
/// itself. So the one is noted when it is read, and both are shown where the socket's lock is released.
struct RoomDescriptor {
    private var descriptor = ReadinessDescriptor()
    /// As libzmq said last.
    private var hasRoom = false

    var isOpen: Bool { descriptor.isOpen }

    var number: Int32 { descriptor.number }

    /// A send that works can only use it up then, which the next one finds out: it has nobody to tell.
    var isShown: Bool { descriptor.isShown }

    /// - Throws: `limit` out of descriptors.
    mutating func open() throws(ZMQSocketError) { try descriptor.open() }

    mutating func note(_ hasRoom: Bool) { self.hasRoom = hasRoom }

    /// A send has found none: what comes from now on is an edge, to who waits for edges.
    mutating func hasFailed() {
        hasRoom = false
        descriptor.show(false)
    }

    /// - Parameter isHeldUp: nothing may be sent now, whatever libzmq says.
    mutating func show(unless isHeldUp: Bool) { descriptor.show(hasRoom && !isHeldUp) }

    /// The socket has ended: whoever watches a copy looks, and learns it.
    mutating func end() { descriptor.show(true) }

    mutating func close() { descriptor.close() }
}
