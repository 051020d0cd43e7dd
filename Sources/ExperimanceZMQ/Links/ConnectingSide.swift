// SPDX-License-Identifier: Apache-2.0

/// The links a socket makes by connecting: which there are, which of them are up, and the one door to their machines.
struct ConnectingSide {
    private var links: [Link] = []
    private var lastNumber: UInt64 = 0
    /// One of the links makes an attempt whose pipe is thrown away if it fails.
    private(set) var isAttempting = false
    /// One of the links is being made again, and may turn out to be somewhere else.
    private(set) var mayMove = false

    // MARK: Questions

    var isEmpty: Bool { links.isEmpty }

    /// It was told to connect: from then on the socket may have queues, also such that are ending.
    var hasBegun: Bool { lastNumber > 0 }

    /// All of them, in the order in which they were begun.
    var all: [Link] { links }

    /// How many endpoints it connects to; one link may stand for several.
    var endpoints: Int { links.reduce(0) { $0 + $1.endpointCount } }

    /// Peers with a finished handshake.
    var peers: Int { links.count { $0.isEstablished } }

    /// Those that libzmq has a queue for, whether or not they are up.
    func queues(besides other: Link? = nil) -> Int { links.count { $0 !== other && $0.hasQueue } }

    /// One that was up is being made again.
    var hasLostOne: Bool { links.contains { $0.hasBeenLost } }

    /// The connections that are up.
    var descriptors: [Int32] { links.compactMap { $0.isEstablished ? $0.descriptor : nil } }

    /// The connections whose handshake is not done.
    var inHandshake: [(descriptor: Int32, AcceptedConnection.Newcomer)] { links.compactMap(\.inHandshake) }

    /// Why there is no link, as far as one that is not up knows.
    var lastFailure: ConnectFailure? { links.lazy.filter { !$0.isEstablished }.compactMap(\.lastFailure).first }

    func contains(_ link: Link) -> Bool { links.contains { $0 === link } }

    /// The link a caller means, whatever has become of it.
    func link(named text: ExactText) -> Link? { links.first { $0.answers(to: text) } }

    /// The link to an endpoint that is up or on its way.
    func liveLink(named text: ExactText) -> Link? {
        links.first { link in
            if case .failed? = link.outcome, !link.isInterrupted { return false }
            return link.answers(to: text)
        }
    }

    func links(to target: Endpoint.Target) -> [Link] { links.filter { $0.endpoint.target == target } }

    /// The link that libzmq has been told of by this address.
    func link(at address: ExactText, besides other: Link? = nil) -> Link? {
        links.first { $0 !== other && $0.currentAddress?.endpoint == address }
    }

    /// Whether that is the connection of one of the links.
    func has(descriptor: Int32) -> Bool { links.contains { $0.descriptor == descriptor } }

    /// Who is connected with a descriptor; nil if that is none of the links'.
    ///
    /// - Parameter cookie: the kernel's name for the connection.
    func peer(of descriptor: Int32, cookie: UInt64) -> KnownPeer? {
        links.first { $0.descriptor == descriptor && $0.cookie == cookie }?.peer
    }

    /// It is known as whom the connection's peer was let in.
    func meet(_ admitted: KnownPeer, at descriptor: Int32, cookie: UInt64) {
        for link in links { link.meet(admitted, at: descriptor, cookie: cookie) }
    }

    // MARK: Links that come and go

    mutating func add(
        _ endpoint: Endpoint,
        mode: ConnectMode,
        policy: ZMQRetryPolicy,
        deadline: Deadline?,
        keepsPipe: Bool,
        hasOneQueue: Bool = false
    ) -> Link {
        let address: NumericAddress? =
            switch endpoint.target {
            case .tcp(let host, let port): NumericAddress(host.string, port: port)
            case .ipc(let path): NumericAddress(localPath: path.string)
            case .inproc: nil
            }
        lastNumber += 1
        let link = Link(
            number: lastNumber,
            endpoint: endpoint,
            configuration: ConnectConfiguration(
                mode: mode,
                policy: policy,
                deadline: deadline,
                address: address,
                keepsPipe: keepsPipe,
                hasOneQueue: hasOneQueue
            )
        )
        links.append(link)
        return link
    }

    mutating func remove(_ link: Link) {
        links.removeAll { $0 === link }
        noteAttempts()
    }

    /// Lets `other` stand for `link`, whose address it has.
    mutating func merge(_ link: Link, into other: Link, now: MonotonicInstant) {
        link.merge(into: other, now: now)
        remove(link)
    }

    mutating func removeAll() {
        links = []
        noteAttempts()
    }

    /// Gives an input to a link's machine.
    ///
    /// - Returns: what is to be done.
    mutating func handle(
        _ input: ConnectInput,
        for link: Link,
        now: MonotonicInstant
    ) -> [ConnectAction] {
        defer { noteAttempts() }
        return link.handle(input, now: now)
    }

    private mutating func noteAttempts() {
        isAttempting = links.contains { $0.isAttempting }
        mayMove = links.contains { $0.mayMove }
    }
}
