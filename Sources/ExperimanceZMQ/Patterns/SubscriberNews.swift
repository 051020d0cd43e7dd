// SPDX-License-Identifier: Apache-2.0

/// What is to be told of a publisher's subscribers, kept until it is known who they are.
///
/// libzmq's monitor tells of a connection before the first subscription comes through it, but the two come on different
/// ways, and the subscription may be seen first. So what is to be told of one that nobody knows yet waits, and what
/// comes after it, until what the monitor has told by then has been heard.
struct SubscriberNews {
    struct Item {
        let kind: Kind
        let topic: [UInt8]
        let count: Int
        var peer: KnownPeer?
        /// Whose subscription it is, as far as that is known.
        let source: MessageSources.Number?

        enum Kind {
            case joined
            case left
        }
    }

    /// One that has subscribed, and the kernel's name for what had its descriptor then.
    private struct Stranger {
        let descriptor: Int32
        let cookie: UInt64
    }

    /// What waits is told without names when there is more.
    private static let room = 1_000

    private var items: [Item] = []
    private var strangers: [MessageSources.Number: Stranger] = [:]

    /// Somebody unknown has subscribed for the first time.
    mutating func meet(_ source: MessageSources.Number, descriptor: Int32, cookie: UInt64) {
        strangers[source] = Stranger(descriptor: descriptor, cookie: cookie)
    }

    /// A connection with this descriptor is gone: who had it may have been another one.
    mutating func forget(_ descriptor: Int32) {
        strangers = strangers.filter { $0.value.descriptor != descriptor }
    }

    mutating func forgetAll() { strangers = [:] }

    /// Whether it has to wait; false if it can be told at once.
    mutating func hold(_ item: Item) -> Bool {
        guard !items.isEmpty || item.source.map({ strangers[$0] != nil }) ?? false else { return false }
        items.append(item)
        return true
    }

    /// What waits is the first of it: a job has to be made for it.
    var isFirst: Bool { items.count == 1 }

    var isFull: Bool { items.count >= Self.room }

    /// Gives out what has waited.
    ///
    /// - Parameter find: who is connected with a descriptor now.
    /// - Returns: also who the strangers are, as far as that is known.
    mutating func take(
        _ find: (_ descriptor: Int32, _ cookie: UInt64) -> KnownPeer?
    ) -> (items: [Item], peers: [MessageSources.Number: KnownPeer]) {
        let peers = strangers.compactMapValues { find($0.descriptor, $0.cookie) }
        strangers = [:]
        var told = items
        items = []
        for index in told.indices {
            let found = told[index].source.flatMap { peers[$0] }
            told[index].peer = told[index].peer?.completed(by: found) ?? found
        }
        return (told, peers)
    }
}
