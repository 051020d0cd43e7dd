// SPDX-License-Identifier: Apache-2.0

import LibC
import Synchronization

/// A libzmq context with what belongs to it: the supervisor, the name service, the names bound in process.
@safe
package final class ContextCore: @unchecked Sendable {
    // Unchecked: `state` is behind its lock, the rest never changes. Safe: each use of `raw` is marked.
    private struct State {
        /// Nobody can open a socket any more.
        var isClosed = false
        /// Its sockets are closed by somebody, which those of a context that is merely abandoned are not.
        var isEnded = false
        var isTerminated = false
        /// libzmq's threads run.
        var hasStarted = false
        var sockets: Set<UInt64> = []
        /// Sockets that libzmq has not finished with, the closed ones included.
        var unfinished = 0
        var termination: [Completion] = []
        /// Tells what a socket is doing; nil before there has been one.
        var reporter: SocketReporter?
        /// The watch over cancels that were asked for where no lock can be taken.
        var cancelWatch: (token: Supervisor.Token, descriptor: Int32)?
    }

    let raw: UnsafeMutableRawPointer
    /// Once it is true it stays so: whoever would wait on one of the context's sockets is told.
    private let endsWaits = Atomic<Bool>(false)
    let supervisor: Supervisor
    let nameService: NameService
    let logTarget: LogTarget
    let inprocNames = Guarded(InprocDirectory())
    let programHandler = ProgramHandler()
    let portGuards = PortGuards()
    /// How its threads are to run.
    let threads: ThreadSettings
    let libraryThreads: LibraryThreads
    /// Made when it is first needed, and there until the end.
    private let doorkeeper = Guarded<Doorkeeper?>(nil)
    private let maximumSockets: Int
    private let served = Guarded<StatisticsServer?>(nil)
    private let forkEpoch = ForkGuard.epoch
    private let state = Guarded(State())

    /// As many sockets as libzmq allows: each of ours takes three, its monitor included.
    private static let mostSocketsOfLibrary: Int32 = 65_535

    /// Nobody may look at it yet; see ``open(_:nameService:logTarget:)``.
    ///
    /// - Parameter options: what is wrong with them is named.
    init(
        _ options: ZMQContextOptions = ZMQContextOptions(),
        nameService: NameService,
        logTarget: LogTarget
    ) throws(ZMQSocketError) {
        try Self.checkVersion()
        try options.validate()
        threads = options.threads
        maximumSockets = options.maximumSockets ?? .max
        let supervisor = try Supervisor(threads)
        try Self.rehearse()
        guard let raw = unsafe ZMQ.newContext() else {
            let number = errno
            throw ZMQSocketError(errno: number, doing: "libzmq can not make a context")
        }
        _ = unsafe ZMQ.limitSockets(of: raw, to: Self.mostSocketsOfLibrary)
        unsafe self.raw = raw
        libraryThreads = unsafe LibraryThreads(
            of: raw,
            ioThreads: options.ioThreads,
            isNamed: !threads.keepForeignNames
        )
        self.supervisor = supervisor
        self.nameService = nameService
        self.logTarget = logTarget
        if threads.needTrial {
            do throws(ZMQSocketError) {
                try onOwnThread { () throws(ZMQSocketError) in }
            } catch {
                unsafe ZMQ.terminate(context: raw)
                throw error
            }
        }
        isAlive()
    }

    // MARK: Sockets

    /// - Throws: `forked` in a child process.
    func checkProcess() throws(ZMQSocketError) {
        guard forkEpoch == ForkGuard.epoch else { throw ZMQSocketError(.forked) }
    }

    /// - Throws: `forked` in a child process, `closed` once closing has begun.
    func checkUsable() throws(ZMQSocketError) {
        try checkProcess()
        guard !state.withLock({ $0.isClosed }) else { throw ZMQSocketError(.closed, message: "the context is closed") }
    }

    /// Counts a socket in. Closing waits for it until ``socketFinished()``.
    ///
    /// - Parameter reporter: tells of any of the context's sockets; it takes the lock of that one.
    func socketOpened(_ id: UInt64, _ reporter: @escaping SocketReporter) throws(ZMQSocketError) {
        let isOpen = state.withLock { state in
            guard !state.isClosed, state.sockets.count < maximumSockets else { return false }
            state.reporter = reporter
            state.sockets.insert(id)
            state.unfinished += 1
            return true
        }
        guard isOpen || isClosing else {
            throw ZMQSocketError(.limit, message: "the context has its \(maximumSockets) sockets")
        }
        guard isOpen else { throw ZMQSocketError(.closed, message: "the context is closed") }
    }

    /// The open sockets, those first that were opened first, and who tells of them.
    var socketsToReport: ([UInt64], SocketReporter?) {
        let (sockets, reporter) = state.withLock { ($0.sockets, $0.reporter) }
        return (sockets.sorted(), reporter)
    }

    /// Serves the context's statistics; nil where nobody has asked for it.
    var statistics: StatisticsServer? {
        get { served.withLock { $0 } }
        set { served.withLock { $0 = newValue } }
    }

    /// Nobody can open a socket any more.
    package var isClosing: Bool { state.withLock { $0.isClosed } }

    func socketClosed(_ id: UInt64) {
        state.withLock { _ = $0.sockets.remove(id) }
    }

    /// libzmq has given back everything of one socket.
    func socketFinished() {
        let isLast = state.withLock { state in
            state.unfinished -= 1
            return state.unfinished == 0 && state.isClosed
        }
        if isLast { terminate() }
    }

    /// A socket of libzmq's.
    func newSocket(_ kind: ZMQSocketType) throws(ZMQSocketError) -> RawSocket {
        try unsafe state.withLock { state throws(ZMQSocketError) in
            guard !state.isClosed else { throw ZMQSocketError(.closed, message: "the context is closed") }
            if !state.hasStarted { try startLibrary() }
            state.hasStarted = true
            let (socket, number) = unsafe ZMQ.newSocket(raw, type: kind.libzmqType)
            guard let socket = unsafe socket else { throw Self.failedToMakeSocket(number) }
            return unsafe socket
        }
    }

    /// Has the supervisor work off the cancels of signal handlers, those for other contexts, too.
    func watchCancels(_ work: @escaping @Sendable () -> Void) throws(ZMQSocketError) {
        try state.withLock { state throws(ZMQSocketError) in
            guard state.cancelWatch == nil, !state.isClosed else { return }
            let descriptor = try CancelBell.open()
            do throws(ZMQSocketError) {
                let token = try supervisor.watch(descriptor, events: Supervisor.eachWrite) { _ in work() }
                state.cancelWatch = (token, descriptor)
            } catch {
                CancelBell.close()
                throw error
            }
        }
    }

    private func endCancelWatch() {
        let watch = state.withLock { state in
            defer { state.cancelWatch = nil }
            return state.cancelWatch
        }
        guard let watch else { return }
        supervisor.unwatch(watch.token, descriptor: watch.descriptor)
        CancelBell.close()
    }

    // MARK: Waits

    /// Nobody waits on a socket of the context any more.
    @inline(__always)
    var hasEndedWaits: Bool { endsWaits.load(ordering: .acquiring) }

    /// Nobody begins to wait from now on. Whoever waits already, on one of these sockets, is still to be woken.
    func beginToEndWaits() -> Set<UInt64> {
        endsWaits.store(true, ordering: .releasing)
        doorkeeper.withLock { $0 }?.endWaits()
        return state.withLock { $0.sockets }
    }

    // MARK: Who may come in

    /// The one who answers libzmq's questions in this context, from now on until its end.
    ///
    /// - Throws: `addressInUse` if a socket of the context does.
    func keepDoors() throws(ZMQSocketError) -> Doorkeeper {
        try checkUsable()
        return try doorkeeper.withLock { doorkeeper throws(ZMQSocketError) in
            if let doorkeeper { return doorkeeper }
            try supervisor.start()
            let made = try unsafe Doorkeeper(ZAPSocket(newSocket(.router), supervisor), supervisor)
            doorkeeper = made
            return made
        }
    }

    /// Who may come in, for all sockets of the context that ask. There is one at a time.
    package func openAuthenticator(
        _ decider: Decider?,
        decisionTimeout: Int32 = Authenticator.usualDecision
    ) throws(ZMQSocketError) -> Authenticator {
        let opened = try Authenticator(keepDoors(), supervisor, decider, decisionTimeout: decisionTimeout, threads)
        // Whoever ended them meanwhile may not have met it.
        if hasEndedWaits { opened.endWaits() }
        return opened
    }

    // MARK: Closing

    /// Nobody will open another socket: the context ends with the last one there is.
    package func abandon() {
        guard forkEpoch == ForkGuard.epoch else { return }
        let isIdle = state.withLock { state in
            guard !state.isClosed else { return false }
            state.isClosed = true
            return state.unfinished == 0
        }
        if isIdle { terminate() }
    }

    /// Nobody can open a socket any more.
    ///
    /// - Parameter done: completed at the end of the context.
    /// - Returns: the sockets that are to be closed, none from the second time on; and whether it is for the caller to
    ///   end the context, as no socket will.
    func beginClose(_ done: Completion) -> (sockets: Set<UInt64>, isIdle: Bool) {
        defer { statistics?.end() }
        return state.withLock { state in
            defer {
                state.isClosed = true
                state.isEnded = true
            }
            if state.isTerminated { done.complete() } else { state.termination.append(done) }
            return (state.isEnded ? [] : state.sockets, !state.isClosed && state.unfinished == 0)
        }
    }

    /// Ends the context, whose sockets are all gone.
    func terminate() {
        statistics?.end()
        supervisor.stop { [self] in
            doorkeeper.withLock { $0 }?.close()
            nameService.forgetNames()
            unsafe ZMQ.terminate(context: raw)
            endCancelWatch()
            let waiting = state.withLock { state in
                state.isTerminated = true
                defer { state.termination = [] }
                return state.termination
            }
            isOver()
            for completion in waiting { completion.complete() }
        }
    }
}
