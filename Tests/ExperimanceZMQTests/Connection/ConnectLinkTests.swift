// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

private let four = "tcp://127.0.0.1:5555"
private let abandoned = ConnectDriver.abandoned
private let up = ConnectDriver.up

@Suite("Connect state machine: a link that was up, and the end", .watchdog)
struct ConnectLinkTests {
    @Test("An attempt that was given up and connects all the same does not hide the end of the link")
    func straggler() {
        for (first, second) in [(7, 9), (9, 7)] as [(Int32, Int32)] {
            // Beside the attempt; and when it has its handshake already.
            var driver = ConnectDriver(.background)
            driver.give(.start)
            driver.signal(.connectDelayed, .connected(descriptor: first), .connected(descriptor: second))
            #expect(driver.signal(.handshakeSucceeded) == up)
            #expect(driver.machine.currentDescriptor == second)
            #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"])

            driver = ConnectDriver(.background)
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
        var driver = ConnectDriver(.verified)
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
        var driver = ConnectDriver(.background, keepsPipe: false) { $0.maxAttempts = 1 }
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
        var driver = ConnectDriver(.verified, keepsPipe: false)
        driver.give(.start)
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 8), .connectRetried(milliseconds: 50)) == [])
        #expect(driver.machine.isEstablished)
        #expect(driver.give(.stop) == ["ended"] + abandoned)
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
        var driver = ConnectDriver(.verified) { $0.maxAttempts = 1 }
        driver.give(.start)
        driver.machine.isSecured = isSecured
        driver.signal(.connectDelayed, .connected(descriptor: 9), .handshakeFailed(.connection(errno: EPIPE)))
        driver.signal(.disconnected(descriptor: 9))
        driver.give(.probed(verdict))
        #expect(driver.log.last == "finish \(reason)")
    }

    @Test("Over a local socket there is no delayed connect; attempts are reported all the same")
    func localRecovery() {
        var driver = ConnectDriver(.verified, address: NumericAddress(localPath: "/x"))
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
        var driver = ConnectDriver(.verified)
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

    @Test("Of a host that can not be reached that is said also when a probe is slower than the back-off")
    func slowProbeOfUnreachable() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50), .connectDelayed, .closed)
        driver.give(.probed(.connectFailed(errno: ENETUNREACH)))
        driver.signal(.connectRetried(milliseconds: 80), .connectDelayed, .closed)
        driver.signal(.connectRetried(milliseconds: 80))
        #expect(driver.signal(.connectDelayed).contains("failed 2 EXZ_ERR_UNREACHABLE"))
    }

    @Test("libzmq stays silent after a disconnect: the endpoint is dead and is revived")
    func revival() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9))
        #expect(driver.runTimer() == abandoned + ["queue_dropped", "failed 0 EXZ_ERR_PEER_LOST", "retry in 100"])
        #expect(driver.milliseconds == 2_000)
        #expect(driver.runTimer() == ["connecting 1", "connect \(four)"])
        driver.establish(descriptor: 10)
        #expect(driver.machine.isEstablished)
        #expect(driver.log.filter { $0.hasPrefix("finish") } == ["finish EXZ_OK"])
    }

    @Test("A service that comes back as something else is let go, and tried again slowly")
    func replaced() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50))
        driver.signal(.connectDelayed, .connected(descriptor: 10), .handshakeFailed(.protocolBreach(0x1100_0002)))
        #expect(
            driver.signal(.disconnected(descriptor: 10))
                == abandoned + ["queue_dropped", "failed 1 EXZ_ERR_SECURITY", "retry in 30000"]
        )
    }

    @Test(
        "A link that libzmq makes again to a peer that hangs up has the same reason as any attempt",
        arguments: [
            (false, ProbeVerdict.otherType("PUSH", ours: .sub), "EXZ_ERR_PROTOCOL"),
            (false, .foreign("an HTTP server"), "EXZ_ERR_PROTOCOL"), (false, .fits, "EXZ_ERR_PEER_LOST"),
            (false, .connectFailed(errno: ECONNREFUSED), "EXZ_ERR_PEER_LOST"),
            (true, .fits, "EXZ_ERR_SECURITY"), (true, .closedEarly(errno: 0), "EXZ_ERR_PEER_LOST"),
        ]
    )
    func brokenOff(isSecured: Bool, verdict: ProbeVerdict, reason: String) {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.machine.isSecured = isSecured
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50))
        driver.signal(.connectDelayed, .connected(descriptor: 10), .handshakeFailed(.connection(errno: EPIPE)))
        #expect(driver.signal(.disconnected(descriptor: 10)) == ["probe"])
        #expect(driver.signal(.connectRetried(milliseconds: 80)) == [])
        #expect(driver.give(.probed(verdict)) == ["failed 1 \(reason)", "retry in 80"])
        // libzmq goes on, and so does its queue.
        #expect(
            driver.signal(.connectDelayed, .connected(descriptor: 11), .handshakeSucceeded) == ["connecting 2"] + up
        )

        // A probe that is too slow, and a link that libzmq gives up meanwhile, are told what seems to be.
        driver.signal(.disconnected(descriptor: 11), .connectRetried(milliseconds: 50), .connectDelayed)
        driver.signal(.connected(descriptor: 12), .handshakeFailed(.connection(errno: 0)))
        driver.signal(.disconnected(descriptor: 12), .connectRetried(milliseconds: 80))
        #expect(
            driver.signal(.connectDelayed) == [
                "cancel probe", "failed 1 EXZ_ERR_PEER_LOST", "retry in 80", "connecting 2",
            ]
        )
        driver.signal(.connected(descriptor: 13), .handshakeFailed(.connection(errno: 0)))
        #expect(driver.signal(.disconnected(descriptor: 13)) == ["probe"])
        let told = driver.runTimer().dropLast()
        #expect(Array(told) == abandoned + ["queue_dropped", "failed 2 EXZ_ERR_PEER_LOST"])
    }

    @Test("The attempts after a loss are not bound by the deadline of the first connect")
    func oldDeadline() {
        var driver = ConnectDriver(.verified, timeout: 1_000)
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
        var driver = ConnectDriver(.background)
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
        var idle = ConnectDriver(.verified)
        #expect(idle.give(.stop) == ["cancel probe"])
        var attempting = ConnectDriver(.verified)
        attempting.give(.start)
        #expect(attempting.give(.stop) == abandoned)
        #expect(attempting.machine.nextTimer == nil)
        var established = ConnectDriver(.verified)
        established.give(.start)
        established.establish()
        #expect(established.give(.stop) == ["ended"] + abandoned)
        var waiting = ConnectDriver(.verified)
        waiting.give(.start)
        _ = waiting.refuse()
        #expect(waiting.give(.stop) == ["cancel probe"])
    }

    @Test("A finished machine does nothing more, whatever comes")
    func finished() {
        var driver = ConnectDriver(.verified)
        driver.give(.start)
        driver.give(.stop)
        driver.establish()
        let late: [ConnectInput] = [
            .start, .resolved([]), .probed(.fits), .timer, .connectRejected(.isOwnAddress), .stop,
            .signal(.disconnected(descriptor: 9)), .signal(.connectRetried(milliseconds: 1)), .metItself,
        ]
        for input in late { #expect(driver.give(input).filter { $0 != "cancel probe" } == []) }
    }

    @Test("Any order of inputs leaves the machine with a timer, a link, or an end")
    func random() throws {
        let address = try #require(ConnectDriver.four)
        var random = SplitMix64(seed: 3)
        let other = try #require(ConnectDriver.other)
        let inputs: [ConnectInput] = [
            .resolved([address]), .resolved([other]), .resolved([other, address]), .resolved([]), .metItself,
            .resolutionFailed(.noAnswer), .connectRejected(.isOwnAddress),
            .probed(.fits), .probed(.silent), .probed(.foreign("x")), .probed(.connectFailed(errno: ECONNREFUSED)),
            .signal(.connectDelayed), .signal(.connected(descriptor: 9)), .signal(.connected(descriptor: 10)),
            .signal(.closed), .signal(.connectRetried(milliseconds: 50)), .signal(.handshakeSucceeded),
            .signal(.handshakeFailed(.connection(errno: ECONNRESET))), .signal(.handshakeFailed(.protocolBreach(1))),
            .signal(.disconnected(descriptor: 9)), .signal(.disconnected(descriptor: 10)), .timer,
        ]
        for round in 0..<500 {
            var driver = ConnectDriver(.background, address: round % 2 == 0 ? address : nil)
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
