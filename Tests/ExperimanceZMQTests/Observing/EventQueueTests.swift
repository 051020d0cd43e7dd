// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Event queue", .watchdog)
struct EventQueueTests {
    @Test("First in, first out; beyond the capacity the oldest goes and is counted")
    func bounded() {
        var queue = EventQueue(capacity: 3)
        for attempt in 1...5 {
            queue.append(ZMQEvent(.connecting, attempt: attempt))
        }
        #expect(queue.dropped == 2)
        #expect((0..<4).map { _ in queue.popFirst()?.attempt } == [3, 4, 5, nil])
    }

    @Test("With less capacity the oldest go, and are counted")
    func smaller() {
        var queue = EventQueue(capacity: 5)
        for attempt in 1...4 {
            queue.append(ZMQEvent(.connecting, attempt: attempt))
        }
        queue.capacity = 2
        #expect(queue.dropped == 2)
        queue.append(ZMQEvent(.connecting, attempt: 5))
        #expect(queue.dropped == 3)
        #expect((0..<3).map { _ in queue.popFirst()?.attempt } == [4, 5, nil])
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
            let event = ZMQEvent(.subscriberJoined, topic: topic)
            // Not as a comparison, whose report of a failure would go through a megabyte byte by byte.
            let isKept = event.topic == Array(topic.prefix(kept))
            #expect(isKept, "\(topic.count) bytes, kept \(event.topic?.count ?? 0)")
            #expect(event.topicSize == topic.count)
        }
    }
}
