// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LedgerRecords

extension Worker {
    private static let burstsASecond = 50
    /// One call for all messages of each so many-th burst.
    private static let aBatchEvery = 4
    private static let endEvery = Duration.milliseconds(200)

    func sendMessages(with socket: RoleSocket) async {
        var (due, number, burst, phase) = (ContinuousClock.now, UInt32(0), 0, Phase.run)
        while true {
            phase = await phases.wait(until: due, known: phase)
            guard phase.rawValue < Phase.hush.rawValue else { break }
            let count = phase == .finish ? 1 : UInt32(rate / Self.burstsASecond)
            let messages = (number..<number + count).map { message($0, isEnd: phase == .finish) }
            number += count
            if role == .push || role == .dealer, burst % Self.aBatchEvery == 0 {
                await sendBatch(messages, with: socket)
            } else {
                for message in messages { await send(message, with: socket) }
            }
            burst += 1
            let now = ContinuousClock.now
            due = phase == .finish ? now + Self.endEvery : max(now, due + .seconds(1) / Self.burstsASecond)
        }
        say("hushed")
    }

    func send(_ message: ledger_message, with socket: RoleSocket) async {
        let bytes = written(message)
        note(LEDGER_ATTEMPT, message)
        do throws(ZMQSocketError) {
            try await socket.send(bytes, as: role)
            note(LEDGER_RESULT, message)
        } catch {
            note(LEDGER_RESULT, message, status: error.code.rawValue)
        }
    }

    /// In one call.
    private func sendBatch(_ messages: [ledger_message], with socket: RoleSocket) async {
        let bytes = messages.map(written)
        for message in messages { note(LEDGER_ATTEMPT, message) }
        var (sent, status) = (0, ZMQSocketError.Code.timeout)
        do throws(ZMQSocketError) {
            sent = try await socket.any.socket.send(contentsOf: bytes, timeout: .milliseconds(500))
        } catch {
            status = error.code
        }
        for (index, message) in messages.enumerated() {
            note(LEDGER_RESULT, message, status: index < sent ? 0 : status.rawValue)
        }
    }

    func makeRequests(with socket: RoleSocket) async {
        var (due, number, phase) = (ContinuousClock.now, UInt32(0), Phase.run)
        while true {
            phase = await phases.wait(until: due, known: phase)
            guard phase.rawValue < Phase.hush.rawValue else { break }
            let question = message(number, isEnd: phase == .finish)
            number += 1
            if await ask(question, with: socket), phase == .finish { say("ended \(incarnation)") }
            let now = ContinuousClock.now
            due = phase == .finish ? now + Self.endEvery : max(now, due + .seconds(1) / rate)
        }
        say("hushed")
    }

    /// Whether there was an answer.
    private func ask(_ question: ledger_message, with socket: RoleSocket) async -> Bool {
        let bytes = written(question)
        note(LEDGER_ATTEMPT, question)
        do throws(ZMQSocketError) {
            guard let answer = try await socket.request(bytes, again: role == .reqAgain) else { return false }
            let message = read(answer, parts: 1)
            note(LEDGER_RECEIVED, message ?? ledger_message(), direction: 1, status: message == nil ? -1 : 0)
            note(LEDGER_RESULT, question)
            return true
        } catch {
            note(LEDGER_RESULT, question, status: error.code.rawValue)
            return false
        }
    }
}
