// SPDX-License-Identifier: Apache-2.0

import LibC

/// Endpoints to bind to that nobody else has, so that tests can run side by side.
public enum FreeEndpoint: String, CaseIterable, Sendable {
    /// TCP on the loopback. The system chooses the port, which `bind` returns.
    case tcp
    /// A path in the folder for temporary files. The file goes with the socket.
    case ipc
    /// A name within the process.
    case inproc

    /// A new one at each call.
    public var endpoint: String {
        switch self {
        case .tcp: "tcp://127.0.0.1:0"
        case .ipc: "ipc:///tmp/exz-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).sock"
        case .inproc: "inproc://\(String(UInt64.random(in: .min ... .max), radix: 36))"
        }
    }
}
