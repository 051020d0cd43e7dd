// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// How the process ends before its command does: by a signal, or because nobody reads its output any more. Whoever has
/// something to clean up says so; then the process ends by that very signal, so that the shell sees why.
public enum Endings {
    private struct State {
        var cleanUps: [@Sendable () -> Void] = []
        var isUnderWay = false
        var minds = true
    }

    private static let state = Mutex(State())
    /// What a shell, a service manager and a terminal that is closed end a process by.
    private static let endings = [SIGINT, SIGTERM, SIGHUP]

    /// Runs `body` if the process is ended early; what was added last comes first.
    public static func add(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.cleanUps.append(body) }
    }

    /// Takes the signals that end a process from now on; before the first thread is started, as each has to leave them
    /// to the one that waits for them. What the shell wants to be ignored stays so.
    public static func watchSignals() {
        _ = signal(SIGPIPE, SIG_IGN)
        var watched = sigset_t()
        unsafe sigemptyset(&watched)
        for number in endings where !isIgnored(number) { unsafe sigaddset(&watched, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &watched, nil)
        let signals = watched
        let isWatched = BackgroundThread.start {
            var signals = signals
            var number: Int32 = 0
            while unsafe sigwait(&signals, &number) != 0 {}
            end(by: number)
        }
        // Then they end it as they always do, with nothing cleaned up.
        if !isWatched { unblock(endings) }
    }

    private static func unblock(_ numbers: [Int32]) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in numbers { unsafe sigaddset(&signals, number) }
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Ends the process from now on when whoever reads its output has gone, and not only with the next write: `| head
    /// -1` is over when `head` is, whether or not there is another message.
    public static func watchOutput() {
        var status = stat()
        guard unsafe fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        BackgroundThread.start {
            // An error is always told of, and nothing else is asked for.
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while unsafe poll(&output, 1, -1) <= 0 {}
            if state.withLock({ $0.minds }) { end(by: SIGPIPE) }
        }
    }

    /// From now on nobody minds that the output is not read to its end: the last of it is about to be written.
    public static func ceaseToWatchOutput() {
        state.withLock { $0.minds = false }
    }

    /// Cleans up, and ends the process with that status.
    public static func exit(_ status: ExitStatus) -> Never {
        cleanUp()
        _exit(status.rawValue)
    }

    /// Cleans up, and ends the process by that signal. Whoever comes second waits for the first to end it.
    public static func end(by number: Int32) -> Never {
        // The next one ends it at once, whatever cleaning up may wait for.
        unblock(endings)
        cleanUp()
        _ = signal(number, SIG_DFL)
        unblock([number])
        raise(number)
        // Where even that does not end it, as in the first process of a container.
        _exit(128 + number)
    }

    /// Leaves the word to a signal that is ending the process: what fails meanwhile fails because of it.
    public static func giveWay() {
        if state.withLock({ $0.isUnderWay }) { waitForEnd() }
    }

    private static func cleanUp() {
        let cleanUps: [@Sendable () -> Void]? = state.withLock { state in
            defer { state.isUnderWay = true }
            return state.isUnderWay ? nil : state.cleanUps.reversed()
        }
        guard let cleanUps else { waitForEnd() }
        for cleanUp in cleanUps { cleanUp() }
    }

    /// Waits for what ends the process.
    public static func waitForEnd() -> Never {
        while true { pause() }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
