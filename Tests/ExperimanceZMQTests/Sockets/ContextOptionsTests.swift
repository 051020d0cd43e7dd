// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import Glibc
import Testing

@Suite struct ContextOptionsTests {
    /// The names of this process's threads.
    private static func threads(named prefix: String) -> Set<String> {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var names: Set<String> = []
        while let entry = readdir(folder) {
            let number = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let file = fopen("/proc/self/task/\(number)/comm", "r") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 32)
            guard fgets(&line, Int32(line.count), file) != nil else { continue }
            let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
            let name = String(decoding: bytes, as: UTF8.self)
            if name.hasPrefix(prefix) { names.insert(name) }
        }
        return names
    }

    @Test func threadsAreCalledWhatWasAskedFor() async throws {
        var options = ZMQContextOptions()
        options.ioThreads = 2
        options.threadNamePrefix = "swi"
        let context = try ZMQContext(options: options)
        let puller = try ZMQPuller(context: context)
        let pusher = try ZMQPusher(context: context)
        try await pusher.connect(try await puller.bind("tcp://127.0.0.1:0"))
        try await pusher.send([1])
        #expect(try await Array(puller.receive()) == [1])
        #expect(Self.threads(named: "swi-") == ["swi-supervisor", "swi-reaper", "swi-io-0", "swi-io-1"])
        try await context.close()
        #expect(Self.threads(named: "swi-").isEmpty)
    }

    @Test func aContextHasAsManySocketsAsWasAskedFor() async throws {
        var options = ZMQContextOptions()
        options.maximumSockets = 1
        let context = try ZMQContext(options: options)
        let puller = try ZMQPuller(context: context)
        #expect { try ZMQPuller(context: context) } throws: { ($0 as? ZMQSocketError)?.code == .limit }
        try await puller.close()
        try await context.close()
    }

    @Test(
        arguments: [
            (\ZMQContextOptions.ioThreads, 0), (\.ioThreads, -1), (\.ioThreads, .max),
        ] as [(any WritableKeyPath<ZMQContextOptions, Int> & Sendable, Int)]
    )
    func aNumberOutOfRangeIsNamed(field: any WritableKeyPath<ZMQContextOptions, Int> & Sendable, value: Int) {
        var options = ZMQContextOptions()
        options[keyPath: field] = value
        #expect { try ZMQContext(options: options) } throws: { error in
            guard let error = error as? ZMQSocketError else { return false }
            return error.code == .invalid && error.message.contains("\(value)")
        }
    }

    @Test(arguments: [0, -1, 65, .max]) func aNumberOfThreadsOutOfRangeIsNamed(number: Int) {
        var options = ZMQContextOptions()
        options.ioThreads = number
        #expect { try ZMQContext(options: options) } throws: { error in
            guard let error = error as? ZMQSocketError else { return false }
            return error.code == .invalid && error.message.contains("\(number)")
        }
    }

    @Test(arguments: [-1, 1_000, .max]) func aProcessorThatThereIsNotIsNamed(number: Int) {
        var options = ZMQContextOptions()
        options.processors = [number]
        #expect { try ZMQContext(options: options) } throws: { error in
            guard let error = error as? ZMQSocketError else { return false }
            return error.code == .invalid && error.message.contains("no processor \(number)")
        }
    }

    @Test(arguments: ["", "ninechars", "a b", "ä"]) func aPrefixThatIsNoneIsNamed(prefix: String) {
        var options = ZMQContextOptions()
        options.threadNamePrefix = prefix
        #expect { try ZMQContext(options: options) } throws: { error in
            guard let error = error as? ZMQSocketError else { return false }
            return error.code == .invalid && error.message.contains("\"\(prefix)\"")
        }
    }

    @Test func aSchedulingThatThereIsNotIsRefused() {
        var options = ZMQContextOptions()
        options.scheduling = .fifo(priority: 1_000)
        #expect { try ZMQContext(options: options) } throws: { error in
            guard let error = error as? ZMQSocketError else { return false }
            return error.code == .invalid && error.message.contains("1000")
        }
    }
}
