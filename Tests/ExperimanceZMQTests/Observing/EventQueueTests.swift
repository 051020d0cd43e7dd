// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Event queue", .watchdog)
struct EventQueueTests {
    @Test("First in, first out; beyond the capacity the oldest goes and is counted")
    func bounded() {
        var queue = EventQueue(capacity: 3)
        for attempt in 1...5 {
            var event = SocketEvent(.connecting)
            event.attempt = attempt
            queue.append(event)
        }
        #expect(queue.dropped == 2)
        #expect((0..<4).map { _ in queue.popFirst()?.attempt } == [3, 4, 5, nil])
    }

    @Test("Every kind has a name of its own and words for it")
    func names() {
        let names = Set(SocketEvent.Kind.allCases.map(\.name))
        #expect(names.count == SocketEvent.Kind.allCases.count)
        for kind in SocketEvent.Kind.allCases { #expect(!SocketEvent(kind).description.isEmpty) }
    }
}
