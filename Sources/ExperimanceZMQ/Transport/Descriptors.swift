// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// What is asked of file descriptors that are libzmq's.
enum Descriptors {
    /// Whether the process has descriptors left, for the places where libzmq aborts without one.
    ///
    /// Another thread can take them in between, so this is no guarantee; it is all that can be done from outside.
    ///
    /// - Returns: nil if `count` more can be had at this moment, else the errno.
    static func shortage(of count: Int) -> Int32? {
        var taken: [Int32] = []
        defer { for descriptor in taken { LibC.close(descriptor) } }
        for _ in 0..<count {
            let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
            guard descriptor >= 0 else { return errno }
            taken.append(descriptor)
        }
        return nil
    }

    /// Gives a socket in the file system a mode, and nothing else that may have its name by then.
    ///
    /// - Returns: 0 or an errno.
    static func setMode(ofSocket path: String, to mode: Int) -> Int32 {
        unsafe clinux_set_mode_of_socket(path, UInt32(truncatingIfNeeded: mode))
    }

    /// How many the process may have; 0 if that can not be told.
    static var most: Int { Int(clamping: clinux_descriptor_limit()) }

    /// Copies of descriptors that stay what they are when libzmq closes its own. Without one left there is none.
    static func copies(of descriptors: some Collection<Int32>) -> [(descriptor: Int32, copy: Int32)] {
        descriptors.compactMap { descriptor in
            let copy = clinux_duplicate(descriptor)
            return copy >= 0 ? (descriptor, copy) : nil
        }
    }

    /// Ends a connection, for both sides to see.
    static func endConnection(of descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    static func close(_ descriptor: Int32) { _ = LibC.close(descriptor) }

    /// Ends a connection with a reset if it is one to itself. It would give back what is sent to it, and hold the port
    /// that the service needs.
    ///
    /// - Returns: whether it was one.
    static func resetIfConnectedToItself(_ descriptor: Int32) -> Bool {
        clinux_reset_if_connected_to_itself(descriptor) != 0
    }

    /// The bytes that have come in on a TCP connection, and the milliseconds since the last of them; nil for what is no
    /// such connection, or not any more.
    static func inflow(_ descriptor: Int32) -> (bytes: Int64, silence: Int64)? {
        var info = clinux_tcp_info()
        guard unsafe clinux_get_tcp_info(descriptor, &info) != 0 else { return nil }
        return (Int64(clamping: info.bytes_received), Int64(info.last_data_recv))
    }

    /// The bytes that have been written to a TCP connection; nil for what is no such connection, or not any more.
    static func written(_ descriptor: Int32) -> Int64? {
        let written = clinux_written(descriptor)
        return written >= 0 ? written : nil
    }
}
