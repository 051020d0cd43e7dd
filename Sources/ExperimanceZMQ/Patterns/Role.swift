// SPDX-License-Identifier: Apache-2.0

/// What a socket is in its pattern, with what only that pattern needs.
enum Role {
    case plain
    case publisher(PublisherRole)
    case subscriber(SubscriberRole)
    case subscriptionSender(SubscriptionSenderRole)
    case requester(RequesterRole)
    case pair(PairRole)
    case router(RouterRole)

    init(of kind: ZMQSocketType, retry: ZMQRetryPolicy) {
        switch kind {
        case .pub: self = .publisher(PublisherRole())
        case .xpub: self = .publisher(PublisherRole(rule: NoticeRule()))
        case .sub: self = .subscriber(SubscriberRole())
        case .xsub: self = .subscriptionSender(SubscriptionSenderRole())
        case .req: self = .requester(RequesterRole(policy: retry))
        case .pair: self = .pair(PairRole())
        case .router: self = .router(RouterRole())
        default: self = .plain
        }
    }

    /// One that counts its subscribers.
    var publisher: PublisherRole? {
        if case .publisher(let role) = self, role.isCounting { role } else { nil }
    }

    var subscriber: SubscriberRole? {
        if case .subscriber(let role) = self { role } else { nil }
    }

    var subscriptionSender: SubscriptionSenderRole? {
        if case .subscriptionSender(let role) = self { role } else { nil }
    }

    var requester: RequesterRole? {
        if case .requester(let role) = self { role } else { nil }
    }

    var pair: PairRole? {
        if case .pair(let role) = self { role } else { nil }
    }

    var router: RouterRole? {
        if case .router(let role) = self { role } else { nil }
    }

    /// What it knows of a connection is not to be taken for the next one's with the same descriptor.
    var tellsConnectionsApart: Bool {
        switch self {
        case .publisher(let role): role.isCounting
        case .router: true
        case .plain, .subscriber, .subscriptionSender, .requester, .pair: false
        }
    }

    /// A peer with a finished handshake is gone: what was known from it is void.
    func peerIsGone() {
        switch self {
        case .plain, .publisher, .subscriptionSender, .pair, .router: break
        case .subscriber(let role): role.peerIsGone()
        case .requester(let role): role.peerIsGone()
        }
    }
}
