// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Roles", .watchdog)
struct RoleTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func notice(_ bytes: [UInt8]) -> PublisherRole.Notice? {
        bytes.withUnsafeBytes { PublisherRole.Notice($0) }
    }

    @Test("Which type has which role", arguments: ZMQSocketType.allCases)
    func roles(kind: ZMQSocketType) {
        let role = Role(of: kind, retry: ZMQRetryPolicy())
        #expect((role.publisher != nil) == kind.publishes)
        #expect((role.subscriber != nil) == (kind == .sub))
        #expect((role.subscriptionSender != nil) == (kind == .xsub))
        #expect((role.requester != nil) == (kind == .req))
        #expect((role.pair != nil) == (kind == .pair))
        #expect((role.router != nil) == (kind == .router))
    }

    // MARK: ZMQPublisher

    @Test("What a peer makes up is no notice")
    func madeUp() {
        #expect(notice([]) == nil)
        #expect(notice([2, 65]) == nil)
        #expect(notice([1])?.topic == [])
        #expect(notice([0, 65])?.isSubscription == false)
    }

    @Test("Notices are counted, probes are echoed and not counted")
    func notices() throws {
        let publisher = PublisherRole()
        func take(_ bytes: [UInt8], source: UInt64 = 7) throws -> PublisherRole.Outcome {
            publisher.take(try #require(notice(bytes)), source: source)
        }
        let probe = SubscriptionProbe.make()
        #expect(try take([1, 65]) == .joined(topic: [65], count: 1))
        #expect(try take([1, 65]) == .nothing, "a repetition")
        #expect(try take([1, 65], source: 8) == .joined(topic: [65], count: 2))
        #expect(try take([1] + probe) == .echo(probe))
        #expect(try take([0] + probe) == .nothing)
        #expect(publisher.subscribers(of: [65, 66]) == 2)
        #expect(try take([0, 65], source: 8) == .left(topic: [65], count: 1))
    }

    @Test("The rest is one job at a time, and the news behind it waits for a bounded number of portions")
    func portions() {
        let publisher = PublisherRole()
        #expect(publisher.portionSuffices())
        #expect(publisher.restIsLeft())
        #expect(!publisher.restIsLeft(), "its job is scheduled")
        #expect(publisher.everybodyIsGone().isEmpty)
        var waited = 0
        while !publisher.portionSuffices() { waited += 1 }
        #expect(waited == 100)
        _ = publisher.takeRest()
        #expect(publisher.restIsLeft())
        publisher.beginPortion()
        #expect(publisher.portionSuffices())
    }

    @Test("A publisher looks once in a tick")
    func ticks() {
        var tick = PublisherTick()
        #expect([5, 5, 6].map { tick.begins(at: $0) } == [true, false, true])
        #expect([5, 6].map { tick.isOver(at: $0) } == [true, false])
    }

    @Test("A publisher that has looked does so again until it has been still for one round")
    func sweeps() {
        let publisher = PublisherRole()
        #expect(publisher.beginSweep(messagesSent: 1))
        #expect(!publisher.beginSweep(messagesSent: 2))
        #expect(publisher.endSweep(messagesSent: 3), "it has sent meanwhile")
        #expect(!publisher.endSweep(messagesSent: 3))
        #expect(publisher.beginSweep(messagesSent: 3))
    }

    // MARK: ZMQSubscriber

    @Test("libzmq hears of the first subscription to a topic and of the last one's end")
    func counting() {
        let subscriber = SubscriberRole()
        let changes: [SubscriptionChange] = [
            .subscribe, .subscribe, .unsubscribe, .unsubscribe, .unsubscribe, .subscribe,
        ]
        #expect(changes.map { subscriber.apply($0, to: [65]) } == [true, false, false, true, false, true])
    }

    @Test("An XSUB sends the first subscription and the last one's end, and the end of what it does not know")
    func sending() {
        let sender = SubscriptionSenderRole()
        let changes: [SubscriptionChange] = [
            .unsubscribe, .subscribe, .subscribe, .unsubscribe, .unsubscribe, .unsubscribe, .subscribe,
        ]
        let sent = changes.map { change in
            defer { sender.note(change, of: [65]) }
            return sender.isSent(change, of: [65])
        }
        #expect(sent == [true, true, false, false, true, true, true])
    }

    @Test("An echo goes no further, whether or not somebody still asks")
    func echoes() {
        let subscriber = SubscriberRole()
        #expect(!subscriber.mayGetEchoes)
        let probe = subscriber.beginProbe()
        #expect(subscriber.mayGetEchoes)
        #expect(subscriber.receive(received(probe), from: 7) == .echo(isAwaited: true))
        #expect(subscriber.receive(received(probe), from: 7) == .echo(isAwaited: true))
        #expect(subscriber.echoes(of: probe) == 1, "twice from one publisher")
        #expect(subscriber.receive(received(probe, []), from: nil) == .echo(isAwaited: true))
        #expect(subscriber.echoes(of: probe) == 2)
        subscriber.endProbe(probe)
        #expect(subscriber.receive(received(probe), from: 7) == .echo(isAwaited: false))
        #expect(subscriber.receive(received(probe, [1]), from: 7) == .message)
        #expect(subscriber.receive(received(bytes("text")), from: 7) == .message)
    }

    // MARK: ZMQRequester

    @Test("Requests follow each other")
    func turns() {
        let requester = RequesterRole(policy: ZMQRetryPolicy())
        #expect(requester.takeTurn())
        #expect(!requester.takeTurn())
        #expect(requester.hasRequest)
        requester.giveTurnBack()
        #expect(!requester.hasRequest)
        #expect(requester.takeTurn())
    }

    @Test("An interrupted request goes on for who comes back with the same, and for nobody else")
    func interruptions() {
        let requester = RequesterRole(policy: ZMQRetryPolicy())
        bytes("first").withUnsafeBytes { data in
            var (request, isNew) = requester.begin(data, cancels: 0)
            #expect(isNew)
            request.attempts = 1
            request.hasBeenSent(losses: 0, peers: 1)
            requester.keep(request, data, cancels: 0)
            #expect(requester.hasRequest)
            let (again, isNewAgain) = requester.begin(data, cancels: 0)
            #expect(!isNewAgain)
            #expect(again.isSent)
            #expect(again.attempts == 1)
            requester.keep(again, data, cancels: 0)
        }
        bytes("other").withUnsafeBytes { data in #expect(requester.begin(data, cancels: 0).isNew) }
        bytes("first").withUnsafeBytes { data in
            let (request, isNew) = requester.begin(data, cancels: 0)
            #expect(isNew, "it was given up for the other")
            requester.keep(request, data, cancels: 0)
            #expect(requester.begin(data, cancels: 1).isNew, "it was cancelled")
        }
    }

    @Test("A request is lost with any server if it may be made again, else with the last that may have it")
    func losses() {
        let requester = RequesterRole(policy: ZMQRetryPolicy())
        var request = bytes("ask").withUnsafeBytes { requester.begin($0, cancels: 0).request }
        request.hasBeenSent(losses: requester.losses, peers: 2)
        func isLost(_ isIdempotent: Bool) -> Bool { requester.hasLostServer(of: request, isIdempotent: isIdempotent) }
        #expect(!isLost(true) && !isLost(false))
        requester.peerIsGone()
        #expect(isLost(true) && !isLost(false))
        requester.peerIsGone()
        #expect(isLost(true) && isLost(false))
    }

    // MARK: Pair

    @Test("A PAIR's place is taken by whoever is there, and by what a peer that is gone has left")
    func places() {
        let pair = PairRole()
        func isTaken(peers: Int = 0, canSend: Bool, messagesSent: UInt64, queue: Int = 2) -> Bool {
            pair.isTaken(peers: peers, canSend: canSend, messagesSent: messagesSent, queue: queue)
        }
        #expect(!isTaken(canSend: true, messagesSent: 0))
        #expect(!isTaken(canSend: false, messagesSent: 0), "nobody was there before, so the queue is full")
        #expect(isTaken(peers: 1, canSend: true, messagesSent: 0))
        pair.peerIsGone(messagesSent: 5)
        #expect(!isTaken(canSend: true, messagesSent: 5))
        #expect(isTaken(canSend: false, messagesSent: 5))
        #expect(isTaken(canSend: false, messagesSent: 6), "which the one that is gone may have got")
        #expect(!isTaken(canSend: false, messagesSent: 7), "its queue may be full")
        #expect(isTaken(canSend: false, messagesSent: 7, queue: 0), "which has no end")
    }
}
