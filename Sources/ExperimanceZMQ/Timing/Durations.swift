// SPDX-License-Identifier: Apache-2.0

package let nanosecondsPerMillisecond: Int64 = 1_000_000

extension Duration {
    /// The duration in nanoseconds, cut to what 64 bits hold (292 years).
    package var clampedNanoseconds: Int64 {
        // Its seconds may be more than 64 bits hold: to ask for them would end the process then.
        Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// The duration in milliseconds, rounded up so that nothing ends early; cut to what 64 bits hold.
    package var roundedUpMilliseconds: Int64 {
        let nanoseconds = clampedNanoseconds
        let whole = nanoseconds / nanosecondsPerMillisecond
        return nanoseconds % nanosecondsPerMillisecond > 0 ? whole + 1 : whole
    }

    /// The duration as the time-out of a call.
    ///
    /// - Throws: `invalid` for less than zero or more than 2³¹ - 1 ms, which is 24 days.
    func timeoutMilliseconds() throws(ZMQSocketError) -> Int32 {
        guard let milliseconds = exactTimeoutMilliseconds else {
            throw ZMQSocketError(.invalid, message: "a time-out of \(self): it must be 0 to \(Int32.max) ms")
        }
        return milliseconds
    }

    /// The duration as the time-out of a call; nil out of range.
    var exactTimeoutMilliseconds: Int32? { self >= Duration.zero ? Int32(exactly: roundedUpMilliseconds) : nil }

    /// "12 ms", "3.4 s".
    package var inWords: String {
        let milliseconds = clampedNanoseconds / nanosecondsPerMillisecond
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }
}

extension Duration? {
    /// The duration as the time-out of a call; nil is the socket's default.
    func timeoutMilliseconds() throws(ZMQSocketError) -> Int32 {
        guard let self else { return -1 }
        return try self.timeoutMilliseconds()
    }
}
