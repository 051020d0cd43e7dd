// SPDX-License-Identifier: Apache-2.0

/// Where libzmq's questions come in and the answers go out. It belongs to the supervisor's thread.
@safe
final class ZAPSocket: @unchecked Sendable {
    // Unchecked: touched on the supervisor's thread once the watch has begun. Safe: the socket is open as long.
    /// Who asks, by the name that the socket has for it.
    typealias Route = [UInt8]

    static let name = "zeromq.zap.01"
    static let endpoint = "inproc://" + name

    private let router: RawSocket
    private let supervisor: Supervisor
    private let descriptor: Int32
    private var watch: Supervisor.Token?
    private var deliver: (@Sendable (ZAPQuestion, _ from: Route) -> Void)?

    /// - Parameter router: a new ROUTER; closed here, also where this fails.
    /// - Throws: `addressInUse` if somebody else answers the questions.
    init(_ router: RawSocket, _ supervisor: Supervisor) throws(ZMQSocketError) {
        unsafe self.router = router
        self.supervisor = supervisor
        var status = unsafe ZMQ.setUpHandler(router)
        if status == 0 { status = unsafe ZMQ.bind(router, Self.endpoint) }
        guard status == 0, let descriptor = unsafe ZMQ.descriptor(of: router) else {
            unsafe ZMQ.close(router)
            throw Self.failed(status)
        }
        self.descriptor = descriptor
    }

    private static func failed(_ number: Int32) -> ZMQSocketError {
        let error = ZMQSocketError(errno: number, doing: "can not look after the peers of a context")
        guard error.code == .addressInUse else { return error }
        return ZMQSocketError(
            .addressInUse,
            systemErrno: number,
            message: "a socket of this context is bound to \(endpoint), and decides on its peers"
        )
    }

    /// - Parameter deliver: gets each question, on the supervisor's thread. What a monitor has said before a question
    ///   came has been heard of by then.
    func begin(_ deliver: @escaping @Sendable (ZAPQuestion, _ from: Route) -> Void) throws(ZMQSocketError) {
        self.deliver = deliver
        do throws(ZMQSocketError) {
            watch = try supervisor.watch(descriptor) { [weak self] _ in self?.take() }
        } catch {
            unsafe ZMQ.close(router)
            throw error
        }
    }

    /// Calls back on the supervisor's thread when all has been delivered that has been asked by now.
    func settle(_ body: @escaping @Sendable () -> Void) {
        supervisor.perform { [weak self] in self?.take(then: body) }
    }

    private func take(then body: (@Sendable () -> Void)? = nil) {
        let questions = read()
        guard !questions.isEmpty || body != nil else { return }
        let deliver = deliver
        // A monitor may have been looked at before this was read, and have said more since: so not in this round, but
        // at the end of the next one, in which all monitors are looked at.
        supervisor.perform { [supervisor] in
            supervisor.perform {
                for (question, route) in questions { deliver?(question, route) }
                body?()
            }
        }
    }

    private func read() -> [(ZAPQuestion, Route)] {
        var questions: [(ZAPQuestion, Route)] = []
        var frame = Frame()
        while unsafe frame.receive(from: router) >= 0 {
            let route = frame.bytes
            var question = ZAPQuestion()
            guard frame.hasMore, unsafe frame.receiveNextPart(from: router) else { continue }
            let isQuestion = frame.count == 0
            while frame.hasMore, unsafe frame.receiveNextPart(from: router) { question.add(&frame) }
            if isQuestion { questions.append((question, route)) }
        }
        return questions
    }

    /// - Returns: false if nobody is there any more who would read it.
    func send(_ reply: ZAPReply, to route: Route) -> Bool {
        // A send works through libzmq's commands, too, and uses up the signal that a question has come: nobody would
        // read it before the next one, or before its peer is given up.
        defer { take() }
        let frames = [route, []] + reply.frames
        for (index, frame) in frames.enumerated() {
            let sent = unsafe frame.withUnsafeBytes { bytes in
                unsafe ZMQ.send(router, bytes.baseAddress, bytes.count, more: index < frames.count - 1)
            }
            // Once the first part is taken, all are.
            guard sent >= 0 else { return false }
        }
        return true
    }

    func close() {
        if let watch { supervisor.unwatch(watch, descriptor: descriptor) }
        unsafe ZMQ.close(router)
    }
}
