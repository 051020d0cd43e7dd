// SPDX-License-Identifier: Apache-2.0

/// Whether somebody waits for the link.
enum ConnectMode: Sendable {
    /// Ends with the first handshake or with a failure that is reported to the caller.
    case verified
    /// Goes on until it is stopped.
    case background
}

/// What a connecting state machine is told at its start.
struct ConnectConfiguration: Sendable {
    var mode: ConnectMode
    var policy: ZMQRetryPolicy
    /// The end of the caller's patience (`verified`).
    var deadline: Deadline?
    /// The address, where the endpoint has it in numbers or is a path; nil for a host name.
    var address: NumericAddress?
    /// What is queued when a link is lost stays queued for it. Not for requests, which are made again by who wants
    /// the answer.
    var keepsPipe = true
    /// libzmq refuses a second queue while the first one is still ending, and does not say so.
    var hasOneQueue = false
}

/// What goes in.
enum ConnectInput: Sendable {
    case start
    case resolved([NumericAddress])
    case resolutionFailed(ConnectFailure)
    /// What a monitor says about the current address.
    case signal(MonitorEvent.Kind)
    /// libzmq's connection is one to itself, and has been reset.
    case metItself
    case probed(ProbeVerdict)
    /// libzmq would not take the address.
    case connectRejected(ConnectFailure)
    /// The time that the machine wants to hear of has come.
    case timer
    /// The caller is done with this link.
    case stop
}

/// What comes out, to be done by the caller.
enum ConnectAction: Equatable, Sendable {
    /// Resolve the host name; answer with `resolved` or `resolutionFailed`.
    case resolve
    /// Let libzmq connect to the address, and hold back sends that could end up in its pipe. libzmq is not to give
    /// up by itself before the time.
    case connect(NumericAddress, until: MonotonicInstant)
    /// Let libzmq forget the address.
    case disconnect(NumericAddress)
    /// The same, with all that is queued for it: it is not the peer's any more.
    case leave(NumericAddress)
    /// Find out with a connection of our own what is at the address; answer with `probed` by then.
    case probe(NumericAddress, until: MonotonicInstant)
    /// A probe under way is of no more interest.
    case cancelProbe
    /// Tell the user. Endpoint, time and peer count are the performer's to add.
    case report(ZMQEvent)
    /// The handshake is done.
    case established
    /// The established link has another descriptor than was thought.
    case moved
    /// The established link is gone.
    case lost
    /// The established link ends because nobody wants it any more.
    case ended
    /// The verified connect is over: nil for success.
    case finish(ConnectFailure?)
}
