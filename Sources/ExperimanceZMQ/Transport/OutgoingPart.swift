// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// A part of a message from a caller's memory: copied, or lent to libzmq until it needs it no more.
@safe
package struct OutgoingPart {
    /// Called once, on any thread, with the memory and what the caller wants to have with it.
    package typealias Release = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

    private let bytes: UnsafeRawBufferPointer
    private let release: Release?
    private let user: UnsafeMutableRawPointer?

    /// One that is copied when the message is put together.
    package init(copying bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        unsafe release = nil
        unsafe user = nil
    }

    /// One that stays where it is, and does not change, until `release` is called.
    package init(lending bytes: UnsafeRawBufferPointer, user: UnsafeMutableRawPointer?, release: @escaping Release) {
        unsafe self.bytes = bytes
        unsafe self.release = release
        unsafe self.user = user
    }

    fileprivate var count: Int { unsafe bytes.count }

    /// False without memory; nobody is called then.
    fileprivate func fill(_ message: UnsafeMutablePointer<zmq_msg_t>) -> Bool {
        guard let release = unsafe release else { return unsafe OutgoingMessage.fill(message, with: bytes) }
        return unsafe zmq_msg_init_data(message, data, bytes.count, release, user) == 0
    }

    fileprivate func giveBack() { unsafe release?(data, user) }

    private var data: UnsafeMutableRawPointer? { unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress) }
}

extension SharedParts {
    /// A message of these parts. What is lent is given back once in any case: here without memory, with the end of the
    /// message where it is not sent, else when libzmq is done with it.
    package static func lending(_ parts: [OutgoingPart]) -> SharedParts? {
        let size = parts.reduce(0) { $0.addingReportingOverflow($1.count).overflow ? .max : $0 + $1.count }
        var filled = 0
        let message = unsafe SharedParts(count: parts.count, size: size) { index, message in
            guard unsafe parts[index].fill(message) else { return false }
            filled += 1
            return true
        }
        if message == nil { parts[filled...].forEach { $0.giveBack() } }
        return message
    }
}
