// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExperimanceZMQ

private let up = ConnectDriver.up
private let gone = ConnectFailure(code: .resolve, reason: "unknown")

@Suite("Connect state machine: names that move", .watchdog)
struct ConnectMoveTests {
    private let four: NumericAddress
    private let other: NumericAddress
    private let third: NumericAddress

    init() throws {
        four = try #require(ConnectDriver.four)
        other = try #require(ConnectDriver.other)
        third = try #require(NumericAddress("127.0.0.3", port: 5555))
    }

    /// A link to a name that stood for `four`, and was lost.
    private func lost(policy change: (inout ZMQRetryPolicy) -> Void = { _ in }) -> ConnectDriver {
        var driver = ConnectDriver(.verified, address: nil, policy: change)
        driver.give(.start)
        driver.give(.resolved([four]))
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost", "resolve"])
        #expect(driver.machine.mayMove)
        driver.signal(.connectRetried(milliseconds: 50))
        return driver
    }

    private var leaving: [String] { ["cancel probe", "leave \(four.endpoint)", "queue_dropped"] }

    @Test("A name that stands for another address now takes the link there, at once")
    func moved() {
        var driver = lost()
        #expect(driver.give(.resolved([other])) == leaving + ["connecting 1", "connect \(other.endpoint)"])
        #expect(driver.milliseconds == 0)
        #expect(driver.machine.isAttempting && !driver.machine.mayMove)
        driver.establish(descriptor: 12)
        #expect(driver.machine.currentAddress == other)
        #expect(driver.log.suffix(3) == up)
    }

    @Test("A peer that comes back where it was is libzmq's to connect; its queue is kept")
    func same() {
        var driver = lost()
        #expect(driver.give(.resolved([four])) == [])
        #expect(
            driver.signal(.connectDelayed, .connected(descriptor: 12), .handshakeSucceeded) == ["connecting 1"] + up
        )
        #expect(!driver.log.contains { $0.hasPrefix("disconnect") || $0.hasPrefix("leave") })
        #expect(!driver.machine.mayMove)
        #expect(driver.machine.nextTimer == nil)
    }

    @Test("The name is asked for again by the policy's delays, for as long as it takes")
    func askedAgain() {
        var driver = lost()
        var times: [Int64] = []
        for _ in 0..<4 {
            driver.give(.resolved([four]))
            #expect(driver.runTimer() == ["resolve"])
            times.append(driver.milliseconds)
        }
        #expect(times == [100, 300, 700, 1_500])
        #expect(driver.give(.resolved([other])).starts(with: leaving))
    }

    @Test("A name that does not resolve for a while is waited for, at the address it had, and told once")
    func unresolved() {
        var driver = lost()
        #expect(driver.give(.resolutionFailed(gone)) == ["failed 0 EXZ_ERR_RESOLVE"])
        #expect(driver.runTimer() == ["resolve"])
        #expect(driver.give(.resolutionFailed(gone)) == [])
        #expect(driver.machine.currentAddress == four)
        driver.runTimer()
        #expect(driver.give(.resolved([])) == [])
        driver.runTimer()
        #expect(driver.give(.resolved([other])).starts(with: leaving))
    }

    @Test("A name service that says nothing holds nobody up")
    func silentResolver() {
        var driver = lost()
        #expect(driver.machine.nextTimer == nil)
        driver.signal(.connectDelayed, .connected(descriptor: 12), .handshakeSucceeded)
        #expect(driver.machine.isEstablished)
        #expect(driver.give(.resolved([other])) == [], "what it says of a link that is up is of no interest")
        #expect(driver.machine.currentAddress == four)
    }

    @Test("Of several addresses the others are looked at when the present one has had the time of an attempt")
    func others() {
        var driver = lost { $0.attemptTimeout = .milliseconds(200) }
        #expect(driver.give(.resolved([four, other, third])) == [])
        #expect(driver.runTimer() == ["resolve"])
        #expect(driver.give(.resolved([third, four, other])) == [])
        #expect(driver.runTimer() == ["probe \(other.endpoint)"])
        #expect(driver.milliseconds == 200)
        #expect(driver.give(.probed(.connectFailed(errno: ECONNREFUSED))) == ["probe \(third.endpoint)"])
        // The one probe there is can not say why libzmq's attempt failed.
        #expect(driver.signal(.connectDelayed, .closed) == ["connecting 1", "failed 1 EXZ_ERR_REFUSED"])
        #expect(
            driver.give(.probed(.fits)) == leaving + ["connecting 2", "connect \(third.endpoint)"]
        )
    }

    @Test("Answers of the name service that come faster than those of probes keep no address from its turn")
    func everyOne() {
        var driver = lost { $0.attemptTimeout = .milliseconds(50) }
        driver.give(.resolved([four, other, third]))
        #expect(driver.runTimer() == ["probe \(other.endpoint)"])
        #expect(driver.runTimer() == ["resolve"])
        #expect(driver.give(.resolved([four, other, third])) == [])
        #expect(driver.give(.probed(.silent)) == ["probe \(third.endpoint)"])
        driver.runTimer()
        driver.give(.resolved([four, other, third]))
        #expect(driver.give(.probed(.silent)) == [])
    }

    @Test("Where nobody is found, the present address stays, and all are looked at after the next answer")
    func nobody() {
        var driver = lost { $0.attemptTimeout = .milliseconds(50) }
        driver.give(.resolved([four, other]))
        #expect(driver.runTimer() == ["probe \(other.endpoint)"])
        #expect(driver.give(.probed(.silent)) == [])
        #expect(driver.runTimer() == ["resolve"])
        #expect(driver.give(.resolved([four, other])) == ["probe \(other.endpoint)"])
        driver.give(.probed(.otherMechanism("CURVE")))
        #expect(driver.machine.currentAddress == four)
    }

    @Test("A probe for the reason of a failed attempt goes first, and no timer runs in vain meanwhile")
    func oneProbe() throws {
        var driver = lost { $0.attemptTimeout = .milliseconds(50) }
        driver.give(.resolved([four, other]))
        #expect(driver.signal(.connectDelayed, .closed) == ["connecting 1", "probe"])
        let next = try #require(driver.machine.nextTimer)
        #expect(next.nanoseconds == 100 * nanosecondsPerMillisecond, "the next look-up, not the look around")
        driver.now = MonotonicInstant(nanoseconds: 60 * nanosecondsPerMillisecond)
        #expect(
            driver.give(.probed(.connectFailed(errno: ECONNREFUSED)))
                == ["failed 1 EXZ_ERR_REFUSED", "probe \(other.endpoint)"]
        )
    }

    @Test("Until then they have to wait: the peer may be about to come back to its queue")
    func patience() {
        var driver = lost()
        driver.give(.resolved([four, other]))
        driver.signal(.connectDelayed, .closed)
        #expect(driver.give(.probed(.connectFailed(errno: ECONNREFUSED))) == ["failed 1 EXZ_ERR_REFUSED"])
    }

    @Test("A link by number stays where it is")
    func numeric() {
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.establish()
        #expect(driver.signal(.disconnected(descriptor: 9)) == ["lost", "lost"])
        #expect(!driver.machine.mayMove)
        #expect(driver.give(.resolved([other])) == [])
    }

    // MARK: Connections to oneself

    @Test("A connection to oneself is a refused one")
    func itself() {
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.signal(.connectDelayed)
        #expect(driver.give(.metItself) == ConnectDriver.abandoned + ["failed 1 EXZ_ERR_REFUSED", "retry in 100"])
        // What libzmq still says of it does not count.
        #expect(driver.signal(.handshakeSucceeded, .disconnected(descriptor: 9)) == [])
    }

    @Test("Of libzmq's own attempts, too: nothing is established, and the usual delay comes next")
    func itselfAgain() {
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50), .connectDelayed)
        #expect(driver.give(.metItself) == ["failed 1 EXZ_ERR_REFUSED"])
        #expect(driver.signal(.handshakeSucceeded, .disconnected(descriptor: 10)) == [])
        #expect(driver.signal(.connectRetried(milliseconds: 60)) == ["retry in 60"])
        #expect(driver.machine.nextTimer == nil)
        #expect(
            driver.signal(.connectDelayed, .connected(descriptor: 11), .handshakeSucceeded) == ["connecting 2"] + up
        )
    }

    @Test("Where libzmq gives up after one, the link is made again with the usual delay")
    func itselfForTheLastTime() {
        var driver = ConnectDriver(.background)
        driver.give(.start)
        driver.establish()
        driver.signal(.disconnected(descriptor: 9), .connectRetried(milliseconds: 50), .connectDelayed)
        driver.give(.metItself)
        driver.signal(.handshakeFailed(.protocolBreach(1)), .disconnected(descriptor: 10))
        #expect(driver.runTimer().suffix(2) == ["failed 1 EXZ_ERR_REFUSED", "retry in 100"])
    }
}
