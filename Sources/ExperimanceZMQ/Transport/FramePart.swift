// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import LibC

/// The bytes of one part of a received message: libzmq's own, or a copy. None of it is Swift's memory, whose allocator
/// ends the process when there is none left.
///
/// Owned by whoever holds it, who has to ``discard()`` it once.
@safe
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
            unsafe self.init(copying: UnsafeRawBufferPointer(frame.mutableBytes))
        } else {
            var message = zmq_msg_t()
            unsafe zmq_msg_init(&message)
            unsafe frame.move(to: &message)
            // It is not so short that it would lie in the message itself, which moves.
            let bytes = unsafe UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))
            unsafe self.init(bytes: bytes, message: message)
        }
    }

    /// Nil without memory.
    init?(copying other: UnsafeRawBufferPointer) {
        guard let block = unsafe malloc(max(1, other.count)) else { return nil }
        if let base = other.baseAddress { unsafe block.copyMemory(from: base, byteCount: other.count) }
        unsafe self.init(bytes: UnsafeRawBufferPointer(start: block, count: other.count), message: nil)
    }

    private init(bytes: UnsafeRawBufferPointer, message: zmq_msg_t?) {
        unsafe self.bytes = bytes
        self.message = message
    }

    var isAligned: Bool { unsafe UInt(bitPattern: bytes.baseAddress) % Self.alignment == 0 }

    /// Has the bytes begin at an address that fits any type of C's. libzmq's own begin eight bytes beside one.
    ///
    /// - Returns: false without memory; they stay where they are then.
    mutating func align() -> Bool {
        guard !isAligned else { return true }
        guard let copy = unsafe FramePart(copying: bytes) else { return false }
        unsafe discard()
        self = copy
        return true
    }

    /// Makes a message of libzmq's with the same bytes: the same in memory, or a copy of short ones. False without
    /// memory. Nothing changes here, so several may do so at once.
    ///
    /// - Parameter owner: keeps the bytes where they are for as long as libzmq has them.
    func share(as other: UnsafeMutablePointer<zmq_msg_t>, owner: AnyObject) -> Bool {
        guard unsafe bytes.count >= Self.shortSize else { return unsafe OutgoingMessage.fill(other, with: bytes) }
        let hold = unsafe Unmanaged.passRetained(owner)
        let data = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        let status = unsafe zmq_msg_init_data(
            other,
            data,
            bytes.count,
            { _, hint in
                if let hint = unsafe hint { unsafe Unmanaged<AnyObject>.fromOpaque(hint).release() }
            },
            unsafe hold.toOpaque()
        )
        if status != 0 { unsafe hold.release() }
        return status == 0
    }

    /// Unsafe, as copies of it go on having what is freed here.
    @unsafe
    mutating func discard() {
        if message == nil { return unsafe free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
        if var message { unsafe zmq_msg_close(&message) }
        message = nil
    }
}
