// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import ExperimanceZMQ

/// Drives a machine with a clock that stands still until it is told, and keeps what came out.
struct ConnectDriver {
    var machine: ConnectStateMachine
    var now = MonotonicInstant(nanoseconds: 0)
    private(set) var log: [String] = []

    static let four = NumericAddress("127.0.0.1", port: 5555)
    static let other = NumericAddress("127.0.0.2", port: 5555)

    /// What comes out when the attempt at `four` is given up, and when the link is up.
    static let abandoned = ["cancel probe", "disconnect tcp://127.0.0.1:5555"]
    static let up = ["cancel probe", "established", "handshaken"]

    init(
        _ mode: ConnectMode,
        timeout: Int32 = 60_000,
        address: NumericAddress? = ConnectDriver.four,
        keepsPipe: Bool = true,
        policy change: (inout ZMQRetryPolicy) -> Void = { _ in }
    ) {
        var policy = ZMQRetryPolicy()
        policy.jitter = .none
        change(&policy)
        machine = ConnectStateMachine(
            ConnectConfiguration(
                mode: mode,
                policy: policy,
                deadline: mode == .verified ? Deadline(milliseconds: timeout, after: now) : nil,
                address: address,
                keepsPipe: keepsPipe
            )
        )
    }

    /// Gives an input and answers what came out, in words.
    @discardableResult
    mutating func give(_ input: ConnectInput) -> [String] {
        let words = machine.handle(input, now: now).map(Self.describe)
        log += words
        return words
    }

    @discardableResult
    mutating func signal(_ signals: MonitorEvent.Kind...) -> [String] {
        signals.flatMap { give(.signal($0)) }
    }

    /// Goes to the machine's next timer.
    @discardableResult
    mutating func runTimer() -> [String] {
        guard let timer = machine.nextTimer else { return ["no timer"] }
        now = timer
        return give(.timer)
    }

    var milliseconds: Int64 { now.nanoseconds / nanosecondsPerMillisecond }

    static func describe(_ action: ConnectAction) -> String {
        switch action {
        case .resolve: return "resolve"
        case .connect(let address, _): return "connect \(address.endpoint)"
        case .disconnect(let address): return "disconnect \(address.endpoint)"
        case .leave(let address): return "leave \(address.endpoint)"
        case .probe(let address, _):
            return address == four || address.family == AF_UNIX ? "probe" : "probe \(address.endpoint)"
        case .cancelProbe: return "cancel probe"
        case .established: return "established"
        case .moved: return "moved"
        case .lost: return "lost"
        case .ended: return "ended"
        case .finish(let failure): return "finish \(failure?.code.name ?? "EXZ_OK")"
        case .report(let event):
            switch event.kind {
            case .connecting: return "connecting \(event.attempt ?? 0)"
            case .failed: return "failed \(event.attempt ?? 0) \(event.code?.name ?? "")"
            case .retryIn: return "retry in \((event.delay ?? .zero).clampedNanoseconds / nanosecondsPerMillisecond)"
            default: return event.kind.name
            }
        }
    }

    /// An attempt that is refused: what libzmq says, and what the probe finds.
    mutating func refuse() -> [String] {
        signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
            + give(.probed(.connectFailed(errno: ECONNREFUSED)))
    }

    mutating func establish(descriptor: Int32 = 9) {
        signal(.connectDelayed, .connected(descriptor: descriptor), .handshakeSucceeded)
    }
}
