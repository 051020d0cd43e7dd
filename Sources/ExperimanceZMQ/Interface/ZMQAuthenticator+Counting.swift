// SPDX-License-Identifier: Apache-2.0

extension ZMQAuthenticator {
    /// What an authenticator has decided.
    public struct Statistics: Hashable, Sendable {
        /// Peers about whom the program is being asked.
        public let pending: Int
        /// Peers that were let in.
        public let accepted: UInt64
        /// Peers that were refused: the sum of the following.
        public let refused: UInt64
        /// For their address.
        public let refusedAddress: UInt64
        /// For their user and groups, over ipc.
        public let refusedUser: UInt64
        /// For their key.
        public let refusedKey: UInt64
        /// For their name and password.
        public let refusedPassword: UInt64
        /// By the program.
        public let refusedDecision: UInt64
        /// As the program took too long.
        public let refusedLate: UInt64
        /// As too many were waited for.
        public let refusedBusy: UInt64
        /// For anything else: what they say can not be read, or the authenticator was closed meanwhile.
        public let refusedOther: UInt64
        /// Answers of the program that came too late.
        public let lateDecisions: UInt64
        /// Keys that are allowed now.
        public let keys: Int
        /// Files that ``allowKeys(at:endsLinks:)`` has found to hold no key that can be read.
        public let unreadableFiles: Int
        /// How often a look at those files, the first one included, has found other keys, user ids or unreadable files
        /// than the look before. What it has found counts by then.
        public let keyChanges: UInt64

        init(_ statistics: AuthenticatorStatistics) {
            pending = statistics.pending
            accepted = statistics.admitted
            refused = statistics.refused
            refusedAddress = statistics.refused(for: .address)
            refusedUser = statistics.refused(for: .localUser)
            refusedKey = statistics.refused(for: .key)
            refusedPassword = statistics.refused(for: .password)
            refusedDecision = statistics.refused(for: .decision)
            refusedLate = statistics.refused(for: .late)
            refusedBusy = statistics.refused(for: .busy)
            refusedOther = statistics.refusedOther
            lateDecisions = statistics.lateDecisions
            keys = statistics.keys
            unreadableFiles = statistics.unreadableFiles
            keyChanges = statistics.keyChanges
        }
    }
}

extension ZMQAuthenticator {
    /// What can be waited for: each is one of the ``Statistics``.
    public enum Count: Hashable, Sendable, CaseIterable {
        /// Peers about whom the program is being asked, at one moment.
        case pending
        /// Peers that were let in.
        case accepted
        /// Peers that were refused: the sum of the following.
        case refused
        /// For their address.
        case refusedAddress
        /// For their user and groups, over ipc.
        case refusedUser
        /// For their key.
        case refusedKey
        /// For their name and password.
        case refusedPassword
        /// By the program.
        case refusedDecision
        /// As the program took too long.
        case refusedLate
        /// As too many were waited for.
        case refusedBusy
        /// For anything else.
        case refusedOther
        /// Answers of the program that came too late.
        case lateDecisions
        /// Keys that are allowed, at one moment.
        case keys
        /// Files without a key that can be read, at one moment.
        case unreadableFiles
        /// Looks at the files of keys that found something else than the look before.
        case keyChanges

        fileprivate var inCore: AuthenticatorCount {
            switch self {
            case .pending: .pending
            case .accepted: .accepted
            case .refused: .refused
            case .refusedAddress: .refusedAddress
            case .refusedUser: .refusedUser
            case .refusedKey: .refusedKey
            case .refusedPassword: .refusedPassword
            case .refusedDecision: .refusedDecision
            case .refusedLate: .refusedLate
            case .refusedBusy: .refusedBusy
            case .refusedOther: .refusedOther
            case .lateDecisions: .lateDecisions
            case .keys: .keys
            case .unreadableFiles: .unreadableFiles
            case .keyChanges: .keyChanges
            }
        }
    }

    /// Blocks its thread until something has been counted so often: a peer that was let in or refused, a file of keys
    /// that was read.
    ///
    /// - Parameters:
    ///   - count: what is counted, from the authenticator's beginning.
    ///   - number: how often; 0 is always reached.
    ///   - timeout: by default a second.
    /// - Throws: `timeout`, `closed` also when the authenticator or its context is closed meanwhile, `invalid` for a
    ///   time-out out of range.
    @available(*, noasync, message: "it blocks its thread: await the asynchronous form, in a function")
    public func wait(
        for count: Count,
        atLeast number: UInt64,
        timeout: ZMQTimeout = .default
    ) throws(ZMQSocketError) {
        try authenticator.wait(for: count.inCore, atLeast: number, until: timeout.deadlineForThread())
    }

    /// Waits until something has been counted so often: a peer that was let in or refused, a file of keys that was
    /// read.
    ///
    /// - Parameters:
    ///   - count: what is counted, from the authenticator's beginning.
    ///   - number: how often; 0 is always reached.
    ///   - timeout: by default a second.
    /// - Throws: `timeout`, `canceled`, `closed` also when the authenticator or its context is closed meanwhile,
    ///   `invalid` for a time-out out of range.
    public nonisolated(nonsending) func wait(
        for count: Count,
        atLeast number: UInt64,
        timeout: ZMQTimeout = .default
    ) async throws(ZMQSocketError) {
        try await authenticator.wait(for: count.inCore, atLeast: number, until: timeout.deadlineForTask())
    }
}
