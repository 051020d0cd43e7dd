// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

private let abandoned = ConnectDriver.abandoned

@Suite("Connect state machine: names", .watchdog)
struct ConnectNameTests {
    @Test("A name: all its addresses are tried within one attempt, and the last reason counts")
    func addresses() throws {
        let first = try #require(ConnectDriver.four)
        let second = try #require(ConnectDriver.other)
        var driver = ConnectDriver(.verified, address: nil) { $0.maxAttempts = 2 }
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
        let first = try #require(ConnectDriver.four)
        let second = try #require(ConnectDriver.other)
        var driver = ConnectDriver(.verified, timeout: 1_000, address: nil)
        driver.give(.start)
        driver.give(.resolved([first, second]))
        driver.signal(.connectDelayed)
        #expect(driver.runTimer() == abandoned + ["connect \(second.endpoint)"])
        #expect(driver.milliseconds == 500)
    }

    @Test("A name that does not resolve is tried again, and told as such")
    func unresolved() {
        var driver = ConnectDriver(.verified, address: nil) { $0.maxAttempts = 2 }
        driver.give(.start)
        #expect(driver.machine.failureAtDeadline.code == .resolve)
        let failure = ConnectFailure(code: .resolve, reason: "unknown")
        #expect(driver.give(.resolutionFailed(failure)) == ["failed 1 EXZ_ERR_RESOLVE", "retry in 100"])
        driver.runTimer()
        #expect(driver.give(.resolutionFailed(failure)).last == "finish EXZ_ERR_RESOLVE")
    }

    @Test("A name service that does not answer is given up when the attempt's time is over")
    func slowResolver() {
        var driver = ConnectDriver(.verified, address: nil) { $0.attemptTimeout = .milliseconds(200) }
        driver.give(.start)
        #expect(driver.runTimer() == ["failed 1 EXZ_ERR_RESOLVE", "retry in 100"])
        #expect(driver.milliseconds == 200)
        #expect(driver.give(.resolved([])) == [])
    }

    @Test("A name without an address")
    func noAddress() {
        var driver = ConnectDriver(.verified, address: nil) { $0.maxAttempts = 1 }
        driver.give(.start)
        #expect(driver.give(.resolved([])).last?.hasPrefix("finish") == true)
    }
}
