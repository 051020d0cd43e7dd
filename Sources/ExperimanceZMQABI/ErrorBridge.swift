// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ
import ExperimanceZMQFaults

typealias Code = ZMQSocketError.Code

/// Makes what a process has once, unless that has been done.
@inline(__always)
private func setUp() {
    ForkGuard.setUp {
        // Locked while others are taken.
        _ = (currentLog, contexts, faultProxies, messages, schedules)
        ProcessGlobals.make()
        FaultProxyCore.prepare()
    }
}

/// Runs the body of a C function, from the beginning to the end: no thread is cancelled in it.
@inline(__always)
func answer(_ body: () -> Code) -> exz_status {
    // In a signal handler then, and the lock could be wanted again.
    guard !HeldLocks.isAny else { return Code.state.rawValue }
    setUp()
    return ThreadCancellation.held(body).rawValue
}

/// The same where an error becomes a status.
@inline(__always)
func status(_ body: () throws(ZMQSocketError) -> Void) -> exz_status {
    answer {
        do throws(ZMQSocketError) {
            try body()
            return .ok
        } catch {
            return error.code
        }
    }
}

/// The same for functions that give details.
///
/// - Parameter endpoint: what was passed in, for failures that come before anybody looks at it.
func status(
    _ details: UnsafeMutablePointer<exz_error>?,
    endpoint: UnsafePointer<CChar>? = nil,
    _ body: () throws(ZMQSocketError) -> Void
) -> exz_status {
    if let details, details.pointee.size != UInt32(MemoryLayout<exz_error>.size) { return Code.invalid.rawValue }
    return answer {
        do throws(ZMQSocketError) {
            try body()
            return .ok
        } catch {
            var error = error
            if details != nil, error.endpoint == nil, let endpoint { error.endpoint = String(cString: endpoint) }
            details?.fill(with: error)
            return error.code
        }
    }
}

extension ZMQSocketError {
    static func invalid(_ message: String) -> ZMQSocketError {
        ZMQSocketError(.invalid, message: message)
    }
}

extension UnsafeMutablePointer<exz_error> {
    func fill(with error: ZMQSocketError) {
        pointee.status = error.code.rawValue
        pointee.sys_errno = error.systemErrno ?? 0
        pointee.attempts = UInt32(clamping: error.attempts ?? 0)
        pointee.elapsed_ms = (error.elapsed ?? .zero).clampedNanoseconds / 1_000_000
        pointee.cause = error.cause?.rawValue ?? Code.ok.rawValue
        copy((error.endpoint ?? "").utf8, to: \.endpoint, of: self)
        copy(error.message.utf8, to: \.message, of: self)
    }
}

/// Writes text into a character array of a C struct: cut where a character ends, always with a NUL.
func copy<Struct, Array>(
    _ text: some Collection<UInt8>,
    to field: KeyPath<Struct, Array>,
    of pointer: UnsafeMutablePointer<Struct>
) {
    guard let offset = MemoryLayout<Struct>.offset(of: field) else { return }
    let room = UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(pointer) + offset,
        count: MemoryLayout<Array>.size
    )
    room.copyAsCString(text)
}

extension UnsafeMutableRawBufferPointer {
    /// Fills the buffer from its start, leaving room for a NUL.
    func copyAsCString(_ bytes: some Collection<UInt8>) {
        guard count > 0 else { return }
        var end = Swift.min(bytes.count, count - 1)
        if end < bytes.count {
            // Back to where a UTF-8 sequence begins, which is no more than three bytes away.
            var start = end
            while start > 0, end - start < 3, bytes[bytes.index(bytes.startIndex, offsetBy: start)] & 0xC0 == 0x80 {
                start -= 1
            }
            if bytes[bytes.index(bytes.startIndex, offsetBy: start)] & 0xC0 != 0x80 { end = start }
        }
        copyBytes(from: bytes.prefix(end))
        self[end] = 0
    }
}
