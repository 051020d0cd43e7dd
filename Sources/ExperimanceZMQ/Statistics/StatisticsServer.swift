// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC
import Synchronization

/// Tells whoever connects to a local socket, and is the same user or root, what a context is doing: one document and
/// the end.
///
/// It has a thread of its own and nothing of libzmq's: it answers where a context's supervisor or libzmq does not, and
/// no reader keeps those from their work. Readers are few at a time, and have a limit of time.
final class StatisticsServer: Sendable {
    private struct State {
        var watch: Supervisor.Token?
        var readers: [Int32: (reader: StatisticsReader, watch: Supervisor.Token, alarm: Supervisor.Token)] = [:]
        /// Whether an alarm is set to accept again.
        var isPausing = false
        var isOver = false
    }

    /// Where it is to be found.
    let path: String
    private let descriptor: Int32
    private let supervisor: Supervisor
    /// What is told; nil where there is no memory for it.
    private let document: @Sendable () -> [UInt8]?
    /// Touched on the server's thread, and by who ends it.
    private let state = Guarded(State())

    /// Readers that have not taken everything yet; another one is turned away.
    static let mostReaders = 16
    /// The time for a reader to take it, in nanoseconds.
    private static let patience: Int64 = 2_000 * nanosecondsPerMillisecond
    /// As many are accepted before others have their turn.
    private static let mostAtOnce = 64
    /// Without a descriptor it is not tried again at once, in nanoseconds.
    private static let pause: Int64 = 50 * nanosecondsPerMillisecond
    /// Names in the runtime directory that may be another one's: process numbers are not everybody's in a container.
    private static let mostNames = 16

    private static let lastNumber = Atomic<UInt64>(0)

    /// Begins to serve.
    ///
    /// - Parameters:
    ///   - place: where.
    ///   - threads: how the context's threads run. This one has no place before others.
    ///   - document: what to tell, by the number that the context has from now on. It is called on the server's thread.
    /// - Throws: `addressInUse` for a path that is served; `permission`, `limit` and what else the system says.
    convenience init(
        at place: StatisticsPlace,
        _ threads: ThreadSettings,
        _ document: @escaping @Sendable (_ number: UInt64) -> [UInt8]?
    ) throws(ZMQSocketError) {
        var threads = threads
        threads.scheduling = nil
        let number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        switch place {
        case .path(let path):
            try self.init(path, threads) { document(number) }
        case .ofOwnChoice:
            let directory = RuntimeDirectory.ofProcess
            try directory.make()
            directory.sweep()
            try self.init(in: directory, number, threads) { document(number) }
        }
    }

    private convenience init(
        in directory: RuntimeDirectory,
        _ number: UInt64,
        _ threads: ThreadSettings,
        _ document: @escaping @Sendable () -> [UInt8]?
    ) throws(ZMQSocketError) {
        var failure = ZMQSocketError(.addressInUse)
        for turn in 0..<UInt64(Self.mostNames) {
            // Far from those that other contexts of the process will have.
            let file = directory.file(ofProcess: getpid(), number: number + turn * 1_000_000)
            do throws(ZMQSocketError) {
                try self.init(file, threads, document)
                return
            } catch {
                guard error.code == .addressInUse else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private init(
        _ path: String,
        _ threads: ThreadSettings,
        _ document: @escaping @Sendable () -> [UInt8]?
    ) throws(ZMQSocketError) {
        let supervisor = try Supervisor(named: "stats", threads)
        let (descriptor, file): (Int32, LocalPath?)
        do throws(ConnectFailure) {
            (descriptor, file) = try LocalPath.listen(at: path, ListeningSettings(mode: 0o600))
        } catch {
            throw ZMQSocketError(
                error.code,
                endpoint: "ipc://\(path)",
                systemErrno: error.systemErrno,
                message: "can not serve statistics at ipc://\(path): \(error.reason)"
            )
        }
        (self.path, self.descriptor, self.supervisor, self.document) = (path, descriptor, supervisor, document)
        StatisticsFiles.add(descriptor)
        if let file { StatisticsFiles.add(file, at: path) }
        do throws(ZMQSocketError) {
            let watch = try supervisor.watch(descriptor, events: Supervisor.eachChange) { [self] _ in accept() }
            state.withLock { $0.watch = watch }
        } catch {
            end()
            throw error
        }
    }

    // MARK: Its end

    /// Ends it: nobody finds it any more. Again is nothing.
    func end() {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        guard isFirst else { return }
        // While the socket is still there, see LocalPath.
        StatisticsFiles.removeFile(at: path)
        supervisor.stop { [self] in closeAll() }
    }

    /// Waits until its thread is gone; false if the deadline comes first. Not on it.
    func awaitEnd(until deadline: Deadline) -> Bool { supervisor.awaitEnd(until: deadline) }

    /// The owner of its thread.
    var threadOwner: ObjectIdentifier { ObjectIdentifier(supervisor) }

    private func closeAll() {
        let (watch, readers) = state.withLock { state in
            defer { (state.watch, state.readers) = (nil, [:]) }
            return (state.watch, state.readers)
        }
        for (descriptor, each) in readers {
            supervisor.unwatch(each.watch, descriptor: descriptor)
            each.reader.close()
        }
        if let watch { supervisor.unwatch(watch, descriptor: descriptor) }
        // A child of the process may have the socket as well.
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
        StatisticsFiles.close(descriptor)
    }

    // MARK: On its thread

    private func accept() {
        for _ in 0..<Self.mostAtOnce {
            guard !state.withLock({ $0.isOver }) else { return }
            let accepted = clinux_accept(descriptor)
            guard accepted < 0 else {
                serve(accepted)
                continue
            }
            switch errno {
            case EAGAIN, EINVAL: return
            case EINTR, ECONNABORTED: break
            default:
                // Nobody says when there are descriptors or memory again.
                return acceptLater()
            }
        }
        supervisor.perform { [self] in accept() }
    }

    /// One alarm at a time, however many come meanwhile.
    private func acceptLater() {
        let isFirst = state.withLock { state in
            defer { state.isPausing = true }
            return !state.isPausing
        }
        guard isFirst else { return }
        _ = supervisor.schedule(at: MonotonicInstant.now().advanced(byNanoseconds: Self.pause)) { [self] in
            state.withLock { $0.isPausing = false }
            accept()
        }
    }

    private func serve(_ accepted: Int32) {
        StatisticsFiles.add(accepted)
        guard Self.mayRead(accepted), state.withLock({ $0.readers.count }) < Self.mostReaders,
            let document = document()
        else {
            return StatisticsReader(accepted, of: []).close()
        }
        var reader = StatisticsReader(accepted, of: document)
        guard case .full = reader.write() else { return reader.close() }
        do throws(ZMQSocketError) {
            let watch = try supervisor.watch(accepted, events: Supervisor.eachChange) { [self] _ in goOn(accepted) }
            let end = MonotonicInstant.now().advanced(byNanoseconds: Self.patience)
            let alarm = supervisor.schedule(at: end) { [self] in dismiss(accepted) }
            state.withLock { $0.readers[accepted] = (reader, watch, alarm) }
        } catch {
            reader.close()
        }
    }

    private func goOn(_ descriptor: Int32) {
        // One that has gone says so in its next write.
        guard var reader = state.withLock({ $0.readers[descriptor]?.reader }) else { return }
        let progress = reader.write()
        state.withLock { $0.readers[descriptor]?.reader = reader }
        if case .done = progress { dismiss(descriptor) }
    }

    private func dismiss(_ descriptor: Int32) {
        guard let known = state.withLock({ $0.readers.removeValue(forKey: descriptor) }) else { return }
        supervisor.cancel(known.alarm)
        supervisor.unwatch(known.watch, descriptor: descriptor)
        known.reader.close()
    }

    /// Whether that is somebody whom the process has nothing to hide from: the same user, or root.
    private static func mayRead(_ descriptor: Int32) -> Bool {
        var known = clinux_credentials()
        guard unsafe clinux_get_peer_credentials(descriptor, &known) != 0 else { return false }
        return known.user == 0 || known.user == geteuid()
    }
}
