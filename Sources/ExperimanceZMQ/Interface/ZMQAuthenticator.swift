// SPDX-License-Identifier: Apache-2.0

/// Decides who may come in, for all sockets of a context that are opened with
/// ``ZMQSecurity/curveServer(_:admitting:)``, ``ZMQSecurity/plainServer`` or ``ZMQSecurity/guarded``.
///
/// ```swift
/// let authenticator = try ZMQAuthenticator()
/// try authenticator.allow(cameraKey, as: "camera 1")
/// var options = ZMQSocketOptions()
/// options.security = .curveServer(keys)
/// let puller = try ZMQPuller(options: options)
/// ```
///
/// Closed by default: without an authenticator such a socket lets nobody in, and says so with
/// ``ZMQEvent/Kind/noAuthenticator``; only a CURVE server that admits anybody is open. The order of calls does not
/// matter: rules count from the next handshake on, for all sockets of the context.
///
/// The first rule that speaks of a peer counts: denied and allowed addresses; over ipc, users and groups; keys and
/// passwords; and then the program's decision. A peer that was let in has a user id, which is known of its messages
/// (``ZMQSender/userID``) and told by events (``ZMQEvent/userID``). Connections within the process are nobody's to
/// decide on.
///
/// It may be used from any thread and any task at any time. One that nobody refers to any more ends.
public final class ZMQAuthenticator: Sendable {
    /// What there is to know of a peer that wants to come in.
    public struct Request: Sendable {
        /// A process of this machine, as the kernel knows it.
        public struct Process: Hashable, Sendable {
            /// The number of its user.
            public let user: UInt32
            /// The number of its group.
            public let group: UInt32
            /// Its own number.
            public let number: Int32
        }

        private let request: AuthRequest

        init(_ request: AuthRequest) { self.request = request }

        /// A numeric address without a port; over ipc `localhost:USER:GROUP:PROCESS`; "" if it can not be told.
        public var address: String { request.address }
        /// Over CURVE: the key that the peer has proved to have.
        public var publicKey: ZMQCurvePublicKey? { request.publicKey }
        /// Over PLAIN: what the peer says.
        public var username: String? { request.username }
        /// Over PLAIN: a copy of what the peer says, which nobody wipes; nil also for what is not UTF-8.
        public var exposedPassword: String? {
            request.password?.withBytes { unsafe String(validating: $0, as: UTF8.self) }
        }
        /// Over ipc: the other end.
        public var process: Process? {
            guard case .local(let user, let group, let number) = request.origin else { return nil }
            return Process(user: user, group: group, number: number)
        }
    }

    /// What becomes of a peer.
    public enum Decision: Hashable, Sendable {
        /// It comes in. A name of more than 255 bytes, or with a NUL, is none, and the peer is refused.
        case admit(userID: String)
        /// It does not.
        case refuse
    }

    let authenticator: Authenticator
    // It would end with the last who refers to it.
    private let context: ZMQContext

    /// Opens the authenticator of a context. There is one at a time.
    ///
    /// - Parameters:
    ///   - context: whose sockets it decides for.
    ///   - decisionTimeout: how long a decision may take, up to 4 s. One that comes later counts for nothing, and its
    ///     task is cancelled.
    ///   - decide: is asked about peers that no rule speaks of, in a task of its own for each; nil: they are refused.
    /// - Throws: `state` if the context has one; `addressInUse` if a socket of the context is bound to
    ///   `inproc://zeromq.zap.01`; `invalid` for a time out of range; `limit` out of descriptors, threads or sockets.
    public init(
        context: ZMQContext = .shared,
        decisionTimeout: Duration = .seconds(1),
        decide: (@Sendable (Request) async -> Decision)? = nil
    ) throws(ZMQSocketError) {
        self.context = context
        let milliseconds = Int32(clamping: decisionTimeout.roundedUpMilliseconds)
        authenticator = try context.core().openAuthenticator(
            decide.map { decide in
                .task { request in
                    switch await decide(Request(request)) {
                    case .admit(let userID) where AdmittedPeer.canHave(userID: userID): .admit(userID: userID)
                    case .admit, .refuse: .refuse
                    }
                }
            },
            decisionTimeout: milliseconds
        )
    }

    deinit { authenticator.end() }

    // MARK: Keys

    /// Lets whoever has the key in, over CURVE. A key that was denied is allowed again.
    ///
    /// - Parameters:
    ///   - key: the peer's.
    ///   - userID: what the peer is called, up to 255 bytes; nil is the key's text.
    /// - Throws: `invalid` for a longer name; `closed`.
    public func allow(_ key: ZMQCurvePublicKey, as userID: String? = nil) throws(ZMQSocketError) {
        try authenticator.allow(key, as: userID)
    }

    /// Lets whoever has a key in that is in a file, or in the files of a directory, from now on as they are there: a
    /// file that is added, changed or removed counts within a second; `wait(for:atLeast:timeout:)` waits for that. On
    /// a network file system call this again after a change.
    ///
    /// The user id is what the file has as "user-id" or "name" in its section "metadata", else its name without ".key".
    ///
    /// - Parameters:
    ///   - path: the file, or the directory.
    ///   - endsLinks: links that were made with a key end when it is not allowed any more.
    /// - Throws: `invalid` for a path that is not there, and for a file without a key; `permission` for one that may
    ///   not be read, or has a secret key that others than its owner may read or write; `limit` out of descriptors,
    ///   threads or watches of files; `notSupported` for a secret key where libzmq has no CURVE, and where there is no
    ///   inotify(7); `noMemory`; `closed`.
    public func allowKeys(at path: String, endsLinks: Bool = false) throws(ZMQSocketError) {
        try authenticator.allow(keysAt: path, endLinks: endsLinks)
    }

    /// Refuses whoever has the key, whatever else allows it: a file, the program, a server that admits anybody.
    ///
    /// - Parameters:
    ///   - key: need not have been allowed.
    ///   - endsLinks: also ends the links that were made with it, and no others.
    /// - Throws: `closed`.
    public func deny(_ key: ZMQCurvePublicKey, endsLinks: Bool = false) throws(ZMQSocketError) {
        try authenticator.deny(key, endLinks: endsLinks)
    }

    // MARK: Addresses, users, passwords

    /// Lets peers in from an address or a network, as far as that goes: from the first one on all others over TCP are
    /// refused.
    ///
    /// - Parameter address: a numeric address, or a range such as `10.1.0.0/16` or `2001:db8::/32`.
    /// - Throws: `invalid` for what is neither; `closed`.
    public func allow(address: String) throws(ZMQSocketError) { try authenticator.allow(address: address) }

    /// Refuses peers from an address or a network, also if it is in one that is allowed.
    ///
    /// - Parameter address: as for ``allow(address:)``.
    /// - Throws: `invalid`; `closed`.
    public func deny(address: String) throws(ZMQSocketError) { try authenticator.deny(address: address) }

    /// Lets processes of a user in over ipc, as far as that goes: from the first user or group on all others are
    /// refused.
    ///
    /// - Parameter user: the number.
    /// - Throws: `closed`.
    public func allow(user: UInt32) throws(ZMQSocketError) { try authenticator.allow(user: user) }

    /// Lets processes of a group in over ipc, likewise: also those that have it among their other groups.
    ///
    /// - Parameter group: the number.
    /// - Throws: `closed`.
    public func allow(group: UInt32) throws(ZMQSocketError) { try authenticator.allow(group: group) }

    /// Lets whoever says this name and password in, over PLAIN, which encrypts neither. Again for a name: another
    /// password.
    ///
    /// - Parameters:
    ///   - username: 1 to 255 bytes in UTF-8; also the peer's user id.
    ///   - password: 1 to 255 bytes. The text is the caller's, and is not wiped.
    /// - Throws: `invalid` for other lengths; `noMemory`; `closed`.
    public func allow(username: String, password: String) throws(ZMQSocketError) {
        var text = password
        let secret = try text.withContiguousBytes { (bytes) throws(ZMQSocketError) in
            try unsafe SecretBytes(copying: bytes)
        }
        try authenticator.allow(username: username, secret)
    }

    // MARK: What it has done, and its end

    /// What it has decided so far, exactly.
    public var statistics: Statistics { Statistics(authenticator.statistics) }

    /// Ends it: from now on nobody is let in any more by sockets that need one. Links that are there stay. Again, it
    /// does nothing.
    public func close() { authenticator.end() }
}
