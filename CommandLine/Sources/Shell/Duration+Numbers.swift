// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// It in whole nanoseconds: 0 for one below zero, and the highest number for one of more than 584 years.
    public var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carries) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || carries ? .max : sum
    }

    /// It in seconds; 0 for one below zero.
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
