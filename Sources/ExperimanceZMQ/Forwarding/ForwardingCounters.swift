// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a proxy has done, counted by its thread and asked for by any.
final class ForwardingCounters: Sendable {
    /// Of one direction.
    final class Direction: Sendable {
        fileprivate let messages = Atomic<UInt64>(0)
        fileprivate let bytes = Atomic<UInt64>(0)
    }

    let toBack = Direction()
    let toFront = Direction()
    private let undeliverable = Atomic<UInt64>(0)
    private let captured = Atomic<UInt64>(0)
    private let captureRefused = Atomic<UInt64>(0)
    private let waiting = Atomic<UInt64>(0)

    func add(_ passed: PassedOn, to direction: Direction) {
        direction.messages.wrappingAdd(UInt64(clamping: passed.messages), ordering: .relaxed)
        direction.bytes.wrappingAdd(UInt64(clamping: passed.bytes), ordering: .relaxed)
        if passed.undeliverable > 0 {
            undeliverable.wrappingAdd(UInt64(clamping: passed.undeliverable), ordering: .relaxed)
        }
    }

    /// Messages that were taken, and for which there was no memory.
    func addLost(_ count: Int) { undeliverable.wrappingAdd(UInt64(clamping: count), ordering: .relaxed) }

    func addCaptured(_ sent: Int, of count: Int) {
        captured.wrappingAdd(UInt64(clamping: sent), ordering: .relaxed)
        captureRefused.wrappingAdd(UInt64(clamping: count - sent), ordering: .relaxed)
    }

    func set(waiting count: Int) { waiting.store(UInt64(clamping: count), ordering: .relaxed) }

    /// Fills in what is counted.
    func fill(_ statistics: inout ForwardingStatistics) {
        statistics.messagesToBack = toBack.messages.load(ordering: .relaxed)
        statistics.bytesToBack = toBack.bytes.load(ordering: .relaxed)
        statistics.messagesToFront = toFront.messages.load(ordering: .relaxed)
        statistics.bytesToFront = toFront.bytes.load(ordering: .relaxed)
        statistics.undeliverable = undeliverable.load(ordering: .relaxed)
        statistics.captured = captured.load(ordering: .relaxed)
        statistics.captureRefused = captureRefused.load(ordering: .relaxed)
        statistics.waiting = waiting.load(ordering: .relaxed)
    }
}

/// What a proxy has done so far.
package struct ForwardingStatistics: Sendable {
    package enum State: Int32, Sendable {
        case forwarding = 1
        case paused = 2
        case ended = 3
    }

    package var state = State.forwarding
    /// Why it has ended; nil while it has not, and if it was closed.
    package var reason: ZMQSocketError.Code?
    package var messagesToBack: UInt64 = 0
    package var bytesToBack: UInt64 = 0
    package var messagesToFront: UInt64 = 0
    package var bytesToFront: UInt64 = 0
    package var undeliverable: UInt64 = 0
    package var captured: UInt64 = 0
    package var captureRefused: UInt64 = 0
    package var waiting: UInt64 = 0
}
