// SPDX-License-Identifier: Apache-2.0

import LibC

/// The descriptors with which statistics are served, and the files they are found by.
///
/// A child of the process inherits the descriptors, and would have a reader wait for a parent that is gone; so it
/// closes its copies at once, and leaves the files to the parent. A process that ends without closing its contexts
/// removes its files, so that nobody finds what nobody serves.
enum StatisticsFiles {
    private struct State {
        var descriptors: Set<Int32> = []
        var files: [ExactText: LocalPath] = [:]
        var isWatchingExit = false
    }

    private static let state: Guarded<State> = {
        ForkGuard.inChild {
            state.withLock { state in
                for descriptor in state.descriptors { _ = LibC.close(descriptor) }
                (state.descriptors, state.files) = ([], [:])
            }
        }
        let guarded = Guarded(State())
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = state }

    static func add(_ descriptor: Int32) { state.withLock { _ = $0.descriptors.insert(descriptor) } }

    static func close(_ descriptor: Int32) {
        // Not the other way round: its number may be somebody else's as soon as it is closed.
        state.withLock { _ = $0.descriptors.remove(descriptor) }
        _ = LibC.close(descriptor)
    }

    static func add(_ file: LocalPath, at path: String) {
        let isFirst = state.withLock { state in
            state.files[ExactText(path)] = file
            defer { state.isWatchingExit = true }
            return !state.isWatchingExit
        }
        if isFirst { atexit { StatisticsFiles.removeAll() } }
    }

    static func removeFile(at path: String) {
        state.withLock { state in state.files.removeValue(forKey: ExactText(path)) }?.remove()
    }

    private static func removeAll() {
        for path in state.withLock({ Array($0.files.keys) }) { removeFile(at: path.string) }
    }
}
