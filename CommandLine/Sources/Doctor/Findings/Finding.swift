// SPDX-License-Identifier: Apache-2.0

public import Shell

/// What one step of an examination has seen.
public struct Finding: Sendable {
    /// What is looked at, in the order in which that is done.
    public enum Step: String, CaseIterable, Sendable {
        case library
        case path
        case name
        case route
        case bind
        case connect
        case process
        case greeting
        case security
        case type
        case handshake
        case roundTrip = "round trip"
        case heartbeat
        case messages
        case queues
    }

    /// How it went.
    public enum Outcome: String, Sendable {
        case ok
        /// It works, and will not always.
        case warning
        /// It does not work because of this.
        case failed
        /// It was not looked at, for the reason given.
        case skipped
    }

    /// What was looked at.
    public let step: Step
    /// How it went.
    public let outcome: Outcome
    /// What was seen, in words.
    public let seen: String
    /// What is wrong; nil unless it has failed or is a warning.
    let fault: Fault?
    /// How long it took, where that says something.
    public let time: Duration?
    /// What was seen, for programs.
    public let details: [(name: String, value: JSONText)]

    init(
        _ step: Step,
        _ outcome: Outcome,
        _ seen: String,
        fault: Fault? = nil,
        time: Duration? = nil,
        details: [(name: String, value: JSONText)] = []
    ) {
        (self.step, self.outcome, self.seen, self.fault) = (step, outcome, seen, fault)
        (self.time, self.details) = (time, details)
    }

    /// It is wrong, and everything behind it can not be looked at.
    static func failed(
        _ step: Step,
        _ fault: Fault,
        time: Duration? = nil,
        details: [(name: String, value: JSONText)] = []
    ) -> Finding {
        Finding(step, .failed, fault.seen, fault: fault, time: time, details: details)
    }

    /// The finding for programs.
    var json: JSONText {
        var members: [(name: String, value: JSONText)] = [
            ("step", .text(step.rawValue)), ("outcome", .text(outcome.rawValue)), ("seen", .text(seen)),
        ]
        if let fault { members.append(("fault", .text(fault.name))) }
        if let time { members.append(("milliseconds", .milliseconds(time))) }
        return .object(members + details)
    }
}

extension JSONText {
    /// A time in milliseconds, to the microsecond.
    static func milliseconds(_ time: Duration) -> JSONText {
        .number(Double(time.nanoseconds / 1_000) / 1_000)
    }
}
