// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Event queue", .watchdog)
struct EventQueueTests {
    @Test("First in, first out; beyond the capacity the oldest goes and is counted")
    func bounded() {
        var queue = EventQueue(capacity: 3)
        for attempt in 1...5 {
            var event = ZMQEvent(.connecting)
            event.attempt = attempt
            queue.append(event)
        }
        #expect(queue.dropped == 2)
        #expect((0..<4).map { _ in queue.popFirst()?.attempt } == [3, 4, 5, nil])
    }

    @Test("Of a long topic an event keeps the beginning, and its length")
    func longTopic() {
        let cases: [(topic: [UInt8], kept: Int)] = [
            ([], 0), (Array(repeating: 0x74, count: 255), 255), (Array(repeating: 0x74, count: 1 << 20), 255),
            // The character at the border goes as a whole; what is no UTF-8 stays.
            (Array(("t" + String(repeating: "\u{1F389}", count: 100)).utf8), 253),
            (Array(repeating: 0x80, count: 300), 252),
        ]
        for (topic, kept) in cases {
            var event = ZMQEvent(.subscriberJoined)
            event.note(topic: topic)
            // Not as a comparison, whose report of a failure would go through a megabyte byte by byte.
            let isKept = event.topic == Array(topic.prefix(kept))
            #expect(isKept, "\(topic.count) bytes, kept \(event.topic.count)")
            #expect(event.topicSize == topic.count)
        }
    }

    @Test("Every kind has a name of its own and words for it")
    func names() {
        let names = Set(ZMQEvent.Kind.allCases.map(\.name))
        #expect(names.count == ZMQEvent.Kind.allCases.count)
        for kind in ZMQEvent.Kind.allCases { #expect(!ZMQEvent(kind).description.isEmpty) }
    }
}
