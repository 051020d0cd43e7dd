// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What this process holds at the moment.
public enum ProcessResources {
    /// Open descriptors.
    public static var descriptors: Int { count("/proc/self/fd") }

    /// Threads.
    public static var threads: Int { count("/proc/self/task") }

    private static func count(_ path: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: path))?.count ?? -1
    }
}
