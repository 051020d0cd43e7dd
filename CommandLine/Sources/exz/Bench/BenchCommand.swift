// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ExperimanceZMQ
import Measuring
import Shell

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure throughput and latency between two sockets.",
        discussion: """
            With ENDPOINT both are in this process. Otherwise start exz bench --bind at the one end, which answers, and \
            exz bench --connect at the other, which measures. Latency is also measured against exz rep --echo, or \
            anything that sends back what comes.

            Messages are numbered. If one is lost, comes twice or out of order the exit status is 1.
            """
    )

    @Argument(help: "Where both sockets are to be, such as tcp://127.0.0.1:* or ipc://bench.")
    var endpoint: String?

    @Flag(help: "With --bind: end when the first who measures has done.")
    var once = false

    @Flag(help: "With ENDPOINT: encrypt, with keys made for this.")
    var encrypt = false

    @OptionGroup(title: "What is measured") var options: BenchOptions
    @OptionGroup(title: "Endpoints") var endpoints: EndpointOptions
    @OptionGroup(title: "Keys and passwords") var protection: SecurityOptions
    @OptionGroup(title: "The sockets") var tuning: TuningOptions
    @OptionGroup var telling: TellingOptions

    func validate() throws {
        let isAnswering = !endpoints.bind.isEmpty
        if endpoints.connect.count > 1 { throw ValidationError("only one --connect: one connection is measured") }
        if [endpoint != nil, isAnswering, !endpoints.connect.isEmpty].count(where: \.self) > 1 {
            throw ValidationError("either ENDPOINT, --bind or --connect")
        }
        if isAnswering, options.areGiven {
            throw ValidationError("what is measured is for the side that measures: --bind answers")
        }
        if once, !isAnswering { throw ValidationError("--once is for --bind") }
        if encrypt, endpoint == nil {
            throw ValidationError("--encrypt is for ENDPOINT: with --bind and --connect give --keys and --server-key")
        }
        if endpoint != nil, protection.areGiven {
            throw ValidationError("keys are for --bind and --connect: ENDPOINT is encrypted with --encrypt")
        }
        if options.bytes > tuning.maxSize { throw ValidationError("--size is more than --max-size") }
    }

    func run() throws {
        if !endpoints.bind.isEmpty { return try answer() }
        guard let target = endpoint ?? endpoints.connect.first else {
            throw Failure(
                .usage,
                "no endpoint: give one to measure within this process, such as tcp://127.0.0.1:*, or --connect to where "
                    + "exz bench --bind is"
            )
        }
        let results = try Results(asJSON: options.json)
        let trouble = try Trouble()
        Endings.watchOutput()
        if endpoint == nil {
            return try measure(at: target, places, protection, nil, results, trouble)
        }
        try measureWithin(target, results, trouble)
    }

    /// As the others, but nobody waits for ever in the middle of a measurement.
    private var places: Places {
        var places = endpoints.places
        places.patience = Patience(limit: endpoints.timeout?.duration ?? .seconds(10))
        return places
    }

    private func answer() throws {
        let lost = try LostPeers()
        let opened = try OpenSocket(
            .router,
            endpoints.places,
            tuning,
            protection,
            telling,
            whenFull: .wait,
            onEvent: { lost.heed($0) }
        )
        try opened.closing { try AnsweringSide(opened: opened, lost: lost, telling: telling).serve(once: once) }
    }

    // MARK: Both sides

    private func measureWithin(_ endpoint: String, _ results: Results, _ trouble: Trouble) throws {
        let ends = try Ends(encrypted: encrypt)
        var (there, quiet) = (places, telling)
        (there.bind, there.connect, there.patience, there.peers) = ([endpoint], [], Patience(limit: nil), nil)
        quiet.quiet = true
        quiet.verbose = false
        let lost = try LostPeers()
        let answering = try OpenSocket(
            .router,
            there,
            tuning,
            nil,
            quiet,
            whenFull: .wait,
            security: ends.server,
            context: ends.context
        )
        let side = AnsweringSide(opened: answering, lost: lost, telling: quiet)
        let isThere = BackgroundThread.start {
            do {
                try side.serve(once: true)
            } catch {
                trouble.raise(error)
            }
        }
        guard isThere else { throw Failure(.failed, "there is no thread to answer with") }
        var here = places
        here.connect = answering.bound
        try measure(at: endpoint, here, nil, ends, results, trouble)
    }

    /// What both sides have in common.
    private struct Ends {
        let context: ZMQContext
        let server: ZMQSecurity?
        let client: ZMQSecurity?

        init(encrypted: Bool) throws(ZMQSocketError) {
            var options = ZMQContextOptions()
            // One for each side, as two processes would have.
            options.ioThreads = 2
            context = try ZMQContext(options: options)
            guard encrypted else {
                (server, client) = (nil, nil)
                return
            }
            let keys = try ZMQCurveKeyPair()
            server = .curveServer(keys, admitting: .anybody)
            client = .curveClient(try ZMQCurveKeyPair(), serverKey: keys.publicKey)
        }
    }

    // MARK: The measuring side

    private func measure(
        at endpoint: String,
        _ places: Places,
        _ protection: SecurityOptions?,
        _ ends: Ends?,
        _ results: Results,
        _ trouble: Trouble
    ) throws {
        var tuning = tuning
        // By its name the other side knows who is lost.
        if tuning.identity == nil { tuning.identity = "exz-bench-\(UInt64.random(in: .min ... .max))" }
        let opened = try OpenSocket(
            .dealer,
            places,
            tuning,
            protection,
            telling,
            whenFull: .wait,
            security: ends?.client,
            context: ends?.context ?? .shared,
            onEvent: { trouble.heed($0) }
        )
        // Before the socket is closed: what follows from that would be taken for what was measured.
        Endings.add { results.interrupt() }
        let side = MeasuringSide(opened: opened, load: options.load(endpoint), trouble: trouble)
        var run = BenchRun(side, options, telling, results)
        let faults: [String]
        do {
            faults = try trouble.ending { try run.measure() }
        } catch {
            results.drop()
            // What has not gone out is of no use to anybody: the socket is closed at once, with the process.
            throw error
        }
        Endings.ceaseToWatchOutput()
        try opened.close()
        guard faults.isEmpty else { throw Failure(.failed, faults.joined(separator: "; ")) }
    }
}
