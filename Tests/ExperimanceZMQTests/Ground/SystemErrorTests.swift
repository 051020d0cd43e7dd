// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Glibc
import Testing

@testable import ExperimanceZMQ

@Suite struct SystemErrorTests {
    @Test func libzmqsOwnNumbersAreThoseOfItsHeader() {
        #expect(LibzmqErrno.state == EFSM)
        #expect(LibzmqErrno.incompatibleProtocol == ENOCOMPATPROTO)
        #expect(LibzmqErrno.terminated == ETERM)
        #expect(LibzmqErrno.noThread == EMTHREAD)
    }

    @Test func everyNumberHasAText() {
        #expect(describe(errno: ECONNREFUSED) == "Connection refused")
        #expect(describe(errno: LibzmqErrno.terminated) == "the context is closed")
        #expect(!describe(errno: 123_456).isEmpty)
        #expect(!describe(errno: -1).isEmpty)
    }
}
