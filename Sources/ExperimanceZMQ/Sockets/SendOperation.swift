// SPDX-License-Identifier: Apache-2.0

import LibC

/// A message on its way, in memory of its own for as long as it may have to wait.
protocol OutgoingPayload: AnyObject {
    /// Bytes of all parts.
    var size: Int { get }
    var partCount: Int { get }

    /// Sends it without waiting. Negative, with errno, if it was not taken and is still here.
    func send(to socket: RawSocket) -> Int32
}

/// The send of one message.
struct SendOperation<Payload: OutgoingPayload>: Operation {
    private let payload: Payload
    private let timeout: ZMQTimeout
    private var until: Deadline?

    init(_ payload: Payload, timeout: ZMQTimeout) {
        self.payload = payload
        self.timeout = timeout
    }

    mutating func proceed(_ core: SocketCore, after end: ZMQSocketError.Code?) -> Step<Void> {
        if until == nil, let code = core.reasonNotToSend(payload.size, parts: payload.partCount) {
            return refused(core, code)
        }
        let until = until ?? core.deadline(timeout)
        self.until = until
        if let end { return refused(core, end) }
        // It would give up a request that began during the wait.
        guard !core.isRequesting else { return refused(core, .state) }
        guard let socket = unsafe core.socket, !core.isGated else { return .wait(for: .writable, until: until) }
        guard unsafe payload.send(to: socket) >= 0 else {
            let number = errno
            return number == EAGAIN
                ? .wait(for: .writable, until: until) : refused(core, ZMQSocketError.Code(errno: number))
        }
        core.countSent(payload.size)
        core.afterSend()
        return .done
    }

    private func refused(_ core: SocketCore, _ code: ZMQSocketError.Code) -> Step<Void> {
        core.countRefusedSend(code, timeout: timeout)
        core.afterRefusal()
        return .failed(ZMQSocketError(code))
    }
}

/// A message of one part.
@usableFromInline
final class OutgoingFrame: OutgoingPayload {
    private var frame: Frame
    let size: Int

    /// Nil without memory.
    @usableFromInline
    init?(copying bytes: UnsafeRawBufferPointer) {
        guard let frame = unsafe Frame(copying: bytes) else { return nil }
        self.frame = frame
        size = bytes.count
    }

    var partCount: Int { 1 }

    func send(to socket: RawSocket) -> Int32 { unsafe frame.send(to: socket) }
}

/// A message of one part in memory that belongs to somebody else until it is sent.
final class LentFrame: OutgoingPayload {
    private var buffer: LentBuffer
    private let release: ReleaseBox
    private var isSent = false
    let size: Int

    /// What is called when the memory is not needed any more.
    private final class ReleaseBox {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Nil without memory.
    ///
    /// - Parameter release: called once if it is sent, on any thread; else never.
    init?(_ bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        let box = ReleaseBox(release)
        let held = unsafe Unmanaged.passRetained(box)
        let data = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        let lent = unsafe LentBuffer(data, bytes.count, user: held.toOpaque()) { _, user in
            guard let user = unsafe user else { return }
            unsafe Unmanaged<ReleaseBox>.fromOpaque(user).takeRetainedValue().body()
        }
        guard let lent else {
            unsafe held.release()
            return nil
        }
        buffer = lent
        self.release = box
        size = bytes.count
    }

    deinit {
        guard !isSent else { return }
        buffer.takeBack()
        unsafe Unmanaged.passUnretained(release).release()
    }

    var partCount: Int { 1 }

    func send(to socket: RawSocket) -> Int32 {
        let answer = unsafe buffer.send(to: socket)
        if answer >= 0 { isSent = true }
        return answer
    }
}

extension SharedParts: OutgoingPayload {}

/// A message of several parts, all or nothing.
@safe
final class OutgoingParts: OutgoingPayload {
    private let parts: [UnsafeRawBufferPointer]
    let size: Int

    /// Nil without memory.
    init?(copying parts: [[UInt8]]) {
        var copies: [UnsafeRawBufferPointer] = unsafe []
        var size = 0
        for part in parts {
            let (sum, overflow) = size.addingReportingOverflow(part.count)
            guard !overflow, let block = unsafe malloc(max(1, part.count)) else {
                unsafe Self.free(copies)
                return nil
            }
            unsafe part.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(start: block, count: part.count).copyMemory(from: $0)
            }
            unsafe copies.append(UnsafeRawBufferPointer(start: block, count: part.count))
            size = sum
        }
        unsafe self.parts = copies
        self.size = size
    }

    /// - Throws: `invalid` without parts, `noMemory`.
    static func copying(_ parts: [[UInt8]]) throws(ZMQSocketError) -> OutgoingParts {
        guard !parts.isEmpty else { throw ZMQSocketError(.invalid, message: "a message has at least one part") }
        guard let copied = OutgoingParts(copying: parts) else { throw ZMQSocketError(.noMemory) }
        return copied
    }

    deinit {
        unsafe Self.free(parts)
    }

    private static func free(_ parts: [UnsafeRawBufferPointer]) {
        for place in unsafe 0..<parts.count {
            unsafe LibC.free(UnsafeMutableRawPointer(mutating: parts[place].baseAddress))
        }
    }

    var partCount: Int { unsafe parts.count }

    func send(to socket: RawSocket) -> Int32 { unsafe OutgoingMessage.send(parts, to: socket) }
}
