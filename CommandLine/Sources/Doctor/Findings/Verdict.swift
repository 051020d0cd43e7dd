// SPDX-License-Identifier: Apache-2.0

public import Shell

/// What all findings come to: one sentence, and what to do.
public struct Verdict: Equatable, Sendable {
    /// What the shell is told: `done` when all is well, `failed` for a fault, `timedOut` where nothing else is known.
    public let status: ExitStatus
    /// What it is, in one sentence.
    public let sentence: String
    /// What to do about it; nil where there is nothing to be done.
    public let advice: String?
    /// What is wrong, for programs.
    let fault: String?

    /// - Parameters:
    ///   - endpoint: what was examined.
    ///   - use: what it was examined for.
    ///   - findings: in the order of the steps.
    init(of endpoint: String, for use: Use, from findings: [Finding]) {
        if let fault = findings.first(where: { $0.outcome == .failed })?.fault {
            status = fault.isOnlyTime ? .timedOut : .failed
            sentence = use.failed(endpoint) + ": \(fault.seen)"
            (advice, self.fault) = (fault.advice, fault.name)
            return
        }
        let warning = findings.first { $0.outcome == .warning }?.fault
        let type = findings.first { $0.step == .type && $0.outcome == .ok }?.seen
        let good =
            switch use {
            case .bind: "\(endpoint) can be bound"
            case .library: "\(endpoint) is found"
            case .connect: "\(endpoint) works" + (type.map { ": \($0)" } ?? "")
            }
        status = .done
        sentence = good + (warning.map { "; but \($0.seen)" } ?? "")
        (advice, fault) = (warning?.advice, warning?.name)
    }
}

/// What an endpoint is to be used for.
public enum Use: String, Sendable {
    case connect
    case bind
    /// It is a library that programs are to be linked with.
    case library

    fileprivate func failed(_ name: String) -> String {
        switch self {
        case .connect: "\(name) does not work"
        case .bind: "\(name) can not be bound"
        case .library: "\(name) can not be loaded"
        }
    }
}
