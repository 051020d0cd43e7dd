// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ

typealias Code = ZMQSocketError.Code

extension ZMQSocketError {
    static func invalid(_ message: String) -> ZMQSocketError {
        ZMQSocketError(.invalid, message: message)
    }
}

extension exz_error {
    mutating func fill(with error: ZMQSocketError) {
        self.status = error.code.rawValue
        sys_errno = error.systemErrno ?? 0
        attempts = UInt32(clamping: error.attempts ?? 0)
        elapsed_ms = (error.elapsed ?? .zero).clampedNanoseconds / 1_000_000
        cause = error.cause?.rawValue ?? Code.ok.rawValue
        unsafe copy((error.endpoint ?? "").utf8, to: \.endpoint, of: &self)
        unsafe copy(error.message.utf8, to: \.message, of: &self)
    }
}

/// Writes text into a character array of a C struct: cut where a character ends, always with a NUL.
func copy<Struct, Array>(
    _ text: some Collection<UInt8>,
    to field: KeyPath<Struct, Array>,
    of pointer: UnsafeMutablePointer<Struct>
) {
    guard let offset = MemoryLayout<Struct>.offset(of: field) else { return }
    let room = unsafe UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(pointer) + offset,
        count: MemoryLayout<Array>.size
    )
    unsafe room.copyAsCString(text)
}

extension UnsafeMutableRawBufferPointer {
    /// Fills the buffer from its start, leaving room for a NUL.
    func copyAsCString(_ bytes: some Collection<UInt8>) {
        guard count > 0 else { return }
        var end = Swift.min(bytes.count, count - 1)
        if end < bytes.count {
            // Back to where a UTF-8 sequence begins, which is no more than three bytes away.
            var start = end
            while start > 0, end - start < 3, bytes[bytes.index(bytes.startIndex, offsetBy: start)] & 0xC0 == 0x80 {
                start -= 1
            }
            if bytes[bytes.index(bytes.startIndex, offsetBy: start)] & 0xC0 != 0x80 { end = start }
        }
        unsafe copyBytes(from: bytes.prefix(end))
        unsafe self[end] = 0
    }
}
