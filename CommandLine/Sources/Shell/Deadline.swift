// SPDX-License-Identifier: Apache-2.0

/// When something has to have got on: so long after it last did. What comes meanwhile and moves nothing on does not
/// count, however much of it there is.
public struct Deadline: Equatable, Sendable {
    private let patience: UInt64?
    private var end: UInt64 = 0

    /// - Parameters:
    ///   - patience: how long it may take, in nanoseconds; nil: for ever.
    ///   - start: from when on, as ``MonotonicClock`` says it.
    public init(_ patience: UInt64?, from start: UInt64) {
        self.patience = patience
        moveOn(from: start)
    }

    /// It has got on, and may take as long again from then.
    public mutating func moveOn(from start: UInt64) {
        let (sum, overflow) = start.addingReportingOverflow(patience ?? 0)
        end = overflow ? .max : sum
    }

    /// The nanoseconds that are left; 0 when the time is up, nil where there is no end.
    public func left(at now: UInt64) -> UInt64? {
        patience == nil ? nil : end > now ? end - now : 0
    }
}
