// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Calls that block a thread, as a task would write them who forgets that.
private let blockingCalls = [
    "_ = try puller.receive()",
    "_ = try puller.receiveBatch(timeout: .seconds(1))",
    "try pusher.send([1])",
    "try pusher.send(parts: [[1]], timeout: .zero)",
    "try pusher.send(contentsOf: [[1]])",
    "try publisher.publish([1], to: \"t\")",
    "_ = try requester.request([1])",
    "try replier.reply([1])",
    "try puller.bind(\"tcp://127.0.0.1:0\")",
    "try pusher.connect(\"tcp://127.0.0.1:1\")",
    "try puller.waitForPeers()",
    "try publisher.waitForSubscribers(of: \"t\")",
    "try subscriber.waitForSubscriptions()",
    "_ = try puller.nextEvent()",
    "try puller.close()",
    "try context.close()",
    "try ZMQContext.shutdown()",
    "try ZMQPuller.with { _ in }",
    "try retry { try work() }",
    "_ = try ZMQPoller().wait()",
    "try ZMQCanceler().cancelling {}",
]

/// Those that have no asynchronous form.
private let forThreadsAlone = ["ZMQPoller", "ZMQCanceler"]

private let toolchain = Compiler()

@Suite("Programs that do not compile", .watchdog(seconds: 120), .enabled(if: toolchain != nil, "no swiftc in PATH"))
struct WrongProgramTests {
    /// A program with a function for each call, the first on line 3.
    private func program(_ calls: [String], isAsync: Bool = true) -> String {
        let parameters = [
            "_ context: ZMQContext", "_ puller: ZMQPuller", "_ pusher: ZMQPusher", "_ publisher: ZMQPublisher",
            "_ subscriber: ZMQSubscriber", "_ requester: ZMQRequester", "_ replier: ZMQReplier",
        ].joined(separator: ", ")
        let functions = calls.enumerated().map { number, call in
            "func run\(number)(\(parameters)) \(isAsync ? "async " : "")throws { \(call) }\n"
        }
        return "import ExperimanceZMQ\nfunc work() throws {}\n" + functions.joined()
    }

    @Test("A task can not make a call that blocks: the compiler refuses each")
    func blockingCallsInTasks() async throws {
        let compiler = try #require(toolchain)
        let errors = try await compiler.errors(in: program(blockingCalls))
        for (number, call) in blockingCalls.enumerated() {
            let error = errors[3 + number] ?? ""
            #expect(error.contains("'await'") || error.contains("unavailable from asynchronous contexts"), "\(call)")
        }
    }

    @Test("With await they are the asynchronous ones")
    func awaited() async throws {
        let compiler = try #require(toolchain)
        let calls = blockingCalls.filter { call in !forThreadsAlone.contains { call.contains($0) } }
        let awaited = calls.map { $0.replacing("try ", with: "try await ", maxReplacements: 1) }
        #expect(try await compiler.errors(in: program(awaited)) == [:])
    }

    @Test("A thread may make all of them")
    func onThreads() async throws {
        let compiler = try #require(toolchain)
        #expect(try await compiler.errors(in: program(blockingCalls, isAsync: false)) == [:])
    }
}

/// The compiler that made this test, with the library it was made with.
private struct Compiler {
    private let path: URL
    private let modules: URL

    init?() {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        guard
            let path = folders.map({ URL(fileURLWithPath: "\($0)/swiftc") })
                .first(where: { FileManager.default.isExecutableFile(atPath: $0.path) })
        else { return nil }
        self.path = path
        modules = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("Modules")
    }

    /// The first error of each line that has any.
    func errors(in program: String) async throws -> [Int: String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("exz-\(UUID().uuidString).swift")
        try program.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let sources = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/") + "/Sources"
        let process = Process()
        process.executableURL = path
        process.arguments = [
            "-typecheck", "-swift-version", "6", "-I", modules.path, "-diagnostic-style", "llvm",
            "-Xcc", "-fmodule-map-file=\(sources)/CZeroMQ/module.modulemap", "-Xcc", "-I\(sources)/CLinux", file.path,
        ]
        let output = Pipe()
        process.standardError = output
        try process.run()
        let text = try await onThread {
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }
        var errors: [Int: String] = [:]
        for line in text.split(separator: "\n") where line.contains(": error: ") {
            let place = line.hasPrefix(file.path) ? line.dropFirst(file.path.count + 1).prefix { $0.isNumber } : "0"
            errors[Int(place) ?? 0] = errors[Int(place) ?? 0] ?? String(line)
        }
        #expect((process.terminationStatus == 0) == errors.isEmpty, "\(text)")
        return errors
    }
}
