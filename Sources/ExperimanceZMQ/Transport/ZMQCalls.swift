// SPDX-License-Identifier: Apache-2.0

import CLinux
import CZeroMQ
import LibC

/// A libzmq socket, as libzmq hands it out.
typealias RawSocket = UnsafeMutableRawPointer

/// Every call into libzmq, each with its errno captured beside it, before anything else can overwrite it.
///
/// A function here answers 0 or an errno, or a count with -1 for "look at errno" for sends and receives. None of them
/// waits: sends and receives carry `ZMQ_DONTWAIT`, so that every wait is the engine's own. None of them answers `EINTR`
/// for a signal, which is only ever news to who waits.
enum ZMQ {
    // MARK: Signals

    /// More signals than can come within one call, one after the other. In a process that was cloned behind the back of
    /// `pthread_atfork` libzmq answers nothing but `EINTR`.
    private static let patience = 10_000

    /// Makes a call until no signal gets in its way.
    ///
    /// libzmq looks at what other threads have told the socket before it does anything else, with poll(2), and that is
    /// where it may answer `EINTR`: nothing has been done then, whatever the call.
    @inline(__always)
    private static func repeating(_ call: () -> Int32) -> Int32 {
        let answer = call()
        return answer < 0 && errno == EINTR ? repeatingOnceMore(call) : answer
    }

    @inline(never)
    private static func repeatingOnceMore(_ call: () -> Int32) -> Int32 {
        for _ in 0..<patience {
            let answer = call()
            guard answer < 0, errno == EINTR else { return answer }
        }
        return -1
    }

    /// The same for a call that is told by 0 or an errno.
    private static func status(_ call: () -> Int32) -> Int32 {
        repeating(call) == 0 ? 0 : errno
    }

    // MARK: Contexts

    static func newContext() -> UnsafeMutableRawPointer? {
        // What libzmq encrypts with is set up under a lock of the process.
        clinux_hold_off_forks()
        defer { clinux_let_forks() }
        return unsafe zmq_ctx_new()
    }

    static func set(context: UnsafeMutableRawPointer, option: Int32, to value: Int32) -> Int32 {
        status { unsafe zmq_ctx_set(context, option, value) }
    }

    /// Waits for the sockets of the context; call it only once they are gone.
    static func terminate(context: UnsafeMutableRawPointer) {
        _ = status { unsafe zmq_ctx_term(context) }
    }

    static var version: (major: Int32, minor: Int32, patch: Int32) {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&major, &minor, &patch)
        return (major, minor, patch)
    }

    // MARK: Sockets

    static func newSocket(_ context: UnsafeMutableRawPointer, type: Int32) -> (socket: RawSocket?, error: Int32) {
        var socket: RawSocket?
        // The first one starts libzmq's threads, which are to run no handler of the host's.
        let number = HeldSignals.during {
            status {
                unsafe socket = zmq_socket(context, type)
                return unsafe socket == nil ? -1 : 0
            }
        }
        return unsafe (socket, number)
    }

    static func close(_ socket: RawSocket) {
        _ = unsafe zmq_close(socket)
    }

    static func bind(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        // The event of it is sent from here, in two parts: one that a signal takes away would spoil the next event.
        HeldSignals.during { status { unsafe zmq_bind(socket, endpoint) } }
    }

    static func unbind(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        status { unsafe zmq_unbind(socket, endpoint) }
    }

    static func connect(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        status { unsafe zmq_connect(socket, endpoint) }
    }

    static func disconnect(_ socket: RawSocket, _ endpoint: String) -> Int32 {
        status { unsafe zmq_disconnect(socket, endpoint) }
    }

    /// Starts reporting the socket's events at an inproc endpoint.
    static func monitor(_ socket: RawSocket, _ endpoint: String, events: Int32) -> Int32 {
        status { unsafe zmq_socket_monitor(socket, endpoint, events) }
    }

    /// Ends the reporting; its last event goes to the reading end, which has to be there still.
    static func endMonitor(_ socket: RawSocket) {
        HeldSignals.during { _ = unsafe zmq_socket_monitor(socket, nil, 0) }
    }

    // MARK: Options

    static func set(_ socket: RawSocket, option: Int32, to value: Int32) -> Int32 {
        var value = value
        return status { unsafe zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size) }
    }

    static func set(_ socket: RawSocket, option: Int32, to value: Int64) -> Int32 {
        var value = value
        return status { unsafe zmq_setsockopt(socket, option, &value, MemoryLayout<Int64>.size) }
    }

    static func set(_ socket: RawSocket, option: Int32, to bytes: UnsafeRawBufferPointer) -> Int32 {
        status { unsafe zmq_setsockopt(socket, option, bytes.baseAddress, bytes.count) }
    }

    static func set(_ socket: RawSocket, option: Int32, to text: String) -> Int32 {
        var text = text
        return text.withUTF8 { unsafe set(socket, option: option, to: UnsafeRawBufferPointer($0)) }
    }

    /// How long libzmq lets an attempt to connect take, and the handshake after it.
    static func setAttemptLimit(of socket: RawSocket, milliseconds: Int32) -> Int32 {
        let status = unsafe set(socket, option: ZMQ_HANDSHAKE_IVL, to: milliseconds)
        return unsafe status == 0 ? set(socket, option: ZMQ_CONNECT_TIMEOUT, to: milliseconds) : status
    }

    static func get(_ socket: RawSocket, option: Int32, into buffer: UnsafeMutableRawPointer, size: inout Int) -> Int32
    {
        status { unsafe zmq_getsockopt(socket, option, buffer, &size) }
    }

    static func getInt32(_ socket: RawSocket, option: Int32) -> Int32? {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        return status { unsafe zmq_getsockopt(socket, option, &value, &size) } == 0 ? value : nil
    }

    static func getString(_ socket: RawSocket, option: Int32) -> String? {
        var size = 1024
        return unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer -> String? in
            let number = status { unsafe zmq_getsockopt(socket, option, buffer.baseAddress, &size) }
            guard number == 0, size > 0 else { return nil }
            return unsafe String(decoding: buffer[..<(size - 1)], as: UTF8.self)
        }
    }

    /// Lets the socket work through its commands (new pipes, ended pipes, arrived messages) and says what it can do
    /// now. Nil when the socket can not answer any more.
    static func events(_ socket: RawSocket) -> Interest? {
        // `readable` and `writable` have the numbers of ZMQ_POLLIN and ZMQ_POLLOUT.
        unsafe getInt32(socket, option: ZMQ_EVENTS).map { events in
            Interest(rawValue: UInt8(truncatingIfNeeded: events)).intersection([.readable, .writable])
        }
    }

    // MARK: Messages

    /// Copies the bytes into a new message of the socket. The number of bytes, or -1 with errno.
    @inline(__always)
    static func send(_ socket: RawSocket, _ data: UnsafeRawPointer?, _ size: Int, more: Bool = false) -> Int32 {
        repeating { unsafe zmq_send(socket, data, size, more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT) }
    }

    /// Moves the message into the socket. The number of bytes, or -1 with errno and the message still the caller's.
    static func send(_ socket: RawSocket, message: UnsafeMutablePointer<zmq_msg_t>, more: Bool = false) -> Int32 {
        repeating { unsafe zmq_msg_send(message, socket, more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT) }
    }

    /// Receives into `message`, whose former content is released. The number of bytes, or -1 with errno.
    @inline(__always)
    static func receive(_ socket: RawSocket, into message: UnsafeMutablePointer<zmq_msg_t>) -> Int {
        unsafe size(of: message, answered: repeating { unsafe zmq_msg_recv(message, socket, ZMQ_DONTWAIT) })
    }

    /// The same, but it may answer `EINTR`: for who tries again anyway, and is spared a look at errno.
    @inline(__always)
    static func receiveOnce(_ socket: RawSocket, into message: UnsafeMutablePointer<zmq_msg_t>) -> Int {
        unsafe size(of: message, answered: zmq_msg_recv(message, socket, ZMQ_DONTWAIT))
    }

    /// What a receive comes to: libzmq answers in 31 bits, with the largest number for all sizes beyond it.
    @inline(__always)
    static func size(of message: UnsafePointer<zmq_msg_t>, answered answer: Int32) -> Int {
        // One comparison for failures and for the largest number: as an unsigned one a failure is larger still.
        guard UInt32(bitPattern: answer) >= UInt32(Int32.max) else { return Int(answer) }
        return unsafe answer < 0 ? -1 : zmq_msg_size(message)
    }
}
