// SPDX-License-Identifier: Apache-2.0

/// A socket of a proxy, with the proxy's place in the queue of those who wait on it.
///
/// The place is kept from the beginning to the end: it keeps the socket's slot, and whatever happens to the socket
/// between two looks rings the bell.
@safe
final class ForwardingSide {
    let core: SocketCore
    private let waiter: WaiterPointer
    private let bell: Bell
    /// What could be done when it was looked at last: `readable` and `writable`.
    private(set) var seen: Interest = []

    /// Joins the queue of a socket, to wait for nothing but the end yet.
    ///
    /// - Parameters:
    ///   - name: what the caller calls it.
    ///   - bell: what the proxy's thread wakes from.
    /// - Throws: `state` if another proxy has the socket, or a call waits to send or to receive on it.
    init(_ handle: SocketHandle, name: String, bell: Bell) throws(ZMQSocketError) {
        let waiter = WaiterPointer.allocate(capacity: 1)
        unsafe waiter.initialize(to: Waiter(interest: [], bell: bell))
        do throws(ZMQSocketError) {
            core = try handle.withCore { core throws(ZMQSocketError) in
                guard !core.waiters.hasProxy else {
                    throw ZMQSocketError(.state, message: "another proxy has the \(name) socket")
                }
                guard core.waiters.messageWaiters == 0 else {
                    throw ZMQSocketError(.state, message: "a call waits on the \(name) socket to send or to receive")
                }
                core.waiters.hasProxy = true
                unsafe core.waiters.append(waiter)
                return core
            }
        } catch {
            unsafe waiter.deinitialize(count: 1)
            unsafe waiter.deallocate()
            throw error
        }
        unsafe self.waiter = waiter
        self.bell = bell
    }

    deinit {
        unsafe waiter.deinitialize(count: 1)
        unsafe waiter.deallocate()
    }

    /// Looks at the socket, or does something with it, under its lock.
    ///
    /// - Throws: `closed`.
    func attempt<Result>(_ body: (SocketCore) -> Result) throws(ZMQSocketError) -> Result {
        core.slot.lock()
        defer { core.unlock() }
        guard !core.isClosed else { throw ZMQSocketError(.closed) }
        // Nobody has to tell the proxy of what it sees itself.
        unsafe core.waiters.attempts(waiter)
        defer { core.waiters.endAttempt() }
        return body(core)
    }

    /// Has libzmq work through the socket's commands, and passes what there is on to others who wait.
    ///
    /// - Returns: whether a message could be sent.
    @discardableResult
    func look(_ core: SocketCore) -> Bool {
        let events = core.readEvents()
        unsafe core.wakeSatisfied(events, except: waiter)
        seen = core.isGated ? events.subtracting(.writable) : events
        return seen.contains(.writable)
    }

    /// From now on the proxy waits for this.
    ///
    /// - Throws: `closed`.
    func wait(for interest: Interest) throws(ZMQSocketError) {
        core.slot.lock()
        defer { core.unlock() }
        guard !core.isClosed else { throw ZMQSocketError(.closed) }
        guard unsafe waiter.pointee.interest != interest else { return }
        unsafe core.leave(waiter)
        unsafe waiter.deinitialize(count: 1)
        unsafe waiter.initialize(to: Waiter(interest: interest, bell: bell))
        unsafe core.waiters.append(waiter)
    }

    /// Leaves the queue: the socket is its owner's alone again.
    func leave() {
        core.underLock {
            core.waiters.hasProxy = false
            unsafe core.leave(waiter)
        }
    }
}
