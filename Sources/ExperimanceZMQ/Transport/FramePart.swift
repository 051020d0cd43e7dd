// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// The bytes of one part of a received message: libzmq's own, or a copy. None of it is Swift's memory, whose allocator
/// ends the process when there is none left.
///
/// Owned by whoever holds it, who has to ``discard()`` it once.
struct FramePart {
    /// Shorter parts are copied. libzmq has them in a buffer of 8 KiB that many share, and each of them keeps it whole.
    static let shortSize = 2_048
    private static let alignment: UInt = 16

    private(set) var bytes: UnsafeRawBufferPointer
    /// What keeps the bytes, unless they are a copy: those are a block of their own.
    private var message: zmq_msg_t?

    /// Takes the content of a frame over, which is empty then. Nil without memory, and the frame is as it was.
    init?(_ frame: inout Frame) {
        if frame.count < Self.shortSize {
            self.init(copying: UnsafeRawBufferPointer(frame.mutableBytes))
        } else {
            var message = zmq_msg_t()
            zmq_msg_init(&message)
            frame.move(to: &message)
            // It is not so short that it would lie in the message itself, which moves.
            let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))
            self.init(bytes: bytes, message: message)
        }
    }

    /// Nil without memory.
    init?(copying other: UnsafeRawBufferPointer) {
        guard let block = malloc(max(1, other.count)) else { return nil }
        if let base = other.baseAddress { block.copyMemory(from: base, byteCount: other.count) }
        self.init(bytes: UnsafeRawBufferPointer(start: block, count: other.count), message: nil)
    }

    private init(bytes: UnsafeRawBufferPointer, message: zmq_msg_t?) {
        self.bytes = bytes
        self.message = message
    }

    var isAligned: Bool { UInt(bitPattern: bytes.baseAddress) % Self.alignment == 0 }

    /// Has the bytes begin at an address that fits any type of C's. libzmq's own begin eight bytes beside one.
    ///
    /// - Returns: false without memory; they stay where they are then.
    mutating func align() -> Bool {
        guard !isAligned else { return true }
        guard let copy = FramePart(copying: bytes) else { return false }
        discard()
        self = copy
        return true
    }

    /// Makes a message of libzmq's with the same bytes: the same in memory, or a copy of short ones. False without
    /// memory.
    ///
    /// - Parameter owner: keeps the bytes for as long as libzmq has them.
    mutating func share(as other: UnsafeMutablePointer<zmq_msg_t>, owner: AnyObject) -> Bool {
        if message != nil {
            zmq_msg_init(other)
            // Only without an argument does it fail.
            return withUnsafeMutablePointer(to: &message) { message in
                message.withMemoryRebound(to: zmq_msg_t.self, capacity: 1) { zmq_msg_copy(other, $0) == 0 }
            }
        }
        guard bytes.count >= Self.shortSize else { return OutgoingMessage.fill(other, with: bytes) }
        let hold = Unmanaged.passRetained(owner)
        let data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        let status = zmq_msg_init_data(
            other,
            data,
            bytes.count,
            { _, hint in
                if let hint { Unmanaged<AnyObject>.fromOpaque(hint).release() }
            },
            hold.toOpaque()
        )
        if status != 0 { hold.release() }
        return status == 0
    }

    mutating func discard() {
        if message == nil { return free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
        if var message { zmq_msg_close(&message) }
        message = nil
    }
}
