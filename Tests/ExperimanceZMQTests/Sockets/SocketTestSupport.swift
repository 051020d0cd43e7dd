// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ExperimanceZMQ

/// Enough for anything that does happen, on a machine that is busy with something else.
let ampleTime = Duration.seconds(20)
let ample = ZMQTimeout.duration(ampleTime)
/// Enough to see that something does not happen.
let brief = ZMQTimeout.milliseconds(30)

enum Carrier: String, CaseIterable, CustomTestStringConvertible {
    case tcp, ipc, inproc

    var testDescription: String { rawValue }

    /// A free endpoint to bind to.
    var freeEndpoint: String {
        switch self {
        case .tcp: "tcp://127.0.0.1:0"
        case .ipc: "ipc:///tmp/exz-\(UUID().uuidString.prefix(13)).sock"
        case .inproc: "inproc://\(UUID().uuidString)"
        }
    }
}

extension ZMQSocketOptions {
    /// The defaults with a few changes.
    static func with(_ change: (inout ZMQSocketOptions) -> Void) -> ZMQSocketOptions {
        var options = ZMQSocketOptions()
        change(&options)
        return options
    }

    /// Retries that come quickly and exactly, for tests that count them.
    static func quickRetries(attempts: Int? = nil) -> ZMQSocketOptions {
        with {
            $0.retry.initialBackoff = .milliseconds(5)
            $0.retry.maxBackoff = .milliseconds(20)
            $0.retry.jitter = .none
            $0.retry.maxAttempts = attempts
        }
    }
}

extension ZMQMessagingSocket {
    /// Reads events until one is of this kind.
    @discardableResult
    func awaitEvent(_ kind: ZMQEvent.Kind, where fits: (ZMQEvent) -> Bool = { _ in true }) throws -> ZMQEvent {
        let end = ContinuousClock.now + ampleTime
        while ContinuousClock.now < end {
            let event = try nextEvent(timeout: ample)
            if event.kind == kind, fits(event) { return event }
        }
        throw ZMQSocketError(.timeout, message: "no \(kind.name) came")
    }

    /// The events that are there.
    func takeEvents() -> [ZMQEvent] {
        var events: [ZMQEvent] = []
        while let event = try? nextEvent(timeout: .zero) { events.append(event) }
        return events
    }
}

/// What an operation throws, and how long it took.
func failure(of body: () throws -> Void) -> (error: ZMQSocketError?, elapsed: Duration) {
    let start = ContinuousClock.now
    do {
        try body()
        return (nil, ContinuousClock.now - start)
    } catch {
        return (error as? ZMQSocketError, ContinuousClock.now - start)
    }
}

extension ZMQMessage {
    /// The payload as an array.
    var payload: [UInt8] { [UInt8](self) }

    static func == (left: ZMQMessage, right: [UInt8]) -> Bool { left.partCount == 1 && left.payload == right }
}
