// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// The events nobody has read yet: bounded, so that a user who ignores them slows nothing.
struct EventQueue {
    private var events: Deque<ZMQEvent> = []
    var capacity: Int { didSet { makeRoom(for: 0) } }
    /// Events that had to go because nobody read them.
    private(set) var dropped: UInt64 = 0

    var isEmpty: Bool { events.isEmpty }

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func append(_ event: ZMQEvent) {
        makeRoom(for: 1)
        events.append(event)
    }

    private mutating func makeRoom(for more: Int) {
        while !events.isEmpty, events.count > capacity - more {
            events.removeFirst()
            dropped &+= 1
        }
    }

    mutating func popFirst() -> ZMQEvent? {
        events.popFirst()
    }
}
