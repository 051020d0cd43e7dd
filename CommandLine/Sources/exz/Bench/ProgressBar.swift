// SPDX-License-Identifier: Apache-2.0

import Measuring
import Shell
import Synchronization

/// A line in the terminal that says how far a measurement is, written anew ten times a second.
final class ProgressBar: Sendable {
    private static let pause: UInt64 = 100_000_000

    private let name: String
    private let extent: Extent
    private let start = MonotonicClock.now
    private let done = Atomic<UInt64>(0)
    private let isOver = Mutex(false)

    /// Nil where there is no terminal to show it, or nobody wants to see it.
    init?(_ name: String, _ extent: Extent, _ telling: TellingOptions) {
        // What is told of the connections would stand in the same line.
        guard Terminal.takesProgress, !telling.quiet, !telling.verbose else { return nil }
        self.name = name
        self.extent = extent
        BackgroundThread.start { [self] in
            while draw() { MonotonicClock.sleep(for: Self.pause) }
        }
    }

    /// So many messages are done.
    func update(_ count: UInt64) { done.store(count, ordering: .relaxed) }

    /// Takes the line away, for good.
    func finish() {
        isOver.withLock { isOver in
            if !isOver { Notices.draw("\r\u{1B}[K") }
            isOver = true
        }
    }

    private func draw() -> Bool {
        isOver.withLock { isOver in
            guard !isOver else { return false }
            let text = ProgressText(
                name,
                extent,
                done: done.load(ordering: .relaxed),
                elapsed: MonotonicClock.since(start)
            )
            // The last column is left alone: a cursor behind it may be in the next line.
            let line = text.line(
                width: Terminal.errorWidth - 1,
                Glyphs(environment: variable),
                .ofErrors
            )
            Notices.draw("\r\(line)\u{1B}[K")
            return true
        }
    }
}
