// SPDX-License-Identifier: Apache-2.0

/// Many messages of one part each, which stay where they are until they have been sent.
protocol OutgoingMessages {
    var count: Int { get }

    func size(of index: Int) -> Int

    /// Sends one without waiting: the first, and once that is taken the next, and so on. Negative, with errno, if it
    /// was not taken.
    mutating func send(_ index: Int, to socket: RawSocket) -> Int32
}

enum OutgoingPortion {
    /// Messages sent between two looks at who else wants the lock.
    static let limit = 256
}

/// Messages one behind the other in memory. Who makes one keeps that in place.
@safe
struct PackedMessages: OutgoingMessages {
    private let data: UnsafeRawPointer?
    private let sizes: UnsafeBufferPointer<Int>
    private var offset = 0

    /// - Parameter sizes: none below 0, and their sum fits into a number.
    init(_ data: UnsafeRawPointer?, sizes: UnsafeBufferPointer<Int>) {
        unsafe self.data = data
        unsafe self.sizes = sizes
    }

    var count: Int { unsafe sizes.count }

    func size(of index: Int) -> Int { unsafe sizes[index] }

    mutating func send(_ index: Int, to socket: RawSocket) -> Int32 {
        let size = unsafe sizes[index]
        let answer = unsafe ZMQ.send(socket, data.map { unsafe $0 + offset }, size)
        if answer >= 0 { offset += size }
        return answer
    }
}

/// Messages in arrays of their own: nothing is copied before libzmq takes it.
struct ArrayMessages: OutgoingMessages {
    private let arrays: ArraySlice<[UInt8]>

    init(_ arrays: ArraySlice<[UInt8]>) {
        self.arrays = arrays
    }

    var count: Int { arrays.count }

    func size(of index: Int) -> Int { arrays[arrays.startIndex + index].count }

    func send(_ index: Int, to socket: RawSocket) -> Int32 {
        unsafe arrays[arrays.startIndex + index].withUnsafeBytes { unsafe ZMQ.send(socket, $0.baseAddress, $0.count) }
    }
}

/// Messages in memory of their own each, which whoever makes one keeps in place.
@safe
struct ScatteredMessages: OutgoingMessages {
    private let buffers: [UnsafeRawBufferPointer]

    init(_ buffers: [UnsafeRawBufferPointer]) {
        unsafe self.buffers = buffers
    }

    var count: Int { unsafe buffers.count }

    func size(of index: Int) -> Int { unsafe buffers[index].count }

    func send(_ index: Int, to socket: RawSocket) -> Int32 {
        unsafe ZMQ.send(socket, buffers[index].baseAddress, buffers[index].count)
    }
}
