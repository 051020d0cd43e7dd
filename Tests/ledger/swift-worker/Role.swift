// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// What an end of a flow does.
enum Role: String {
    case push
    case pull
    case pub
    case sub
    case dealer
    case router
    case req
    case reqAgain = "req-again"
    case rep

    /// Of the messages that it sends.
    var direction: UInt8 { self == .router || self == .rep ? 1 : 0 }

    var makesRequests: Bool { self == .req || self == .reqAgain }

    var sends: Bool { makesRequests || [.push, .pub, .dealer, .router].contains(self) }

    var receives: Bool { [.pull, .sub, .dealer, .router, .rep].contains(self) }

    /// The parts of a message that is received: with an address or a topic there is one more.
    var partCount: Int { self == .sub || self == .router ? 2 : 1 }
}

/// The socket of a role.
struct RoleSocket {
    let any: any ZMQMessagingSocket
    private let publisher: ZMQPublisher?
    private let requester: ZMQRequester?
    let name: [UInt8]

    init(_ role: Role, flow: UInt16) throws(ZMQSocketError) {
        var options = ZMQSocketOptions()
        options.sendHighWaterMark = 100
        options.receiveHighWaterMark = 100
        options.sendBuffer = 65536
        options.receiveBuffer = 65536
        options.onFull = .wait
        options.eventCapacity = 100_000
        options.retry.maxAttempts = nil
        options.retry.initialBackoff = .milliseconds(20)
        options.retry.maxBackoff = .milliseconds(500)
        name = Array("dealer-\(flow)".utf8)
        if role == .dealer { options.identity = name }
        switch role {
        case .pub:
            let publisher = try ZMQPublisher(options: options)
            (any, self.publisher, requester) = (publisher, publisher, nil)
        case .req, .reqAgain:
            let requester = try ZMQRequester(options: options)
            (any, publisher, self.requester) = (requester, nil, requester)
        default:
            (any, publisher, requester) = (try Self.other(role, options), nil, nil)
        }
    }

    private static func other(
        _ role: Role,
        _ options: ZMQSocketOptions
    ) throws(ZMQSocketError) -> any ZMQMessagingSocket {
        switch role {
        case .push: return try ZMQPusher(options: options)
        case .pull: return try ZMQPuller(options: options)
        case .sub:
            let subscriber = try ZMQSubscriber(options: options)
            try subscriber.subscribe(to: "ledger")
            return subscriber
        case .dealer: return try ZMQSocket(.dealer, options: options)
        case .router: return try ZMQSocket(.router, options: options)
        case .pub, .req, .reqAgain, .rep: return try ZMQReplier(options: options)
        }
    }

    func send(_ bytes: [UInt8], as role: Role) async throws(ZMQSocketError) {
        let timeout = ZMQTimeout.milliseconds(500)
        switch role {
        case .pub: try await publisher?.publish(bytes, to: "ledger", timeout: timeout)
        case .router: try await any.socket.send(parts: [name, bytes], timeout: timeout)
        default: try await any.socket.send(bytes, timeout: timeout)
        }
    }

    func request(_ bytes: [UInt8], again: Bool) async throws(ZMQSocketError) -> ZMQMessage? {
        try await requester?.request(bytes, timeout: .seconds(3), isIdempotent: again)
    }
}
