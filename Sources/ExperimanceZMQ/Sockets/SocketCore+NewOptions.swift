// SPDX-License-Identifier: Apache-2.0

extension SocketCore {
    /// Replaces the options of a socket that has not been in use. Who waits on it, and who watches it, goes on.
    ///
    /// libzmq's socket stays the same one: what was subscribed to, and what was set by number and has no field, stays.
    ///
    /// - Throws: `state` once a bind or connect has begun, `invalid`, `notSupported` for security; all is as it was.
    func replaceOptions(with new: ZMQSocketOptions) throws(ZMQSocketError) {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        guard !bound.hasBegun, !connecting.hasBegun else {
            throw ZMQSocketError(.state, message: "options can be replaced before the first bind or connect")
        }
        guard new.security == nil else {
            throw ZMQSocketError(.notSupported, message: "security is given when a socket is opened, and stays")
        }
        var new = new
        new.security = options.security
        // libzmq can not take it back.
        if new.identity == nil { new.identity = options.identity }
        try new.validate(for: kind)
        do throws(ZMQSocketError) {
            try unsafe new.applyFields(to: socket, kind: kind)
        } catch {
            try? unsafe options.applyFields(to: socket, kind: kind)
            throw error
        }
        options = new
        role.requester?.policy = new.retry
        liveness = LivenessWatch(limit: new.keepAliveSeconds)
        journal.eventCapacity = new.eventCapacity
        slot.pointee.defaultTimeout = Int32(clamping: new.defaultTimeout.roundedUpMilliseconds)
        applyMaxMessageSize()
    }
}
