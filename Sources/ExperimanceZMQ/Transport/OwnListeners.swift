// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// What this process itself listens at, with descriptors of its own or inherited ones: the answer to "who has the
/// address?" that no tool gives, as it would name this process, or its parent, and leave one wondering.
enum OwnListeners {
    /// Most processes have fewer descriptors; to look at more would take longer than the answer is worth.
    private static let mostExamined: Int32 = 4096

    static func has(port: UInt16) -> Bool {
        has { name, length in
            switch Int32(name.ss_family) {
            // The port has the same place in both.
            case AF_INET, AF_INET6:
                unsafe withUnsafeBytes(of: name) {
                    unsafe UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
                }
                    == port
            default: false
            }
        }
    }

    static func has(path: String) -> Bool {
        guard let address = NumericAddress(localPath: path) else { return false }
        return has { name, length in
            unsafe withUnsafeBytes(of: name) {
                unsafe address.isEqual(to: UnsafeRawBufferPointer(rebasing: $0.prefix(length)))
            }
        }
    }

    private static func has(_ matches: (sockaddr_storage, Int) -> Bool) -> Bool {
        (0..<mostExamined).contains { descriptor in
            guard ListeningDescriptor.option(SO_ACCEPTCONN, of: descriptor) == 1 else { return false }
            var name = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let answer = unsafe withUnsafeMutablePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getsockname(descriptor, $0, &length)
                }
            }
            return answer == 0 && matches(name, Int(length))
        }
    }
}
