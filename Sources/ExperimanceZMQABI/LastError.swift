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
        if pthread_key_create(&made, { free($0) }) == 0 { key.store(made, ordering: .releasing) }
    }

    static func note(_ error: ZMQSocketError) {
        guard error != ZMQSocketError(error.code) else { return note(error.code) }
        block?.fill(with: error)
    }

    /// A failure of which nothing is known but its status: its sentence is looked up by who asks.
    static func note(_ code: Code) {
        guard let block else { return }
        if block.pointee.status != code.rawValue || block.pointee.message.0 != 0 { block.pointee = exz_error() }
        block.pointee.status = code.rawValue
    }

    /// Without one the status is `ok`.
    static func copy(to out: UnsafeMutablePointer<exz_error>) {
        let size = out.pointee.size
        out.pointee = existing?.pointee ?? exz_error()
        out.pointee.size = size
        guard out.pointee.status != Code.ok.rawValue, out.pointee.message.0 == 0 else { return }
        out.fill(with: ZMQSocketError(Code(rawValue: out.pointee.status)))
    }

    private static var existing: UnsafeMutablePointer<exz_error>? {
        let key = key.load(ordering: .acquiring)
        guard key != noKey else { return nil }
        return pthread_getspecific(key)?.assumingMemoryBound(to: exz_error.self)
    }

    private static var block: UnsafeMutablePointer<exz_error>? {
        if let existing { return existing }
        let key = key.load(ordering: .acquiring)
        guard key != noKey, let memory = malloc(MemoryLayout<exz_error>.size) else { return nil }
        guard pthread_setspecific(key, memory) == 0 else {
            free(memory)
            return nil
        }
        let block = memory.bindMemory(to: exz_error.self, capacity: 1)
        block.initialize(to: exz_error())
        return block
    }
}

@implementation @_cdecl("exz_last_error")
public func exz_last_error(_ out: UnsafeMutablePointer<exz_error>!) -> exz_status {
    guard let out, out.pointee.size == UInt32(MemoryLayout<exz_error>.size) else { return Code.invalid.rawValue }
    LastError.copy(to: out)
    return Code.ok.rawValue
}
