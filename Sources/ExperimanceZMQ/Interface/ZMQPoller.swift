// SPDX-License-Identifier: Apache-2.0

/// Waits for whichever of several sockets is ready first; for threads. Tasks wait on one socket each, in a task group.
public struct ZMQPoller: Sendable {
    /// What can be done with a socket.
    public struct Readiness: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Those bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A receive would find a message.
        public static let readable = Readiness(rawValue: Interest.readable.rawValue)
        /// A send would take one.
        public static let writable = Readiness(rawValue: Interest.writable.rawValue)
        /// An event can be read.
        public static let events = Readiness(rawValue: Interest.events.rawValue)
    }

    private var items: [PollItem] = []

    /// One without sockets.
    public init() {}

    /// Adds a socket, or the same one again for something else.
    ///
    /// - Returns: its place in what ``wait(timeout:)`` returns.
    @discardableResult
    public mutating func add(_ socket: some ZMQMessagingSocket, for interest: Readiness) -> Int {
        items.append(PollItem(.socket(socket.socket.handle), interest: Interest(rawValue: interest.rawValue)))
        return items.count - 1
    }

    /// Blocks its thread until at least one of the sockets is ready. Takes nothing from any of them.
    ///
    /// - Returns: what each can do, in the order in which they were added.
    /// - Throws: `timeout`, by default after 1 s; `canceled` and `closed` when that happens to any of the sockets,
    ///   `interrupted`, `limit`, `invalid` for a time-out out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func wait(timeout: ZMQTimeout = .default) throws(ZMQSocketError) -> [Readiness] {
        var items = items
        try Polling.wait(for: &items, timeout: timeout.forThread()).check()
        return items.map { Readiness(rawValue: $0.ready.rawValue) }
    }
}
