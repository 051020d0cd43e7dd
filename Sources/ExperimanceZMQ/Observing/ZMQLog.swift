// SPDX-License-Identifier: Apache-2.0

public import Logging
import Synchronization

/// Where the library's log goes: nowhere, until somebody asks for it.
public enum ZMQLog {
    private static let logger: Guarded<Logger?> = {
        let guarded = Guarded<Logger?>(nil)
        ForkGuard.protect(guarded)
        return guarded
    }()
    /// The logger's level as a number, or `silent`; looked at before anything is put into words.
    private static let threshold = Atomic<Int>(silent)
    private static let silent = Int.max

    static func prepare() { _ = logger }

    /// Sends the log of every socket to this logger from now on, from the logger's level up; nil silences it.
    ///
    /// May be called again at any time. The logger's handler is called on the thread on which something happens, often
    /// one of the library's own, and with no lock held; connections are looked after meanwhile by nobody else.
    public static func use(_ newLogger: Logger?) {
        logger.withLock { $0 = newLogger }
        threshold.store(newLogger?.logLevel.severity ?? silent, ordering: .relaxed)
    }

    static func isEnabled(_ level: Logger.Level) -> Bool {
        level.severity >= threshold.load(ordering: .relaxed)
    }

    /// Never with a socket's lock held: the handler is somebody else's code.
    static func write(_ level: Logger.Level, _ message: @autoclosure () -> String, metadata: Logger.Metadata = [:]) {
        guard isEnabled(level), let current = logger.withLock({ $0 }) else { return }
        let text = message()
        current.log(level: level, "\(text)", metadata: metadata)
    }
}

extension Logger.Level {
    /// 0 for `trace` to 6 for `critical`.
    fileprivate var severity: Int {
        Self.allCases.firstIndex(of: self) ?? 0
    }
}

/// A socket's event on its way to the log.
struct LogEntry {
    let kind: ZMQSocketType
    let number: UInt64
    let event: ZMQEvent

    static func level(of event: ZMQEvent) -> Logger.Level {
        switch event.kind {
        case .handshaken, .listening, .failed: .info
        case .lost, .peerRejected, .queueDropped: .warning
        case .connecting, .retryIn, .closed, .subscriberJoined, .subscriberLeft: .debug
        }
    }

    func write() {
        var metadata: Logger.Metadata = ["socket": "\(kind.name)#\(number)", "event": "\(event.kind.name)"]
        if !event.endpoint.isEmpty { metadata["endpoint"] = "\(event.endpoint)" }
        if event.attempt > 0 { metadata["attempt"] = "\(event.attempt)" }
        if event.code != .ok { metadata["code"] = "\(event.code.name)" }
        if event.systemErrno != 0 { metadata["errno"] = "\(event.systemErrno)" }
        ZMQLog.write(Self.level(of: event), "\(kind.name)#\(number) \(event.description)", metadata: metadata)
    }
}

extension ZMQEvent: CustomStringConvertible {
    /// The event in a few words, such as "tcp://host:5555 connecting, attempt 3".
    public var description: String {
        let place = endpoint.isEmpty ? "" : "\(endpoint) "
        switch kind {
        case .connecting: return "\(place)connecting, attempt \(attempt)"
        case .handshaken: return "\(place)handshaken, \(count) peer\(count == 1 ? "" : "s")"
        case .failed: return "\(place)attempt \(attempt) failed, \(code.name): \(message)"
        case .retryIn: return "\(place)retry in \(delay.clampedNanoseconds / nanosecondsPerMillisecond) ms"
        case .lost: return "\(place)lost: \(message)"
        case .closed: return "\(place)closed"
        case .queueDropped: return "\(place)queue dropped: \(message)"
        case .listening: return "\(place)listening"
        case .peerRejected: return "\(place)peer rejected, \(code.name): \(message)"
        case .subscriberJoined:
            return "subscriber joined for \"\(String(printable: topic))\", \(count) now"
        case .subscriberLeft: return "subscriber left \"\(String(printable: topic))\", \(count) now"
        }
    }
}
