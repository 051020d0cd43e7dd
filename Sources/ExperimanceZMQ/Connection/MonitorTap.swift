// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Synchronization

/// The reading end of one socket's monitor.
///
/// libzmq writes monitor events with blocking sends from its I/O thread: a reader that lags stalls every socket of that
/// thread. So the reading end has no high-water mark and the supervisor drains it as soon as anything is there. It
/// stays open after `zmq_close` until `MONITOR_STOPPED`, which libzmq sends from the socket's destructor: that is how
/// the end of a socket, its port and its descriptors given back, becomes an event instead of a guess.
@safe
final class MonitorTap: @unchecked Sendable {
    // Unchecked: what can change belongs to the supervisor's thread once the watch has begun. Safe: the reader is open
    // as long as it is watched.
    private let reader: RawSocket
    private let supervisor: Supervisor
    private var isOpen = true
    private var descriptor: Int32 = -1
    /// Read, and not taken yet.
    private var unhandled: Deque<MonitorEvent> = []
    private var comesAgain = false

    private static let lastNumber = Atomic<UInt64>(0)

    /// Opens the reading end and tells libzmq to write to it.
    ///
    /// - Parameters:
    ///   - deliver: takes the events in their order, on the supervisor's thread, and gets a function for those that
    ///     have come meanwhile. What it leaves comes again soon, when others have had their turn.
    ///   - ended: called once, after the last event.
    init(
        on socket: RawSocket,
        of context: UnsafeMutableRawPointer,
        supervisor: Supervisor,
        deliver: @escaping @Sendable (inout Deque<MonitorEvent>, _ more: () -> [MonitorEvent]) -> Void,
        ended: @escaping @Sendable () -> Void
    ) throws(ZMQSocketError) {
        self.supervisor = supervisor
        let (created, failure) = unsafe ZMQ.newMonitorReader(context)
        guard let created = unsafe created else { throw Self.failed(failure) }
        unsafe reader = created
        let number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        // With a control character, which no endpoint of a user has.
        let name = "inproc://\u{1}exz monitor \(number)"
        // A reading end that nothing is bound for makes libzmq abort at the end of the context if it has no descriptor
        // then; so the descriptor for the writing end has to be there first.
        var status = Descriptors.shortage(of: 1) ?? 0
        // The reading end before the writing end: a monitor without one blocks libzmq with its first event.
        if status == 0 { status = unsafe ZMQ.connect(reader, name) }
        if status == 0 { status = unsafe ZMQ.monitor(socket, name, events: MonitorEvent.mask) }
        guard status == 0, let descriptor = unsafe ZMQ.descriptor(of: reader) else {
            unsafe ZMQ.close(reader)
            throw Self.failed(status)
        }
        self.descriptor = descriptor
        do throws(ZMQSocketError) {
            _ = try supervisor.watch(descriptor) { [self] token in drain(token, deliver, ended) }
        } catch {
            unsafe ZMQ.endMonitor(socket)
            unsafe ZMQ.close(reader)
            throw error
        }
    }

    private static func failed(_ number: Int32) -> ZMQSocketError {
        ZMQSocketError(errno: number, doing: "can not monitor the socket")
    }

    private func drain(
        _ watch: Supervisor.Token,
        _ deliver: @escaping @Sendable (inout Deque<MonitorEvent>, () -> [MonitorEvent]) -> Void,
        _ ended: @escaping @Sendable () -> Void
    ) {
        guard isOpen else { return }
        unhandled += read()
        if !unhandled.isEmpty { deliver(&unhandled, read) }
        guard isOpen else {
            supervisor.unwatch(watch, descriptor: descriptor)
            unsafe ZMQ.close(reader)
            return ended()
        }
        guard !unhandled.isEmpty, !comesAgain else { return }
        comesAgain = true
        supervisor.perform { [self] in
            comesAgain = false
            drain(watch, deliver, ended)
        }
    }

    /// Everything that has come.
    private func read() -> [MonitorEvent] {
        var events: [MonitorEvent] = []
        var frame = Frame()
        while unsafe frame.receive(from: reader) >= 0 {
            guard frame.hasMore else { continue }
            var address = Frame()
            guard unsafe address.receive(from: reader) >= 0 else { break }
            let text = address.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
            if let event = frame.withBytes({ unsafe MonitorEvent(frame: $0, address: text) }) {
                if event.kind == .monitorStopped { isOpen = false }
                events.append(event)
            }
        }
        return events
    }
}
