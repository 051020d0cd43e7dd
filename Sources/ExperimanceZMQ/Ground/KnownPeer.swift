// SPDX-License-Identifier: Apache-2.0

/// Who is at the other end of a connection, as far as that is known: kept with it, and told with its events.
///
/// What is in here is certain. What is not is nil: nobody is named by a guess.
struct KnownPeer: Hashable, Sendable {
    /// Where it is, in numbers: `tcp://10.0.0.3:41234`. Of a local one, who it is: `localhost:USER:GROUP:PROCESS`, as
    /// libzmq has it for messages.
    var address: String?
    /// The routing id it has chosen.
    var identity: [UInt8]?
    /// As whom it was let in, where somebody decides on that; "" where nobody has given it a name.
    var userID: String?
    /// The key that it has proved to have, as text.
    var publicKey: String?

    /// The same, with what is known from letting it in.
    func admitted(as other: KnownPeer) -> KnownPeer {
        var known = self
        (known.userID, known.publicKey) = (other.userID, other.publicKey)
        return known
    }

    /// The same, with what is known from elsewhere of what is not known here.
    func completed(by other: KnownPeer?) -> KnownPeer {
        KnownPeer(
            address: address ?? other?.address,
            identity: identity ?? other?.identity,
            userID: userID ?? other?.userID,
            publicKey: publicKey ?? other?.publicKey
        )
    }
}
