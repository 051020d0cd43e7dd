// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Ends the waits of the threads it is attached to and no other's: what the cancellation of a task needs, where
/// ``SocketHandle/cancel()`` would end those of everybody who waits on the socket.
///
/// A thread attaches a canceler, and from then on every wait it makes on any socket can be ended through it. It stays
/// cancelled until it is reset, so a cancellation that comes just before a wait is not lost.
package final class Canceler: Sendable {
    private struct State {
        var isCanceled = false
        /// What the attached threads wait on.
        var sockets: [SocketCore] = []
    }

    private let state = Guarded(State())

    package init() {}

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { if let canceler = $0 { Unmanaged<Canceler>.fromOpaque(canceler).release() } }
        return key
    }()

    /// The one the calling thread has attached.
    static var current: Canceler? {
        pthread_getspecific(key).map { Unmanaged<Canceler>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Attaches a canceler to the calling thread, or none.
    package static func attach(_ canceler: Canceler?) {
        let former = pthread_getspecific(key)
        pthread_setspecific(key, canceler.map { UnsafeRawPointer(Unmanaged.passRetained($0).toOpaque()) })
        if let former { Unmanaged<Canceler>.fromOpaque(former).release() }
    }

    /// Whether the calling thread's is cancelled.
    package static var isCurrentCanceled: Bool { current?.isCanceled ?? false }

    var isCanceled: Bool { state.withLock { $0.isCanceled } }

    /// Ends the waits that are going on, and those to come.
    package func cancel() {
        let sockets = state.withLock { state in
            state.isCanceled = true
            return state.sockets
        }
        for core in sockets { core.underLock { core.waiters.wakeEveryone() } }
    }

    /// Lets waits be waits again.
    package func reset() {
        state.withLock { $0.isCanceled = false }
    }

    /// The calling thread is about to wait on a socket, whose lock it holds. False if it may not.
    func begin(_ core: SocketCore) -> Bool {
        state.withLock { state in
            state.sockets.append(core)
            return !state.isCanceled
        }
    }

    func end(_ core: SocketCore) {
        state.withLock { state in
            if let index = state.sockets.lastIndex(where: { $0 === core }) { state.sockets.remove(at: index) }
        }
    }
}
