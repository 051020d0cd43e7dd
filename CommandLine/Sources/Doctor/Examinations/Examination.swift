// SPDX-License-Identifier: Apache-2.0

public import ExperimanceZMQ
import Glibc
public import Shell

/// An endpoint that is to be looked at, and how.
public struct Examination: Sendable {
    /// As it was given.
    public let endpoint: String
    let use: Use
    let place: Place
    let timeout: Duration
    let type: ZMQSocketType?
    let security: ZMQSecurity?
    let topic: String?

    /// - Parameters:
    ///   - endpoint: what is to be looked at; the file name of a library where the use is that.
    ///   - use: what it is to be used for.
    ///   - timeout: the longest that all of it may take.
    ///   - type: the type of the socket that is to be used there; nil if that is open.
    ///   - security: the keys that are to be used there; nil for none.
    ///   - topic: what a publisher there is to publish; nil if nothing is waited for.
    /// - Throws: `usage` for an endpoint that is none.
    public init(
        of endpoint: String,
        for use: Use,
        timeout: Duration,
        type: ZMQSocketType? = nil,
        security: ZMQSecurity? = nil,
        topic: String? = nil
    ) throws(Failure) {
        place = try Place(endpoint, for: use)
        (self.endpoint, self.use, self.timeout) = (endpoint, use, timeout)
        (self.type, self.security, self.topic) = (type, security, topic)
    }

    /// Looks, step by step; blocks its thread for the time-out at most.
    ///
    /// - Parameter tell: is told each finding when it is made.
    /// - Throws: `failed` where the process itself lacks something; what `tell` throws.
    public func run(telling tell: (Finding) throws -> Void = { _ in }) throws -> Diagnosis {
        try withoutActuallyEscaping(tell) { tell in
            let (watch, notes) = (StopWatch(), Notes(tell))
            let limit = TimeLimit(timeout)
            switch use {
            case .connect: try ConnectExamination(self, limit, notes).run()
            case .bind: try BindExamination(self, limit, notes).run()
            case .library: try notes.add(LoaderAnswer.finding(for: endpoint, until: limit))
            }
            return Diagnosis(of: endpoint, for: use, notes.findings, time: watch.time, end: Glibc.time(nil))
        }
    }
}
