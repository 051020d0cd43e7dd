// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Doctor
import ExperimanceZMQ
import Shell

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is at an endpoint, and why not.",
        discussion: """
            It looks step by step: the name and its addresses, the way there, the process that listens, what it speaks, \
            what may talk to it, and whether it answers heartbeats; of ipc the path, its owner and its mode. The last \
            line is what all of it comes to, and what to do. It sends no messages and takes none from anybody, but for one \
            case: with --server-key and --as pull, pair, dealer, rep or router it is a peer of that type for a moment. A \
            server that hands out messages, or has one place, hands them to it, and they are lost.

            The exit status is 0 when all is well, 1 when something is wrong, 3 when nothing is known but that the time \
            was up.
            """
    )

    /// The name that programs are linked with.
    private static let library = "libexperimance_zmq.so.0"

    @Argument(help: "What to look at, tcp or ipc.")
    var endpoints: [String] = []

    @Flag(help: "Look whether it can be bound, and who has it if it can not.")
    var bind = false

    @Flag(help: "Look whether the loader finds the library for programs that use it, where exz needs none.")
    var library = false

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            """
            The type of the socket that is to talk to it, such as sub. With --server-key one of that type connects, and \
            messages that the server hands to it are lost.
            """,
            valueName: "type"
        )
    )
    var type: SocketTypeArgument?

    @Option(
        help: ArgumentHelp(
            "Wait for a publisher to publish something whose topic begins so, and say what it publishes instead.",
            valueName: "topic"
        )
    )
    var topic: String?

    @Option(help: ArgumentHelp("The longest that all of it may take, for each endpoint.", valueName: "time"))
    var timeout = TimeArgument(.seconds(5))

    @Flag(help: "Write what was found as JSON, an object for each endpoint in a line.")
    var json = false

    @Flag(help: "Look again and again, and tell when something is different, until it is ended.")
    var watch = false

    @Option(help: ArgumentHelp("The pause before it looks again.", valueName: "time"))
    var interval = TimeArgument(.seconds(2))

    @Option(help: ArgumentHelp("Look so many times.", valueName: "number"))
    var count: Int?

    @Option(help: ArgumentHelp("The keys to connect with, a file of `exz keys make`.", valueName: "file"))
    var keys: String?

    @Option(help: ArgumentHelp("The public key of the server, a file: look whether it lets one in.", valueName: "file"))
    var serverKey: String?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count has to be 1 or more") }
        if timeout.duration == .zero { throw ValidationError("--timeout has to be more than 0") }
        if keys != nil, serverKey == nil { throw ValidationError("--keys needs --server-key") }
        if bind, type != nil || topic != nil || serverKey != nil {
            throw ValidationError("--bind looks at no peer: leave --as, --topic and --server-key out")
        }
    }

    func run() throws {
        let output = try Output()
        let security = try security()
        if endpoints.isEmpty, !library {
            throw Failure(.usage, "no endpoint: give one, such as tcp://127.0.0.1:5555, or --library")
        }
        let ofLibrary = library ? [try Examination(of: Self.library, for: .library, timeout: timeout.duration)] : []
        let examinations =
            try ofLibrary
            + endpoints.map { endpoint in
                try Examination(
                    of: endpoint,
                    for: bind ? .bind : .connect,
                    timeout: timeout.duration,
                    type: type?.type,
                    security: security,
                    topic: topic
                )
            }
        Endings.watchOutput()
        var rounds = Rounds(examinations, output, isJSON: json, repeats: watch || count != nil)
        var pace = Pace(interval.duration)
        let most = count ?? (watch ? nil : 1)
        var (done, status) = (0, ExitStatus.done)
        while done != most {
            pace.wait()
            status = try rounds.run()
            done += 1
        }
        guard status == .done else { throw AlreadyTold(status) }
    }

    private func security() throws(ZMQSocketError) -> ZMQSecurity? {
        guard let serverKey else { return nil }
        let own = if let keys { try ZMQCurveKeyPair(contentsOf: keys) } else { try ZMQCurveKeyPair() }
        return .curveClient(own, serverKey: try ZMQCurvePublicKey(contentsOf: serverKey))
    }
}

/// A type of socket as the commands are called.
struct SocketTypeArgument: ExpressibleByArgument {
    let type: ZMQSocketType

    static let allValueStrings = ZMQSocketType.allCases.map { $0.name.lowercased() }

    init?(argument: String) {
        guard let type = ZMQSocketType.allCases.first(where: { $0.name.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self.type = type
    }
}

/// Looks at endpoints one after the other, and tells what is found: the first time as it is found, later what has
/// become different.
private struct Rounds {
    private let examinations: [Examination]
    private let output: Output
    private let isJSON: Bool
    private let text: DoctorText
    private var last: [Diagnosis?]

    init(_ examinations: [Examination], _ output: Output, isJSON: Bool, repeats: Bool) {
        (self.examinations, self.output, self.isJSON) = (examinations, output, isJSON)
        text = DoctorText(Colours.ofOutput, hasTime: repeats)
        last = examinations.map { _ in nil }
    }

    /// Looks once at each.
    ///
    /// - Returns: what is worst.
    mutating func run() throws -> ExitStatus {
        var worst = ExitStatus.done
        for (index, examination) in examinations.enumerated() {
            let before = last[index]
            let isTold = before == nil && !isJSON
            if isTold { try output.write(line: text.heading(examination.endpoint)) }
            let diagnosis = try examination.run { finding in
                if isTold { try output.write(line: text.line(finding)) }
            }
            if isJSON {
                try output.write(line: diagnosis.json.written)
            } else if isTold {
                for line in text.verdict(diagnosis) { try output.write(line: line) }
            } else if let before, !before.saysTheSame(as: diagnosis) {
                for line in text.whole(diagnosis) { try output.write(line: line) }
            }
            last[index] = diagnosis
            worst = worse(worst, diagnosis.verdict.status)
        }
        return worst
    }

    private func worse(_ one: ExitStatus, _ other: ExitStatus) -> ExitStatus {
        if one == .failed || other == .failed { return .failed }
        return one == .done ? other : one
    }
}
