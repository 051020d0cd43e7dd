// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Foundation
import LedgerRecords

/// One end of a flow.
struct Worker: Sendable {
    let role: Role
    let flow: UInt16
    let incarnation: UInt16
    let journal: Int32
    let rate: Int
    let phases = Phases()

    /// A line for the stage.
    func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    func note(_ kind: Int, _ message: ledger_message, direction: UInt8? = nil, status: Int32 = 0) {
        var record = ledger_record()
        record.time_ns = ledger_now()
        record.number = message.number
        record.size = message.size
        record.incarnation = message.incarnation
        record.kind = UInt8(kind)
        record.direction = direction ?? message.direction
        record.status = Int16(status)
        record.flow = message.flow
        ledger_append(journal, record)
    }

    func message(_ number: UInt32, isEnd: Bool) -> ledger_message {
        ledger_message(
            number: number,
            size: ledger_size(number),
            flow: flow,
            incarnation: incarnation,
            direction: role.direction,
            is_end: isEnd
        )
    }

    func written(_ message: ledger_message) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(message.size)) { buffer, count in
            withUnsafePointer(to: message) { ledger_write(buffer.baseAddress, $0) }
            count = Int(message.size)
        }
    }

    /// What a received message says of itself; nil if it is not as it was written.
    func read(_ received: ZMQMessage, parts: Int) -> ledger_message? {
        var message = ledger_message()
        let isWhole = received.withUnsafeBytes { ledger_read(&message, $0.baseAddress, $0.count) }
        return isWhole && received.partCount == parts ? message : nil
    }

    func noteEvents(of socket: any ZMQMessagingSocket) async throws {
        for try await event in socket.events {
            var record = ledger_record()
            record.time_ns = UInt64(event.monotonicNanoseconds)
            record.number = UInt32(event.count ?? 0)
            record.kind = UInt8(LEDGER_EVENT)
            record.status = Int16(event.kind.rawValue)
            ledger_append(journal, record)
        }
    }

    func noteStatistics(of socket: any ZMQMessagingSocket) throws {
        let statistics = try socket.statistics()
        let values = [
            statistics.messagesSent, statistics.messagesReceived, statistics.sendsRefused, statistics.linksLost,
            statistics.queuesDropped, statistics.eventsDropped,
        ]
        for (which, value) in values.enumerated() {
            var counted = ledger_message()
            counted.number = UInt32(value)
            note(LEDGER_STATISTIC, counted, direction: 0, status: Int32(which) + 1)
        }
    }
}
