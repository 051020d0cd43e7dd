// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ
import ExperimanceZMQFaults

extension Fault {
    /// What C's struct says, where each kind looks at some of the fields and the others must be as they were made.
    init(_ pointer: UnsafePointer<exz_fault>?) throws(ZMQSocketError) {
        guard let pointer = unsafe pointer else { throw .invalid("fault is NULL") }
        try unsafe checkSize(of: pointer, "exz_fault", hint: "EXZ_FAULT_INIT")
        let fault = unsafe pointer.pointee
        guard let direction = Direction(rawValue: fault.direction) else {
            throw .invalid("direction is \(fault.direction), which is none of them")
        }
        var fields = FaultFields(fault)
        let effect = try fields.effect()
        try fields.checkUnused()
        try self.init(
            effect,
            direction,
            count: fault.count == 0 ? nil : fault.count,
            share: fault.share == 0 ? 1 : fault.share
        )
    }
}

/// The fields of the struct that are not of every kind. What has been read is cleared, so the rest is what was set and
/// is of no use.
private struct FaultFields {
    private var fault: exz_fault

    init(_ fault: exz_fault) {
        self.fault = fault
    }

    mutating func effect() throws(ZMQSocketError) -> Fault.Effect {
        switch fault.kind {
        case exz_fault_kind(EXZ_FAULT_DOWN): .down
        case exz_fault_kind(EXZ_FAULT_BLACKHOLE): .blackhole
        case exz_fault_kind(EXZ_FAULT_RESET): .reset(after: limit())
        case exz_fault_kind(EXZ_FAULT_CLOSE): .close(after: limit())
        case exz_fault_kind(EXZ_FAULT_LATENCY): .latency(time(\.delay_ms), jitter: time(\.jitter_ms))
        case exz_fault_kind(EXZ_FAULT_BANDWIDTH): .bandwidth(bytesPerSecond: take(\.bytes_per_second))
        case exz_fault_kind(EXZ_FAULT_SLICE):
            .slice(bytes: take(\.slice_bytes), spread: take(\.slice_spread), pause: time(\.pause_ms))
        case exz_fault_kind(EXZ_FAULT_SLOW_CLOSE): .slowClose(time(\.delay_ms))
        case exz_fault_kind(EXZ_FAULT_CORRUPT): .corrupt(rate: take(\.flip_rate))
        case exz_fault_kind(EXZ_FAULT_HTTP): .http
        case exz_fault_kind(EXZ_FAULT_STALL): .stall(afterBytes: take(\.after_bytes))
        case exz_fault_kind(EXZ_FAULT_HALF_OPEN): .halfOpen
        default: throw .invalid("kind is \(fault.kind), which is not one of the faults")
        }
    }

    private mutating func take<Number: ExpressibleByIntegerLiteral>(
        _ field: WritableKeyPath<exz_fault, Number>
    ) -> Number {
        defer { fault[keyPath: field] = 0 }
        return fault[keyPath: field]
    }

    private mutating func time(_ field: WritableKeyPath<exz_fault, Int32>) -> Duration { .milliseconds(take(field)) }

    private mutating func limit() -> Fault.Limit {
        let (bytes, time) = (take(\.after_bytes), take(\.after_ms))
        return Fault.Limit(bytes: bytes == 0 ? nil : bytes, time: time == 0 ? nil : .milliseconds(time))
    }

    func checkUnused() throws(ZMQSocketError) {
        let unused: [(String, Bool)] = [
            ("after_bytes", fault.after_bytes == 0),
            ("after_ms", fault.after_ms == 0),
            ("delay_ms", fault.delay_ms == 0),
            ("jitter_ms", fault.jitter_ms == 0),
            ("pause_ms", fault.pause_ms == 0),
            ("bytes_per_second", fault.bytes_per_second == 0),
            ("slice_bytes", fault.slice_bytes == 0),
            ("slice_spread", fault.slice_spread == 0),
            ("flip_rate", fault.flip_rate == 0),
        ]
        for (name, isClear) in unused where !isClear {
            throw .invalid("\(name) is set, which this kind of fault does not look at")
        }
    }
}
