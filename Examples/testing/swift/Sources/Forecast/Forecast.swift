// SPDX-License-Identifier: Apache-2.0
// A program of yours, which asks a weather service.

public import ExperimanceZMQ

/// What the service says; "unknown" if it says nothing in time.
public func forecast(from endpoint: String, timeout: ZMQTimeout) async -> String {
    do {
        return try await ZMQRequester.with { requester in
            try await requester.connect(endpoint, timeout: timeout)
            return try await requester.request("forecast?".utf8, timeout: timeout).text
        }
    } catch {
        return "unknown"
    }
}
