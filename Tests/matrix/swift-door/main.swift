// SPDX-License-Identifier: Apache-2.0
//
// matrix-door blocking|async: the two Swift doors of the matrix. Answers lines of standard input as ../door.c does.

import ExperimanceZMQ
import Foundation

/// A line of standard input, and how it is answered.
struct Call {
    let verb: String
    let argument: String
    let timeout: ZMQTimeout

    init?(_ line: String) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 3, let milliseconds = Int(fields[2]) else { return nil }
        (verb, argument, timeout) = (fields[0], fields[1], .milliseconds(milliseconds))
    }
}

/// Writes the line that answers a call.
func answer(_ code: String, after took: Duration, _ bytes: [UInt8]) {
    let milliseconds = took / .milliseconds(1)
    let digits = bytes.map { String(format: "%02x", $0) }.joined()
    let line = String(format: "{\"status\": \"%@\", \"ms\": %.3f, \"bytes\": \"%@\"}\n", code, milliseconds, digits)
    FileHandle.standardOutput.write(Data(line.utf8))
}

/// Ends the program because it was told what it does not understand.
func refuse(_ line: String) -> Never {
    FileHandle.standardError.write(Data("not a call: \(line)\n".utf8))
    exit(2)
}

/// Reads and answers on this thread.
func runBlocking() {
    let door = Door()
    while let line = readLine() {
        guard let call = Call(line) else { refuse(line) }
        let began = ContinuousClock.now
        do throws(ZMQSocketError) {
            guard let bytes = try door.make(call) else { refuse(line) }
            answer("EXZ_OK", after: .now - began, bytes)
        } catch {
            answer(error.code.name, after: .now - began, [])
        }
    }
}

/// Reads on this thread, which is none of the pool's, and answers in a task.
func runAsync() {
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    Task {
        let door = Door()
        for await line in lines {
            guard let call = Call(line) else { refuse(line) }
            let began = ContinuousClock.now
            do throws(ZMQSocketError) {
                guard let bytes = try await door.make(call) else { refuse(line) }
                answer("EXZ_OK", after: .now - began, bytes)
            } catch {
                answer(error.code.name, after: .now - began, [])
            }
        }
    }
    while let line = readLine() { continuation.yield(line) }
}

switch CommandLine.arguments.dropFirst().first {
case "blocking": runBlocking()
case "async": runAsync()
default: refuse("blocking or async")
}
