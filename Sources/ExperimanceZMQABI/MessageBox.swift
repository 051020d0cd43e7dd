// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// A received message, as a handle keeps it.
final class MessageBox: Sendable {
    private struct State {
        let message: ReceivedMessage
        /// A call sends it on at this moment.
        var isLeaving = false
    }

    private let state: Guarded<State>

    init(_ message: ReceivedMessage) {
        state = Guarded(State(message: message))
    }

    var partCount: Int { state.withLock { $0.message.partCount } }

    /// Where a part lies until the box is gone, whatever its alignment.
    ///
    /// - Throws: `invalid` if there is no such part.
    func view(ofPart index: Int) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
        guard let bytes = unsafe state.withLock({ unsafe $0.message.bytes(ofPart: index) }) else {
            throw .invalid("there is no part \(index)")
        }
        return unsafe bytes
    }

    func copy(_ property: SenderProperty, into buffer: UnsafeMutableRawBufferPointer) throws(ZMQSocketError) {
        try state.withLock { state throws(ZMQSocketError) in
            let fits = unsafe state.message.withProperty(property) { text in
                guard let text = unsafe text else {
                    unsafe buffer.copyAsCString(EmptyCollection())
                    return buffer.count > 0
                }
                let size = unsafe strlen(text) + 1
                guard size <= buffer.count else { return false }
                unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(start: text, count: size))
                return true
            }
            guard fits else { throw ZMQSocketError(.tooSmall) }
        }
    }

    /// Calls a function with what is known of its sender: without its NUL, nothing where nothing is known.
    func withProperty<R>(_ property: SenderProperty, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        state.withLock { state in
            unsafe state.message.withProperty(property) {
                unsafe body(UnsafeRawBufferPointer(start: $0, count: $0.map(strlen) ?? 0))
            }
        }
    }

    /// The same for anything that libzmq has under a name.
    func withMetadata<R>(_ name: UnsafePointer<CChar>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        state.withLock { state in
            unsafe state.message.withMetadata(name) {
                unsafe body(UnsafeRawBufferPointer(start: $0, count: $0.map(strlen) ?? 0))
            }
        }
    }

    // MARK: Sending on

    /// For a box that is kept when it is sent: to anybody, and as often as one likes. Nil without memory.
    func share() -> SharedParts? { state.withLock { $0.message.share() } }

    /// Begins to send it on. Nobody else can until ``stay()``.
    ///
    /// - Throws: `state` if somebody does, `noMemory`.
    func beginLeaving() throws(ZMQSocketError) -> SharedParts {
        try state.withLock { state throws(ZMQSocketError) in
            guard !state.isLeaving else {
                throw ZMQSocketError(.state, message: "another call sends this message")
            }
            guard let parts = state.message.share() else { throw ZMQSocketError(.noMemory) }
            state.isLeaving = true
            return parts
        }
    }

    /// It was not sent.
    func stay() { state.withLock { $0.isLeaving = false } }

    /// Where a part is until the box is gone.
    ///
    /// - Throws: `noMemory`; `invalid` if there is no such part; `state` while it is sent on, from where it lies.
    func bytes(ofPart index: Int) throws(ZMQSocketError) -> UnsafeRawBufferPointer {
        try unsafe state.withLock { state throws(ZMQSocketError) in
            guard !state.isLeaving else { throw ZMQSocketError(.state, message: "another call sends this message") }
            return try unsafe state.message.lastingBytes(ofPart: index)
        }
    }
}
