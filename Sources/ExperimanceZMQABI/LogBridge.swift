// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ
import Logging

/// Hands log lines to a C function, until it is told to stop.
@safe
final class LogBridge: LogHandler, @unchecked Sendable {
    // Unchecked: the function and its argument are the caller's, who promises that any thread may use them.
    private let callback: @convention(c) (UnsafeMutableRawPointer?, exz_log_level, UnsafePointer<CChar>?) -> Void
    private let user: UnsafeMutableRawPointer?
    private let gate = CallGate()

    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(
        _ callback: @escaping @convention(c) (UnsafeMutableRawPointer?, exz_log_level, UnsafePointer<CChar>?) -> Void,
        _ user: UnsafeMutableRawPointer?,
        _ level: Logger.Level
    ) {
        unsafe self.callback = callback
        unsafe self.user = user
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        gate.pass { unsafe event.message.description.withCString { unsafe callback(user, event.level.number, $0) } }
    }

    /// No call begins any more; waits up to 100 ms for those that run.
    func stop() {
        gate.close(until: Deadline(milliseconds: 100, after: .now()))
    }
}

let currentLog: Guarded<LogBridge?> = {
    let guarded = Guarded<LogBridge?>(nil)
    ForkGuard.protect(guarded)
    return guarded
}()

/// The library's log goes nowhere, as before the first `exz_set_log`.
func stopLog() { use(nil) }

func use(_ bridge: LogBridge?) {
    let former = currentLog.withLock { current in
        defer { current = bridge }
        ZMQLog.use(bridge.map { bridge in Logger(label: "experimance_zmq") { _ in bridge } }, levels: .ofHeader)
        return current
    }
    former?.stop()
}

extension Logger.Level {
    /// Nil for EXZ_LOG_OFF.
    init?(number: exz_log_level) {
        switch Int(number) {
        case EXZ_LOG_DEBUG: self = .debug
        case EXZ_LOG_INFO: self = .info
        case EXZ_LOG_WARNING: self = .warning
        case EXZ_LOG_ERROR: self = .error
        default: return nil
        }
    }

    fileprivate var number: exz_log_level {
        switch self {
        case .trace, .debug: exz_log_level(EXZ_LOG_DEBUG)
        case .info, .notice: exz_log_level(EXZ_LOG_INFO)
        case .warning: exz_log_level(EXZ_LOG_WARNING)
        case .error, .critical: exz_log_level(EXZ_LOG_ERROR)
        }
    }
}
