// SPDX-License-Identifier: Apache-2.0

import LibC

// What an operator may look at while the program runs.
extension ContextCore {
    /// A context of its own.
    ///
    /// - Parameter options: what is wrong with them is named.
    package static func open(_ options: ZMQContextOptions = ZMQContextOptions()) throws(ZMQSocketError) -> ContextCore {
        try open(options, nameService: NameService(options.threads), logTarget: LogTarget())
    }

    static func open(
        _ options: ZMQContextOptions,
        nameService: NameService,
        logTarget: LogTarget
    ) throws(ZMQSocketError) -> ContextCore {
        let context = try ContextCore(options, nameService: nameService, logTarget: logTarget)
        do throws(ZMQSocketError) {
            try context.serveStatistics(options)
        } catch {
            context.abandon()
            throw error
        }
        return context
    }

    /// The context of those who name none; made when it is first asked for; only `shutdown(timeout:)` closes it.
    package static func processWide() throws(ZMQSocketError) -> ContextCore {
        let (context, isNew) = try sharedContext()
        // Without that one's lock: it takes a thread, which waits for a fork, which may wait for the lock.
        if isNew { try context.serveStatistics(ZMQContextOptions()) }
        return context
    }

    /// Serves the statistics of the context if its options or the environment ask for it.
    ///
    /// - Throws: what is wrong with a place that the program has asked for. That an operator can not have what the
    ///   program does not know of is no failure of the program's: it is written to the log.
    private func serveStatistics(_ options: ZMQContextOptions) throws(ZMQSocketError) {
        if let endpoint = options.statisticsEndpoint { return try serveStatistics(at: StatisticsPlace(endpoint)) }
        do throws(ZMQSocketError) {
            let value = RuntimeDirectory.environment(StatisticsPlace.variable)
            if let place = try StatisticsPlace.asked(by: value) { try serveStatistics(at: place) }
        } catch {
            logTarget.write(failure: "\(StatisticsPlace.variable) has no effect: \(error.message)")
        }
    }

    private func serveStatistics(at place: StatisticsPlace) throws(ZMQSocketError) {
        let (openedAt, program) = (MonotonicInstant.now(), ContextReport.programName)
        let (name, version) = (threads.namePrefix, ZMQ.version)
        let libzmq = "\(version.major).\(version.minor).\(version.patch)"
        statistics = try StatisticsServer(at: place, threads) { [weak self] number in
            let report = ContextReport(
                process: getpid(),
                program: program,
                number: number,
                name: name,
                openedAt: openedAt,
                libzmq: libzmq
            )
            return self?.document(of: report)
        }
        // Whoever has closed it meanwhile has not met this.
        if isClosing { statistics?.end() }
    }

    private func document(of report: ContextReport) -> [UInt8]? {
        let (sockets, reporter) = socketsToReport
        // It grows by doubling, and is copied once.
        guard Memory.isThere(4 * ContextReport.enough) else { return nil }
        return report.document(of: sockets, at: .now()) { id in reporter?(id) }
    }
}
