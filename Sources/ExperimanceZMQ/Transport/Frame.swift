// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// One frame of a message, owned: received, or on its way into libzmq.
struct Frame: ~Copyable {
    private var message = zmq_msg_t()

    /// An empty one.
    init() {
        unsafe zmq_msg_init(&message)
    }

    /// One with room for so many bytes, whose content is anything; nil, with errno, without memory.
    init?(byteCount: Int) {
        guard unsafe zmq_msg_init_size(&message, byteCount) == 0 else {
            // What is given up by an initializer is released by no one else.
            let number = errno
            unsafe zmq_msg_init(&message)
            errno = number
            return nil
        }
    }

    /// One with a copy of the bytes; nil, with errno, without memory.
    init?(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count)
        unsafe mutableBytes.copyMemory(from: bytes)
    }

    /// One whose bytes stay where they are until libzmq calls `release` with them and the hint; nil without memory, and
    /// nobody is called.
    init?(
        lent data: UnsafeMutableRawPointer?,
        _ size: Int,
        hint: UnsafeMutableRawPointer,
        release: @escaping LentBuffer.Release
    ) {
        guard unsafe zmq_msg_init_data(&message, data, size, release, hint) == 0 else {
            unsafe zmq_msg_init(&message)
            return nil
        }
    }

    /// One with the content of another, which is empty then.
    init(moving other: inout Frame) {
        unsafe zmq_msg_init(&message)
        unsafe zmq_msg_move(&message, &other.message)
    }

    /// One with the content of another, which keeps it: what is long is not copied. Nil without memory.
    init?(sharing other: inout Frame) {
        unsafe zmq_msg_init(&message)
        guard unsafe zmq_msg_copy(&message, &other.message) == 0 else { return nil }
    }

    deinit {
        var message = message
        unsafe zmq_msg_close(&message)
    }

    // MARK: Receiving

    /// Receives without waiting; what the frame held before is released. The number of bytes, or -1 with errno.
    @inline(__always)
    mutating func receive(from socket: RawSocket) -> Int {
        unsafe ZMQ.receive(socket, into: &message)
    }

    /// The same, but a signal may have ended it: for who tries again anyway.
    @inline(__always)
    mutating func receiveOnce(from socket: RawSocket) -> Int {
        unsafe ZMQ.receiveOnce(socket, into: &message)
    }

    /// Receives the next part of a message of which a part is here: libzmq hands messages over whole, so it is there.
    mutating func receiveNextPart(from socket: RawSocket) -> Bool {
        unsafe receive(from: socket) >= 0
    }

    /// Another part of the same message follows.
    @inline(__always)
    var hasMore: Bool {
        mutating get { unsafe zmq_msg_more(&message) != 0 }
    }

    /// The connection that a message came through.
    struct Origin: Equatable {
        /// Another connection's as soon as this one is closed.
        let descriptor: Int32
        /// Where libzmq has what it knows of the connection: the same for all of its messages, and nobody else's while
        /// there is one of them.
        let place: UInt
    }

    /// Nil over inproc.
    var origin: Origin? {
        mutating get {
            // What ZMQ_SRCFD is looked up by.
            guard let text = unsafe zmq_msg_gets(&message, "__fd") else { return nil }
            return unsafe Origin(descriptor: atoi(text), place: UInt(bitPattern: text))
        }
    }

    /// The descriptor of the connection it came through; nil over inproc.
    var sourceDescriptor: Int32? {
        mutating get {
            let descriptor = unsafe zmq_msg_get(&message, ZMQ_SRCFD)
            return descriptor >= 0 ? descriptor : nil
        }
    }

    // MARK: Leaving

    /// Moves the content into another message, which has to be an empty one. The frame is empty then.
    mutating func move(to other: UnsafeMutablePointer<zmq_msg_t>) {
        unsafe zmq_msg_move(other, &message)
    }

    /// What the peer has said in its handshake, or the connection is known for; nil if there is no such thing.
    ///
    /// - Parameter name: as libzmq has it, such as "Identity".
    mutating func property(_ name: String) -> [UInt8]? {
        guard let text = unsafe zmq_msg_gets(&message, name) else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    /// The same of what is known of each peer, where libzmq has it and the peer can not have made it up: until the
    /// frame is changed.
    ///
    /// - Parameter believesUserIDs: also without a mark (``AdmissionMark``).
    mutating func propertyText(_ property: SenderProperty, believesUserIDs: Bool) -> UnsafePointer<CChar>? {
        let mark = unsafe text(of: AdmissionMark.name)
        guard unsafe AdmissionMark.vouches(for: property, mark: mark, believesUserIDs: believesUserIDs) else {
            return nil
        }
        return unsafe text(of: property.name)
    }

    /// The same of anything that libzmq has under a name, whoever has said it; not what is for this process alone.
    mutating func metadataText(
        _ name: UnsafePointer<CChar>,
        believesUserIDs: Bool
    ) -> UnsafePointer<CChar>? {
        for property in SenderProperty.allCases where unsafe Self.isName(name, property.name) {
            return unsafe propertyText(property, believesUserIDs: believesUserIDs)
        }
        guard unsafe !Self.isName(name, AdmissionMark.name), unsafe strncmp(name, "__", 2) != 0 else { return nil }
        return unsafe zmq_msg_gets(&message, name)
    }

    private static func isName(_ text: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        unsafe strcmp(text, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    private mutating func text(of name: StaticString) -> UnsafePointer<CChar>? {
        unsafe zmq_msg_gets(&message, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    // MARK: Content

    var count: Int {
        mutating get { unsafe zmq_msg_size(&message) }
    }

    /// Where the bytes are, until the frame is changed.
    @inline(__always)
    var data: UnsafeMutableRawPointer? {
        mutating get { unsafe zmq_msg_data(&message) }
    }

    var mutableBytes: UnsafeMutableRawBufferPointer {
        mutating get { unsafe UnsafeMutableRawBufferPointer(start: data, count: count) }
    }

    @safe
    mutating func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe body(UnsafeRawBufferPointer(mutableBytes))
    }

    var bytes: [UInt8] {
        mutating get { withBytes { unsafe Array($0) } }
    }

    /// The content, which is wiped here. Nil without memory.
    mutating func takeSecret() -> SecretBytes? {
        let bytes = unsafe mutableBytes
        defer { unsafe SecretBytes.wipe(bytes) }
        return try? unsafe SecretBytes(copying: UnsafeRawBufferPointer(bytes))
    }

    // MARK: Sending

    /// Moves the content into the socket without waiting. Negative, with errno, if it was not taken and is still here.
    mutating func send(to socket: RawSocket) -> Int32 {
        unsafe ZMQ.send(socket, message: &message)
    }
}

/// A frame that is kept for what libzmq knows of it.
final class KeptFrame {
    private let frame: Frame

    /// Takes what is in another one, which is empty then.
    init(_ other: inout Frame) {
        frame = Frame(moving: &other)
    }

    /// Shares it with another one, which keeps it. Nil without memory.
    init?(sharing other: inout Frame) {
        guard let shared = Frame(sharing: &other) else { return nil }
        frame = shared
    }
}
