// SPDX-License-Identifier: Apache-2.0

import Shell

/// What has been found up to now.
final class Notes {
    private(set) var findings: [Finding] = []
    private let tell: (Finding) throws -> Void

    init(_ tell: @escaping (Finding) throws -> Void) {
        self.tell = tell
    }

    /// Something does not work.
    var hasFailed: Bool { findings.contains { $0.outcome == .failed } }

    func add(_ finding: Finding) throws {
        findings.append(finding)
        try tell(finding)
    }
}

extension Notes {
    /// Who has an address.
    func add(processes: [ProcessName]) throws {
        let details = processes.map { process in
            JSONText.object([
                ("process", process.number.map { .integer(Int64($0)) } ?? .null),
                ("command", process.command.map(JSONText.text) ?? .null), ("user", .text(process.user)),
                ("stopped", .bool(process.isStopped)),
            ])
        }
        try add(
            Finding(
                .process,
                .ok,
                processes.map(\.text).joined(separator: ", "),
                details: [("processes", .array(details))]
            )
        )
    }
}
