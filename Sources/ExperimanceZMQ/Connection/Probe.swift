// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// A connection of our own to an address that libzmq failed to connect to, to learn why.
///
/// libzmq's events carry no errno of connect(2) and do not say what a peer answered. A probe connects, introduces
/// itself with a ZMTP greeting, reads what comes, says goodbye, and closes. It lives on the supervisor's thread and
/// costs one descriptor while it runs.
final class Probe: @unchecked Sendable {
    // Unchecked: `state` is behind its lock.
    typealias Completion = @Sendable (ProbeVerdict) -> Void

    private struct State {
        var descriptor: Int32 = -1
        var watch: Supervisor.Token?
        var timers: [Supervisor.Token] = []
        var isConnected = false
        /// All of the greeting has been put into `unsent`.
        var hasGreeted = false
        var unsent: ArraySlice<UInt8>
        var introduction: PeerIntroduction
        var completion: Completion?
    }

    private let supervisor: Supervisor
    private let state: Guarded<State>

    /// Starts a probe. `completion` is called once, on the supervisor's thread, unless ``cancel()`` comes first.
    init(
        of address: NumericAddress,
        as kind: ZMQSocketType,
        security: (mechanism: String, isServer: Bool),
        until end: MonotonicInstant,
        supervisor: Supervisor,
        completion: @escaping Completion
    ) {
        self.supervisor = supervisor
        state = Guarded(
            State(
                unsent: PeerIntroduction.opening[...],
                introduction: PeerIntroduction(
                    kind: kind,
                    mechanism: security.mechanism,
                    isServer: security.isServer
                ),
                completion: completion
            )
        )
        start(address, until: end)
    }

    private func start(_ address: NumericAddress, until end: MonotonicInstant) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return finishLater(.connectFailed(errno: errno)) }
        state.withLock { $0.descriptor = descriptor }
        guard address.family == AF_UNIX || Self.setNoDelay(descriptor) else {
            return finishLater(.denied(errno: errno))
        }
        let status = address.withSockaddr { unsafe connect(descriptor, $0, $1) }
        let number = errno
        guard status == 0 || number == EINPROGRESS else { return finishLater(.connectFailed(errno: number)) }
        do throws(ZMQSocketError) {
            let watch = try supervisor.watch(descriptor, events: EPOLLOUT) { [self] _ in descriptorIsReady() }
            let now = MonotonicInstant.now()
            let halfTime = now.advanced(byNanoseconds: end.nanoseconds(since: now) / 2)
            let timers = [
                supervisor.schedule(at: halfTime) { [self] in nudge() },
                supervisor.schedule(at: end) { [self] in timeIsUp() },
            ]
            state.withLock { state in
                state.watch = watch
                state.timers = timers
            }
        } catch {
            finishLater(.connectFailed(errno: error.systemErrno ?? EIO))
        }
    }

    /// What libzmq can not do without.
    private static func setNoDelay(_ descriptor: Int32) -> Bool {
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size) == 0
    }

    /// Ends the probe without a verdict.
    func cancel() {
        _ = takeCompletion()
    }

    private func finishLater(_ verdict: ProbeVerdict) {
        // The caller of the initializer holds its socket's lock, which the completion wants.
        supervisor.perform { [self] in finish(verdict) }
    }

    private func finish(_ verdict: ProbeVerdict) {
        takeCompletion()?(verdict)
    }

    /// Gives the right to complete to one caller, and releases everything.
    private func takeCompletion() -> Completion? {
        state.withLock { state in
            for timer in state.timers { supervisor.cancel(timer) }
            if let watch = state.watch { supervisor.unwatch(watch, descriptor: state.descriptor) }
            if state.descriptor >= 0 {
                sayFarewell(state)
                close(state.descriptor)
            }
            state.timers = []
            state.watch = nil
            state.descriptor = -1
            defer { state.completion = nil }
            return state.completion
        }
    }

    private func sayFarewell(_ state: State) {
        guard state.unsent.isEmpty, let farewell = state.introduction.farewell(hasGreeted: state.hasGreeted) else {
            return
        }
        _ = unsafe send(state.descriptor, farewell, farewell.count, Int32(MSG_NOSIGNAL))
    }

    /// A ZMTP peer would have greeted by now, unless it wants to hear all of a greeting first. A server that reads
    /// lines may be waiting for the end of one.
    private func nudge() {
        state.withLock { state in
            guard state.isConnected, state.unsent.isEmpty, !state.introduction.hasGreeting else { return }
            if !state.hasGreeted { greet(&state) }
            guard state.introduction.bytes.isEmpty, state.unsent.isEmpty else { return }
            let lineEnds = Array("\r\n\r\n".utf8)
            _ = unsafe send(state.descriptor, lineEnds, lineEnds.count, Int32(MSG_NOSIGNAL))
        }
    }

    private func greet(_ state: inout State) {
        state.hasGreeted = true
        state.unsent = PeerIntroduction.rest(mechanism: state.introduction.mechanism)
        sendWhatFits(&state)
    }

    private func sendWhatFits(_ state: inout State) {
        let sent = unsafe state.unsent.withUnsafeBytes {
            unsafe send(state.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent > 0 { state.unsent = state.unsent.dropFirst(sent) }
        guard let watch = state.watch else { return }
        supervisor.rewatch(watch, descriptor: state.descriptor, events: state.unsent.isEmpty ? EPOLLIN : EPOLLOUT)
    }

    private func timeIsUp() {
        finish(
            state.withLock { state in
                state.isConnected
                    ? state.introduction.finalVerdict(closedWith: nil)
                    : .connectFailed(errno: ETIMEDOUT)
            }
        )
    }

    private func descriptorIsReady() {
        if let verdict = state.withLock({ advance(&$0) }) { finish(verdict) }
    }

    /// Does what can be done now; a verdict when there is one.
    private func advance(_ state: inout State) -> ProbeVerdict? {
        guard state.descriptor >= 0 else { return nil }
        if !state.isConnected {
            var number: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard unsafe getsockopt(state.descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else {
                return .denied(errno: errno)
            }
            guard number == 0 else { return .connectFailed(errno: number) }
            guard clinux_is_connected_to_itself(state.descriptor) == 0 else {
                clinux_reset_connection(state.descriptor)
                return .connectFailed(errno: ECONNREFUSED)
            }
            state.isConnected = true
        }
        if !state.unsent.isEmpty { sendWhatFits(&state) }
        var buffer = [UInt8](repeating: 0, count: PeerIntroduction.maximumLength)
        while true {
            let count = unsafe recv(state.descriptor, &buffer, buffer.count, 0)
            let number = errno
            if count > 0 {
                state.introduction.append(buffer.prefix(count))
                if let verdict = state.introduction.verdict { return verdict }
                if state.introduction.hasGreeting, !state.hasGreeted { greet(&state) }
            } else if count == 0 {
                return state.introduction.finalVerdict(closedWith: 0)
            } else if number == EAGAIN {
                return nil
            } else if number != EINTR {
                return state.introduction.finalVerdict(closedWith: number)
            }
        }
    }
}
