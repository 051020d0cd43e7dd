// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ

/// Messages that are here, on their way into queues of Python's.
///
/// They are made objects of with the interpreter's lock held and the socket's, and nobody runs in between: no handler
/// of a signal, no finalizer and no other thread. So a message is in a queue or it is still to be received; or it is in
/// a list, for want of memory for its place in a queue.
@safe
struct PythonArrivals {
    /// What a message has to be.
    enum Form {
        /// Of one part, as `bytes`, or of several, as a `list` of them.
        case parts
        /// A topic and its payload, as a `tuple` of `str` and `bytes`.
        case published
    }

    /// The most bytes of a call, as copying takes time.
    private static let room = 256 << 10
    /// Longer messages are received alone.
    static let largeSize = PythonLoans.largeSize

    private typealias Code = ZMQSocketError.Code

    let form: Form
    /// Whether messages of several parts may be taken, where they come as lists.
    let wantsLists: Bool
    /// Where messages are put together. Empty between calls, unless there was no memory.
    let coming: PythonObject?
    /// The queue for messages that come as lists.
    let lists: PythonObject?
    /// The queue for all others.
    let others: PythonObject?

    /// Takes messages that are here, all of them for the same queue, unless something is in the queues already.
    ///
    /// - Returns: the status; `tooLarge` if the first message is to be received alone, `state` if it is not of this
    ///   form. Nil with an exception.
    func take(from handle: SocketHandle, most: Int, _ python: PythonInterface, _ making: PythonLists) -> Int? {
        making.withoutCollector {
            guard let inLists = unsafe making.count(of: lists), let inOthers = unsafe making.count(of: others),
                let left = unsafe making.count(ofList: coming)
            else { return Int(Code.invalid.rawValue) }
            guard inLists == 0, inOthers == 0 else { return 0 }
            let status = left > 0 ? 0 : receive(from: handle, most: most, python, making)
            guard status == 0 else { return status }
            let isOfLists = unsafe PythonObjects.ofProcess?.isList(making.item(0, ofList: coming)) == true
            let queue = unsafe isOfLists ? lists : others
            return unsafe making.move(coming, into: queue) ? 0 : nil
        }
    }

    /// Puts messages into the list.
    private func receive(
        from handle: SocketHandle,
        most: Int,
        _ python: PythonInterface,
        _ making: PythonLists
    ) -> Int? {
        var (count, size) = (0, 0)
        var areSeveral: Bool?
        var refusal = Code.ok
        var isOutOfMemory = false
        let code = handle.takeArrived(limit: most, splitsAtSpace: form == .published) { message in
            let (parts, bytes) = (message.partCount, message.totalSize)
            guard isWanted(parts, besides: areSeveral) else {
                refusal = .state
                return false
            }
            guard bytes < Self.largeSize else {
                refusal = .tooLarge
                return false
            }
            guard count == 0 || bytes <= Self.room - size else { return false }
            guard unsafe making.add(object(for: message, python, making), to: coming) else {
                isOutOfMemory = true
                return false
            }
            areSeveral = parts > 1
            count += 1
            size += bytes
            return true
        }
        guard count == 0 else {
            // It is found again by whoever asks next.
            if isOutOfMemory { making.forgetError() }
            return 0
        }
        return isOutOfMemory ? nil : Int((code == .ok ? refusal : code).rawValue)
    }

    /// Whether a message of so many parts is of the form.
    ///
    /// - Parameter areSeveral: whether those before have several, if there are any.
    private func isWanted(_ parts: Int, besides areSeveral: Bool?) -> Bool {
        guard form == .parts else { return parts == 2 }
        return (parts > 1) == (areSeveral ?? (parts > 1 && wantsLists))
    }

    private func object(
        for message: ArrivedMessage,
        _ python: PythonInterface,
        _ making: PythonLists
    ) -> PythonObject? {
        switch (form, message) {
        case (.parts, .one(let bytes)): unsafe python.bytes(bytes)
        case (.parts, .any(let message)): unsafe Self.object(of: message, python, making)
        case (.parts, .two): unsafe Self.list(of: message, python, making)
        case (.published, .one): nil
        case (.published, .two(let topic, let payload)):
            unsafe python.tuple(making.topic(topic), python.bytes(payload))
        case (.published, .any(let message)):
            unsafe python.tuple(
                message.withPart(0) { unsafe making.topic($0) } ?? nil,
                Self.part(1, of: message, python)
            )
        }
    }

    /// A message as ``Form/parts``; nil with an exception.
    static func object(
        of message: ReceivedMessage,
        _ python: PythonInterface,
        _ making: PythonLists
    ) -> PythonObject? {
        unsafe message.partCount == 1 ? part(0, of: message, python) : list(of: message, python, making)
    }

    // MARK: Messages as lists

    /// A message as a `list` of its parts; nil with an exception.
    static func list(
        of message: ArrivedMessage,
        _ python: PythonInterface,
        _ making: PythonLists
    ) -> PythonObject? {
        switch message {
        case .one(let bytes): unsafe making.list(count: 1) { _ in unsafe python.bytes(bytes) }
        case .two(let first, let last): unsafe making.list(count: 2) { unsafe python.bytes($0 == 0 ? first : last) }
        case .any(let message): unsafe list(of: message, python, making)
        }
    }

    static func list(
        of message: ReceivedMessage,
        _ python: PythonInterface,
        _ making: PythonLists
    ) -> PythonObject? {
        unsafe making.list(count: message.partCount) { unsafe part($0, of: message, python) }
    }

    private static func part(_ index: Int, of message: ReceivedMessage, _ python: PythonInterface) -> PythonObject? {
        unsafe message.withPart(index) { unsafe python.bytes($0) } ?? nil
    }
}
