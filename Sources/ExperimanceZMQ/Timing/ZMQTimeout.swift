// SPDX-License-Identifier: Apache-2.0

/// How long a call may take.
///
/// Every call that can wait has one. Time is measured on the monotonic clock from the moment of the call, and whatever
/// the call does inside (attempts, delays, look-ups) counts. A call is never back early, and at the deadline it is.
public struct ZMQTimeout: Hashable, Sendable {
    private enum Bound: Hashable {
        case usual
        /// Whole milliseconds, 0 or more: a call is not to do 128-bit arithmetic for each message.
        case limited(Int32)
        case unlimited
        case outOfRange(Duration)
        case nonsense(Double)
    }

    private let bound: Bound

    private init(_ bound: Bound) {
        self.bound = bound
    }

    /// The socket's own: `ZMQSocketOptions.defaultTimeout`, which is one second unless it was set.
    public static let `default` = ZMQTimeout(.usual)

    /// One try, without waiting.
    public static let zero = ZMQTimeout(.limited(0))

    /// No limit: until it is done, the task is cancelled, or the socket is closed or cancelled.
    ///
    /// For the asynchronous form of a call only. Nothing could end a thread that waits so, and the blocking forms
    /// answer with `invalid`.
    public static let untilCancelled = ZMQTimeout(.unlimited)

    /// A limit of that many seconds.
    ///
    /// - Parameter count: 0 or more, and at most 2,147,483 (24 days); a call answers any other with `invalid`.
    public static func seconds(_ count: Int) -> ZMQTimeout {
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: 1_000)
        return overflow ? .duration(.seconds(count)) : .milliseconds(milliseconds)
    }

    /// A limit of that many seconds.
    ///
    /// - Parameter count: 0 or more, and at most 2,147,483 (24 days); a call answers any other, and what is not a
    ///   number, with `invalid`.
    public static func seconds(_ count: Double) -> ZMQTimeout {
        // Duration's own would end the process for what is not a number.
        abs(count) < 1e15 ? .duration(.seconds(count)) : ZMQTimeout(.nonsense(count))
    }

    /// A limit of that many milliseconds.
    ///
    /// - Parameter count: 0 or more, and at most 2,147,483,647 (24 days); a call answers any other with `invalid`.
    public static func milliseconds(_ count: Int) -> ZMQTimeout {
        guard count >= 0, let exact = Int32(exactly: count) else { return .duration(.milliseconds(count)) }
        return ZMQTimeout(.limited(exact))
    }

    /// A limit.
    ///
    /// - Parameter limit: 0 or more, and at most 24 days, rounded up to whole milliseconds; a call answers any other
    ///   with `invalid`.
    public static func duration(_ limit: Duration) -> ZMQTimeout {
        guard let milliseconds = limit.exactTimeoutMilliseconds else { return ZMQTimeout(.outOfRange(limit)) }
        return ZMQTimeout(.limited(milliseconds))
    }
}

extension ZMQTimeout: CustomStringConvertible {
    /// As it would be written in a call.
    public var description: String {
        switch bound {
        case .usual: ".default"
        case .limited(0): ".zero"
        case .limited(let milliseconds): "\(Duration.milliseconds(milliseconds))"
        case .outOfRange(let limit): "\(limit)"
        case .unlimited: ".untilCancelled"
        case .nonsense(let count): ".seconds(\(count))"
        }
    }
}

extension ZMQTimeout {
    /// - Parameter milliseconds: 0 or more, or -1 for the socket's own.
    package init(milliseconds: Int32) {
        self.init(milliseconds < 0 ? .usual : .limited(milliseconds))
    }

    /// For a thread: -1 is the socket's own.
    ///
    /// - Throws: `invalid` out of range, and without a limit.
    @usableFromInline
    func forThread() throws(ZMQSocketError) -> Int32 {
        switch bound {
        case .usual: return -1
        case .limited(let milliseconds): return milliseconds
        case .outOfRange(let limit): return try limit.timeoutMilliseconds()
        case .unlimited:
            throw ZMQSocketError(.invalid, message: "a time-out of .untilCancelled: a thread needs a limit")
        case .nonsense(let count):
            throw ZMQSocketError(.invalid, message: "a time-out of \(count) s: it must be 0 to \(Int32.max) ms")
        }
    }

    /// For a task: the same, rounded as for a thread.
    ///
    /// - Throws: `invalid` out of range.
    @usableFromInline
    func forTask() throws(ZMQSocketError) -> ZMQTimeout {
        switch bound {
        case .usual, .limited, .unlimited: self
        case .outOfRange, .nonsense: ZMQTimeout(milliseconds: try forThread())
        }
    }

    /// For closing: by default a second.
    ///
    /// - Throws: `invalid` out of range, and without a limit.
    func forClosing() throws(ZMQSocketError) -> Int32 {
        let milliseconds = try forThread()
        return milliseconds < 0 ? usualTimeout : milliseconds
    }

    /// The limit itself; nil without one.
    ///
    /// - Throws: `invalid` out of range.
    func limit() throws(ZMQSocketError) -> Duration? {
        bound == .unlimited ? nil : .milliseconds(try forClosing())
    }

    /// The deadline of a call that begins now.
    ///
    /// - Parameter usual: the socket's own, in milliseconds.
    func deadline(usual: Int32) -> Deadline {
        switch bound {
        case .usual, .outOfRange, .nonsense: Deadline(milliseconds: usual, after: .now())
        case .limited(let milliseconds): Deadline(milliseconds: milliseconds, after: .now())
        case .unlimited: .never
        }
    }

    /// The deadline of a thread's call that begins now, of something that is no socket: by default in a second.
    ///
    /// - Throws: `invalid` out of range, and without a limit.
    package func deadlineForThread() throws(ZMQSocketError) -> Deadline {
        Deadline(milliseconds: try forClosing(), after: .now())
    }

    /// The same for a task, which may have no limit.
    ///
    /// - Throws: `invalid` out of range.
    package func deadlineForTask() throws(ZMQSocketError) -> Deadline {
        try forTask().deadline(usual: usualTimeout)
    }

    /// Whether that is a single try, which has not failed when it finds nothing.
    func isTry(usual: Int32) -> Bool {
        switch bound {
        case .limited(let milliseconds): milliseconds == 0
        case .usual: usual == 0
        default: false
        }
    }
}
