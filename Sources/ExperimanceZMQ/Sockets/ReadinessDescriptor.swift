// SPDX-License-Identifier: Apache-2.0

/// A descriptor that is readable while a message can be received, or sent.
///
/// libzmq's own signals that something has happened, once, and any call may use the signal up. This one shows the
/// state: an eventfd that is set and cleared under the socket's lock whenever the state has been read
/// (``SocketCore/readEvents(exactly:)``). The supervisor reads it when libzmq signals, and every send and receive
/// afterwards. So it is right for any poll(2), however many threads and descriptors look at the socket. A socket that
/// was never asked for it pays nothing.
struct ReadinessDescriptor {
    /// Not open until somebody asks for it.
    private var bell = Bell()
    private var isReadable = false

    var isShown: Bool { isReadable }

    var isOpen: Bool { bell.isOpen }

    var number: Int32 { bell.descriptor }

    /// - Throws: `limit` out of descriptors.
    mutating func open() throws(ZMQSocketError) {
        let number = bell.open()
        guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not make a descriptor") }
    }

    mutating func show(_ readable: Bool) {
        guard isOpen, readable != isReadable else { return }
        isReadable = readable
        if readable { bell.ring() } else { bell.silence() }
    }

    mutating func close() {
        bell.close()
        isReadable = false
    }
}
