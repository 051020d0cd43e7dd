// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import ExperimanceZMQ

/// Options, or a retry policy, that are refused, as all languages are tested with them.
struct BadOptions: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// The type of the socket; nil if it is the policy that is bad.
    let kind: ZMQSocketType?
    var options = ZMQSocketOptions()
    let code: ZMQSocketError.Code
    let field: String

    init(_ line: DataLine) throws {
        testDescription = line.description
        let kinds = Dictionary(uniqueKeysWithValues: ZMQSocketType.allCases.map { ($0.name, $0) })
        let type = line.columns[0]
        kind = type == "policy" ? nil : try line.require(kinds[type], "there is no type \(type)")
        code = try line.code(line.columns[2])
        field = line.columns[3]
        for change in line.columns[1].split(separator: " ") {
            let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
            let name = parts[0]
            let written = try line.require(parts.dropFirst().first, "there is no value for \(name)")
            let value = OptionValue(line: line, written: written)
            if kind == nil {
                try line.require(Self.policySetters[name], "there is no field \(name)")(&options.retry, value)
            } else {
                try line.require(Self.optionSetters[name], "there is no option \(name)")(&options, value)
            }
        }
    }

    static func all(ofPolicies: Bool) throws -> [BadOptions] {
        let all = try DataLine.read("bad-options.tsv", columns: 5).map(BadOptions.init)
        return all.filter { ($0.kind == nil) == ofPolicies }
    }

    private typealias Setters<Object> = [String: @Sendable (inout Object, OptionValue) throws -> Void]

    private static let optionSetters: Setters<ZMQSocketOptions> = [
        "send_hwm": { $0.sendHighWaterMark = try $1.number() },
        "receive_hwm": { $0.receiveHighWaterMark = try $1.number() },
        "linger_ms": { $0.linger = try $1.milliseconds() },
        "default_timeout_ms": { $0.defaultTimeout = try $1.milliseconds() },
        "wire_form": { $0.wireForm = try $1.member(ZMQSocketOptions.WireForm.init) },
        "heartbeat_interval_ms": { $0.heartbeat = .every(try $1.milliseconds()) },
        "heartbeat_timeout_ms": { $0.heartbeatTimeout = try $1.milliseconds() },
        "keepalive_ms": { $0.keepAlive = try $1.milliseconds() },
        "max_message_size": { $0.maxMessageSize = try $1.number() },
        "conflate": { $0.conflate = try $1.member { $0 < 2 ? $0 == 1 : nil } },
        "send_buffer": { $0.sendBuffer = try $1.number() },
        "receive_buffer": { $0.receiveBuffer = try $1.number() },
        "ipc_mode": { $0.ipcMode = try $1.number() },
        "event_capacity": { $0.eventCapacity = try $1.number() },
        "identity": { $0.identity = try $1.bytes() },
    ]

    private static let policySetters: Setters<ZMQRetryPolicy> = [
        "max_attempts": { $0.maxAttempts = try $1.number() },
        "initial_backoff_ms": { $0.initialBackoff = try $1.milliseconds() },
        "max_backoff_ms": { $0.maxBackoff = try $1.milliseconds() },
        "multiplier": { $0.multiplier = try $1.real() },
        // The ratio, which comes after it, is a part of it here.
        "jitter": { $0.jitter = try $1.member { $0 == 4 ? .proportional(ratio: 0) : nil } },
        "jitter_ratio": { $0.jitter = .proportional(ratio: try $1.real()) },
        "attempt_timeout_ms": { $0.attemptTimeout = try $1.milliseconds() },
    ]
}

/// A value as it is written in a line, for a field of any type.
private struct OptionValue {
    let line: DataLine
    let written: String

    private func read<Value>(_ value: Value?) throws -> Value {
        try line.require(value, "there is no value \(written) in Swift")
    }

    func number() throws -> Int { try read(Int(written)) }
    func real() throws -> Double { try read(Double(written)) }
    func member<Value>(_ make: (UInt32) -> Value?) throws -> Value { try read(UInt32(written).flatMap(make)) }
    func bytes() throws -> [UInt8] { try line.bytes(written) }

    func milliseconds() throws -> Duration {
        let (attoseconds, overflows) = try read(Int128(written)).multipliedReportingOverflow(by: 1_000_000_000_000_000)
        return Duration(attoseconds: try read(overflows ? nil : attoseconds))
    }
}

@Suite("Bad options", .watchdog)
struct BadOptionTests {
    private func isRefused(_ error: ZMQSocketError?, _ bad: BadOptions) -> Bool {
        error?.code == bad.code && error?.message.contains(bad.field) == true
    }

    @Test("An option out of range is named, and opens no socket", arguments: try BadOptions.all(ofPolicies: false))
    func options(bad: BadOptions) throws {
        let kind = try #require(bad.kind)
        let validating = failure { try bad.options.validate(for: kind) }.error
        #expect(isRefused(validating, bad), "\(String(describing: validating))")
        let opening = failure { _ = try ZMQSocket(kind, options: bad.options) }.error
        #expect(isRefused(opening, bad), "\(String(describing: opening))")
    }

    @Test("C's 0 for \"none\" is refused where Swift says nil, by the option's name")
    func sentinels() {
        let options: [(field: String, change: (inout ZMQSocketOptions) -> Void)] = [
            ("send_hwm", { $0.sendHighWaterMark = 0 }), ("receive_hwm", { $0.receiveHighWaterMark = 0 }),
            ("max_message_size", { $0.maxMessageSize = 0 }), ("send_buffer", { $0.sendBuffer = 0 }),
            ("receive_buffer", { $0.receiveBuffer = 0 }), ("keepalive", { $0.keepAlive = .zero }),
            ("heartbeat_interval", { $0.heartbeat = .every(.zero) }), ("identity", { $0.identity = [] }),
            ("max_attempts", { $0.retry.maxAttempts = 0 }), ("attempt_timeout", { $0.retry.attemptTimeout = .zero }),
        ]
        for (field, change) in options {
            let error = failure { _ = try ZMQSocket(.pull, options: .with(change)) }.error
            #expect(error?.code == .invalid, "\(field)")
            #expect(error?.message.contains(field) == true, "\(field): \(error?.message ?? "")")
        }
    }

    @Test("What has no limit, no identity and no heartbeats works")
    func unlimited() throws {
        let options = ZMQSocketOptions.with {
            ($0.sendHighWaterMark, $0.receiveHighWaterMark, $0.maxMessageSize) = (nil, nil, nil)
            ($0.sendBuffer, $0.receiveBuffer, $0.keepAlive, $0.identity) = (nil, nil, nil, nil)
            ($0.retry.maxAttempts, $0.retry.attemptTimeout, $0.retry.seed) = (nil, nil, nil)
            $0.heartbeat = .off
        }
        let (pusher, puller) = (try ZMQPusher(options: options), try ZMQPuller(options: options))
        try pusher.connect(try puller.bind("tcp://127.0.0.1:*"), timeout: ample)
        try pusher.send("on its way".utf8, timeout: ample)
        #expect(try puller.receive(timeout: ample).text == "on its way")
    }

    @Test("A policy out of range is named wherever one goes", arguments: try BadOptions.all(ofPolicies: true))
    func policies(bad: BadOptions) {
        let validating = failure { try bad.options.retry.validate() }.error
        #expect(isRefused(validating, bad), "\(String(describing: validating))")
        let opening = failure { _ = try ZMQSocket(.pull, options: bad.options) }.error
        #expect(isRefused(opening, bad), "\(String(describing: opening))")
        var wasCalled = false
        let retrying = failure { try retry(ample, policy: bad.options.retry) { wasCalled = true } }.error
        #expect(isRefused(retrying, bad), "\(String(describing: retrying))")
        #expect(!wasCalled)
    }
}
