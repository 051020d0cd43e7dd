// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQTesting

/// A weather service for the tests: answers each question while `body` runs, which gets its endpoint.
func withService(
    at endpoint: String = "tcp://127.0.0.1:*",
    _ body: (String) async throws -> Void
) async throws {
    let replier = try ZMQReplier()
    let real = try await replier.bind(endpoint)
    let answering = Task {
        for try await _ in replier.messages { try await replier.reply("sunny".utf8) }
    }
    defer { answering.cancel() }
    try await body(real)
}

/// The same behind a proxy, which `body` gets.
func withServiceBehindProxy(_ body: (FaultProxy) async throws -> Void) async throws {
    try await withService { service in
        try await FaultProxy.with(target: service) { proxy in
            try await body(proxy)
        }
    }
}
