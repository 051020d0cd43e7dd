// SPDX-License-Identifier: Apache-2.0

/// Where a peer is that wants to be let in.
package enum PeerOrigin: Hashable, Sendable {
    case network(IPAddress)
    /// A process of this machine, by what the kernel says of the other end of a local socket.
    case local(user: UInt32, group: UInt32, process: Int32)
    /// Neither can be told.
    case unknown

    /// - Parameter address: as libzmq has it: a numeric address, and for a local socket, whatever comes first, the
    ///   user, the group and the process behind colons.
    init(_ address: String) {
        if let address = IPAddress(address) {
            self = .network(address)
            return
        }
        let parts = address.split(separator: ":", omittingEmptySubsequences: false).suffix(3)
        guard parts.count == 3,
            let user = UInt32(parts[parts.startIndex]), let group = UInt32(parts[parts.startIndex + 1]),
            let process = Int32(parts[parts.startIndex + 2])
        else {
            self = .unknown
            return
        }
        self = .local(user: user, group: group, process: process)
    }

    var isNetwork: Bool { if case .network = self { true } else { false } }

    var isLocal: Bool { if case .local = self { true } else { false } }
}
