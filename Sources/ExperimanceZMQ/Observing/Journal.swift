// SPDX-License-Identifier: Apache-2.0

/// What has happened to one socket: its events, its statistics, and what of it is still to be written to the log.
struct Journal {
    private let kind: ZMQSocketType
    /// A number for logs: the first socket of the process is 1.
    let number: UInt64
    let logTarget: LogTarget
    private var events: EventQueue
    private var unwrittenLog: [LogEntry] = []
    private var rejections = RejectionLines()
    /// The messages and bytes of the hot path are counted elsewhere.
    private var statistics = ZMQStatistics()
    /// The failure that the statistics have the code of.
    private(set) var lastFailure: (code: ZMQSocketError.Code, text: String?, at: MonotonicInstant)?

    init(kind: ZMQSocketType, number: UInt64, eventCapacity: Int, logTarget: LogTarget) {
        self.kind = kind
        self.number = number
        self.logTarget = logTarget
        events = EventQueue(capacity: eventCapacity)
    }

    // MARK: Events

    /// Events that are kept.
    var eventCapacity: Int {
        get { events.capacity }
        set { events.capacity = newValue }
    }

    var hasEvents: Bool { !events.isEmpty }

    /// Notes an event for the reader of events, for the statistics and for the log.
    mutating func note(_ event: ZMQEvent, at now: MonotonicInstant) {
        var event = event
        event.monotonicNanoseconds = now.nanoseconds
        if let code = event.code {
            statistics.lastError = code
            lastFailure = (code, event.description, now)
        }
        switch event.kind {
        case .connecting: statistics.connectAttempts &+= 1
        case .peerRejected: statistics.peersRejected &+= 1
        case .queueDropped: statistics.queuesDropped &+= 1
        default: break
        }
        if logTarget.wants(event), let line = rejections.line(for: event, at: now) {
            unwrittenLog.append(LogEntry(kind: kind, number: number, event: line, target: logTarget))
        }
        events.append(event)
    }

    /// The oldest event that nobody has read.
    mutating func takeEvent() -> ZMQEvent? { events.popFirst() }

    // MARK: Log

    var hasLog: Bool { !unwrittenLog.isEmpty }

    /// What is to be written once no lock is held.
    mutating func takeLog() -> [LogEntry] {
        defer { unwrittenLog = [] }
        return unwrittenLog
    }

    // MARK: Statistics

    /// Counts a call that failed.
    mutating func count(_ failure: ZMQSocketError.Code, at now: MonotonicInstant = .now()) {
        statistics.lastError = failure
        lastFailure = (failure, nil, now)
        if failure == .timeout { statistics.timeouts &+= 1 }
    }

    mutating func countRefusedSend() { statistics.sendsRefused &+= 1 }

    mutating func countReconnect() { statistics.reconnects &+= 1 }

    mutating func countLostLink() { statistics.linksLost &+= 1 }

    var summary: ZMQStatistics {
        var summary = statistics
        summary.eventsDropped = events.dropped
        return summary
    }
}
