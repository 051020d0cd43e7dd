// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Error codes", .watchdog)
struct ErrorCodeTests {
    @Test("Numbers and names are those of the contract, for ever")
    func table() {
        let expected = [
            "EXZ_OK", "EXZ_ERR_INVALID", "EXZ_ERR_HANDLE", "EXZ_ERR_CLOSED", "EXZ_ERR_CANCELED", "EXZ_ERR_FORKED",
            "EXZ_ERR_INTERRUPTED", "EXZ_ERR_TIMEOUT", "EXZ_ERR_REFUSED", "EXZ_ERR_UNREACHABLE", "EXZ_ERR_RESOLVE",
            "EXZ_ERR_PROTOCOL", "EXZ_ERR_SECURITY", "EXZ_ERR_PEER_LOST", "EXZ_ERR_EXHAUSTED", "EXZ_ERR_ADDRESS_IN_USE",
            "EXZ_ERR_ADDRESS_NOT_AVAILABLE", "EXZ_ERR_PERMISSION", "EXZ_ERR_TOO_SMALL", "EXZ_ERR_TOO_LARGE",
            "EXZ_ERR_STATE", "EXZ_ERR_NOT_SUPPORTED", "EXZ_ERR_LIMIT", "EXZ_ERR_NO_MEMORY", "EXZ_ERR_VERSION",
            "EXZ_ERR_INTERNAL",
        ]
        #expect(ZMQSocketError.Code.allKnown.map(\.name) == expected)
        #expect(ZMQSocketError.Code.allKnown.map(\.rawValue) == (0..<26).map { -$0 })
        #expect(ZMQSocketError.Code.internal.name == "EXZ_ERR_INTERNAL")
        #expect(ZMQSocketError.Code.timeout.rawValue == -7)
        #expect(Set(ZMQSocketError.Code.allKnown.map(\.explanation)).count == 26)
    }

    @Test("Names are total", arguments: [Int32.min, -26, 1, 99, Int32.max])
    func unknown(number: Int32) {
        let code = ZMQSocketError.Code(rawValue: number)
        #expect(code.name == "EXZ_ERR_UNKNOWN")
        #expect(!code.explanation.isEmpty)
        #expect(!code.isRetryable)
    }

    @Test("What is tried again is what the contract lists")
    func retryable() {
        let retryable = ZMQSocketError.Code.allKnown.filter(\.isRetryable)
        #expect(
            Set(retryable) == [
                .refused, .unreachable, .resolve, .timeout, .peerLost, .addressInUse, .addressNotAvailable,
            ]
        )
    }
}
