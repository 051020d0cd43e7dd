// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Events and errors of a user's own", .watchdog)
struct EventTests {
    @Test("Every kind has a name of its own and words for it")
    func names() {
        let names = Set(ZMQEvent.Kind.allCases.map(\.name))
        #expect(names.count == ZMQEvent.Kind.allCases.count)
        for kind in ZMQEvent.Kind.allCases { #expect(!ZMQEvent(kind).description.isEmpty) }
    }

    @Test("What an event does not say is nil, and not in its words")
    func nothingMadeUp() {
        let before = MonotonicInstant.now().nanoseconds
        let event = ZMQEvent(.failed)
        #expect(event.monotonicNanoseconds >= before)
        #expect((event.endpoint, event.message) == (nil, nil))
        #expect((event.attempt, event.delay, event.code, event.systemErrno) == (nil, nil, nil, nil))
        #expect((event.topic, event.topicSize, event.count) == (nil, nil, nil))
        #expect((event.peer, event.identity) == (nil, nil))
        #expect(event.description == "failed")
    }

    @Test("What an event says is in its words")
    func words() {
        let place = "tcp://host:5555"
        let connecting = ZMQEvent(.connecting, endpoint: place, attempt: 3)
        #expect(connecting.description == "tcp://host:5555 connecting, attempt 3")
        let failed = ZMQEvent(.failed, endpoint: place, attempt: 1, code: .refused, message: "nobody there")
        #expect(failed.description == "tcp://host:5555 attempt 1 failed, EXZ_ERR_REFUSED: nobody there")
        let joined = ZMQEvent(.subscriberJoined, topic: Array("weather".utf8), count: 2)
        #expect(joined.description == "subscriber joined for \"weather\", 2 now")
        #expect(ZMQEvent(.handshaken, count: 1).description == "handshaken, 1 peer")
        let peer = "tcp://10.0.0.3:41234"
        let handshaken = ZMQEvent(.handshaken, endpoint: place, count: 2, peer: peer)
        #expect(handshaken.description == "tcp://host:5555 handshaken with tcp://10.0.0.3:41234, 2 peers")
        let lost = ZMQEvent(.lost, endpoint: place, message: "gone", peer: peer, identity: Array("cam\n1".utf8))
        #expect(lost.description == "tcp://host:5555 lost tcp://10.0.0.3:41234 \"cam\\u{a}1\": gone")
        #expect(ZMQEvent(.handshaken, endpoint: peer, peer: peer).description == "\(peer) handshaken", "said once")
        #expect(ZMQEvent(.retryIn, delay: .milliseconds(54)).description == "retry in 54 ms")
        #expect(ZMQEvent(.retryIn, delay: .seconds(Int64.max)).description.hasPrefix("retry in "))
    }

    @Test("An error of one's own says what it was given; the sentence is the code's unless there is another")
    func errors() {
        let plain = ZMQSocketError(.refused)
        #expect(plain.description == "EXZ_ERR_REFUSED: nothing listens at the endpoint")
        #expect((plain.endpoint, plain.attempts, plain.elapsed) == (nil, nil, nil))
        #expect((plain.systemErrno, plain.cause) == (nil, nil))
        #expect(ZMQSocketError(.refused, attempts: 0) != plain)
        let worded = ZMQSocketError(.refused, message: "closed for today")
        #expect(worded.description == "EXZ_ERR_REFUSED: closed for today")
    }

    @Test("A call that fails without an errno, attempts and time says nil, and one that has them says so")
    func realFailures() throws {
        let pusher = try ZMQPusher()
        let untried = failure { try pusher.send("x".utf8, timeout: .milliseconds(1)) }.error
        #expect((untried?.attempts, untried?.elapsed, untried?.systemErrno) == (nil, nil, nil))
        #expect(try pusher.statistics().lastError == .timeout)
        let refused = failure { try pusher.connect("tcp://127.0.0.1:1", timeout: .zero) }.error
        #expect((refused?.attempts ?? 0) >= 1)
        #expect(refused?.elapsed != nil)
        try pusher.close()
        #expect(try ZMQPusher().statistics().lastError == nil)
    }

    @Test("Statistics of one's own have done nothing until they are told")
    func statistics() {
        var statistics = ZMQStatistics()
        #expect(statistics.messagesSent == 0)
        #expect(statistics.lastError == nil)
        #expect(statistics.state == .idle)
        statistics.messagesSent = 3
        #expect(statistics != ZMQStatistics())
    }
}
