// SPDX-License-Identifier: Apache-2.0

@testable import ExperimanceZMQ

/// A message as if it had been received.
func received(_ parts: [UInt8]...) -> ReceivedMessage {
    let all = parts.flatMap { $0 }
    return all.withUnsafeBytes { bytes in
        var start = 0
        let buffers = parts.map { part in
            defer { start += part.count }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + part.count)])
        }
        guard let message = ReceivedMessage(copying: buffers) else { fatalError("out of memory") }
        return message
    }
}

extension ReceivedMessage {
    /// All parts.
    var parts: [[UInt8]] { (0..<partCount).compactMap { part($0) } }
}
