// SPDX-License-Identifier: Apache-2.0

import LibC
import Synchronization

/// Ends the waits of the threads it is attached to and no other's: what the cancellation of a task needs, where
/// ``SocketHandle/cancel()`` would end those of everybody who waits on the socket.
///
/// A thread attaches a canceler, and from then on every wait it makes on any socket can be ended through it. It stays
/// cancelled until it is reset, so a cancellation that comes just before a wait is not lost.
///
/// It is called by a handle, as sockets are, so that a signal handler can find what it needs without a lock.
@safe
package final class Canceler: Sendable {
    fileprivate let id: UInt64
    /// Safe: never freed; what it says belongs to this canceler as long as there is one.
    @safe private nonisolated(unsafe) let slot: CancelerSlotPointer
    private let epoch = ForkGuard.epoch

    private init(id: UInt64, slot: CancelerSlotPointer) {
        self.id = id
        unsafe self.slot = slot
    }

    deinit {
        cancelerSlots.release(id)
    }

    // MARK: By handle

    /// - Returns: the handle of a new one.
    package static func open() throws(ZMQSocketError) -> UInt64 {
        let (slot, id) = try cancelerSlots.allocate()
        unsafe slot.settle(Canceler(id: id, slot: slot), id)
        return id
    }

    /// Attaches a canceler to the calling thread.
    package static func attach(_ id: UInt64) throws(ZMQSocketError) {
        guard let canceler = cancelerSlots.slot(of: id)?.canceler(id) else {
            throw ZMQSocketError(cancelerSlots.failure(of: id))
        }
        guard threadKey.load(ordering: .relaxed) != noKey else {
            throw ZMQSocketError(.limit, message: "the process has no key for thread-specific data left")
        }
        attach(canceler)
    }

    /// Attaches none.
    package static func detach() { attach(nil) }

    /// Ends the waits that are going on, and those to come. May be called in a signal handler.
    package static func cancel(_ id: UInt64) -> ZMQSocketError.Code {
        guard let slot = cancelerSlots.slot(of: id), slot.front.setCancels(id, { _ in 1 }) else {
            return cancelerSlots.failure(of: id)
        }
        if !slot.tryToWake() { slot.front.wakeLater() }
        return .ok
    }

    /// Lets waits be waits again.
    package static func reset(_ id: UInt64) throws(ZMQSocketError) {
        guard let slot = cancelerSlots.slot(of: id), slot.front.setCancels(id, { _ in 0 }) else {
            throw ZMQSocketError(cancelerSlots.failure(of: id))
        }
    }

    /// The handle is good no more. Threads that have it attached keep what it says.
    package static func close(_ id: UInt64) throws(ZMQSocketError) {
        if cancelerSlots.slot(of: id)?.leave(id) == true { return }
        let code = cancelerSlots.failure(of: id)
        guard code == .closed else { throw ZMQSocketError(code) }
    }

    // MARK: On the thread that has it

    /// Makes what a thread's canceler is found by, once in the life of the process.
    static func prepare() {
        guard threadKey.load(ordering: .relaxed) == noKey else { return }
        var made = pthread_key_t()
        let number = unsafe pthread_key_create(&made) {
            if let canceler = unsafe $0 { unsafe Unmanaged<Canceler>.fromOpaque(canceler).release() }
        }
        if number == 0 { threadKey.store(made, ordering: .releasing) }
    }

    /// The one the calling thread has attached; not in a child of the process in which it did so.
    static var current: Canceler? {
        let key = threadKey.load(ordering: .relaxed)
        guard key != noKey, let pointer = unsafe pthread_getspecific(key) else { return nil }
        let canceler = unsafe Unmanaged<Canceler>.fromOpaque(pointer).takeUnretainedValue()
        return canceler.epoch == ForkGuard.epoch ? canceler : nil
    }

    private static func attach(_ canceler: Canceler?) {
        let key = threadKey.load(ordering: .relaxed)
        guard key != noKey else { return }
        let former = unsafe pthread_getspecific(key)
        unsafe pthread_setspecific(key, canceler.map { unsafe UnsafeRawPointer(Unmanaged.passRetained($0).toOpaque()) })
        if let former = unsafe former { unsafe Unmanaged<Canceler>.fromOpaque(former).release() }
    }

    /// Attaches one by its handle, and says which was attached before.
    static func exchange(_ id: UInt64) -> Canceler? {
        let former = current
        try? attach(id)
        return former
    }

    /// Attaches what was attached before.
    static func restore(_ former: Canceler?) { attach(former) }

    /// Whether the calling thread's is cancelled.
    package static var isCurrentCanceled: Bool { current?.isCanceled ?? false }

    var isCanceled: Bool { slot.front.cancels != 0 }

    /// The calling thread is about to wait on a socket, whose lock it holds. False if it may not.
    func begin(_ core: SocketCore) -> Bool {
        slot.begin(core)
        return !isCanceled
    }

    func end(_ core: SocketCore) { slot.end(core) }
}

// Outside any type, so that they are initialized at compile time: a lazy global would cost a call in every wait.
private let noKey = pthread_key_t.max
private let threadKey = Atomic<pthread_key_t>(noKey)
