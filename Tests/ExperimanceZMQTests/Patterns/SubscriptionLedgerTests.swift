// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Subscription ledger", .watchdog)
struct SubscriptionLedgerTests {
    private func topic(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("Subscriptions are counted by topic, and reach by prefix")
    func prefixes() {
        var ledger = SubscriptionLedger()
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
        #expect(ledger.subscribed(topic("a"), source: 2) == 2)
        #expect(ledger.subscribed(topic("ab"), source: 3) == 1)
        #expect(ledger.subscribed(topic(""), source: 4) == 1)
        #expect(ledger.subscribers(of: topic("")) == 1)
        #expect(ledger.subscribers(of: topic("a")) == 3)
        #expect(ledger.subscribers(of: topic("abc")) == 4)
        #expect(ledger.subscribers(of: topic("b")) == 1)
        #expect(ledger.unsubscribed(topic("a"), source: 1) == 1)
        #expect(ledger.subscribers(of: topic("a")) == 2)
    }

    @Test("A subscriber with several topics that fit is one subscriber")
    func distinct() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic(""), source: 1)
        _ = ledger.subscribed(topic("a"), source: 1)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        _ = ledger.subscribed(topic("a"), source: 2)
        #expect(ledger.subscribers(of: topic("a")) == 2)
    }

    @Test("Who has left does not count while the loss is still being worked off")
    func leaving() {
        var ledger = SubscriptionLedger()
        for name in ["a", "b", "c"] { _ = ledger.subscribed(topic(name), source: 1) }
        _ = ledger.subscribed(topic("b"), source: 2)
        _ = ledger.subscribed(topic("b"), source: nil)
        _ = ledger.connectionLost(1, isOutgoing: false, atMost: 1)
        #expect(ledger.isBusy)
        #expect(["a", "b", "c"].map { ledger.subscribers(of: topic($0)) } == [0, 2, 0])
        while ledger.isBusy { _ = ledger.continueLosses(atMost: 1) }
        #expect(["a", "b", "c"].map { ledger.subscribers(of: topic($0)) } == [0, 2, 0])
    }

    @Test("Whoever is left when nobody is linked is forgotten, and what libzmq says of it later does no harm")
    func everybodyIsGone() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic("a"), source: 1)
        _ = ledger.subscribed(topic("b"), source: 1)
        #expect(ledger.unsubscribed(topic("b"), source: nil) == 0)
        #expect(ledger.everybodyIsGone().map(\.count) == [0])
        #expect(ledger.subscribers(of: topic("a")) == 0)
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
        #expect(ledger.unsubscribed(topic("a"), source: nil) == nil)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.everybodyIsGone().map(\.count) == [0])
    }

    @Test("Over inproc sources are not known; every subscription counts")
    func anonymous() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic("a"), source: nil)
        _ = ledger.subscribed(topic("a"), source: nil)
        _ = ledger.subscribed(topic("a"), source: 5)
        #expect(ledger.subscribers(of: topic("a")) == 3)
        _ = ledger.unsubscribed(topic("a"), source: nil)
        #expect(ledger.subscribers(of: topic("a")) == 2)
    }

    @Test("When a peer is gone libzmq takes its subscriptions back without naming it")
    func peerGone() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic("a"), source: 1)
        _ = ledger.subscribed(topic("a"), source: 2)
        #expect(ledger.connectionLost(1, isOutgoing: false).map(\.count) == [1])
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.unsubscribed(topic("a"), source: nil) == nil)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.connectionLost(2, isOutgoing: false).map(\.count) == [0])
        #expect(ledger.subscribers(of: topic("a")) == 0)
        #expect(ledger.topicCount == 1)
        #expect(ledger.unsubscribed(topic("a"), source: nil) == nil)
        #expect(ledger.topicCount == 0)
        #expect(ledger.unsubscribed(topic("a"), source: nil) == nil)
    }

    @Test("libzmq may take subscriptions back before it says that their connection is gone")
    func takenBackFirst() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic("a"), source: 1)
        _ = ledger.subscribed(topic("a"), source: 2)
        #expect(ledger.unsubscribed(topic("a"), source: nil) == 1)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.connectionLost(1, isOutgoing: false).isEmpty)
        #expect(ledger.subscribers(of: topic("a")) == 1)
    }

    @Test("Whoever has not subscribed takes nobody's subscription back")
    func strangersEnd() {
        var ledger = SubscriptionLedger()
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
        #expect(ledger.subscribed(topic("a"), source: nil) == 2)
        #expect(ledger.unsubscribed(topic("a"), source: 2) == nil)
        #expect(ledger.subscribers(of: topic("a")) == 2)
        #expect(ledger.unsubscribed(topic("a"), source: 1) == 1)
        #expect(ledger.unsubscribed(topic("a"), source: 1) == nil)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.unsubscribed(topic("b"), source: 1) == nil)
        #expect(ledger.topicCount == 1)
    }

    @Test("A subscriber that repeats itself is one, and gone when it is gone")
    func repeated() {
        var ledger = SubscriptionLedger()
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
        #expect(ledger.subscribed(topic("a"), source: 1) == nil)
        #expect(ledger.subscribers(of: topic("a")) == 1)
        #expect(ledger.connectionLost(1, isOutgoing: false).map(\.count) == [0])
        #expect(ledger.unsubscribed(topic("a"), source: nil) == nil)
        #expect(ledger.topicCount == 0)
    }

    @Test("A loss costs what the peer had, and is worked off in portions")
    func portions() {
        var ledger = SubscriptionLedger()
        for number in 0..<10 {
            _ = ledger.subscribed(topic("\(number)"), source: 1)
            _ = ledger.subscribed(topic("\(number)"), source: 2)
        }
        #expect(ledger.connectionLost(3, isOutgoing: false, atMost: 1).isEmpty)
        #expect(!ledger.isBusy)
        var changed = ledger.connectionLost(1, isOutgoing: false, atMost: 4).map(\.topic)
        #expect(changed.count == 4)
        #expect(ledger.isBusy)
        // The next one waits for its turn.
        #expect(ledger.connectionLost(2, isOutgoing: false, atMost: 0).isEmpty)
        changed += ledger.continueLosses(atMost: 6).map(\.topic)
        #expect(Set(changed).count == 10)
        #expect(ledger.isBusy)
        #expect(ledger.continueLosses(atMost: .max).count == 10)
        #expect(!ledger.isBusy)
        for number in 0..<10 { #expect(ledger.subscribers(of: topic("\(number)")) == 0) }
        #expect(ledger.connectionLost(1, isOutgoing: false).isEmpty)
        #expect(ledger.continueLosses(atMost: .max).isEmpty)
    }

    @Test("What was taken back is not gone through when its source is lost")
    func takenBack() {
        var ledger = SubscriptionLedger()
        for number in 0..<10 {
            _ = ledger.subscribed(topic("\(number)"), source: 1)
            _ = ledger.unsubscribed(topic("\(number)"), source: number < 5 ? 1 : nil)
        }
        _ = ledger.subscribed(topic("last"), source: 1)
        #expect(ledger.connectionLost(1, isOutgoing: false, atMost: 1).map(\.count) == [0])
        #expect(!ledger.isBusy)
    }

    @Test("A topic of a megabyte is looked up at once")
    func longTopic() {
        var ledger = SubscriptionLedger()
        _ = ledger.subscribed(topic("x"), source: 1)
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(ledger.subscribers(of: long) == 1)
    }

    @Test("An outgoing link's subscriptions are not counted twice when it comes back")
    func outgoing() {
        var ledger = SubscriptionLedger()
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
        #expect(ledger.subscribed(topic("a"), source: 1) == nil)
        let changed = ledger.connectionLost(1, isOutgoing: true)
        #expect(changed.count == 1)
        #expect(changed.first?.count == 0)
        #expect(ledger.subscribers(of: topic("a")) == 0)
        #expect(ledger.subscribed(topic("a"), source: 1) == 1)
    }
}
