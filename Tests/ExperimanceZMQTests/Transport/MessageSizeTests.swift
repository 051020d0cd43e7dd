// SPDX-License-Identifier: Apache-2.0

import CZeroMQ
import Testing

@testable import ExperimanceZMQ

@Suite("Sizes of received messages", .watchdog)
struct MessageSizeTests {
    @Test(
        "A size is not cut to what libzmq's answer has room for",
        arguments: [0, 1, 64 << 20, Int(Int32.max) - 1, Int(Int32.max), Int(Int32.max) + 1, 2_200_000_000, 1 << 40]
    )
    func size(size: Int) {
        var message = zmq_msg_t()
        // Nobody looks at the bytes, so there need be none.
        #expect(zmq_msg_init_data(&message, UnsafeMutableRawPointer(bitPattern: 64), size, nil, nil) == 0)
        // libzmq answers with as much of the size as an int holds.
        #expect(ZMQ.size(of: &message, answered: Int32(clamping: size)) == size)
        #expect(zmq_msg_close(&message) == 0)
    }

    @Test("A failure is one, whatever the message had been")
    func failure() {
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        #expect(ZMQ.size(of: &message, answered: -1) == -1)
        #expect(zmq_msg_close(&message) == 0)
    }
}
