// SPDX-License-Identifier: Apache-2.0

import LibC

/// The send of many messages of one part each, in their order, a portion at a time: others want the lock, too.
struct SendManyOperation<Messages: OutgoingMessages>: Operation {
    private var messages: Messages
    private let timeout: ZMQTimeout
    private var until: Deadline?
    private var cancels: UInt32?
    /// How many were taken.
    private(set) var sent = 0
    private var end = 0

    init(_ messages: Messages, timeout: ZMQTimeout) {
        self.messages = messages
        self.timeout = timeout
    }

    /// Whether another portion is to be performed.
    var isUnfinished: Bool { sent < messages.count }

    mutating func proceed(_ core: SocketCore, after code: ZMQSocketError.Code?) -> Step<Void> {
        let until = until ?? core.deadline(timeout)
        if sent == end {
            // A portion begins. Messages that need not wait take their time, too, and a cancel between two counts.
            let isTry = timeout.isTry(usual: core.slot.pointee.defaultTimeout)
            let isLate = self.until != nil && !isTry && until.hasPassed(at: .now())
            let isCanceled = cancels.map { $0 != core.slot.front.cancels } ?? false
            self.until = until
            cancels = core.slot.front.cancels
            end = min(messages.count, sent + OutgoingPortion.limit)
            if isCanceled { return refused(core, .canceled) }
            if isLate { return refused(core, .timeout) }
            if let reason = core.reasonNotToSend(0, parts: 1) { return refused(core, reason) }
        }
        if let code { return refused(core, code) }
        guard !core.isRequesting else { return refused(core, .state) }
        guard let socket = unsafe core.socket, !core.isGated else { return .wait(for: .writable, until: until) }
        let limit = core.slot.pointee.maxMessageSize
        while sent < end {
            let size = messages.size(of: sent)
            guard size <= limit else { return refused(core, .tooLarge) }
            if unsafe messages.send(sent, to: socket) < 0 {
                let number = errno
                guard number == EAGAIN else { return refused(core, ZMQSocketError.Code(errno: number)) }
                return .wait(for: .writable, until: until)
            }
            core.countSent(size)
            sent += 1
        }
        core.afterSend()
        return .done
    }

    private func refused(_ core: SocketCore, _ code: ZMQSocketError.Code) -> Step<Void> {
        core.countRefusedSend(code, timeout: timeout)
        if !core.isClosed {
            core.room.hasFailed()
            core.afterSend()
        }
        return .failed(ZMQSocketError(code))
    }
}
