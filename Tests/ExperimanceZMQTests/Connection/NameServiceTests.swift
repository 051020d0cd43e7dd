// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExperimanceZMQ

@Suite("Name service", .watchdog)
struct NameServiceTests {
    /// Look-ups that hang until they are let go, and those that do not.
    private final class Resolver: Sendable {
        private struct State {
            var running = 0
            var most = 0
            var total = 0
        }

        private let state = Guarded(State())
        let release = Completion()

        var most: Int { state.withLock { $0.most } }
        var total: Int { state.withLock { $0.total } }

        func lookUp(_ name: String) -> Result<[NameService.Host], ConnectFailure> {
            state.withLock { state in
                state.running += 1
                state.total += 1
                state.most = max(state.most, state.running)
            }
            if name.hasPrefix("slow") { _ = release.wait(until: Deadline(milliseconds: 60_000, after: .now())) }
            state.withLock { $0.running -= 1 }
            return .success([NameService.Host(numeric: "127.0.0.1")])
        }
    }

    /// Counts answers down to none.
    private final class Answers: Sendable {
        private let left: Guarded<Int>
        private let all = Completion()

        init(_ count: Int) { left = Guarded(count) }

        func come() {
            let isLast = left.withLock { left in
                left -= 1
                return left == 0
            }
            if isLast { all.complete() }
        }

        func wait() -> Bool { all.wait(until: Deadline(milliseconds: 20_000, after: .now())) }
    }

    private func withService(_ body: (NameService, Resolver, Supervisor) throws -> Void) throws {
        let resolver = Resolver()
        let supervisor = try Supervisor()
        try supervisor.start()
        defer {
            resolver.release.complete()
            supervisor.stop {}
        }
        try body(NameService { resolver.lookUp($0) }, resolver, supervisor)
    }

    @Test("A thousand who ask for one name share one look-up")
    func shared() throws {
        try withService { service, resolver, supervisor in
            let answers = Answers(1_000)
            for _ in 0..<1_000 {
                service.resolve("slow", port: 1, supervisor: supervisor) { _ in answers.come() }
            }
            resolver.release.complete()
            #expect(answers.wait())
            #expect(resolver.total == 1)
        }
    }

    @Test("A thousand names do not take a thousand threads")
    func bounded() throws {
        try withService { service, resolver, supervisor in
            let answers = Answers(1_000)
            for number in 0..<1_000 {
                service.resolve("slow-\(number)", port: 1, supervisor: supervisor) { _ in answers.come() }
            }
            resolver.release.complete()
            #expect(answers.wait())
            #expect(resolver.total == 1_000)
            // Eight, and one more for each second that they may have taken.
            #expect(resolver.most >= 1 && resolver.most <= 8 + 20)
        }
    }

    @Test("Names that are slow hold up no others for long")
    func starved() throws {
        try withService { service, resolver, supervisor in
            for number in 0..<8 { service.resolve("slow-\(number)", port: 1, supervisor: supervisor) { _ in } }
            let answers = Answers(20)
            for number in 0..<20 {
                service.resolve("quick-\(number)", port: 1, supervisor: supervisor) { _ in answers.come() }
            }
            #expect(answers.wait())
            #expect(resolver.most >= 9)
        }
    }
}
