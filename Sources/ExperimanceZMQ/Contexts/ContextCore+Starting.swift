// SPDX-License-Identifier: Apache-2.0

// Starting libzmq's threads, so that they run as was asked for.
extension ContextCore {
    /// Does something on a thread that runs as the context's threads are to, and that those it starts take after.
    func onOwnThread(_ work: @escaping @Sendable () throws(ZMQSocketError) -> Void) throws(ZMQSocketError) {
        let (settings, done) = (threads, Completion())
        let failure = Guarded<ZMQSocketError?>(nil)
        try OwnThread.start(named: "starter", of: self) {
            do throws(ZMQSocketError) {
                try settings.apply()
                try work()
            } catch {
                failure.withLock { $0 = error }
            }
            done.complete()
        }
        _ = done.wait(until: .never)
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    static func failedToMakeSocket(_ number: Int32) -> ZMQSocketError {
        number == 0 ? ZMQSocketError(.internal) : ZMQSocketError(errno: number, doing: "libzmq can not make a socket")
    }

    /// libzmq starts its threads with the first socket, and aborts if it does not get them, their descriptors, or an
    /// answer to their calls. So all of that is tried before.
    func startLibrary() throws(ZMQSocketError) {
        try Self.rehearse()
        // And one to spare.
        if let number = Descriptors.shortage(of: libraryThreads.descriptors + 1) {
            throw Self.failedToMakeSocket(number)
        }
        if let number = ThreadReserve.shortage(of: libraryThreads.count) {
            var error = Self.failedToMakeSocket(number)
            error.code = .limit
            throw error
        }
        if threads.needTrial {
            let raw = unsafe UInt(bitPattern: raw)
            try onOwnThread { () throws(ZMQSocketError) in try Self.makeSocket(of: raw) }
        }
        guard !threads.keepForeignNames else { return }
        if !threads.needTrial { try unsafe Self.makeSocket(of: UInt(bitPattern: raw)) }
        libraryThreads.name(threads.name)
    }

    /// Makes a socket and closes it, for what comes with the first one.
    private static func makeSocket(of context: UInt) throws(ZMQSocketError) {
        guard let raw = unsafe UnsafeMutableRawPointer(bitPattern: context) else { return }
        let (socket, number) = unsafe ZMQ.newSocket(raw, type: ZMQSocketType.pair.libzmqType)
        guard let socket = unsafe socket else { throw failedToMakeSocket(number) }
        unsafe ZMQ.close(socket)
    }

    static func checkVersion() throws(ZMQSocketError) {
        let (major, minor, patch) = ZMQ.version
        guard (major, minor) >= (4, 3) else {
            throw ZMQSocketError(
                .version,
                message: "libzmq \(major).\(minor).\(patch) is too old, 4.3.0 or later is needed"
            )
        }
    }

    static func rehearse() throws(ZMQSocketError) {
        do throws(Rehearsal.Refusal) {
            try Rehearsal.perform()
        } catch {
            throw ZMQSocketError(errno: error.number, doing: "the system refuses \(error.call)(2) to libzmq")
        }
    }
}
