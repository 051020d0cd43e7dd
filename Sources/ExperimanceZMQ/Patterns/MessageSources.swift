// SPDX-License-Identifier: Apache-2.0

/// The connections that messages have come through, each by a number that is never used again.
///
/// A publisher needs that for subscriptions, a ROUTER for identities.
///
/// libzmq names a connection by its descriptor, which is another one's as soon as it is closed, and that it was closed
/// is heard of later than what the next one has said. But it keeps what it knows of a connection in one place for all
/// of its messages. So two messages are of one connection if that is the same place for both; one of them is kept, so
/// that the place can not become another's meanwhile.
///
/// What is said arrives in order. So who is the next one with a descriptor shows that the former one is gone; and of
/// the ends that libzmq tells of that descriptor, the first is then the former one's. There is one case in which an end
/// can be of either: a connection ends that has never said anything, and the next one with its descriptor has been
/// accepted and has spoken before anybody has looked. Who it is stays open until it speaks again, or the next end.
struct MessageSources {
    typealias Number = UInt64

    /// What has become of a descriptor since the connection ended that had it.
    enum LaterUse: Equatable {
        /// No other connection has been made with it.
        case none
        /// One has, and is still there. The kernel's name for it; 0 if there is none to be had.
        case one(cookie: UInt64)
        case several
    }

    private struct Source {
        let number: Number
        let place: UInt
        /// The kernel's name for what had the descriptor when the first message was taken.
        let cookie: UInt64
        /// Former connections with the same descriptor whose end libzmq will still tell.
        var former: Int
        /// The end that was told may have been its own.
        var isUncertain = false
        /// What keeps the place; without it the next connection may have the same.
        let keeper: AnyObject?
    }

    /// The newest one on each descriptor.
    private var sources: [Int32: Source] = [:]
    private var last: Number = 0

    /// Those that are not known to be gone.
    var count: Int { sources.count }

    /// The source of a message, if others have come from it.
    mutating func known(_ origin: Frame.Origin) -> Number? {
        guard let source = sources[origin.descriptor], source.place == origin.place else { return nil }
        // Who speaks is there.
        if source.isUncertain { sources[origin.descriptor]?.isUncertain = false }
        return source.number
    }

    /// The first message from a source has come.
    ///
    /// - Parameters:
    ///   - cookie: the kernel's name for what has the descriptor now.
    ///   - keeper: keeps the place of what libzmq knows of the connection; nil if there is none to be had.
    /// - Returns: its number, and that of the one that this shows to be gone.
    mutating func meet(_ origin: Frame.Origin, cookie: UInt64, keeper: AnyObject?) -> (Number, gone: Number?) {
        last += 1
        let before = sources[origin.descriptor]
        sources[origin.descriptor] = Source(
            number: last,
            place: origin.place,
            cookie: cookie,
            former: before.map { $0.isUncertain ? 0 : $0.former + 1 } ?? 0,
            keeper: keeper
        )
        return (last, before?.number)
    }

    /// libzmq tells that a connection with this descriptor has ended; all that had been said until then has been taken.
    ///
    /// - Returns: the source that is gone.
    mutating func ended(_ descriptor: Int32, later: LaterUse) -> Number? {
        guard let source = sources[descriptor] else { return nil }
        if let gone = ending(descriptor, later: later) {
            sources[descriptor] = nil
            return gone
        }
        if source.former > 0 {
            sources[descriptor]?.former -= 1
        } else {
            sources[descriptor]?.isUncertain = true
        }
        return nil
    }

    /// What ``ended(_:later:)`` would answer.
    func ending(_ descriptor: Int32, later: LaterUse) -> Number? {
        guard let source = sources[descriptor] else { return nil }
        guard later != .none else { return source.number }
        // It had spoken before the next one had the descriptor, or else nobody knows.
        guard source.former == 0, case .one(let cookie) = later, cookie != 0, source.cookie != 0,
            cookie != source.cookie
        else { return nil }
        return source.number
    }

    /// Nobody is linked any more.
    mutating func forgetAll() { sources = [:] }
}
