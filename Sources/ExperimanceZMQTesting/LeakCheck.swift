// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// What a process holds of the system: descriptors, and threads of this library and libzmq.
///
/// What a process makes once, such as the timers of Swift's tasks, stays: do once what is to be checked before you
/// begin.
///
/// ```swift
/// try await useTheService()
/// try await ZMQContext.shutdown()
/// let before = LeakCheck()
/// try await useTheService()
/// try await ZMQContext.shutdown()
/// #expect(await LeakCheck.isBack(to: before))
/// ```
public struct LeakCheck: Hashable, Sendable {
    /// Open descriptors.
    public let descriptors: Int
    /// Threads of this library and libzmq; not those that Swift runs its tasks on, which come and go.
    public let threads: Int

    /// What the process holds at this moment.
    public init() {
        descriptors = Self.entries(of: "/proc/self/fd").count
        threads = Self.entries(of: "/proc/self/task").count { task in
            let name = Self.start(of: "/proc/self/task/\(task)/comm")
            return name.hasPrefix("exz-") || name.hasPrefix("ZMQbg")
        }
    }

    /// Waits until the process holds no more than it did.
    ///
    /// What is closed may be gone a moment later: threads leave the kernel's list after they have ended.
    ///
    /// - Parameters:
    ///   - before: what it held.
    ///   - timeout: how long that may take.
    /// - Returns: whether it came to that.
    public static func isBack(to before: LeakCheck, within timeout: Duration = .seconds(20)) async -> Bool {
        let end = ContinuousClock.now + .nanoseconds(timeout.clampedNanoseconds)
        while true {
            let now = LeakCheck()
            if now.descriptors <= before.descriptors, now.threads <= before.threads { return true }
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            await Task.yield()
        }
    }

    /// The entries of a folder, without the two that every folder has.
    private static func entries(of path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The first bytes of a file; empty if there is none.
    private static func start(of path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
