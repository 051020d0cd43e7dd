// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

extension KnownPeer {
    /// Who is connected to a socket; nil for one that is not connected, or not any more.
    init?(of descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address: String? = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                guard unsafe getpeername(descriptor, peer, &length) == 0 else { return nil }
                // One that has not bound its end has no name, so it is known by what the kernel says of its process.
                guard unsafe Int32(peer.pointee.sa_family) != AF_UNIX else { return Self.process(at: descriptor) }
                let numeric = unsafe NumericAddress(peer, length: length)
                return numeric.map { NumericAddress.unmapped($0.endpoint.string) }
            }
        }
        guard let address else { return nil }
        self.init(address: address)
    }

    /// Who is at an address; nil for a local one, which many processes may have in turn.
    init?(at address: NumericAddress) {
        guard address.family != AF_UNIX else { return nil }
        self.init(address: NumericAddress.unmapped(address.endpoint.string))
    }

    private static func process(at descriptor: Int32) -> String? {
        var known = clinux_credentials()
        guard unsafe clinux_get_peer_credentials(descriptor, &known) != 0 else { return nil }
        return "localhost:\(known.user):\(known.group):\(known.process)"
    }
}
