// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc

/// Whether a publisher that sends is being looked after.
///
/// A publish can use up the signal that told of a new subscription. So a publisher that sends looks for notices once in
/// each tick of the coarse clock, and while it is busy the supervisor looks again a moment later, until it has been
/// still for one round. An idle publisher costs nothing.
struct PublisherSweep {
    static let interval: Int64 = 20 * nanosecondsPerMillisecond

    var lastTick: Int64 = 0
    var isScheduled = false
    var messagesAtLastRound: UInt64 = 0
}

extension SocketCore {
    /// Notices that are taken in one go.
    private static let noticesAtOnce = 1_000

    /// Takes the notices of new and ended subscriptions from libzmq.
    func takeSubscriptionNotices(from socket: RawSocket) {
        var frame = Frame()
        var hasChanged = false
        var left = Self.noticesAtOnce
        while left > 0, frame.receive(from: socket) {
            left -= 1
            let source = frame.sourceDescriptor
            let bytes = frame.bytes
            guard let first = bytes.first, first <= 1 else { continue }
            let topic = Array(bytes.dropFirst())
            if SubscriptionProbe.isProbe(topic) {
                if first == 1 { echo(topic, to: socket) }
                continue
            }
            hasChanged = true
            if first == 1 {
                let isOutgoing = links.contains { $0.descriptor == source && source != nil }
                if let count = subscriptions.subscribed(topic, source: source, isOutgoing: isOutgoing) {
                    reportSubscription(.subscriberJoined, topic, count)
                }
            } else if let count = subscriptions.unsubscribed(topic, source: source) {
                reportSubscription(.subscriberLeft, topic, count)
            }
        }
        if hasChanged { waiters.wakeAll([.state]) }
        // The lock is others', too: the rest comes next, on the supervisor's thread.
        if left == 0 { context.supervisor.perform { [self] in locked { pump() } } }
    }

    func reportSubscription(_ kind: SocketEvent.Kind, _ topic: [UInt8], _ count: Int) {
        var event = SocketEvent(kind)
        event.topic = topic
        event.count = count
        report(event)
    }

    /// Sends a probe back to the subscriber that asked. If its queue is full it will ask again.
    private func echo(_ topic: [UInt8], to socket: RawSocket) {
        topic.withUnsafeBytes { _ = ZMQ.send(socket, $0.baseAddress, $0.count) }
    }

    /// After a publish.
    func publisherTick() {
        let tick = czmq_coarse_ns()
        guard tick != publisherSweep.lastTick else { return }
        publisherSweep.lastTick = tick
        pump()
        if !publisherSweep.isScheduled { scheduleSweep() }
    }

    private func scheduleSweep() {
        publisherSweep.isScheduled = true
        publisherSweep.messagesAtLastRound = slot.pointee.messagesSent
        let next = MonotonicInstant.now().advanced(byNanoseconds: PublisherSweep.interval)
        _ = context.supervisor.schedule(at: next) { [self] in
            locked {
                pump()
                publisherSweep.isScheduled = false
                if slot.pointee.messagesSent != publisherSweep.messagesAtLastRound { scheduleSweep() }
            }
        }
    }

    /// Waits until a message of the topic reaches `count` subscribers.
    func waitSubscribers(_ topic: [UInt8], count: Int, timeout: Int32) -> Code {
        // The supervisor sees the notices, and so does whoever publishes.
        wait(for: .state, until: deadline(timeout)) {
            pump()
            return subscriptions.subscribers(of: topic) >= count ? .ok : nil
        }
    }
}
