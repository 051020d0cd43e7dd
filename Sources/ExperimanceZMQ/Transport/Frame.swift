// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// One received frame, owned.
struct Frame: ~Copyable {
    private var message = zmq_msg_t()

    init() {
        zmq_msg_init(&message)
    }

    deinit {
        var message = message
        zmq_msg_close(&message)
    }

    /// Receives without waiting; what the frame held before is released. False if nothing came.
    mutating func receive(from socket: RawSocket) -> Bool {
        ZMQ.receive(socket, into: &message) >= 0
    }

    var hasMore: Bool {
        mutating get { zmq_msg_more(&message) != 0 }
    }

    /// The descriptor of the connection it came through; nil over inproc.
    var sourceDescriptor: Int32? {
        mutating get {
            let descriptor = zmq_msg_get(&message, ZMQ_SRCFD)
            return descriptor >= 0 ? descriptor : nil
        }
    }

    mutating func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message)))
    }

    var bytes: [UInt8] {
        mutating get { withBytes { Array($0) } }
    }
}
