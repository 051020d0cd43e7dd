// SPDX-License-Identifier: Apache-2.0

import Logging

/// How much an event matters.
package enum LogLevels: Sendable {
    /// As libraries in Swift have it: nothing above `info`, and that only for what no call can tell.
    case ofLibraries
    /// As the header in C promises it.
    case ofHeader

    func level(of event: ZMQEvent) -> Logger.Level {
        switch (event.kind, self) {
        case (.failed, _), (.handshaken, .ofHeader), (.listening, .ofHeader): .info
        case (.lost, .ofLibraries), (.peerRejected, .ofLibraries), (.queueDropped, .ofLibraries): .info
        case (.noAuthenticator, .ofLibraries): .info
        case (.noAuthenticator, .ofHeader): .warning
        case (.lost, .ofHeader), (.peerRejected, .ofHeader), (.queueDropped, .ofHeader): .warning
        case (.handshaken, .ofLibraries), (.listening, .ofLibraries): .debug
        case (.connecting, _), (.retryIn, _), (.closed, _), (.subscriberJoined, _), (.subscriberLeft, _): .debug
        }
    }
}

/// A logger with what it is asked for.
struct LogSetting: Sendable {
    let logger: Logger
    let metadataProvider: Logger.MetadataProvider?
    let levels: LogLevels
    /// The logger's when it was given: its handler is somebody else's code, and is not asked under a lock.
    private let threshold: Logger.Level

    init(_ logger: Logger, metadataProvider: Logger.MetadataProvider? = nil, levels: LogLevels = .ofLibraries) {
        self.logger = logger
        self.metadataProvider = metadataProvider
        self.levels = levels
        threshold = logger.logLevel
    }

    func wants(_ event: ZMQEvent) -> Bool { levels.level(of: event) >= threshold }
}

/// Where the log of a socket, a context or everything else goes: to a logger of its own, or else where that of what it
/// belongs to goes.
package final class LogTarget: Sendable {
    private let own = Guarded<LogSetting?>(nil)
    private let above: LogTarget?

    /// What has no other.
    static let process = LogTarget(livesOn: true, above: nil)
    /// The process-wide context, which is made anew after a shutdown.
    static let sharedContext = LogTarget(livesOn: true, above: process)

    /// Of a context of its own.
    convenience init() { self.init(above: .process) }

    convenience init(above: LogTarget) { self.init(livesOn: false, above: above) }

    /// - Parameter livesOn: in a child process, too.
    private init(livesOn: Bool, above: LogTarget?) {
        self.above = above
        if livesOn { ForkGuard.protect(own) }
    }

    func use(_ setting: LogSetting?) {
        own.withLock { $0 = setting }
    }

    /// Looked at before anything is put into words.
    func wants(_ event: ZMQEvent) -> Bool { setting(for: event) != nil }

    /// Writes what has failed and no call can tell, and no socket is to be blamed for. Not under a lock.
    func write(failure: String) {
        guard let setting = own.withLock({ $0 }) else { return above?.write(failure: failure) ?? () }
        setting.logger.log(level: setting.levels == .ofHeader ? .warning : .info, "\(failure)")
    }

    /// The setting in force, if it wants the event.
    func setting(for event: ZMQEvent) -> LogSetting? {
        if let own = own.withLock({ $0 }) { return own.wants(event) ? own : nil }
        return above?.setting(for: event)
    }
}
