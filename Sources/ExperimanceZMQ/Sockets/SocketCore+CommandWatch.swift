// SPDX-License-Identifier: Apache-2.0

/// The supervisor's eye on libzmq's descriptor of one socket.
struct CommandWatch {
    /// How long libzmq's threads may take for what a disconnect or an unbind sets off.
    static let limit: Int64 = 1_000 * nanosecondsPerMillisecond

    var token: Supervisor.Token?
    var isPermanent = false
    var end: Supervisor.Token?
}

extension SocketCore {
    /// Has the supervisor work through the socket's commands as they come.
    ///
    /// A publisher needs that all the time, for its subscriptions. Other sockets need it for a moment after a
    /// disconnect or an unbind: libzmq ends a connection in several steps between its threads, each of which waits for
    /// some call on the socket, and the caller may make none.
    func watchCommands(permanently: Bool) throws(ZMQSocketError) {
        if commandWatch.token == nil {
            commandWatch.token = try context.supervisor.watch(descriptor) { [self] _ in locked { pump() } }
        }
        if permanently { commandWatch.isPermanent = true }
        if let end = commandWatch.end { context.supervisor.cancel(end) }
        commandWatch.end = nil
        guard !commandWatch.isPermanent else { return }
        let end = MonotonicInstant.now().advanced(byNanoseconds: CommandWatch.limit)
        commandWatch.end = context.supervisor.schedule(at: end) { [self] in locked { endCommandWatch() } }
    }

    /// Something was ended whose last steps are still to come.
    func followUp() {
        pump()
        // Without a descriptor to watch with, the next call on the socket does the rest.
        try? watchCommands(permanently: false)
    }

    func endCommandWatch() {
        if let token = commandWatch.token { context.supervisor.unwatch(token, descriptor: descriptor) }
        if let end = commandWatch.end { context.supervisor.cancel(end) }
        commandWatch = CommandWatch()
    }
}
