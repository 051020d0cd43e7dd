// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock that stands still until a test moves it, for code that sleeps on a clock it is given: `retry`, for one.
///
/// ```swift
/// let clock = ManualClock()
/// async let page = retry(policy: policy, clock: clock) { try await fetch() }
/// await clock.sleepers(atLeast: 1)
/// clock.advance(by: .seconds(30))
/// ```
public final class ManualClock: Clock {
    /// A point in the clock's time.
    public struct Instant: InstantProtocol {
        fileprivate let sinceStart: Swift.Duration

        /// A later one, or with a negative duration an earlier one; the last or the first there is instead of one
        /// beyond.
        public func advanced(by duration: Swift.Duration) -> Instant {
            let (sum, isBeyond) = sinceStart.attoseconds.addingReportingOverflow(duration.attoseconds)
            return Instant(sinceStart: Swift.Duration(attoseconds: isBeyond ? (sum < 0 ? .max : .min) : sum))
        }

        /// The time from this to another, or the longest there is.
        public func duration(to other: Instant) -> Swift.Duration {
            let (time, isBeyond) = other.sinceStart.attoseconds.subtractingReportingOverflow(sinceStart.attoseconds)
            return Swift.Duration(attoseconds: isBeyond ? (time < 0 ? .max : .min) : time)
        }

        /// Whether one is before the other.
        public static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    /// Time is measured in these.
    public typealias Duration = Swift.Duration

    private struct Sleeper {
        let end: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var nextNumber = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [Int: Watcher] = [:]
        /// Cancelled before they slept or watched.
        var cancelled: Set<Int> = []

        mutating func newNumber() -> Int {
            defer { nextNumber += 1 }
            return nextNumber
        }

        mutating func watchersToTell() -> [Watcher] {
            let told = watchers.filter { $0.value.count <= sleepers.count }
            for number in told.keys { watchers[number] = nil }
            return Array(told.values)
        }
    }

    private let state = Mutex(State())

    /// A clock that begins at zero.
    public init() {}

    /// The time it was moved to.
    public var now: Instant { state.withLock(\.now) }

    /// Time does not pass by itself, so there is no shortest span.
    public var minimumResolution: Swift.Duration { .zero }

    /// Sleeps until the clock has been moved there.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        let number = state.withLock { $0.newNumber() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (outcome, told): (Result<Void, any Error>?, [Watcher]) = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return (.failure(CancellationError()), []) }
                    if state.now >= deadline { return (.success(()), []) }
                    state.sleepers[number] = Sleeper(end: deadline, continuation: continuation)
                    return (nil, state.watchersToTell())
                }
                for watcher in told { watcher.continuation.resume() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        _ = state.withLock { $0.cancelled.remove(number) }
    }

    /// Moves the clock on, and wakes everybody whose time has come, the earliest first.
    public func advance(by duration: Swift.Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.end <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.end < $1.end }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Waits until so many sleep on the clock, when it is time to move it, or until the task is cancelled.
    public func sleepers(atLeast count: Int) async {
        let number = state.withLock { $0.newNumber() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.sleepers.count < count, state.cancelled.remove(number) == nil else { return true }
                    state.watchers[number] = Watcher(count: count, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                let watcher = state.watchers.removeValue(forKey: number)
                if watcher == nil { state.cancelled.insert(number) }
                return watcher
            }
            watcher?.continuation.resume()
        }
        _ = state.withLock { $0.cancelled.remove(number) }
    }
}
