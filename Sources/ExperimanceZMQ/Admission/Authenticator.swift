// SPDX-License-Identifier: Apache-2.0

/// Who may come in, for all sockets of a context that ask: rules, and the program's word where there is none.
package final class Authenticator: Sendable {
    private struct State {
        var rules: AccessRules
        var statistics = AuthenticatorStatistics()
        /// Made with the first file of keys.
        var watch: KeyWatch?
        var isClosed = false
        var waits = CountWaits<AuthenticatorCount>()
        /// Nobody waits any more: who would is told.
        var endsWaits = false

        var counted: AuthenticatorStatistics {
            var counted = statistics
            counted.keys = rules.keys.count
            counted.unreadableFiles = watch?.unreadable ?? 0
            return counted
        }
    }

    /// The longest that the program may take, in milliseconds: libzmq gives a handshake up after five seconds.
    package static let longestDecision: Int32 = 4_000
    package static let usualDecision: Int32 = 1_000
    /// The longest name and password, in bytes, as PLAIN has them.
    private static let longestCredential = 255

    private let state: Guarded<State>
    private let doorkeeper: Doorkeeper
    private let desk: DecisionDesk?
    private let supervisor: Supervisor
    private let settings: ThreadSettings
    /// How long the program may take, in nanoseconds.
    private let patience: Int64

    /// - Parameters:
    ///   - decider: the program; nil if the rules are all there is.
    ///   - milliseconds: how long it may take.
    /// - Throws: `state` if the context has one; `invalid` for a time out of range.
    init(
        _ doorkeeper: Doorkeeper,
        _ supervisor: Supervisor,
        _ decider: Decider?,
        decisionTimeout milliseconds: Int32,
        _ settings: ThreadSettings
    ) throws(ZMQSocketError) {
        guard 1...Self.longestDecision ~= milliseconds else {
            throw Self.invalid("decision_timeout is \(milliseconds) ms, it must be 1 to \(Self.longestDecision)")
        }
        patience = Int64(milliseconds) * nanosecondsPerMillisecond
        state = Guarded(State(rules: AccessRules(asksProgram: decider != nil)))
        desk = decider.map { DecisionDesk($0, supervisor, settings) }
        (self.doorkeeper, self.supervisor, self.settings) = (doorkeeper, supervisor, settings)
        try doorkeeper.take(self)
    }

    private static func invalid(_ message: String) -> ZMQSocketError { ZMQSocketError(.invalid, message: message) }

    // MARK: Rules

    /// - Throws: `closed`.
    private func change<Result>(_ body: (inout AccessRules) -> Result) throws(ZMQSocketError) -> Result {
        try whileOpen { body(&$0.rules) }
    }

    /// - Throws: `closed`.
    private func whileOpen<Result>(
        _ body: (inout State) throws(ZMQSocketError) -> Result
    ) throws(ZMQSocketError) -> Result {
        try counting { state throws(ZMQSocketError) in
            guard !state.isClosed else { throw ZMQSocketError(.closed, message: "the authenticator is closed") }
            return try body(&state)
        }
    }

    /// - Parameter userID: nil is the key's own text.
    package func allow(_ key: ZMQCurvePublicKey, as userID: String? = nil) throws(ZMQSocketError) {
        if let userID { try Self.check(userID: userID) }
        try change { $0.keys.allow(key, as: userID ?? key.text) }
    }

    /// - Parameter endLinks: also ends the links that were made with it.
    package func deny(_ key: ZMQCurvePublicKey, endLinks: Bool = false) throws(ZMQSocketError) {
        try change { $0.keys.deny(key) }
        if endLinks { doorkeeper.endLinks(of: [key]) }
    }

    /// Allows the keys in a file, or in the files of a directory, as they are there from now on.
    ///
    /// - Parameter endLinks: links that were made with a key end when it is not allowed any more.
    /// - Throws: `invalid` for a path that is not there, and for a file without a key; `permission`; `limit`.
    package func allow(keysAt path: String, endLinks: Bool = false) throws(ZMQSocketError) {
        guard 1...Self.longestPath ~= path.utf8.count, !path.utf8.contains(0) else {
            throw Self.invalid("path has to have 1 to \(Self.longestPath) bytes, none of them NUL")
        }
        try keyWatch().add(path, endsLinks: endLinks)
    }

    private static let longestPath = 4_000

    private func keyWatch() throws(ZMQSocketError) -> KeyWatch {
        try whileOpen { state throws(ZMQSocketError) in
            if let watch = state.watch { return watch }
            let made = try KeyWatch(supervisor, settings) { [weak self] place, userIDs, endsLinks in
                self?.replaceKeys(of: place, with: userIDs, endsLinks: endsLinks) ?? false
            } changed: { [weak self] in
                self?.note { $0.keyChanges &+= 1 }
            }
            state.watch = made
            return made
        }
    }

    /// - Returns: whether they are others than before.
    private func replaceKeys(of place: Int, with userIDs: [ZMQCurvePublicKey: String], endsLinks: Bool) -> Bool {
        let (gone, hasChanged) = counting { $0.rules.keys.replace(place, with: userIDs) }
        if endsLinks, !gone.isEmpty { doorkeeper.endLinks(of: gone) }
        return hasChanged
    }

    package func allow(address: String) throws(ZMQSocketError) {
        let range = try NetworkRange(address)
        try change { $0.allow(range) }
    }

    package func deny(address: String) throws(ZMQSocketError) {
        let range = try NetworkRange(address)
        try change { $0.deny(range) }
    }

    package func allow(user: UInt32) throws(ZMQSocketError) { try change { $0.allow(user: user) } }

    package func allow(group: UInt32) throws(ZMQSocketError) { try change { $0.allow(group: group) } }

    package func allow(username: String, _ password: SecretBytes) throws(ZMQSocketError) {
        let name = Array(username.utf8)
        guard 1...Self.longestCredential ~= name.count, !name.contains(0) else {
            throw Self.invalid("username has \(name.count) bytes, 1 to \(Self.longestCredential) are allowed")
        }
        guard 1...Self.longestCredential ~= password.count else {
            throw Self.invalid("password has \(password.count) bytes, 1 to \(Self.longestCredential) are allowed")
        }
        try change { $0.allow(username: name, password) }
    }

    static func check(userID: String) throws(ZMQSocketError) {
        guard AdmittedPeer.canHave(userID: userID) else {
            throw invalid("user_id has \(userID.utf8.count) bytes, up to \(AdmittedPeer.longestUserID) are allowed")
        }
    }

    // MARK: Decisions, for the doorkeeper

    func verdict(on question: AccessRules.Question) -> Verdict {
        state.withLock { $0.isClosed ? .refused(.noAuthenticator) : $0.rules.verdict(on: question) }
    }

    var looksAtGroups: Bool { state.withLock { $0.rules.lookAtGroups } }

    /// Asks the program.
    ///
    /// - Parameter answer: called on another thread, or never.
    /// - Returns: the end of the time for it; nil if it can not be asked.
    func ask(_ request: AuthRequest, answer: @escaping @Sendable (Decision) -> Void) -> MonotonicInstant? {
        let end = MonotonicInstant.now().advanced(byNanoseconds: patience)
        guard let desk, desk.ask(request, until: Deadline(end), answer: answer) else { return nil }
        return end
    }

    // MARK: What it has done

    func note(_ body: (inout AuthenticatorStatistics) -> Void) { counting { body(&$0.statistics) } }

    package var statistics: AuthenticatorStatistics { state.withLock { $0.counted } }

    /// Blocks until something has been counted so often.
    package func wait(
        for count: AuthenticatorCount,
        atLeast: UInt64,
        until deadline: Deadline
    ) throws(ZMQSocketError) {
        let wait = try begin(CountWait(for: count, atLeast: atLeast))
        try finish(wait, wait.sleep(until: deadline))
    }

    /// The same for the current task.
    package nonisolated(nonsending) func wait(
        for count: AuthenticatorCount,
        atLeast: UInt64,
        until deadline: Deadline
    ) async throws(ZMQSocketError) {
        let wait = try begin(CountWait(for: count, atLeast: atLeast))
        try await finish(wait, wait.sleepInTask(until: deadline))
    }

    private func begin(_ wait: CountWait<AuthenticatorCount>) throws(ZMQSocketError) -> CountWait<AuthenticatorCount> {
        try whileOpen { $0.waits.begin(wait) }
        return wait
    }

    private func finish(
        _ wait: CountWait<AuthenticatorCount>,
        _ code: ZMQSocketError.Code?
    ) throws(ZMQSocketError) {
        if let failure = state.withLock({ $0.waits.finish(wait, code) }) { throw failure }
    }

    /// Changes what may be waited for. Who has waited long enough is told on the supervisor's thread, as a socket's
    /// lock may be held here.
    private func counting<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (result, isOver) = try state.withLock { state throws(Failure) in
            let result = try body(&state)
            guard !state.waits.isEmpty else { return (result, false) }
            let counted = state.counted
            state.waits.check { counted[$0] }
            if state.endsWaits { state.waits.fail(ZMQSocketError(.canceled)) }
            return (result, state.waits.hasOver)
        }
        if isOver { supervisor.perform { [weak self] in self?.tellWaiting() } }
        return result
    }

    /// Ends the waits for what is counted, now and later.
    func endWaits() { counting { $0.endsWaits = true } }

    private func tellWaiting() {
        for completion in state.withLock({ $0.waits.takeOver() }) { completion.complete() }
    }

    // MARK: Its end

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// It is closed, and no call of the program's runs any more.
    package var hasEnded: Bool { isClosed && desk?.awaitEnd(until: Deadline(.now())) ?? true }

    /// From now on nobody is let in, and the program is not asked any more.
    package func end() {
        let isFirst = state.withLock { state in
            state.waits.fail(ZMQSocketError(.closed, message: "the authenticator has been closed"))
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        tellWaiting()
        desk?.close()
        state.withLock { $0.watch }?.close()
        doorkeeper.lose(self)
    }

    /// The same, and waits until no call of the program's runs any more.
    ///
    /// - Returns: false if one takes longer.
    /// - Throws: `state` within such a call.
    package func close(until deadline: Deadline) throws(ZMQSocketError) -> Bool {
        guard !OwnThread.isCurrent else {
            throw ZMQSocketError(.state, message: "a thread of the library can not wait for the end of a decision")
        }
        end()
        return desk?.awaitEnd(until: deadline) ?? true
    }
}
