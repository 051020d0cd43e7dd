// SPDX-License-Identifier: Apache-2.0

/// Whose turn it is on a REQ socket, and what became of a request that a signal has interrupted.
///
/// Touched with the lock of its socket held only.
final class RequesterRole {
    /// That of the requests to come.
    var policy: ZMQRetryPolicy
    /// A call waits for the answer to its request.
    private(set) var isRequesting = false
    /// Requests have a number in front, by which late answers are told apart. Without it the caller sees to that.
    private(set) var numbersRequests = true
    private var interrupted: OpenRequest?
    private var cancelsWhenKept: UInt32 = 0
    /// Goes up when a peer is lost: what was known of peers before is void.
    private(set) var losses: UInt64 = 0

    init(policy: ZMQRetryPolicy) {
        self.policy = policy
    }

    /// A call waits for an answer, or has been interrupted in that.
    var hasRequest: Bool { isRequesting || interrupted != nil }

    func setNumbersRequests(_ numbers: Bool) { numbersRequests = numbers }

    func peerIsGone() { losses &+= 1 }

    /// Requests follow each other.
    ///
    /// - Returns: whether it is the caller's turn now.
    func takeTurn() -> Bool {
        guard !isRequesting else { return false }
        isRequesting = true
        return true
    }

    func giveTurnBack() { isRequesting = false }

    /// A request of a call that begins.
    ///
    /// - Parameter cancels: as for keeping it.
    /// - Returns: the one a signal has interrupted, if this is the same again; else a new one.
    func begin(_ data: UnsafeRawBufferPointer, cancels: UInt32) -> (request: OpenRequest, isNew: Bool) {
        defer { interrupted = nil }
        if let interrupted, cancelsWhenKept == cancels, unsafe interrupted.interruptedBytes?.elementsEqual(data) == true
        {
            return (interrupted, false)
        }
        return (OpenRequest(policy: policy), true)
    }

    /// A signal has interrupted the request: who calls again with the same goes on.
    ///
    /// - Parameter cancels: how often waits on the socket were cancelled; once more, and the request is given up.
    func keep(_ request: OpenRequest, _ data: UnsafeRawBufferPointer, cancels: UInt32) {
        // Without memory to know it by it will be taken for a new one.
        guard Memory.isThere(data.count) else { return }
        cancelsWhenKept = cancels
        var kept = request
        kept.interruptedBytes = unsafe Array(data)
        // The attempt that was not made yet will be counted when it is.
        if !kept.isSent { kept.attempts -= 1 }
        interrupted = kept
    }

    /// Something else is done with the socket: the same request again is a new one.
    func giveUpInterrupted() { interrupted = nil }

    /// Whether the request has gone down with its server. libzmq does not tell which of several servers has it: so one
    /// that may be sent again counts as lost with any of them, another one only with the last.
    func hasLostServer(of request: OpenRequest, isIdempotent: Bool) -> Bool {
        let lost = losses &- request.lossesWhenSent
        return isIdempotent ? lost > 0 : lost > 0 && lost >= UInt64(clamping: request.peersWhenSent)
    }
}

/// A request that has been sent and is waited for.
struct OpenRequest {
    /// The delays between attempts; begun with the first of them, as most requests need none.
    private var backoff: ZMQBackoff<SplitMix64>?
    private let policy: ZMQRetryPolicy
    /// How often it has been sent, or was tried to be.
    var attempts = 0
    private(set) var isSent = false
    private(set) var lossesWhenSent: UInt64 = 0
    private(set) var peersWhenSent = 0
    /// Its bytes, while a signal has interrupted the wait.
    fileprivate(set) var interruptedBytes: [UInt8]?

    init(policy: ZMQRetryPolicy) {
        self.policy = policy
    }

    /// - Parameters:
    ///   - losses: peers lost until now, as ``RequesterRole/losses`` counts them.
    ///   - peers: who may have it.
    mutating func hasBeenSent(losses: UInt64, peers: Int) {
        isSent = true
        lossesWhenSent = losses
        peersWhenSent = peers
    }

    /// It is made again.
    mutating func goBack() { isSent = false }

    /// An attempt that came to its end, as often as the policy allows.
    var isLastAttempt: Bool { policy.isExhausted(after: attempts) }

    mutating func nextDelay() -> Int64 {
        var backoff = backoff ?? ZMQBackoff(policy: policy)
        defer { self.backoff = backoff }
        return backoff.nextNanoseconds()
    }
}
