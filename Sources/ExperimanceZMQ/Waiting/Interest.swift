// SPDX-License-Identifier: Apache-2.0

/// What a waiting thread waits for, and what a socket can do.
package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A message can be received.
    package static let readable = Interest(rawValue: 1)
    /// A message can be sent.
    package static let writable = Interest(rawValue: 2)
    /// An event can be read.
    package static let events = Interest(rawValue: 4)
    /// Links, peers, subscriptions or the like have changed.
    static let state = Interest(rawValue: 8)
    /// The answer to the request under way can be received. Apart from `readable`, as meanwhile nobody else may.
    static let answer = Interest(rawValue: 16)
    /// The request under way can be sent.
    static let request = Interest(rawValue: 32)
    /// The next request can be made. Apart from `state`, as one of those who wait for it is enough.
    static let turn = Interest(rawValue: 64)

    /// Only libzmq can say when: somebody has to watch its descriptor.
    static let messages: Interest = [.readable, .writable, .answer, .request]

    /// The part of it that libzmq answers for, in its words: `readable`, `writable`.
    var ofTransport: Interest {
        var part: Interest = []
        if !isDisjoint(with: [.readable, .answer]) { part.insert(.readable) }
        if !isDisjoint(with: [.writable, .request]) { part.insert(.writable) }
        return part
    }
}
