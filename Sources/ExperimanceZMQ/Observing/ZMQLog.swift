// SPDX-License-Identifier: Apache-2.0

public import Logging

/// Where the log goes of all that has no logger of its own: nowhere, until somebody asks for it.
///
/// Each socket and each context may have its own, see ``ZMQMessagingSocket/log(to:metadataProvider:)`` and
/// ``ZMQContext/log(to:metadataProvider:)``.
public enum ZMQLog {
    static func prepare() { _ = (LogTarget.process, LogTarget.sharedContext) }

    /// Sends the log of every socket to this logger from now on, from the logger's level up; nil silences it.
    ///
    /// What goes wrong and no call can tell, such as an attempt that failed and is repeated or a link that was lost, is
    /// written at `info`, everything else at `debug`: a library has no warnings, as it does not know how much it
    /// matters.
    ///
    /// May be called again at any time. The logger's handler is called on the thread on which something happens, often
    /// one of the library's own, and with no lock held; connections are looked after meanwhile by nobody else.
    public static func use(_ newLogger: Logger?) {
        LogTarget.process.use(newLogger.map { LogSetting($0) })
    }

    /// The same with levels that are not those of Swift's libraries.
    package static func use(_ newLogger: Logger?, levels: LogLevels) {
        LogTarget.process.use(newLogger.map { LogSetting($0, levels: levels) })
    }
}

/// A socket's event on its way to the log.
struct LogEntry {
    let kind: ZMQSocketType
    let number: UInt64
    let event: ZMQEvent
    let target: LogTarget

    /// Never with a socket's lock held: the handler is somebody else's code.
    func write() {
        guard let setting = target.setting(for: event) else { return }
        var metadata = setting.metadataProvider?.get() ?? [:]
        metadata["socket"] = "\(kind.name)#\(number)"
        metadata["event"] = "\(event.kind.name)"
        if let endpoint = event.endpoint { metadata["endpoint"] = "\(endpoint)" }
        if let attempt = event.attempt { metadata["attempt"] = "\(attempt)" }
        if let code = event.code { metadata["code"] = "\(code.name)" }
        if let peer = event.peer { metadata["peer"] = "\(peer)" }
        if let userID = event.userID, !userID.isEmpty { metadata["user"] = "\(userID)" }
        if let publicKey = event.publicKey { metadata["key"] = "\(publicKey)" }
        if let identity = event.identity { metadata["identity"] = "\(String(printable: identity))" }
        if let number = event.systemErrno { metadata["errno"] = "\(number)" }
        setting.logger.log(
            level: setting.levels.level(of: event),
            "\(kind.name)#\(number) \(event.description)",
            metadata: metadata
        )
    }
}

extension ZMQEvent: CustomStringConvertible {
    /// The event in a few words, such as "tcp://host:5555 connecting, attempt 3".
    public var description: String {
        let words =
            switch kind {
            case .connecting: "connecting\(attemptInWords)"
            case .handshaken: "handshaken\(peerInWords.isEmpty ? "" : " with")\(peerInWords)\(peersInWords)"
            case .failed: "\(attempt.map { "attempt \($0) " } ?? "")failed\(reason)"
            case .retryIn: "retry in \((delay ?? .zero).clampedNanoseconds / nanosecondsPerMillisecond) ms"
            case .lost: "lost\(peerInWords)\(message.map { ": \($0)" } ?? "")"
            case .closed: "closed"
            case .queueDropped: "queue dropped\(message.map { ": \($0)" } ?? "")"
            case .listening: "listening"
            case .noAuthenticator: "lets nobody in\(message.map { ": \($0)" } ?? "")"
            case .peerRejected: "peer\(peerInWords) rejected\(reason)"
            case .subscriberJoined: "subscriber\(peerInWords) joined for \"\(topicAsText)\"\(countInWords)"
            case .subscriberLeft: "subscriber\(peerInWords) left \"\(topicAsText)\"\(countInWords)"
            }
        return endpoint.map { "\($0) \(words)" } ?? words
    }

    private var attemptInWords: String { attempt.map { ", attempt \($0)" } ?? "" }
    /// In front of it stands the endpoint, which is where the peer is if this side has connected to it by number.
    private var peerInWords: String {
        let place = peer.flatMap { $0 == endpoint ? nil : " \($0)" } ?? ""
        let name = userID.flatMap { $0.isEmpty ? nil : " as \"\(String(printable: $0.utf8))\"" } ?? ""
        return place + (identity.map { " \"\(String(printable: $0))\"" } ?? "") + name
    }
    private var peersInWords: String { count.map { ", \($0) peer\($0 == 1 ? "" : "s")" } ?? "" }
    private var countInWords: String { count.map { ", \($0) now" } ?? "" }
    private var topicAsText: String { String(printable: topic ?? []) }
    private var reason: String {
        (code.map { ", \($0.name)" } ?? "") + (message.map { ": \($0)" } ?? "")
    }
}
