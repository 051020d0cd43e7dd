// SPDX-License-Identifier: Apache-2.0

public import Logging

extension ZMQMessagingSocket {
    /// Sends the socket's log to this logger from now on; nil: to that of its context. May be called again at any time;
    /// see ``ZMQLog/use(_:)`` for levels and threads.
    ///
    /// - Parameters:
    ///   - logger: the logger.
    ///   - metadataProvider: is asked for each line, and adds to what the library says: `socket`, `event`, `endpoint`,
    ///     `attempt`, `code`, `errno`. It runs where the handler does, where no task's values are.
    /// - Throws: `closed`.
    public func log(to logger: Logger?, metadataProvider: Logger.MetadataProvider? = nil) throws(ZMQSocketError) {
        let setting = logger.map { LogSetting($0, metadataProvider: metadataProvider) }
        try socket.handle.withCore { core in core.journal.logTarget }.use(setting)
    }
}
