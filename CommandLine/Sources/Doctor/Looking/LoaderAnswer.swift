// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell

/// What the loader says of a library when a program is started, without starting one.
struct LoaderAnswer: Equatable {
    /// Where it is; nil where it is not found.
    let path: String?
    /// What is needed and not found.
    let missing: [String]

    /// - Parameter text: what the loader writes with LD_TRACE_LOADED_OBJECTS, a library in a line.
    init(_ text: String, about name: String) {
        var (path, missing): (String?, [String]) = (nil, [])
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, words[1] == "=>" else { continue }
            if words[2] == "not" {
                missing.append(String(words[0]))
            } else if words[0] == name {
                path = String(words[2])
            }
        }
        (self.path, self.missing) = (path, missing)
    }

    /// Asks the loader where it would find a library.
    ///
    /// - Throws: `failed` where it can not be asked.
    static func finding(for name: String, until limit: TimeLimit) throws(Failure) -> Finding {
        let answer = LoaderAnswer(try ask(name, limit), about: name)
        guard let path = answer.path else { return .failed(.library, .libraryMissing(name: name)) }
        guard answer.missing.isEmpty else { return .failed(.library, .librariesMissing(of: name, answer.missing)) }
        return Finding(.library, .ok, "at \(path)", details: [("path", .text(path))])
    }

    /// Has the loader say what it would load for this very program if it needed that library, too.
    private static func ask(_ name: String, _ limit: TimeLimit) throws(Failure) -> String {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Failure(.failed, "can not ask the loader: \(describe(errno))") }
        defer { close(ends[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var process = pid_t()
        let environment = inherited() + ["LD_TRACE_LOADED_OBJECTS=1", "LD_PRELOAD=\(name)"]
        let number = withStrings(["exz"]) { arguments in
            withStrings(environment) { variables in
                unsafe posix_spawn(&process, "/proc/self/exe", &actions, nil, arguments, variables)
            }
        }
        close(ends[1])
        guard number == 0 else { throw Failure(.failed, "can not ask the loader: \(describe(number))") }
        defer {
            // It has ended, or is of no use any more.
            kill(process, SIGKILL)
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
        return read(ends[0], limit)
    }

    private static func read(_ descriptor: Int32, _ limit: TimeLimit) -> String {
        var (text, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 16_384))
        // More than that it never has to say.
        while text.count < 1 << 20, limit.wait(for: descriptor, POLLIN) {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            text += buffer.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The variables that this process was started with, but for those that are set anew.
    private static func inherited() -> [String] {
        var all: [UInt8] = []
        let descriptor = unsafe open("/proc/self/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            all += buffer.prefix(count)
        }
        return all.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            .filter { !$0.hasPrefix("LD_PRELOAD=") && !$0.hasPrefix("LD_TRACE_LOADED_OBJECTS=") }
    }

    /// Calls `body` with the strings as C has them, ended by NULL.
    @safe
    private static func withStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        return unsafe body(&pointers)
    }
}
