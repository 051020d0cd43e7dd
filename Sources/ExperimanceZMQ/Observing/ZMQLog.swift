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
        if let endpoint = event.endpoint { metadata["endpoint"] = "\(endpoint)" }
        if let attempt = event.attempt { metadata["attempt"] = "\(attempt)" }
        if let code = event.code { metadata["code"] = "\(code.name)" }
        if let number = event.systemErrno { metadata["errno"] = "\(number)" }
        ZMQLog.write(Self.level(of: event), "\(kind.name)#\(number) \(event.description)", metadata: metadata)
    }
}

extension ZMQEvent: CustomStringConvertible {
    /// The event in a few words, such as "tcp://host:5555 connecting, attempt 3".
    public var description: String {
        let words =
            switch kind {
            case .connecting: "connecting\(attemptInWords)"
            case .handshaken: count.map { "handshaken, \($0) peer\($0 == 1 ? "" : "s")" } ?? "handshaken"
            case .failed: "\(attempt.map { "attempt \($0) " } ?? "")failed\(reason)"
            case .retryIn: "retry in \((delay ?? .zero).clampedNanoseconds / nanosecondsPerMillisecond) ms"
            case .lost: "lost\(message.map { ": \($0)" } ?? "")"
            case .closed: "closed"
            case .queueDropped: "queue dropped\(message.map { ": \($0)" } ?? "")"
            case .listening: "listening"
            case .peerRejected: "peer rejected\(reason)"
            case .subscriberJoined: "subscriber joined for \"\(topicAsText)\"\(countInWords)"
            case .subscriberLeft: "subscriber left \"\(topicAsText)\"\(countInWords)"
            }
        return endpoint.map { "\($0) \(words)" } ?? words
    }

    private var attemptInWords: String { attempt.map { ", attempt \($0)" } ?? "" }
    private var countInWords: String { count.map { ", \($0) now" } ?? "" }
    private var topicAsText: String { String(printable: topic ?? []) }
    private var reason: String {
        (code.map { ", \($0.name)" } ?? "") + (message.map { ": \($0)" } ?? "")
    }
}
