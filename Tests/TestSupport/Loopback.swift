// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the machine's own addresses are.
public enum Loopback {
    /// Whether ::1 is one of them: many containers have no IPv6.
    public static var hasIPv6: Bool {
        let addresses = try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
        let loopback = String(repeating: "0", count: 31) + "1"
        return addresses?.split(separator: "\n").contains { $0.hasPrefix(loopback) } ?? false
    }
}
