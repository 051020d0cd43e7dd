// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

// The defaults stand in the engine's types; C and the other languages get them from here.

@implementation @_cdecl("exz_retry_policy_init")
public func exz_retry_policy_init(_ policy: UnsafeMutablePointer<exz_retry_policy>!) -> exz_status {
    guard let policy = unsafe policy else { return failed(.invalid) }
    unsafe policy.pointee = exz_retry_policy(ZMQRetryPolicy())
    return Code.ok.rawValue
}

@implementation @_cdecl("exz_socket_options_init")
public func exz_socket_options_init(_ options: UnsafeMutablePointer<exz_socket_options>!) -> exz_status {
    guard let options = unsafe options else { return failed(.invalid) }
    unsafe options.pointee = exz_socket_options(ZMQSocketOptions())
    return Code.ok.rawValue
}

@implementation @_cdecl("exz_socket_options_check")
public func exz_socket_options_check(
    _ options: UnsafePointer<exz_socket_options>!,
    _ type: exz_socket_type,
    _ err: UnsafeMutablePointer<exz_error>!
) -> exz_status {
    unsafe status(err) { () throws(ZMQSocketError) in
        guard let kind = ZMQSocketType(rawValue: type) else { throw .invalid("\(type) is not a socket type") }
        try unsafe ZMQSocketOptions(options).validate(for: kind)
    }
}

extension exz_retry_policy {
    /// gRPC's ratio, for whoever chooses proportional jitter.
    private static var usualRatio: Double { 0.2 }

    init(_ policy: ZMQRetryPolicy) {
        self.init()
        size = UInt32(MemoryLayout<exz_retry_policy>.size)
        max_attempts = UInt32(clamping: policy.maxAttempts ?? 0)
        initial_backoff_ms = Int32(clamping: policy.initialBackoff.roundedUpMilliseconds)
        max_backoff_ms = Int32(clamping: policy.maxBackoff.roundedUpMilliseconds)
        multiplier = policy.multiplier
        attempt_timeout_ms = Int32(clamping: (policy.attemptTimeout ?? .zero).roundedUpMilliseconds)
        jitter_ratio = Self.usualRatio
        seed = policy.seed ?? 0
        switch policy.jitter {
        case .none: jitter = UInt32(EXZ_JITTER_NONE)
        case .full: jitter = UInt32(EXZ_JITTER_FULL)
        case .equal: jitter = UInt32(EXZ_JITTER_EQUAL)
        case .decorrelated: jitter = UInt32(EXZ_JITTER_DECORRELATED)
        case .proportional(let ratio):
            jitter = UInt32(EXZ_JITTER_PROPORTIONAL)
            jitter_ratio = ratio
        }
    }
}

extension ZMQRetryPolicy {
    init(_ policy: exz_retry_policy) throws(ZMQSocketError) {
        self.init()
        guard policy.size == UInt32(MemoryLayout<exz_retry_policy>.size) else {
            throw .invalid("exz_retry_policy.size is \(policy.size); use EXZ_RETRY_POLICY_INIT")
        }
        maxAttempts = policy.max_attempts.unlessNone { Int($0) }
        initialBackoff = .milliseconds(policy.initial_backoff_ms)
        maxBackoff = .milliseconds(policy.max_backoff_ms)
        multiplier = policy.multiplier
        attemptTimeout = policy.attempt_timeout_ms.unlessNone { .milliseconds($0) }
        seed = policy.seed.unlessNone { $0 }
        switch Int(policy.jitter) {
        case EXZ_JITTER_NONE: jitter = .none
        case EXZ_JITTER_FULL: jitter = .full
        case EXZ_JITTER_EQUAL: jitter = .equal
        case EXZ_JITTER_DECORRELATED: jitter = .decorrelated
        case EXZ_JITTER_PROPORTIONAL: jitter = .proportional(ratio: policy.jitter_ratio)
        default: throw .invalid("jitter is \(policy.jitter), which is not one of EXZ_JITTER_…")
        }
        try validate()
    }

    /// NULL stands for the defaults.
    init(_ pointer: UnsafePointer<exz_retry_policy>?) throws(ZMQSocketError) {
        self.init()
        guard let pointer = unsafe pointer else { return }
        try unsafe checkSize(of: pointer, "exz_retry_policy", hint: "EXZ_RETRY_POLICY_INIT")
        self = try unsafe Self(pointer.pointee)
    }
}

extension exz_socket_options {
    init(_ options: ZMQSocketOptions) {
        unsafe self.init()
        unsafe size = UInt32(MemoryLayout<exz_socket_options>.size)
        unsafe send_hwm = Int32(clamping: options.sendHighWaterMark ?? 0)
        unsafe receive_hwm = Int32(clamping: options.receiveHighWaterMark ?? 0)
        unsafe linger_ms = Int32(clamping: options.linger.roundedUpMilliseconds)
        unsafe default_timeout_ms = Int32(clamping: options.defaultTimeout.roundedUpMilliseconds)
        unsafe on_full = options.onFull.rawValue
        unsafe wire_form = options.wireForm.rawValue
        unsafe heartbeat_interval_ms = Self.interval(options.heartbeat)
        let silence = options.heartbeatTimeout.map { Int32(clamping: $0.roundedUpMilliseconds) }
        unsafe heartbeat_timeout_ms = silence ?? EXZ_HEARTBEAT_DEFAULT
        unsafe keepalive_ms = Int32(clamping: (options.keepAlive ?? .zero).roundedUpMilliseconds)
        unsafe max_message_size = Int64(options.maxMessageSize ?? 0)
        unsafe conflate = options.conflate ? 1 : 0
        unsafe interruptible = options.interruptible ? (options.asksAfterSignals ? 2 : 1) : 0
        unsafe send_buffer = Int32(clamping: options.sendBuffer ?? 0)
        unsafe receive_buffer = Int32(clamping: options.receiveBuffer ?? 0)
        unsafe ipc_mode = UInt32(clamping: options.ipcMode ?? 0)
        unsafe event_capacity = UInt32(clamping: options.eventCapacity)
        unsafe retry = exz_retry_policy(options.retry)
        // Not to be had back: it is nil in the defaults, which this is for.
        unsafe security = nil
    }

    private static func interval(_ heartbeat: ZMQSocketOptions.Heartbeat) -> Int32 {
        switch heartbeat {
        case .automatic: EXZ_HEARTBEAT_DEFAULT
        case .off: 0
        case .every(let interval): Int32(clamping: interval.roundedUpMilliseconds)
        }
    }
}

extension ZMQSocketOptions {
    init(_ options: exz_socket_options) throws(ZMQSocketError) {
        self.init()
        func flag(_ value: UInt32, _ name: String) throws(ZMQSocketError) -> Bool {
            guard value <= 1 else { throw .invalid("\(name) is \(value), it must be 0 or 1") }
            return value == 1
        }
        guard unsafe options.reserved == 0 else { throw .invalid("exz_socket_options.reserved must be 0") }
        guard let onFull = unsafe FullQueue(rawValue: options.on_full) else {
            throw .invalid(unsafe "on_full is \(options.on_full), which is not one of EXZ_ON_FULL_…")
        }
        guard let wireForm = unsafe WireForm(rawValue: options.wire_form) else {
            throw .invalid(unsafe "wire_form is \(options.wire_form), which is not one of EXZ_WIRE_…")
        }
        self.onFull = onFull
        self.wireForm = wireForm
        sendHighWaterMark = unsafe options.send_hwm.unlessNone { Int($0) }
        receiveHighWaterMark = unsafe options.receive_hwm.unlessNone { Int($0) }
        linger = unsafe .milliseconds(options.linger_ms)
        defaultTimeout = unsafe .milliseconds(options.default_timeout_ms)
        switch unsafe options.heartbeat_interval_ms {
        case EXZ_HEARTBEAT_DEFAULT: heartbeat = .automatic
        case 0: heartbeat = .off
        case let interval: heartbeat = .every(.milliseconds(interval))
        }
        let silence = unsafe options.heartbeat_timeout_ms
        heartbeatTimeout = silence == EXZ_HEARTBEAT_DEFAULT ? nil : .milliseconds(silence)
        keepAlive = unsafe options.keepalive_ms.unlessNone { .milliseconds($0) }
        maxMessageSize = unsafe options.max_message_size.unlessNone { Int($0) }
        conflate = try unsafe flag(options.conflate, "conflate")
        asksAfterSignals = unsafe options.interruptible == 2
        interruptible = unsafe asksAfterSignals ? true : try flag(options.interruptible, "interruptible")
        sendBuffer = unsafe options.send_buffer.unlessNone { Int($0) }
        receiveBuffer = unsafe options.receive_buffer.unlessNone { Int($0) }
        ipcMode = unsafe options.ipc_mode.unlessNone { Int($0) }
        eventCapacity = unsafe Int(options.event_capacity)
        // A size over half of the address space comes in as a negative number.
        if unsafe options.identity_size != 0 {
            guard unsafe 1...255 ~= options.identity_size, let bytes = unsafe options.identity else {
                throw .invalid(
                    unsafe "identity_size is \(options.identity_size): it must be 0 to 255, with an identity"
                )
            }
            identity = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: Int(options.identity_size)))
        }
        retry = try unsafe ZMQRetryPolicy(options.retry)
        security = try unsafe SecurityFields.security(options.security)
    }

    /// NULL stands for the defaults.
    init(_ pointer: UnsafePointer<exz_socket_options>?) throws(ZMQSocketError) {
        self.init()
        guard let pointer = unsafe pointer else { return }
        try unsafe checkSize(of: pointer, "exz_socket_options", hint: "EXZ_SOCKET_OPTIONS_INIT")
        self = try unsafe Self(pointer.pointee)
    }
}

extension FixedWidthInteger {
    /// What this number says, and nil where it is C's 0 for "none".
    fileprivate func unlessNone<Value>(_ read: (Self) -> Value) -> Value? { self == 0 ? nil : read(self) }
}

/// Looks at the size a struct of the caller begins with, and at nothing behind it.
func checkSize<Struct>(
    of pointer: UnsafePointer<Struct>,
    _ name: String,
    hint: String
) throws(ZMQSocketError) {
    let size = unsafe UnsafeRawPointer(pointer).load(as: UInt32.self)
    guard size == UInt32(MemoryLayout<Struct>.size) else {
        throw .invalid("\(name).size is \(size); use \(hint)")
    }
}
