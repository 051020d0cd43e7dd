// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

private let four = "tcp://127.0.0.1:5555"
private let abandoned = ConnectDriver.abandoned

@Suite("Connect state machine: in the background", .watchdog)
struct ConnectBackgroundTests {
    @Test("In the background attempts go on beyond the policy's number")
    func background() {
        var driver = ConnectDriver(.background) { $0.maxAttempts = 2 }
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
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.signal(.connectDelayed, .connected(descriptor: 9), .disconnected(descriptor: 9))
        #expect(
            driver.give(.probed(.foreign("an HTTP server"))) == ["failed 1 EXZ_ERR_PROTOCOL", "retry in 30000"]
        )
    }

    @Test("A background attempt is bounded although there is no deadline")
    func backgroundBound() {
        var driver = ConnectDriver(.background)
        driver.give(.start)
        #expect(driver.machine.nextTimer?.nanoseconds == ConnectStateMachine.attemptLimit)
    }

    @Test("An address that gave no answer is looked at first, so that sends do not wait for another attempt in vain")
    func scouting() {
        var driver = ConnectDriver(.background) { $0.attemptTimeout = .milliseconds(300) }
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
        // It is there, and has the whole time of an attempt for its handshake.
        driver.now = driver.now.advanced(byNanoseconds: 200 * nanosecondsPerMillisecond)
        #expect(driver.give(.probed(.fits)) == ["connect \(four)"])
        #expect(driver.machine.nextTimer == driver.now.advanced(byNanoseconds: 300 * nanosecondsPerMillisecond))
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
            var driver = ConnectDriver(.background) { $0.attemptTimeout = .milliseconds(300) }
            driver.give(.start)
            driver.runTimer()
            driver.runTimer()
            #expect(driver.give(.probed(verdict)).first == "failed 2 \(outcome)")
            #expect(driver.runTimer() == ["connecting 3", "connect \(four)"])
        }
    }
}
