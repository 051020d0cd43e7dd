// SPDX-License-Identifier: Apache-2.0

import LibC

// libzmq's options by their numbers.
extension SocketCore {
    /// - Throws: `notSupported` for an option the library keeps for itself, with what to use instead; `invalid` for an
    ///   unknown option or a value out of range; `state` for a high-water mark of a socket that has been in use.
    func set(option: Int32, to value: Int64) throws(ZMQSocketError) {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        try beginChange(of: option)
        switch OptionRule.toSet(option, on: kind) {
        case .reserved(let instead): throw Self.reserved(option, instead)
        case .limited(let range, let unset):
            guard range.contains(value) || value == unset else { throw Self.outOfRange(option, value) }
        case .shared(let shared):
            return try set(shared, option, to: value)
        case .passedOn:
            break
        }
        guard !OptionRule.isText(option) else { throw Self.noNumber(option) }
        try unsafe pass(value, to: option, of: socket)
        if OptionRule.hasLibraryMessages(option) { libzmqSendsByItself = true }
    }

    /// The same for an option that is a text or bytes.
    func set(option: Int32, to bytes: UnsafeRawBufferPointer) throws(ZMQSocketError) {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        try beginChange(of: option)
        switch OptionRule.toSet(option, on: kind) {
        case .reserved(let instead): throw Self.reserved(option, instead)
        case .limited, .shared(.linger), .shared(.sendHighWaterMark), .shared(.receiveHighWaterMark),
            .shared(.maxMessageSize), .shared(.whenFull), .shared(.handover), .shared(.correlation),
            .shared(.notices), .shared(.server), .shared(.closedByDefault):
            throw ZMQSocketError(.invalid, message: "option \(option) is a number")
        case .shared(.subscription(let change)):
            guard let subscriber = role.subscriber else { throw ZMQSocketError(.notSupported) }
            guard unsafe Topic.canBeSubscribed(bytes) else { throw ZMQSocketError(.invalid) }
            return try unsafe apply(change, to: bytes, of: subscriber).check()
        case .shared(.identity):
            guard 1...255 ~= bytes.count, unsafe bytes.first != 0 else {
                throw ZMQSocketError(.invalid, message: "an identity has 1 to 255 bytes and does not start with zero")
            }
            try unsafe check(ZMQ.set(socket, option: option, to: bytes), option)
            options.identity = unsafe Array(bytes)
            return
        case .shared(.zapDomain):
            guard unsafe !bytes.isEmpty else {
                throw ZMQSocketError(
                    .invalid,
                    message: "without a ZAP domain ZMTP 1 peers could put bytes into a receive"
                )
            }
            guard unsafe !Doorkeeper.isOwn(domain: bytes) else {
                throw ZMQSocketError(
                    .invalid,
                    message: "\(Doorkeeper.openDomain) and what has a dot behind it are the library's own ZAP domains"
                )
            }
        case .passedOn:
            break
        }
        try unsafe check(ZMQ.set(socket, option: option, to: bytes), option)
        if OptionRule.hasLibraryMessages(option) { libzmqSendsByItself = true }
        securityByNumber.noteValue(of: option, size: bytes.count)
    }

    private func set(_ shared: OptionRule.Shared, _ option: Int32, to value: Int64) throws(ZMQSocketError) {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        let isCount = 0...Int64(Int32.max) ~= value
        switch shared {
        case .linger:
            guard isCount else { throw Self.outOfRange(option, value) }
            options.linger = .milliseconds(value)
            setLinger(usualLinger)
        case .sendHighWaterMark, .receiveHighWaterMark:
            guard isCount else { throw Self.outOfRange(option, value) }
            // libzmq tells the other end of each queue, without asking whether that is still there.
            guard !bound.hasBegun, !connecting.hasBegun else {
                throw ZMQSocketError(.state, message: "option \(option) has to be set before the first bind or connect")
            }
            var changed = options
            let mark = value == 0 ? nil : Int(value)
            if shared == .sendHighWaterMark {
                changed.sendHighWaterMark = mark
            } else {
                changed.receiveHighWaterMark = mark
            }
            let inForce = shared == .sendHighWaterMark ? Int32(value) : changed.receiveMark(of: kind)
            try unsafe check(ZMQ.set(socket, option: option, to: inForce), option)
            options = changed
        case .maxMessageSize:
            // -1 is libzmq's word for unlimited, and 0 this library's in C.
            guard value >= -1 else { throw Self.outOfRange(option, value) }
            options.maxMessageSize = value > 0 ? Int(value) : nil
            try unsafe check(options.applyMaxMessageSize(to: socket, kind: kind), option)
            applyMaxMessageSize()
        case .whenFull:
            guard 0...1 ~= value else { throw Self.outOfRange(option, value) }
            try unsafe check(ZMQ.set(socket, option: option, to: Int32(value)), option)
            options.onFull = value == 1 ? .wait : .drop
        case .handover:
            guard 0...1 ~= value else { throw Self.outOfRange(option, value) }
            try unsafe check(ZMQ.set(socket, option: option, to: Int32(value)), option)
            guests.handsOver = value == 1
        case .correlation:
            guard 0...1 ~= value else { throw Self.outOfRange(option, value) }
            guard !bound.hasBegun, !connecting.hasBegun else {
                throw ZMQSocketError(.state, message: "option \(option) has to be set before the first bind or connect")
            }
            try unsafe check(ZMQ.set(socket, option: option, to: Int32(value)), option)
            role.requester?.setNumbersRequests(value == 1)
        case .notices(let notices):
            guard isCount else { throw Self.outOfRange(option, value) }
            // While this library counts, libzmq tells it of all.
            let isOurs = role.publisher != nil && (notices == .verbose || notices == .verboser)
            if !isOurs { try unsafe check(ZMQ.set(socket, option: option, to: Int32(value)), option) }
            setNotices(notices, to: value)
        case .server:
            guard 0...1 ~= value else { throw Self.outOfRange(option, value) }
            try unsafe check(ZMQ.set(socket, option: option, to: Int32(value)), option)
            // Else libzmq would let everybody in where there is no handler.
            guard !securityByNumber.isChosen else { return }
            try unsafe check(ZMQ.setEnforcesDomain(of: socket, to: value == 1), option)
            securityByNumber.set(isClosed: value == 1, isChosen: false)
        case .closedByDefault:
            guard 0...1 ~= value else { throw Self.outOfRange(option, value) }
            try unsafe check(ZMQ.setEnforcesDomain(of: socket, to: value == 1), option)
            securityByNumber.set(isClosed: value == 1, isChosen: true)
            try tellWhetherClosed(value == 1)
        case .subscription, .identity, .zapDomain:
            throw Self.noNumber(option)
        }
    }

    /// Has the doorkeeper know whether the socket is closed by default, unless it has a domain of its own.
    private func tellWhetherClosed(_ isClosed: Bool) throws(ZMQSocketError) {
        let domains = [Doorkeeper.openDomain, Doorkeeper.closedDomain]
        var name = ""
        try unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { (room) throws(ZMQSocketError) in
            let size = try unsafe get(option: OptionRule.zapDomain, into: room)
            name = unsafe String(decoding: room.prefix(size).prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let socket = unsafe socket, domains.contains(name) else { return }
        let status = unsafe ZMQ.setZAPDomain(of: socket, to: domains[isClosed ? 1 : 0])
        guard status == 0 else { throw ZMQSocketError(errno: status, doing: "libzmq does not accept the ZAP domain") }
    }

    /// Lets sends know the largest message.
    func applyMaxMessageSize() {
        slot.pointee.maxMessageSize = options.maxMessageSize ?? .max
        // A ROUTER's first part names the peer: its sends never take the shortest path.
        slot.pointee.shortMessageSize =
            kind == .router ? -1 : min(slot.pointee.maxMessageSize, OutgoingMessage.shortSize)
        let publishesTwoParts = kind.publishes && options.wireForm == .multipart
        slot.pointee.shortPublishEnd = publishesTwoParts ? UInt(slot.pointee.shortMessageSize) + 1 : 0
    }

    func get(option: Int32) throws(ZMQSocketError) -> Int64 {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        try checkIsToBeSeen(option)
        switch OptionRule.toGet(option) {
        case .reserved:
            throw Self.reserved(option, "the socket's descriptor")
        case .events:
            return unsafe Int64(possible().rawValue)
        case .maxMessageSize where kind == .pub:
            // What libzmq has is the limit on topics.
            return options.maxMessageSize.map { Int64($0) } ?? -1
        case .maxMessageSize, .passedOn:
            guard !OptionRule.isText(option) else { throw Self.noNumber(option) }
        }
        var value: Int64 = 0
        for size in [MemoryLayout<Int32>.size, MemoryLayout<Int64>.size] {
            var count = size
            if unsafe ZMQ.get(socket, option: option, into: &value, size: &count) == 0 {
                return count == MemoryLayout<Int32>.size ? Int64(Int32(truncatingIfNeeded: value)) : value
            }
        }
        throw ZMQSocketError(.invalid, message: "libzmq has no option \(option) that is a number")
    }

    /// - Returns: the size of the value, which is in `buffer` if it fits there.
    func get(option: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(ZMQSocketError) -> Int {
        guard let socket = unsafe socket else { throw ZMQSocketError(.closed) }
        try checkIsToBeSeen(option)
        switch OptionRule.toGet(option) {
        case .reserved:
            throw Self.reserved(option, "the socket's descriptor")
        case .events:
            let events = unsafe Int32(possible().rawValue)
            if buffer.count >= MemoryLayout<Int32>.size { unsafe buffer.storeBytes(of: events, as: Int32.self) }
            return MemoryLayout<Int32>.size
        case .maxMessageSize, .passedOn:
            break
        }
        if let base = buffer.baseAddress {
            var count = buffer.count
            // The size asked for has a meaning of its own for some options: a CURVE key comes as bytes or as text.
            if unsafe ZMQ.get(socket, option: option, into: base, size: &count) == 0 { return count }
        }
        // It may be a secret.
        return try SecretBytes.withTemporary(count: Self.largestOption) { (room) throws(ZMQSocketError) in
            var count = room.count
            guard let base = room.baseAddress, unsafe ZMQ.get(socket, option: option, into: base, size: &count) == 0,
                count > buffer.count || count == 0
            else { throw ZMQSocketError(.invalid, message: "libzmq has no option \(option) to read in that size") }
            return count
        }
    }

    /// Security that was given when the socket was opened stays.
    private func beginChange(of option: Int32) throws(ZMQSocketError) {
        guard OptionRule.isOfSecurity(option) else { return }
        guard options.security == nil else {
            throw Self.reserved(option, "the socket was opened with its security, which stays as it is")
        }
        securityByNumber.willChange()
    }

    private func checkIsToBeSeen(_ option: Int32) throws(ZMQSocketError) {
        guard options.security != nil, OptionRule.isSecret(option) else { return }
        throw Self.reserved(option, "it is a secret")
    }

    /// No value of an option is longer, in bytes.
    private static let largestOption = 4_096

    private func pass(_ value: Int64, to option: Int32, of socket: RawSocket) throws(ZMQSocketError) {
        // libzmq's options are of 32 or of 64 bits, and it refuses the other size.
        if let short = Int32(exactly: value), unsafe ZMQ.set(socket, option: option, to: short) == 0 { return }
        try unsafe check(ZMQ.set(socket, option: option, to: value), option)
    }

    private func check(_ number: Int32, _ option: Int32) throws(ZMQSocketError) {
        guard number != 0 else { return }
        throw ZMQSocketError(errno: number, doing: "libzmq does not accept that for option \(option)")
    }

    private static func reserved(_ option: Int32, _ instead: StaticString) -> ZMQSocketError {
        ZMQSocketError(.notSupported, message: "option \(option) is the library's own: \(instead)")
    }

    private static func noNumber(_ option: Int32) -> ZMQSocketError {
        ZMQSocketError(.invalid, message: "option \(option) is no number")
    }

    private static func outOfRange(_ option: Int32, _ value: Int64) -> ZMQSocketError {
        ZMQSocketError(.invalid, message: "\(value) is out of range for option \(option)")
    }
}
