// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Descriptors to be polled together, each once however often it is named: poll(2) takes no more entries than the
/// process may have descriptors.
struct PollSet {
    private var entries: [pollfd] = []
    private var places: [Int32: Int] = [:]

    /// Adds what is waited for on a descriptor.
    mutating func insert(_ descriptor: Int32, _ events: Int16) {
        if let place = places[descriptor] {
            entries[place].events |= events
        } else {
            places[descriptor] = entries.count
            entries.append(pollfd(fd: descriptor, events: events, revents: 0))
        }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Waits until one is ready, at most so many nanoseconds. 0 or an errno.
    mutating func poll(for nanoseconds: Int64) -> Int32 {
        unsafe clinux_poll(&entries, UInt(entries.count), nanoseconds) < 0 ? errno : 0
    }

    /// What the last poll found of a descriptor, whoever asked for it.
    func found(_ descriptor: Int32) -> Int16 {
        places[descriptor].map { entries[$0].revents } ?? 0
    }
}
