// SPDX-License-Identifier: Apache-2.0

import CLinux
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

/// What a publisher has not taken in yet of what happened to its subscriptions. It goes in portions, as others wait for
/// the lock meanwhile.
struct SubscriptionBacklog {
    /// Topics that are gone through in one go.
    static let portion = 1_000
    /// Nanoseconds after which a portion is enough, however little it was.
    static let timeAtOnce = 2 * nanosecondsPerMillisecond
    /// Portions of notices for which the news that a connection is gone waits. Who floods the publisher does not keep it
    /// from noticing that others are gone.
    static let patience = 100

    /// There was more than a portion when it was looked at last.
    var isLeft = false
    /// The rest is the supervisor's next job.
    var isScheduled = false
    /// Portions for which the news in front has waited.
    var portionsWaited = 0
}

extension SocketCore {

    /// Takes the notices of new and ended subscriptions from libzmq.
    func takeSubscriptionNotices(from socket: RawSocket) {
        // They may be of a later connection than one that is gone.
        guard !subscriptions.isBusy else { return takeRestSoon() }
        var frame = Frame()
        var hasChanged = false
        var left = SubscriptionBacklog.portion
        // A single look of libzmq's can take long where many subscribers come and go.
        let end = MonotonicInstant.now().advanced(byNanoseconds: SubscriptionBacklog.timeAtOnce)
        while left > 0, frame.receive(from: socket) >= 0 {
            let source = frame.sourceDescriptor
            let (first, topic) = frame.withBytes { ($0.first, Array($0.dropFirst())) }
            left -= SubscriptionLedger.effort(topic)
            if MonotonicInstant.now() >= end { left = 0 }
            guard let first, first <= 1 else { continue }
            if let source { accepted.hasSubscribed(source) }
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
        if left <= 0 { takeRestSoon() }
    }

    /// The lock is others', too: the rest comes next, on the supervisor's thread.
    private func takeRestSoon() {
        subscriptionBacklog.isLeft = true
        guard !subscriptionBacklog.isScheduled else { return }
        subscriptionBacklog.isScheduled = true
        context.supervisor.perform { [self] in
            locked {
                subscriptionBacklog.isScheduled = false
                report(subscriptions.continueLosses(atMost: SubscriptionBacklog.portion))
                pump()
            }
        }
    }

    /// Takes a portion of the notices in.
    ///
    /// - Returns: whether that was all, or enough.
    func takesNotices() -> Bool {
        subscriptionBacklog.isLeft = false
        pump()
        guard subscriptionBacklog.isLeft, subscriptionBacklog.portionsWaited < SubscriptionBacklog.patience else {
            subscriptionBacklog.portionsWaited = 0
            return true
        }
        subscriptionBacklog.portionsWaited += 1
        return false
    }

    /// What came through a connection that is gone is no subscription any more.
    func subscriptionsLost(with descriptor: Int32, isOutgoing: Bool, isUsedAgain: Bool = false) {
        guard kind == .pub else { return }
        report(
            subscriptions.connectionLost(
                descriptor,
                isOutgoing: isOutgoing,
                isUsedAgain: isUsedAgain,
                atMost: SubscriptionBacklog.portion
            )
        )
        if subscriptions.isBusy { takeRestSoon() }
    }

    /// A connection has ended, all that was said until then is known, and no later one has been accepted.
    func forgetSubscribersIfAlone() {
        guard peerCount == 0, !accepted.hasConnections, !subscriptionBacklog.isLeft, !subscriptions.isBusy else {
            return
        }
        report(subscriptions.everybodyIsGone())
    }

    private func report(_ changes: [SubscriptionLedger.Change]) {
        for change in changes {
            reportSubscription(change.isHigher ? .subscriberJoined : .subscriberLeft, change.topic, change.count)
        }
        if !changes.isEmpty { waiters.wakeAll(.state) }
    }

    func reportSubscription(_ kind: SocketEvent.Kind, _ topic: [UInt8], _ count: Int) {
        var event = SocketEvent(kind)
        event.note(topic: topic)
        event.count = count
        report(event)
    }

    /// Sends a probe back to the subscriber that asked. If its queue is full it will ask again.
    private func echo(_ topic: [UInt8], to socket: RawSocket) {
        topic.withUnsafeBytes { _ = ZMQ.send(socket, $0.baseAddress, $0.count) }
    }

    /// After a publish.
    func publisherTick() {
        let tick = clinux_coarse_ns()
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
