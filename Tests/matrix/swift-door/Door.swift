// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// The one socket of a door, and the calls on it, in both forms.
final class Door: @unchecked Sendable {
    // Unchecked: one call is made after the other.
    private static let topic = "topic"

    private var any: (any ZMQMessagingSocket)?
    private var publisher: ZMQPublisher?
    private var subscriber: ZMQSubscriber?
    private var pusher: ZMQPusher?
    private var puller: ZMQPuller?
    private var requester: ZMQRequester?
    /// Where the pusher is the back of a proxy: the proxy, and what is sent through it comes from.
    private var proxy: ZMQProxy?
    private var feeder: ZMQPusher?

    /// Opens a socket, in place of the one before.
    private func open(_ type: String) throws(ZMQSocketError) -> [UInt8]? {
        var options = ZMQSocketOptions()
        options.retry.maxAttempts = nil
        options.retry.initialBackoff = .milliseconds(10)
        options.retry.maxBackoff = .milliseconds(50)
        (publisher, subscriber, pusher, puller, requester, proxy, feeder) = (nil, nil, nil, nil, nil, nil, nil)
        switch type {
        case "pub": publisher = try ZMQPublisher(options: options)
        case "sub": subscriber = try ZMQSubscriber(options: options)
        case "push": pusher = try ZMQPusher(options: options)
        case "pull": puller = try ZMQPuller(options: options)
        case "req": requester = try ZMQRequester(options: options)
        case "proxy": try openProxy(options)
        default: return nil
        }
        any = publisher ?? subscriber ?? pusher ?? puller ?? requester
        return []
    }

    private func openProxy(_ options: ZMQSocketOptions) throws(ZMQSocketError) {
        let (front, back, sender) = (try ZMQPuller(), try ZMQPusher(options: options), try ZMQPusher())
        try sender.connect(try front.bind("tcp://127.0.0.1:*"), timeout: .seconds(10))
        (pusher, feeder) = (back, sender)
        proxy = try ZMQProxy(front: front, back: back)
    }

    /// What does not wait, and so is the same in both forms. Nil where it is none of these.
    private func makeAtOnce(_ call: Call) throws(ZMQSocketError) -> [UInt8]? {
        switch call.verb {
        case "open": return try open(call.argument)
        case "connect_later": try any?.connectInBackground(call.argument)
        case "disconnect": try any?.disconnect(call.argument)
        case "subscribe": try subscriber?.subscribe(to: call.argument)
        case "resume": try proxy?.resume()
        default: return nil
        }
        return []
    }

    /// Makes a call, on this thread; what came of it. Nil where there is no such call.
    @available(*, noasync)
    func make(_ call: Call) throws(ZMQSocketError) -> [UInt8]? {
        if let bytes = try makeAtOnce(call) { return bytes }
        let text = call.argument.utf8
        switch call.verb {
        case "bind": return Array((try any?.bind(call.argument, timeout: call.timeout) ?? "").utf8)
        case "connect": try any?.connect(call.argument, timeout: call.timeout)
        case "send": try (feeder ?? pusher)?.send(text, timeout: call.timeout)
        case "recv": return lastPart(of: try receiver?.receive(timeout: call.timeout))
        case "publish": try publisher?.publish(text, to: Self.topic, timeout: call.timeout)
        case "wait_subscribers": try publisher?.waitForSubscribers(of: call.argument, timeout: call.timeout)
        case "wait_subscribed": try subscriber?.waitForSubscriptions(timeout: call.timeout)
        case "wait_peers": try any?.waitForPeers(timeout: call.timeout)
        case "request": return lastPart(of: try requester?.request(text, timeout: call.timeout))
        case "close": try any?.close(linger: call.timeout)
        case "pause": try proxy?.pause(timeout: call.timeout)
        case "end": try proxy?.close(timeout: call.timeout)
        default: return nil
        }
        return []
    }

    /// Makes a call, in a task; what came of it. Nil where there is no such call.
    func make(_ call: Call) async throws(ZMQSocketError) -> [UInt8]? {
        if let bytes = try makeAtOnce(call) { return bytes }
        let text = call.argument.utf8
        switch call.verb {
        case "bind": return Array((try await any?.bind(call.argument, timeout: call.timeout) ?? "").utf8)
        case "connect": try await any?.connect(call.argument, timeout: call.timeout)
        case "send": try await (feeder ?? pusher)?.send(text, timeout: call.timeout)
        case "recv": return lastPart(of: try await receiver?.receive(timeout: call.timeout))
        case "publish": try await publisher?.publish(text, to: Self.topic, timeout: call.timeout)
        case "wait_subscribers": try await publisher?.waitForSubscribers(of: call.argument, timeout: call.timeout)
        case "wait_subscribed": try await subscriber?.waitForSubscriptions(timeout: call.timeout)
        case "wait_peers": try await any?.waitForPeers(timeout: call.timeout)
        case "request": return lastPart(of: try await requester?.request(text, timeout: call.timeout))
        case "close": try await any?.close(linger: call.timeout)
        case "pause": try await proxy?.pause(timeout: call.timeout)
        case "end": try await proxy?.close(timeout: call.timeout)
        default: return nil
        }
        return []
    }

    private var receiver: (any ZMQReceivingSocket)? { puller ?? subscriber }

    /// Of what was published, the payload.
    private func lastPart(of message: ZMQMessage?) -> [UInt8] {
        message.map { Array($0) } ?? []
    }
}
