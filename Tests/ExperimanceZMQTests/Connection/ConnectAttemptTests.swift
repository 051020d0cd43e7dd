// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

private let four = "tcp://127.0.0.1:5555"
private let abandoned = ConnectDriver.abandoned
private let up = ConnectDriver.up

@Suite("Connect state machine: attempts", .watchdog)
struct ConnectAttemptTests {
    @Test("A good peer: one attempt, one connect, no probe")
    func success() {
        var driver = ConnectDriver(.verified)
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
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(!driver.machine.isEstablished)
        #expect(driver.machine.failureAtDeadline == .silent)
    }

    @Test("Refused: disconnect, probe, the reason, the policy's delay, the next attempt")
    func refused() {
        var driver = ConnectDriver(.verified)
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
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(.connectFailed(errno: EMFILE))) == ["failed 1 EXZ_ERR_LIMIT", "retry in 100"])
        var verified = ConnectDriver(.verified)
        verified.give(.start)
        verified.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(
            verified.give(.probed(.connectFailed(errno: EMFILE))) == ["failed 1 EXZ_ERR_LIMIT", "finish EXZ_ERR_LIMIT"]
        )
    }

    @Test("All attempts refused: as many as the policy has, with its delays, then the last reason")
    func exhausted() {
        var driver = ConnectDriver(.verified) { $0.maxAttempts = 4 }
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
            (MonitorEvent.HandshakeFailure.connection(errno: EAGAIN), ZMQSocketError.Code.timeout),
            (.protocolBreach(0x1100_0002), .security), (.protocolBreach(0x1100_0001), .security),
            (.protocolBreach(0x1000_0000), .protocolError), (.authentication(status: 400), .security),
        ]
    )
    func handshakeFailures(failure: MonitorEvent.HandshakeFailure, code: ZMQSocketError.Code) {
        var driver = ConnectDriver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(failure))
        #expect(
            driver.signal(.disconnected(descriptor: 9)) == abandoned + ["failed 1 \(code.name)", "finish \(code.name)"]
        )
    }

    @Test(
        "A peer that is the first to see that the types do not fit, and hangs up, is not said to be lost",
        arguments: [
            (ProbeVerdict.otherType("PUSH", ours: .sub), ZMQSocketError.Code.protocolError),
            (.foreign("an HTTP server"), .protocolError), (.otherMechanism("CURVE"), .security),
            (.fits, .peerLost), (.closedEarly(errno: 0), .peerLost), (.silent, .peerLost),
            (.connectFailed(errno: ECONNREFUSED), .peerLost),
        ]
    )
    func brokenOff(verdict: ProbeVerdict, code: ZMQSocketError.Code) {
        for number in [0, EPIPE, ECONNRESET] {
            var driver = ConnectDriver(.verified) { $0.maxAttempts = 1 }
            driver.give(.start)
            driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: number)))
            #expect(driver.signal(.disconnected(descriptor: 9)) == abandoned + ["probe"])
            #expect(driver.give(.probed(verdict)) == ["failed 1 \(code.name)", "finish \(code.name)"])
        }
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
        var driver = ConnectDriver(.verified)
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
            (.denied(errno: EPERM), .permission), (.denied(errno: EACCES), .permission),
            (.closedEarly(errno: 0), .peerLost), (.silent, .timeout), (.foreign("x"), .protocolError),
        ]
    )
    func refinement(verdict: ProbeVerdict, code: ZMQSocketError.Code) {
        var driver = ConnectDriver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(verdict)).last == "finish \(code.name)")
    }

    @Test("A peer that has just come up is tried again at once")
    func justUp() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 50))
        #expect(driver.give(.probed(.fits)) == ["failed 1 EXZ_ERR_REFUSED", "retry in 0"])
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 0)
    }

    @Test("No answer at all: the attempt's bound ends it, and the next begins")
    func noAnswer() {
        var driver = ConnectDriver(.verified) { $0.attemptTimeout = .milliseconds(300) }
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.runTimer() == abandoned + ["failed 1 EXZ_ERR_TIMEOUT", "retry in 100"])
        #expect(driver.milliseconds == 300)
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 400)
    }

    @Test("Without a bound of its own a verified attempt has what is left of the deadline")
    func deadlineBounds() {
        var driver = ConnectDriver(.verified, timeout: 2_000)
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.machine.nextTimer?.nanoseconds == 2_000 * nanosecondsPerMillisecond)
    }

    @Test("A silent peer is probed while the attempt goes on; a sure finding ends it")
    func suspicion() {
        var driver = ConnectDriver(.verified, timeout: 10_000)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(driver.runTimer() == ["probe"])
        #expect(driver.milliseconds == 500)
        #expect(driver.give(.probed(.foreign("an HTTP server"))).last == "finish EXZ_ERR_PROTOCOL")
    }

    @Test("A peer that resets every connection is not called silent because the deadline cuts the last attempt short")
    func cutShort() {
        var driver = ConnectDriver(.verified, timeout: 140)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: ECONNRESET)))
        driver.signal(.disconnected(descriptor: 9))
        driver.give(.probed(.closedEarly(errno: ECONNRESET)))
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.milliseconds == 100)
        driver.signal(.connectDelayed, .connected(descriptor: 10))
        #expect(driver.machine.nextTimer?.nanoseconds == 140 * nanosecondsPerMillisecond)
        #expect(driver.machine.failureAtDeadline.code == .peerLost)
        #expect(driver.runTimer().last == "finish EXZ_ERR_PEER_LOST")
    }

    /// Who waits for the reason at that moment has a guess: that nobody listens.
    @Test("A host that can not be reached is not said to refuse because no reason is found in time")
    func unconfirmed() {
        var driver = ConnectDriver(.verified, timeout: 140)
        driver.give(.start)
        driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 25))
        driver.give(.probed(.connectFailed(errno: EHOSTUNREACH)))
        #expect(driver.runTimer() == ["connecting 2", "connect \(four)"])
        #expect(driver.signal(.connectDelayed, .closed, .connectRetried(milliseconds: 25)).last == "probe")
        #expect(driver.machine.failureAtDeadline.code == .unreachable)
        #expect(driver.runTimer().last == "finish EXZ_ERR_UNREACHABLE")
    }

    @Test("A probe that finds nothing sure does not disturb the attempt")
    func suspicionUnfounded() {
        var driver = ConnectDriver(.verified, timeout: 1_000)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9))
        #expect(driver.runTimer() == ["probe"])
        #expect(driver.give(.probed(.silent)) == [])
        #expect(driver.machine.isAttempting)
        #expect(driver.signal(.handshakeSucceeded) == up + ["finish EXZ_OK"])
    }

    @Test("What is left over from an earlier attempt is not taken for this one's")
    func leftovers() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: ECONNRESET)))
        driver.signal(.disconnected(descriptor: 9))
        driver.give(.probed(.closedEarly(errno: 0)))
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
        var driver = ConnectDriver(.verified) { $0.maxAttempts = 2 }
        driver.give(.start)
        #expect(driver.give(.connectRejected(.isOwnAddress)).last == "finish EXZ_ERR_INVALID")
    }
}
