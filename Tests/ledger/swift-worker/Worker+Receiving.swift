// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LedgerRecords

extension Worker {
    /// Until nothing has come for a while, once it is to stop.
    func receiveMessages(with socket: RoleSocket) async {
        let timeout = ZMQTimeout.milliseconds(500)
        for call in 0... {
            let phase = phases.now
            do throws(ZMQSocketError) {
                if call.isMultiple(of: 2), role == .pull || role == .sub {
                    for received in try await socket.any.socket.receiveBatch(timeout: timeout) {
                        await take(received, with: socket)
                    }
                } else {
                    await take(try await socket.any.socket.receive(timeout: timeout), with: socket)
                }
            } catch {
                if error.code == .timeout, phase == .stop { return }
                guard error.code != .timeout else { continue }
                note(LEDGER_RECEIVED, ledger_message(), direction: 1 - role.direction, status: error.code.rawValue)
            }
        }
    }

    private func take(_ received: ZMQMessage, with socket: RoleSocket) async {
        let message = read(received, parts: role.partCount)
        let nothing = ledger_message(
            number: 0,
            size: 0,
            flow: 0,
            incarnation: 0,
            direction: role == .dealer ? 1 : 0,
            is_end: false
        )
        note(LEDGER_RECEIVED, message ?? nothing, status: message == nil ? -1 : 0)
        if role == .rep {
            await answer(message, with: socket)
        } else if let message, message.is_end {
            say("ended \(message.incarnation)")
        }
    }

    /// What can not be read is answered with nothing, so that the next request can come.
    private func answer(_ question: ledger_message?, with socket: RoleSocket) async {
        guard var message = question else {
            _ = try? await socket.send([], as: role)
            return
        }
        message.direction = 1
        await send(message, with: socket)
    }
}
