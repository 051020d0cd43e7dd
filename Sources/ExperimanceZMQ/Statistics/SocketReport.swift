// SPDX-License-Identifier: Apache-2.0

/// Tells what a socket is doing, by its handle; nil once it is closed.
typealias SocketReporter = @Sendable (_ id: UInt64) -> SocketReport?

/// What a socket is doing at one moment, as an operator is told. It has no secrets.
struct SocketReport {
    /// An endpoint that it connects to.
    struct Link: Equatable {
        let endpoint: String
        /// See ``ConnectPhase/name``.
        let state: String
        /// Those since the start.
        let attempts: Int
        /// Why the last attempt that ended failed; nil for a link that is up.
        var failure: ConnectFailure?
    }

    /// The last failure of any call or link.
    struct Failure: Equatable {
        let code: ZMQSocketError.Code
        let text: String
        let at: MonotonicInstant
    }

    /// Those who wait in a call for the socket, threads and tasks.
    struct Waiting: Equatable {
        /// For room to send; then the queue is full, or there is no peer.
        var senders = 0
        /// For a message.
        var receivers = 0
        /// For peers, subscribers, events.
        var others = 0
    }

    var handle: UInt64
    /// As the log has it.
    var number: UInt64
    var kind: ZMQSocketType
    var openedAt: MonotonicInstant
    /// What is told of bound endpoints at most, and of links.
    static let mostEndpoints = 64

    /// How its connections are protected, such as "curve server"; "none".
    var security = "none"
    /// The first of the bound endpoints and of the links.
    var bound: [String] = []
    var links: [Link] = []
    /// Those that are not among them.
    var leftOut = 0
    var statistics = ZMQStatistics()
    /// Messages that have been received and not handed over, and their bytes.
    var held = (messages: 0, bytes: 0)
    var waiting = Waiting()
    var failure: Failure?

    init(handle: UInt64, number: UInt64, kind: ZMQSocketType, openedAt: MonotonicInstant) {
        (self.handle, self.number, self.kind, self.openedAt) = (handle, number, kind, openedAt)
    }
}
