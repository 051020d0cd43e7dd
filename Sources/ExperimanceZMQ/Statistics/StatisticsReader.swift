// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Somebody who reads a document and is slower than the kernel's buffer is long. Used on the server's thread only.
struct StatisticsReader {
    enum Progress {
        /// All of it is written, or nobody is there any more.
        case done
        /// There is no room for the rest at present.
        case full
    }

    private let descriptor: Int32
    private var rest: ArraySlice<UInt8>

    init(_ descriptor: Int32, of document: [UInt8]) {
        self.descriptor = descriptor
        rest = document[...]
    }

    /// Writes what there is room for.
    mutating func write() -> Progress {
        while !rest.isEmpty {
            let (written, number) = unsafe rest.withUnsafeBytes { bytes in
                let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
                let written = unsafe send(descriptor, bytes.baseAddress, bytes.count, flags)
                return (written, errno)
            }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if number != EINTR {
                return number == EAGAIN || number == EWOULDBLOCK ? .full : .done
            }
        }
        return .done
    }

    /// Ends the connection. What the reader has said before is read and forgotten: a close with something unread would
    /// be a reset, with which it might lose the document.
    func close() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { room in
            for _ in 0..<16 where unsafe recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT)) <= 0 {
                break
            }
        }
        // A child of the process may have it as well, and the reader would wait for that one.
        _ = shutdown(descriptor, Int32(SHUT_WR))
        StatisticsFiles.close(descriptor)
    }
}
