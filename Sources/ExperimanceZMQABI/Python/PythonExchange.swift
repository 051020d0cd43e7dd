// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC
import Synchronization

/// What all faces of one of pyzmq's sockets have in common, as far as it is looked at for every message: the base of a
/// class of the package's, which has the rest of it. Python sees each field as an attribute.
///
/// Used with the interpreter's lock only, like any object of Python's.
@safe
struct PythonExchange {
    /// The number of the library's socket.
    var number: UInt64
    /// Whether a frame may be received, or sent, without a thought.
    var receivesAtOnce: Flag
    var sendsAtOnce: Flag
    /// Whether the message that was received from last has more frames.
    var more: Flag
    /// A REP, whose answer follows the whole request.
    var takesTurns: Flag
    /// A REQ, whose requests and answers take turns; and whether it is an answer's.
    var asks: Flag
    var isAsking: Flag
    /// Milliseconds; negative is for ever.
    var receiveTimeout: Int64
    var sendTimeout: Int64
    /// Threads that wait for a message, which nobody takes away from them without need.
    var waitingThreads: Int64
    /// How many messages may be received at once.
    var mostAhead: Int64
    /// A list in which messages are put together; empty, unless there was no memory.
    var coming: PythonObject?
    /// A deque of messages that have come: bytes, or lists of frames; and how to get the first one.
    var ahead: PythonObject?
    var nextAhead: PythonObject?
    /// A deque of frames of the message that was begun; and how to get the first one.
    var incoming: PythonObject?
    var nextIncoming: PythonObject?
    /// A list of frames of the message that is to go.
    var outgoing: PythonObject?

    /// One byte is Python's.
    struct Flag {
        private var word: UInt64

        init(_ isSet: Bool) { word = isSet ? 1 : 0 }

        var isSet: Bool { word & 0xFF != 0 }
    }

    // MARK: The type

    /// CPython's `PyMemberDef`.
    @safe
    private struct Member {
        let name: UnsafePointer<CChar>?
        let kind: Int32
        let offset: Int
        let flags: Int32 = 0
        let doc: UnsafePointer<CChar>? = nil
    }

    private static let number64: Int32 = 18
    private static let signed64: Int32 = 17
    private static let flag: Int32 = 14
    private static let object: Int32 = 16

    /// The attributes, in the order of the fields, each of which has eight bytes.
    private static let attributes: [(name: StaticString, kind: Int32)] = [
        ("_handle_number", number64),
        ("_receives_at_once", flag), ("_sends_at_once", flag), ("more", flag), ("_takes_turns", flag),
        ("_asks", flag), ("is_asking", flag),
        ("_receive_timeout_ms", signed64), ("_send_timeout_ms", signed64),
        ("waiting_threads", signed64), ("_most_ahead", signed64),
        ("_coming", object), ("ahead", object), ("_next_ahead", object),
        ("incoming", object), ("_next_incoming", object), ("outgoing", object),
    ]
    private static let firstObject = 11

    private static let type = Atomic<UInt>(0)
    private static let headerSize = Atomic<Int>(0)

    /// Makes the type, if it is not there yet.
    ///
    /// - Parameter headerSize: of an object without anything, `object.__basicsize__`.
    static func makeType(headerSize size: Int, _ types: PythonTypes) -> PythonObject? {
        if let type = unsafe PythonObject(bitPattern: type.load(ordering: .relaxed)) { return unsafe type }
        headerSize.store(size, ordering: .relaxed)
        let members = UnsafeMutablePointer<Member>.allocate(capacity: attributes.count + 1)
        for (index, attribute) in attributes.enumerated() {
            let member = unsafe Member(name: attribute.name.cString, kind: attribute.kind, offset: size &+ 8 &* index)
            unsafe (members + index).initialize(to: member)
        }
        unsafe (members + attributes.count).initialize(to: Member(name: nil, kind: 0, offset: 0))
        let made = unsafe types.make(
            "experimance_zmq.pyzmq.ExchangeMemory",
            size: size &+ 8 &* attributes.count,
            [.members(UnsafeMutableRawPointer(members)), .dealloc(end)]
        )
        type.store(UInt(bitPattern: made), ordering: .relaxed)
        return unsafe made
    }

    private static let end: @convention(c) (PythonObject?) -> Void = { object in
        guard let object = unsafe object, let types = PythonTypes.ofProcess else { return }
        let words = unsafe (UnsafeMutableRawPointer(object) + headerSize.load(ordering: .relaxed)).assumingMemoryBound(
            to: PythonObject?.self
        )
        for index in firstObject..<attributes.count {
            let held = unsafe words[index]
            unsafe words[index] = nil
            unsafe types.release(held)
        }
        unsafe types.free(object)
    }

    /// The fields of such an object; nil for any other.
    static func fields(of object: PythonObject?, _ types: PythonTypes) -> UnsafeMutablePointer<PythonExchange>? {
        let type = unsafe PythonObject(bitPattern: type.load(ordering: .relaxed))
        guard let object = unsafe object, unsafe types.isInstance(object, of: type) else { return nil }
        return unsafe (UnsafeMutableRawPointer(object) + headerSize.load(ordering: .relaxed)).assumingMemoryBound(
            to: PythonExchange.self
        )
    }
}

extension PythonCalls {
    /// exchange_type(header_size: int) -> the base of what all faces of a socket of pyzmq's have in common.
    static let exchangeType: PythonFunction.OneArgument = { _, size in
        guard let python = PythonInterface.ofProcess, let types = PythonTypes.ofProcess else { return nil }
        let type = unsafe PythonExchange.makeType(headerSize: python.count(size) ?? 0, types)
        unsafe types.keep(type)
        return unsafe type
    }
}
