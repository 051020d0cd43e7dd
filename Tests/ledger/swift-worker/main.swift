// SPDX-License-Identifier: Apache-2.0
//
// ledger-worker ROLE bind|connect ENDPOINT FLOW INCARNATION JOURNAL RATE: one end of a flow, in Swift. What it says and
// is told is in ../c-worker/worker.c.

import ExperimanceZMQ
import Foundation
import LedgerRecords

func refuse(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("ledger-worker: \(reason)\n".utf8))
    exit(2)
}

/// Reads on a thread that is none of the pool's. If the stage ends, so does this process.
func obey(_ worker: Worker) {
    while worker.phases.now != .stop {
        switch readLine() {
        case "finish": worker.phases.tell(.finish)
        case "hush":
            worker.phases.tell(.hush)
            if !worker.role.sends { worker.say("hushed") }
        case "stop": worker.phases.tell(.stop)
        case nil: exit(0)
        case let line?: refuse(line)
        }
    }
}

func work(_ worker: Worker, _ manner: String, _ endpoint: String) async throws {
    let socket = try RoleSocket(worker.role, flow: worker.flow)
    if manner == "bind" {
        try await socket.any.bind(endpoint, timeout: .seconds(30))
    } else {
        try socket.any.connectInBackground(endpoint)
    }
    worker.say("ready")
    Thread.detachNewThread { obey(worker) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await worker.noteEvents(of: socket.any) }
        await withTaskGroup(of: Void.self) { group in
            if worker.role.makesRequests {
                group.addTask { await worker.makeRequests(with: socket) }
            } else if worker.role.sends {
                group.addTask { await worker.sendMessages(with: socket) }
            }
            if worker.role.receives { group.addTask { await worker.receiveMessages(with: socket) } }
            group.addTask { await worker.phases.waitForStop() }
        }
        try worker.noteStatistics(of: socket.any)
        try await socket.any.close(linger: .seconds(20))
        try await group.waitForAll()
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 7, let role = Role(rawValue: arguments[0]), let flow = UInt16(arguments[3]),
    let incarnation = UInt16(arguments[4]), let rate = Int(arguments[6])
else { refuse("ROLE bind|connect ENDPOINT FLOW INCARNATION JOURNAL RATE") }
let journal = ledger_open(arguments[5])
guard journal >= 0 else { refuse("no journal \(arguments[5])") }
ledger_end_with_parent()
let worker = Worker(role: role, flow: flow, incarnation: incarnation, journal: journal, rate: rate)
do {
    try await work(worker, arguments[1], arguments[2])
} catch {
    refuse("\(error)")
}
