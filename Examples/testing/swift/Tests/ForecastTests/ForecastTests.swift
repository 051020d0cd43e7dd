// SPDX-License-Identifier: Apache-2.0
// What the program does when connections fail.

import ExperimanceZMQTesting
import Forecast
import Testing

@Test func twoFailuresAreSurvived() async throws {
    try await withServiceBehindProxy { proxy in
        let failures = try proxy.add(.reset(), to: .next(2))
        #expect(await forecast(from: proxy.endpoint, timeout: .seconds(10)) == "sunny")
        try await failures.waitForStrikes(atLeast: 2)
    }
}

@Test func lateServiceIsWaitedFor() async throws {
    let endpoint = FreeEndpoint.ipc.endpoint
    try await FaultProxy.with(target: endpoint) { proxy in  // where nobody is yet
        let asked = Task { await forecast(from: proxy.endpoint, timeout: .seconds(10)) }
        try await proxy.wait(for: .failed, atLeast: 1, timeout: .seconds(10))  // it has tried in vain
        try await withService(at: endpoint) { _ in
            #expect(await asked.value == "sunny")
        }
    }
}

@Test func silentServiceIsGivenUpInTime() async throws {
    try await withServiceBehindProxy { proxy in
        let silence = try proxy.add(.blackhole)
        #expect(await forecast(from: proxy.endpoint, timeout: .milliseconds(200)) == "unknown")
        try await silence.waitForStrikes()
        try silence.remove()
        #expect(await forecast(from: proxy.endpoint, timeout: .seconds(10)) == "sunny")
    }
}
