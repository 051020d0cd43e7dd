// SPDX-License-Identifier: Apache-2.0

// What an operator is told. libzmq is asked for nothing that it would have to work for.
extension SocketCore {
    /// What the socket is doing; nil if it is closed.
    static func report(of id: UInt64) -> SocketReport? { try? socketSlots.withCore(of: id) { $0.report } }

    private var report: SocketReport {
        var report = SocketReport(handle: id, number: journal.number, kind: kind, openedAt: openedAt)
        report.security = securityName
        report.bound = bound.all.prefix(SocketReport.mostEndpoints).map(\.shown.string)
        report.links = firstLinks
        report.leftOut = bound.all.count + connecting.endpoints - report.bound.count - report.links.count
        report.statistics = statistics
        report.held = (inbox.count, inbox.heldBytes)
        let (senders, receivers) = (
            waiters.count(of: [.writable, .request]), waiters.count(of: [.readable, .answer])
        )
        let others = max(0, waiters.count - waiters.count(of: .messages))
        report.waiting = SocketReport.Waiting(senders: senders, receivers: receivers, others: others)
        report.failure = journal.lastFailure.map { failure in
            SocketReport.Failure(code: failure.code, text: failure.text ?? failure.code.explanation, at: failure.at)
        }
        return report
    }

    private var firstLinks: [SocketReport.Link] {
        var links: [SocketReport.Link] = []
        for link in connecting.all {
            for endpoint in link.allEndpoints {
                guard links.count < SocketReport.mostEndpoints else { return links }
                links.append(
                    SocketReport.Link(
                        endpoint: endpoint.text.string,
                        state: link.stateName,
                        attempts: link.totalAttempts,
                        failure: link.isEstablished ? nil : link.lastFailure
                    )
                )
            }
        }
        return links
    }

    /// How the connections are protected; what options by number have made of it, too.
    private var securityName: String {
        if case .guarded? = options.security?.form { return "guarded" }
        guard let socket = unsafe socket else { return "none" }
        let (mechanism, isServer) = unsafe ZMQ.security(of: socket)
        return mechanism == "NULL" ? "none" : "\(mechanism.lowercased()) \(isServer ? "server" : "client")"
    }
}
