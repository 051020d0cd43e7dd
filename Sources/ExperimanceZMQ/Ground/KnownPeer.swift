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
}
