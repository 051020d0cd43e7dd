// SPDX-License-Identifier: Apache-2.0

import Foundation
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

    @Test("The constants are those of the C header, by name and number")
    func header() throws {
        let constants: [String: ZMQSocketError.Code] = [
            "EXZ_OK": .ok, "EXZ_ERR_INVALID": .invalid, "EXZ_ERR_HANDLE": .handle, "EXZ_ERR_CLOSED": .closed,
            "EXZ_ERR_CANCELED": .canceled, "EXZ_ERR_FORKED": .forked, "EXZ_ERR_INTERRUPTED": .interrupted,
            "EXZ_ERR_TIMEOUT": .timeout, "EXZ_ERR_REFUSED": .refused, "EXZ_ERR_UNREACHABLE": .unreachable,
            "EXZ_ERR_RESOLVE": .resolve, "EXZ_ERR_PROTOCOL": .protocolError, "EXZ_ERR_SECURITY": .security,
            "EXZ_ERR_PEER_LOST": .peerLost, "EXZ_ERR_EXHAUSTED": .exhausted, "EXZ_ERR_ADDRESS_IN_USE": .addressInUse,
            "EXZ_ERR_ADDRESS_NOT_AVAILABLE": .addressNotAvailable, "EXZ_ERR_PERMISSION": .permission,
            "EXZ_ERR_TOO_SMALL": .tooSmall, "EXZ_ERR_TOO_LARGE": .tooLarge, "EXZ_ERR_STATE": .state,
            "EXZ_ERR_NOT_SUPPORTED": .notSupported, "EXZ_ERR_LIMIT": .limit, "EXZ_ERR_NO_MEMORY": .noMemory,
            "EXZ_ERR_VERSION": .version, "EXZ_ERR_INTERNAL": .internal,
        ]
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../include")
        let text = try String(contentsOf: root.appending(path: "experimance_zmq.h"), encoding: .utf8)
        var found = 0
        for line in text.split(separator: "\n") {
            guard let match = line.firstMatch(of: /^ +(EXZ_OK|EXZ_ERR_[A-Z_]+) = (-?[0-9]+),?$/) else { continue }
            found += 1
            let code = constants[String(match.1)]
            #expect(code?.rawValue == Int32(match.2), "\(match.1)")
            #expect(code?.name == String(match.1))
        }
        #expect(found == constants.count)
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
