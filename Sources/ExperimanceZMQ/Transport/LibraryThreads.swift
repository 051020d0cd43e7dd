// SPDX-License-Identifier: Apache-2.0

import CLinux
import CZeroMQ
import LibC
import Synchronization

/// libzmq's threads of one context.
///
/// libzmq can put no more than a number before their names, which they give themselves when they have begun. So each
/// context gets one of its own, by which they are found, and called something else.
struct LibraryThreads {
    /// The reaper and the I/O threads.
    let count: Int
    private let prefix: String
    private static let last = Atomic<Int32>(0)

    /// How long threads may take to begin, in nanoseconds. They keep libzmq's names if they take longer.
    private static let patience: Int64 = 100 * nanosecondsPerMillisecond

    init(of context: UnsafeMutableRawPointer, ioThreads: Int, isNamed: Bool) {
        count = 1 + ioThreads
        // Of three digits, or the name that libzmq cuts at 15 characters ends before the number of an I/O thread.
        let number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue & 0x1FF
        prefix = "\(number)/ZMQbg"
        unsafe ZMQ.setIOThreads(of: context, to: Int32(truncatingIfNeeded: ioThreads))
        if isNamed { unsafe ZMQ.numberThreads(of: context, by: number) }
    }

    /// Descriptors that they take, and the first socket: each has a mailbox and an epoll, the socket a mailbox.
    var descriptors: Int { 2 * count + 1 }

    /// Gives them names, once they have been started.
    func name(_ name: (_ role: String) -> String) {
        let end = MonotonicInstant.now().advanced(byNanoseconds: Self.patience)
        var isNamed: Set<String> = []
        repeat {
            for thread in Self.all {
                let file = "/proc/self/task/\(thread)/comm"
                guard let former = Self.read(file), former.hasPrefix(prefix) else { continue }
                let role = Self.role(former.dropFirst(prefix.count))
                if Self.write(name(role), to: file) { isNamed.insert(thread) }
            }
            if isNamed.count < count { sched_yield() }
        } while isNamed.count < count && MonotonicInstant.now() < end
    }

    /// "/IO/3" is io-3.
    private static func role(_ name: Substring) -> String {
        let number = name.drop { !$0.isNumber }.prefix { $0.isNumber }
        return name.hasPrefix("/IO") ? "io-\(number)" : "reaper"
    }

    /// The numbers of the process's threads.
    private static var all: [String] {
        guard let folder = unsafe opendir("/proc/self/task") else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.first != "." { names.append(name) }
        }
        return names
    }

    private static func read(_ file: String) -> String? {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe LibC.read(descriptor, &bytes, bytes.count)
        return count > 0
            ? String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) : nil
    }

    private static func write(_ name: String, to file: String) -> Bool {
        let descriptor = unsafe open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(name.utf8.prefix(15))
        return unsafe LibC.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
