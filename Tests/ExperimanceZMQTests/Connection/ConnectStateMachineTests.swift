// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

/// Drives a machine with a clock that stands still until it is told, and keeps what came out.
private struct Driver {
    var machine: ConnectStateMachine
    var now = MonotonicInstant(nanoseconds: 0)
    private(set) var log: [String] = []

    static let four = NumericAddress("127.0.0.1", port: 5555)
    static let other = NumericAddress("127.0.0.2", port: 5555)

    init(
        _ mode: ConnectStateMachine.Mode,
        timeout: Int32 = 60_000,
        address: NumericAddress? = Driver.four,
        keepsPipe: Bool = true,
        policy change: (inout RetryPolicy) -> Void = { _ in }
    ) {
        var policy = RetryPolicy()
        policy.jitter = .none
        change(&policy)
        machine = ConnectStateMachine(
            ConnectStateMachine.Configuration(
                mode: mode,
                policy: policy,
                deadline: mode == .verified ? Deadline(milliseconds: timeout, after: now) : nil,
                address: address,
                keepsPipe: keepsPipe
            )
        )
    }

    /// Gives an input and answers what came out, in words.
    @discardableResult
    mutating func give(_ input: ConnectStateMachine.Input) -> [String] {
        let words = machine.handle(input, now: now).map(Self.describe)
        log += words
        return words
    }

    @discardableResult
    mutating func signal(_ signals: ConnectStateMachine.Signal...) -> [String] {
        signals.flatMap { give(.signal($0)) }
    }

    /// Goes to the machine's next timer.
    @discardableResult
    mutating func runTimer() -> [String] {
        guard let timer = machine.nextTimer else { return ["no timer"] }
        now = timer
        return give(.timer)
    }

    var milliseconds: Int64 { now.nanoseconds / nanosecondsPerMillisecond }

    static func describe(_ action: ConnectStateMachine.Action) -> String {
        switch action {
        case .resolve: return "resolve"
        case .connect(let address, _): return "connect \(address.endpoint)"
        case .disconnect(let address): return "disconnect \(address.endpoint)"
        case .probe: return "probe"
        case .cancelProbe: return "cancel probe"
        case .established: return "established"
        case .moved: return "moved"
        case .lost: return "lost"
        case .finish(let failure): return "finish \(failure?.code.name ?? "EXZ_OK")"
        case .report(let event):
            switch event.kind {
            case .connecting: return "connecting \(event.attempt)"
            case .failed: return "failed \(event.attempt) \(event.code.name)"
            case .retryIn: return "retry in \(event.delay.clampedNanoseconds / nanosecondsPerMillisecond)"
            default: return event.kind.name
            }
        }
    }

    /// An attempt that is refused: what libzmq says, and what the probe finds.
    mutating func refuse() -> [String] {
        signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
            + give(.probed(.connectFailed(errno: ECONNREFUSED)))
    }

    mutating func establish(descriptor: Int32 = 9) {
        signal(.connectDelayed, .connected(descriptor: descriptor), .handshakeSucceeded)
    }
}

private let four = "tcp://127.0.0.1:5555"
private let abandoned = ["cancel probe", "disconnect \(four)"]
private let up = ["cancel probe", "established", "handshaken"]

@Suite("Connect state machine", .watchdog)
struct ConnectStateMachineTests {
    // MARK: First connection

    @Test("A good peer: one attempt, one connect, no probe")
    func success() {
        var driver = Driver(.verified)
        #expect(driver.give(.start) == ["connecting 1", "connect \(four)"])
        #expect(driver.machine.isAttempting)
        #expect(driver.signal(.connectDelayed, .connected(descriptor: 9)) == [])
        #expect(driver.signal(.handshakeSucceeded) == up + ["finish EXZ_OK"])
        #expect(driver.machine.isEstablished)
        #expect(!driver.machine.isAttempting)
        #expect(driver.machine.currentDescriptor == 9)
        #expect(driver.machine.nextTimer == nil)
    }

    @Test("Connected is not enough: without a handshake the link is not up")
    func connectedOnly() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(!driver.machine.isEstablished)
        #expect(driver.machine.failureAtDeadline == .silent)
    }

    @Test("Refused: disconnect, probe, the reason, the policy's delay, the next attempt")
    func refused() {
        var driver = Driver(.verified)
        driver.give(.start)
        #expect(driver.signal(.connectDelayed, .closed) == [])
        #expect(driver.signal(.connectRetried(milliseconds: 50)) == abandoned + ["probe"])
        #expect(
            driver.give(.probed(.connectFailed(errno: ECONNREFUSED))) == ["failed 1 EXZ_ERR_REFUSED", "retry in 100"]
        )
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 100)
        driver.establish()
        #expect(driver.machine.isEstablished)
        #expect(driver.machine.totalAttempts == 2)
    }

    @Test("Out of descriptors: in the background the usual delay, as they may be back any moment")
    func shortage() {
        var driver = Driver(.background)
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(.connectFailed(errno: EMFILE))) == ["failed 1 EXZ_ERR_LIMIT", "retry in 100"])
        var verified = Driver(.verified)
        verified.give(.start)
        verified.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(
            verified.give(.probed(.connectFailed(errno: EMFILE))) == ["failed 1 EXZ_ERR_LIMIT", "finish EXZ_ERR_LIMIT"]
        )
    }

    @Test("All attempts refused: as many as the policy has, with its delays, then the last reason")
    func exhausted() {
        var driver = Driver(.verified) { $0.maxAttempts = 4 }
        driver.give(.start)
        var delays: [Int64] = []
        for _ in 0..<3 {
            #expect(!driver.refuse().contains { $0.hasPrefix("finish") })
            let before = driver.milliseconds
            driver.runTimer()
            delays.append(driver.milliseconds - before)
        }
        #expect(delays == [100, 200, 400])
        #expect(driver.refuse().suffix(2) == ["failed 4 EXZ_ERR_REFUSED", "finish EXZ_ERR_REFUSED"])
        #expect(driver.machine.nextTimer == nil)
        #expect(driver.machine.totalAttempts == 4)
    }

    @Test(
        "The reason of a failed handshake",
        arguments: [
            (MonitorEvent.HandshakeFailure.connection(errno: ECONNRESET), ZMQSocketError.Code.peerLost),
            (.connection(errno: EPIPE), .peerLost), (.connection(errno: EAGAIN), .timeout),
            (.protocolBreach(0x1100_0002), .security), (.protocolBreach(0x1100_0001), .security),
            (.protocolBreach(0x1000_0000), .protocolError), (.authentication(status: 400), .security),
        ]
    )
    func handshakeFailures(failure: MonitorEvent.HandshakeFailure, code: ZMQSocketError.Code) {
        var driver = Driver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(failure))
        #expect(
            driver.signal(.disconnected(descriptor: 9)) == abandoned + ["failed 1 \(code.name)", "finish \(code.name)"]
        )
    }

    @Test(
        "A connection that libzmq ends without a reason is probed",
        arguments: [
            (ProbeVerdict.foreign("an HTTP server"), ZMQSocketError.Code.protocolError),
            (.otherType("PUSH", ours: .sub), .protocolError), (.otherMechanism("CURVE"), .security),
            (.oldProtocol(major: 2), .protocolError), (.fits, .protocolError), (.silent, .protocolError),
            (.connectFailed(errno: ECONNREFUSED), .protocolError),
        ]
    )
    func endedWithoutReason(verdict: ProbeVerdict, code: ZMQSocketError.Code) {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(driver.signal(.disconnected(descriptor: 9)) == abandoned + ["probe"])
        #expect(driver.give(.probed(verdict)) == ["failed 1 \(code.name)", "finish \(code.name)"])
    }

    @Test(
        "What a probe makes of a refused connection",
        arguments: [
            (ProbeVerdict.connectFailed(errno: EHOSTUNREACH), ZMQSocketError.Code.unreachable),
            (.connectFailed(errno: ENETUNREACH), .unreachable), (.connectFailed(errno: ETIMEDOUT), .timeout),
            (.connectFailed(errno: ENOENT), .refused), (.connectFailed(errno: EACCES), .permission),
            (.closedEarly(errno: 0), .peerLost), (.silent, .timeout), (.foreign("x"), .protocolError),
        ]
    )
    func refinement(verdict: ProbeVerdict, code: ZMQSocketError.Code) {
        var driver = Driver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(verdict)).last == "finish \(code.name)")
    }

    @Test("A peer that has just come up is tried again at once")
    func justUp() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(.fits)) == ["failed 1 EXZ_ERR_REFUSED", "retry in 0"])
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 0)
    }

    @Test("No answer at all: the attempt's bound ends it, and the next begins")
    func noAnswer() {
        var driver = Driver(.verified) { $0.attemptTimeout = .milliseconds(300) }
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.runTimer() == abandoned + ["failed 1 EXZ_ERR_TIMEOUT", "retry in 100"])
        #expect(driver.milliseconds == 300)
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 400)
    }

    @Test("Without a bound of its own a verified attempt has what is left of the deadline")
    func deadlineBounds() {
        var driver = Driver(.verified, timeout: 2_000)
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.machine.nextTimer?.nanoseconds == 2_000 * nanosecondsPerMillisecond)
    }

    @Test("A silent peer is probed while the attempt goes on; a sure finding ends it")
    func suspicion() {
        var driver = Driver(.verified, timeout: 10_000)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(driver.runTimer() == ["probe"])
        #expect(driver.milliseconds == 500)
        #expect(driver.give(.probed(.foreign("an HTTP server"))).last == "finish EXZ_ERR_PROTOCOL")
    }

    @Test("A probe that finds nothing sure does not disturb the attempt")
    func suspicionUnfounded() {
        var driver = Driver(.verified, timeout: 1_000)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(driver.runTimer() == ["probe"])
        #expect(driver.give(.probed(.silent)) == [])
        #expect(driver.machine.isAttempting)
        #expect(driver.signal(.handshakeSucceeded) == up + ["finish EXZ_OK"])
    }

    @Test("What is left over from an earlier attempt is not taken for this one's")
    func leftovers() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: ECONNRESET)))
        driver.signal(.disconnected(descriptor: 9))
        driver.runTimer()
        #expect(driver.signal(.connectRetried(milliseconds: 50)) == [])
        #expect(driver.signal(.disconnected(descriptor: 9)) == [])
        #expect(driver.signal(.handshakeSucceeded) == [])
        #expect(driver.machine.isAttempting)
        driver.establish(descriptor: 10)
        #expect(driver.machine.currentDescriptor == 10)
    }

    @Test("An address libzmq will not take")
    func rejected() {
        var driver = Driver(.verified) { $0.maxAttempts = 2 }
        driver.give(.start)
        #expect(driver.give(.connectRejected(errno: EINVAL)).last == "finish EXZ_ERR_INVALID")
    }

    // MARK: Names

    @Test("A name: all its addresses are tried within one attempt, and the last reason counts")
    func addresses() throws {
        let first = try #require(Driver.four)
        let second = try #require(Driver.other)
        var driver = Driver(.verified, address: nil) { $0.maxAttempts = 2 }
        #expect(driver.give(.start) == ["connecting 1", "resolve"])
        #expect(driver.give(.resolved([first, second])) == ["connect \(first.endpoint)"])
        // Refused, and there is another address: no need to know why.
        #expect(
            driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
                == abandoned + ["connect \(second.endpoint)"]
        )
        #expect(driver.refuse().suffix(2) == ["failed 1 EXZ_ERR_REFUSED", "retry in 100"])
        #expect(driver.runTimer() == ["connecting 2", "resolve"])
        driver.give(.resolved([second]))
        driver.establish()
        #expect(driver.machine.isEstablished)
    }

    @Test("The time of an attempt is shared among its addresses")
    func sharedTime() throws {
        let first = try #require(Driver.four)
        let second = try #require(Driver.other)
        var driver = Driver(.verified, timeout: 1_000, address: nil)
        driver.give(.start)
        driver.give(.resolved([first, second]))
        driver.signal(.connectDelayed)
        #expect(driver.runTimer() == abandoned + ["connect \(second.endpoint)"])
        #expect(driver.milliseconds == 500)
    }

    @Test("A name that does not resolve is tried again, and told as such")
    func unresolved() {
        var driver = Driver(.verified, address: nil) { $0.maxAttempts = 2 }
        driver.give(.start)
        #expect(driver.machine.failureAtDeadline.code == .resolve)
        let failure = ConnectFailure(code: .resolve, reason: "unknown")
        #expect(driver.give(.resolutionFailed(failure)) == ["failed 1 EXZ_ERR_RESOLVE", "retry in 100"])
        driver.runTimer()
        #expect(driver.give(.resolutionFailed(failure)).last == "finish EXZ_ERR_RESOLVE")
    }

    @Test("A name service that does not answer is given up when the attempt's time is over")
    func slowResolver() {
        var driver = Driver(.verified, address: nil) { $0.attemptTimeout = .milliseconds(200) }
        driver.give(.start)
        #expect(driver.runTimer() == ["failed 1 EXZ_ERR_RESOLVE", "retry in 100"])
        #expect(driver.milliseconds == 200)
        #expect(driver.give(.resolved([])) == [])
    }

    @Test("A name without an address")
    func noAddress() {
        var driver = Driver(.verified, address: nil) { $0.maxAttempts = 1 }
        driver.give(.start)
        #expect(driver.give(.resolved([])).last?.hasPrefix("finish") == true)
    }

    // MARK: In the background

    @Test("In the background attempts go on beyond the policy's number")
    func background() {
        var driver = Driver(.background) { $0.maxAttempts = 2 }
        driver.give(.start)
        for _ in 0..<10 {
            #expect(driver.refuse().last?.hasPrefix("retry in") == true)
            driver.runTimer()
        }
        #expect(driver.machine.totalAttempts == 11)
        driver.establish()
        #expect(!driver.log.contains { $0.hasPrefix("finish") })
    }

    @Test("A peer that is no ZeroMQ socket is tried again only after the longest delay")
    func backgroundPermanent() {
        var driver = Driver(.background)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .disconnected(descriptor: 9))
        #expect(
            driver.give(.probed(.foreign("an HTTP server"))) == ["failed 1 EXZ_ERR_PROTOCOL", "retry in 30000"]
        )
    }

    @Test("A background attempt is bounded although there is no deadline")
    func backgroundBound() {
        var driver = Driver(.background)
        driver.give(.start)
        #expect(driver.machine.nextTimer?.nanoseconds == ConnectStateMachine.attemptLimit)
    }

    @Test("An address that gave no answer is looked at first, so that sends do not wait for another attempt in vain")
    func scouting() {
        var driver = Driver(.background) { $0.attemptTimeout = .milliseconds(300) }
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.machine.isAttempting)
        #expect(driver.runTimer() == abandoned + ["failed 1 EXZ_ERR_TIMEOUT", "retry in 100"])
        #expect(driver.runTimer() == ["connecting 2", "probe"])
        #expect(!driver.machine.isAttempting)
        #expect(driver.machine.currentAddress == nil)
        #expect(driver.give(.probed(.silent)) == ["failed 2 EXZ_ERR_TIMEOUT", "retry in 200"])
        #expect(driver.runTimer() == ["connecting 3", "probe"])
        #expect(driver.runTimer() == ["cancel probe", "failed 3 EXZ_ERR_TIMEOUT", "retry in 400"])
        #expect(driver.runTimer() == ["connecting 4", "probe"])
        // It is there.
        #expect(driver.give(.probed(.fits)) == ["connect \(four)"])
        #expect(driver.machine.isAttempting)
        driver.establish()
        #expect(driver.machine.isEstablished)
    }

    @Test("What a look finds counts as the attempt's outcome; after another failure than no answer nobody looks first")
    func scoutingOutcomes() {
        for (verdict, outcome) in [
            (ProbeVerdict.connectFailed(errno: ECONNREFUSED), "EXZ_ERR_REFUSED"),
            (.closedEarly(errno: 0), "EXZ_ERR_PEER_LOST"), (.foreign("an HTTP server"), "EXZ_ERR_PROTOCOL"),
        ] {
            var driver = Driver(.background) { $0.attemptTimeout = .milliseconds(300) }
            driver.give(.start)
            driver.runTimer()
            driver.runTimer()
            #expect(driver.give(.probed(verdict)).first == "failed 2 \(outcome)")
            #expect(driver.runTimer() == ["connecting 3", "connect \(four)"])
        }
    }

    // MARK: A link that was up

    @Test("An attempt that was given up and connects all the same does not hide the end of the link")
    func straggler() {
        for (first, second) in [(7, 9), (9, 7)] as [(Int32, Int32)] {
            // Beside the attempt; and when it has its handshake already.
            var driver = Driver(.background)
            driver.give(.start)
            driver.signal(.connectDelayed, .connected(descriptor: first), .connected(descriptor: second))
            #expect(driver.signal(.handshakeSucceeded) == up)
            #expect(driver.machine.currentDescriptor == second)
            #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"])

            driver = Driver(.background)
            driver.give(.start)
            driver.establish(descriptor: first)
            #expect(driver.signal(.connected(descriptor: second), .handshakeSucceeded) == ["moved"])
            #expect(driver.machine.currentDescriptor == second)
            #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"])
            #expect(driver.signal(.disconnected(descriptor: 7)) == [])
        }
    }

    @Test("A lost link is libzmq's to re-make; the machine watches and reports")
    func recovery() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"])
        #expect(!driver.machine.isEstablished)
        #expect(!driver.machine.isAttempting)
        #expect(driver.signal(.connectRetried(milliseconds: 70)) == ["retry in 70"])
        #expect(driver.machine.nextTimer == nil)
        #expect(driver.signal(.connectDelayed) == ["connecting 1"])
        #expect(driver.signal(.closed) == ["probe"])
        // The reason comes before the delay in the story, whatever comes first in time.
        #expect(driver.signal(.connectRetried(milliseconds: 120)) == [])
        #expect(
            driver.give(.probed(.connectFailed(errno: ECONNREFUSED))) == ["failed 1 EXZ_ERR_REFUSED", "retry in 120"]
        )
        #expect(
            driver.signal(.connectDelayed, .connected(descriptor: 12), .handshakeSucceeded) == ["connecting 2"] + up
        )
        #expect(driver.machine.currentDescriptor == 12)
        #expect(!driver.log.contains { $0.hasPrefix("disconnect") })
    }

    @Test("A link whose pipe is not kept is made from scratch when it is lost, with the policy's delays")
    func remaking() {
        var driver = Driver(.background, keepsPipe: false) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"] + abandoned + ["retry in 100"])
        #expect(!driver.machine.isEstablished)
        #expect(driver.machine.currentAddress == nil)
        // What libzmq still says of the link that was is of no interest.
        #expect(driver.signal(.connectRetried(milliseconds: 50), .closed) == [])
        #expect(driver.runTimer() == ["connecting 1", "connect \(four)"])
        #expect(driver.milliseconds == 100)
        #expect(driver.machine.isAttempting)
        #expect(driver.refuse() == abandoned + ["probe", "failed 1 EXZ_ERR_REFUSED", "retry in 200"])
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.signal(.connectDelayed, .connected(descriptor: 7), .handshakeSucceeded) == up)
        // Success starts the delays from the beginning.
        #expect(driver.signal(.disconnected(descriptor: 7)) == ["lost", "lost"] + abandoned + ["retry in 100"])
    }

    @Test("The end of another connection is not the end of a link whose pipe is not kept")
    func remakingNothing() {
        var driver = Driver(.verified, keepsPipe: false)
        driver.give(.start)
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 8), .connectRetried(milliseconds: 50)) == [])
        #expect(driver.machine.isEstablished)
        #expect(driver.give(.stop) == ["lost"] + abandoned)
        #expect(driver.runTimer() == ["no timer"])
    }

    @Test(
        "A peer that breaks off a handshake with keys has rejected them, if it is still there",
        arguments: [
            (true, ProbeVerdict.fits, "EXZ_ERR_SECURITY"),
            (true, .closedEarly(errno: 0), "EXZ_ERR_PEER_LOST"),
            (true, .connectFailed(errno: ECONNREFUSED), "EXZ_ERR_PEER_LOST"),
            (true, .otherMechanism("NULL"), "EXZ_ERR_SECURITY"),
            (false, .fits, "EXZ_ERR_PEER_LOST"),
        ]
    )
    func keyRejected(isSecured: Bool, verdict: ProbeVerdict, reason: String) {
        var driver = Driver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.machine.isSecured = isSecured
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: EPIPE)))
        driver.signal(.disconnected(descriptor: 9))
        driver.give(.probed(verdict))
        #expect(driver.log.last == "finish \(reason)")
        #expect(driver.log.contains("probe") == isSecured)
    }

    @Test("Over a local socket there is no delayed connect; attempts are reported all the same")
    func localRecovery() {
        var driver = Driver(.verified, address: NumericAddress(localPath: "/x"))
        driver.give(.start)
        driver.signal(.connected(descriptor: 9), .handshakeSucceeded)
        #expect(driver.machine.isEstablished)
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50))
        #expect(driver.signal(.closed) == ["connecting 1", "probe"])
        driver.signal(.connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(.connectFailed(errno: ENOENT))) == ["failed 1 EXZ_ERR_REFUSED", "retry in 50"])
        #expect(driver.signal(.connected(descriptor: 10), .handshakeSucceeded) == ["connecting 2"] + up)
    }

    @Test("A probe slower than the back-off does not hold the story up")
    func slowProbe() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50), .connectDelayed, .closed)
        driver.signal(.connectRetried(milliseconds: 80))
        #expect(
            driver.signal(.connectDelayed) == [
                "cancel probe", "failed 1 EXZ_ERR_REFUSED", "retry in 80", "connecting 2",
            ]
        )
        #expect(driver.give(.probed(.connectFailed(errno: ECONNREFUSED))) == [])
    }

    @Test("libzmq stays silent after a disconnect: the endpoint is dead and is revived")
    func revival() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9))
        #expect(driver.runTimer() == abandoned + ["failed 0 EXZ_ERR_PEER_LOST", "retry in 100"])
        #expect(driver.milliseconds == 500)
        #expect(driver.runTimer() == ["connecting 1", "connect \(four)"])
        driver.establish(descriptor: 10)
        #expect(driver.machine.isEstablished)
        #expect(driver.log.filter { $0.hasPrefix("finish") } == ["finish EXZ_OK"])
    }

    @Test("A service that comes back as something else is let go, and tried again slowly")
    func replaced() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50))
        driver.signal(.connectDelayed, .connected(descriptor: 10), .handshakeFailed(.protocolBreach(0x1100_0002)))
        #expect(
            driver.signal(.disconnected(descriptor: 10))
                == abandoned + ["failed 1 EXZ_ERR_SECURITY", "retry in 30000"]
        )
    }

    @Test("The attempts after a loss are not bound by the deadline of the first connect")
    func oldDeadline() {
        var driver = Driver(.verified, timeout: 1_000)
        driver.give(.start)
        driver.establish()
        driver.now = MonotonicInstant(nanoseconds: 3_600_000_000_000)
        driver.signal(.disconnected(descriptor: 9))
        driver.runTimer()
        driver.runTimer()
        #expect(driver.machine.isAttempting)
    }

    @Test("Success starts the policy from the beginning")
    func resetBySuccess() {
        var driver = Driver(.background)
        driver.give(.start)
        for _ in 0..<3 {
            _ = driver.refuse()
            driver.runTimer()
        }
        driver.establish()
        driver.signal(.disconnected(descriptor: 9))
        #expect(driver.runTimer().last == "retry in 100")
    }

    // MARK: The end

    @Test("Stopping takes back what there is")
    func stopping() {
        var idle = Driver(.verified)
        #expect(idle.give(.stop) == ["cancel probe"])
        var attempting = Driver(.verified)
        attempting.give(.start)
        #expect(attempting.give(.stop) == abandoned)
        #expect(attempting.machine.nextTimer == nil)
        var established = Driver(.verified)
        established.give(.start)
        established.establish()
        #expect(established.give(.stop) == ["lost"] + abandoned)
        var waiting = Driver(.verified)
        waiting.give(.start)
        _ = waiting.refuse()
        #expect(waiting.give(.stop) == ["cancel probe"])
    }

    @Test("A finished machine does nothing more, whatever comes")
    func finished() {
        var driver = Driver(.verified)
        driver.give(.start)
        driver.give(.stop)
        driver.establish()
        let late: [ConnectStateMachine.Input] = [
            .start, .resolved([]), .probed(.fits), .timer, .connectRejected(errno: EINVAL), .stop,
            .signal(.disconnected(descriptor: 9)), .signal(.connectRetried(milliseconds: 1)),
        ]
        for input in late { #expect(driver.give(input).filter { $0 != "cancel probe" } == []) }
    }

    @Test("Any order of inputs leaves the machine with a timer, a link, or an end")
    func random() throws {
        let address = try #require(Driver.four)
        var random = SplitMix64(seed: 3)
        let inputs: [ConnectStateMachine.Input] = [
            .resolved([address]), .resolved([]), .resolutionFailed(.noAnswer), .connectRejected(errno: EINVAL),
            .probed(.fits), .probed(.silent), .probed(.foreign("x")), .probed(.connectFailed(errno: ECONNREFUSED)),
            .signal(.connectDelayed), .signal(.connected(descriptor: 9)), .signal(.connected(descriptor: 10)),
            .signal(.closed), .signal(.connectRetried(milliseconds: 50)), .signal(.handshakeSucceeded),
            .signal(.handshakeFailed(.connection(errno: ECONNRESET))), .signal(.handshakeFailed(.protocolBreach(1))),
            .signal(.disconnected(descriptor: 9)), .signal(.disconnected(descriptor: 10)), .timer,
        ]
        for round in 0..<500 {
            var driver = Driver(.background, address: round % 2 == 0 ? address : nil)
            driver.give(.start)
            for _ in 0..<100 {
                let choice = inputs[Int(random.next() % UInt64(inputs.count))]
                if case .timer = choice { driver.runTimer() } else { driver.give(choice) }
                // In the background nothing ends it: it is up, libzmq is at work, or a timer will call.
                let isAlive =
                    driver.machine.isEstablished || driver.machine.nextTimer != nil
                    || driver.machine.currentAddress != nil
                #expect(isAlive)
            }
        }
    }
}
