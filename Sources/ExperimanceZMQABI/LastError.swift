// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import LibC
import Synchronization

/// The failure that each thread has met last, for who asks after it.
///
/// A block of C's memory for each thread that has met one. Without memory it is not noted.
enum LastError {
    private static let noKey = pthread_key_t.max
    private static let key = Atomic<pthread_key_t>(noKey)

    /// Once for each process, before it is used.
    static func prepare() {
        var made = pthread_key_t()
        if unsafe pthread_key_create(&made, { unsafe free($0) }) == 0 { key.store(made, ordering: .releasing) }
    }

    static func note(_ error: ZMQSocketError) {
        guard error != ZMQSocketError(error.code) else { return note(error.code) }
        unsafe block?.pointee.fill(with: error)
    }

    /// A failure of which nothing is known but its status: its sentence is looked up by who asks.
    static func note(_ code: Code) {
        guard let block = unsafe block else { return }
        if unsafe block.pointee.status != code.rawValue || block.pointee.message.0 != 0 {
            unsafe block.pointee = exz_error()
        }
        unsafe block.pointee.status = code.rawValue
    }

    /// Without one the status is `ok`.
    static func copy(to out: UnsafeMutablePointer<exz_error>) {
        let size = unsafe out.pointee.size
        unsafe out.pointee = existing?.pointee ?? exz_error()
        unsafe out.pointee.size = size
        guard unsafe out.pointee.status != Code.ok.rawValue, unsafe out.pointee.message.0 == 0 else { return }
        unsafe out.pointee.fill(with: ZMQSocketError(Code(rawValue: out.pointee.status)))
    }

    private static var existing: UnsafeMutablePointer<exz_error>? {
        let key = key.load(ordering: .acquiring)
        guard key != noKey else { return nil }
        return unsafe pthread_getspecific(key)?.assumingMemoryBound(to: exz_error.self)
    }

    private static var block: UnsafeMutablePointer<exz_error>? {
        if let existing = unsafe existing { return unsafe existing }
        let key = key.load(ordering: .acquiring)
        guard key != noKey, let memory = unsafe malloc(MemoryLayout<exz_error>.size) else { return nil }
        guard unsafe pthread_setspecific(key, memory) == 0 else {
            unsafe free(memory)
            return nil
        }
        let block = unsafe memory.bindMemory(to: exz_error.self, capacity: 1)
        unsafe block.initialize(to: exz_error())
        return unsafe block
    }
}

@implementation @_cdecl("exz_last_error")
public func exz_last_error(_ out: UnsafeMutablePointer<exz_error>!) -> exz_status {
    guard let out = unsafe out, unsafe out.pointee.size == UInt32(MemoryLayout<exz_error>.size) else {
        return Code.invalid.rawValue
    }
    unsafe LastError.copy(to: out)
    return Code.ok.rawValue
}
