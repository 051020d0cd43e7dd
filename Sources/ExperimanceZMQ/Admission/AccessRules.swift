// SPDX-License-Identifier: Apache-2.0

/// Who may come in. Decided from what is known of a peer, by values alone.
struct AccessRules {
    /// What a socket asks of its peers.
    enum Demand: Hashable {
        /// A password, over PLAIN.
        case password
        /// A key, over CURVE; any will do if `anybody`.
        case key(anybody: Bool)
        /// Nothing that the peer would bring.
        case nothing
    }

    /// All that is known of a peer that wants to come in.
    struct Question {
        var origin: PeerOrigin
        var demand: Demand
        var credentials: ZAPRequest.Credentials
        /// Those of a local peer's process beside its first group.
        var otherGroups: [UInt32] = []
    }

    var keys = KeyRing()
    private var allowedNetworks: Set<NetworkRange> = []
    private var deniedNetworks: Set<NetworkRange> = []
    private var users: Set<UInt32> = []
    private var groups: Set<UInt32> = []
    private var passwords: [[UInt8]: SecretBytes] = [:]
    /// The program is asked where no rule speaks of a peer.
    private let asksProgram: Bool

    init(asksProgram: Bool) {
        self.asksProgram = asksProgram
    }

    // MARK: Rules

    mutating func allow(_ range: NetworkRange) {
        deniedNetworks.remove(range)
        allowedNetworks.insert(range)
    }

    mutating func deny(_ range: NetworkRange) {
        allowedNetworks.remove(range)
        deniedNetworks.insert(range)
    }

    mutating func allow(user: UInt32) { users.insert(user) }

    mutating func allow(group: UInt32) { groups.insert(group) }

    mutating func allow(username: [UInt8], _ password: SecretBytes) { passwords[username] = password }

    /// Whether the groups of a local peer matter.
    var lookAtGroups: Bool { !groups.isEmpty }

    // MARK: Decision

    func verdict(on question: Question) -> Verdict {
        if let refusal = refusal(of: question) { return .refused(refusal) }
        switch (question.demand, question.credentials) {
        case (.key(let anybody), .key(let key)):
            if keys.denies(key) { return .refused(.key) }
            if let userID = keys.userID(of: key) { return .admitted(AdmittedPeer(userID: userID, publicKey: key)) }
            if asksProgram { return .undecided }
            return anybody ? .admitted(AdmittedPeer(userID: "", publicKey: key)) : .refused(.key)
        case (.password, .password(let username, let password)):
            // Names that the program, or a message's property, could not be given.
            guard let name = String(validating: username, as: UTF8.self), !username.contains(0) else {
                return .refused(.unreadable)
            }
            if let expected = passwords[username] {
                return expected.isSame(as: password)
                    ? .admitted(AdmittedPeer(userID: name)) : .refused(.password)
            }
            return asksProgram ? .undecided : .refused(.password)
        case (.nothing, .none):
            return verdict(onGuest: question)
        default:
            // Another mechanism than the socket's.
            return .refused(.unreadable)
        }
    }

    /// What rules about where a peer is say against it, whatever it brings.
    private func refusal(of question: Question) -> Refusal? {
        switch question.origin {
        case .network(let address):
            if deniedNetworks.contains(where: { $0.contains(address) }) { return .address }
            if allowedNetworks.isEmpty || allowedNetworks.contains(where: { $0.contains(address) }) { return nil }
            return .address
        case .local(let user, let group, _):
            if users.isEmpty && groups.isEmpty || isAllowed(user, group, question.otherGroups) { return nil }
            return .localUser
        case .unknown:
            let areRules = !(allowedNetworks.isEmpty && deniedNetworks.isEmpty && users.isEmpty && groups.isEmpty)
            return areRules ? .address : nil
        }
    }

    private func isAllowed(_ user: UInt32, _ group: UInt32, _ others: [UInt32]) -> Bool {
        users.contains(user) || groups.contains(group) || others.contains { groups.contains($0) }
    }

    /// A peer that brings nothing: there has to be a rule that speaks of where it is.
    private func verdict(onGuest question: Question) -> Verdict {
        switch question.origin {
        case .local(let user, _, _):
            if !(users.isEmpty && groups.isEmpty) { return .admitted(AdmittedPeer(userID: String(user))) }
            return asksProgram ? .undecided : .refused(.localUser)
        case .network:
            if asksProgram { return .undecided }
            let areRules = !(allowedNetworks.isEmpty && deniedNetworks.isEmpty)
            return areRules ? .admitted(AdmittedPeer(userID: "")) : .refused(.address)
        case .unknown:
            return asksProgram ? .undecided : .refused(.address)
        }
    }
}
