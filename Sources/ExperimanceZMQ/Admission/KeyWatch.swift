// SPDX-License-Identifier: Apache-2.0

import LibC

/// Keeps an authenticator's keys as files and directories have them. The kernel tells of changes (inotify(7)); they are
/// read on a thread of its own, which is there while there is something to read.
///
/// It does not tell of all: not that a directory is reached no more by its path, as one above it was moved, a link
/// changed or something mounted over it, and not of what becomes of a file that is linked from elsewhere. A key whose
/// removal goes unnoticed still opens the door, so that is looked for from time to time.
final class KeyWatch: @unchecked Sendable {
    // Unchecked: `places` and `state` are behind their locks, the rest never changes but before the watch begins.
    private struct Place {
        var files: KeyPlace
        var endsLinks: Bool
        var isUnsettled = false
        var unreadable = 0
        /// What it has is another than before, and nobody has been told.
        var hasChanged = false
        /// The directory that is watched; nil where none is, and it is looked at again and again.
        var watched: KeyPlace.Directory?

        var isWatchedWell: Bool { !isUnsettled && watched != nil && watched == KeyPlace.Directory(files.directory) }
    }

    private struct State {
        /// It is time to look.
        var isDue = false
        /// The kernel has told of a change that nobody has looked at.
        var hasChanged = false
        var isLooking = false
        var isClosed = false
        var hasAlarm = false
        var watch: Supervisor.Token?
        var unreadable = 0
    }

    /// Of a directory, or the one that a file is in.
    private static var changes: UInt32 {
        UInt32(
            IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB
                | IN_DELETE_SELF | IN_MOVE_SELF
        )
    }
    /// When to look for changes of which the kernel does not tell, in nanoseconds.
    private static let pause: Int64 = 450 * nanosecondsPerMillisecond

    /// Locked while files are read.
    private let places = Guarded<[Place]>([])
    private let state = Guarded(State())
    private let descriptor: Int32
    private let supervisor: Supervisor
    private let settings: ThreadSettings
    /// - Parameters: the place's number from 1 on; what it has now; whether links end.
    /// - Returns: whether that is another than before.
    private let found: @Sendable (_ place: Int, _ userIDs: [ZMQCurvePublicKey: String], _ endsLinks: Bool) -> Bool
    /// A look has found something else than the one before, and it counts by now.
    private let changed: @Sendable () -> Void

    init(
        _ supervisor: Supervisor,
        _ settings: ThreadSettings,
        found: @escaping @Sendable (Int, [ZMQCurvePublicKey: String], Bool) -> Bool,
        changed: @escaping @Sendable () -> Void
    ) throws(ZMQSocketError) {
        self.supervisor = supervisor
        self.settings = settings
        self.found = found
        self.changed = changed
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { throw ZMQSocketError(errno: errno, doing: "can not watch files") }
        do throws(ZMQSocketError) {
            let token = try supervisor.watch(descriptor) { [weak self] _ in self?.hear() }
            state.withLock { $0.watch = token }
        } catch {
            LibC.close(descriptor)
            throw error
        }
    }

    deinit { LibC.close(descriptor) }

    /// Files that are there and hold no key that can be read.
    var unreadable: Int { state.withLock { $0.unreadable } }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    func close() {
        let watch = state.withLock { state in
            state.isClosed = true
            defer { state.watch = nil }
            return state.watch
        }
        if let watch { supervisor.unwatch(watch, descriptor: descriptor) }
    }

    /// Has the keys of a file or a directory from now on, and at once. Again for the same path: it is read again.
    func add(_ path: String, endsLinks: Bool) throws(ZMQSocketError) {
        let path = try Self.absolute(path)
        try places.withLock { places throws(ZMQSocketError) in
            let known = places.firstIndex { ExactText($0.files.path) == ExactText(path) }
            var place = known.map { places[$0] } ?? Place(files: KeyPlace(path), endsLinks: endsLinks)
            place.endsLinks = endsLinks
            // Before the first look, so that nothing is missed.
            watch(&place)
            let findings = try place.files.begin()
            let index = known ?? places.count
            if known == nil { places.append(place) }
            take(findings, &place, number: index + 1)
            places[index] = place
            note(&places)
        }
    }

    private static func absolute(_ path: String) throws(ZMQSocketError) -> String {
        guard path.utf8.first != UInt8(ascii: "/") else { return path }
        let here: String? = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { room in
            unsafe getcwd(room.baseAddress, room.count).flatMap { unsafe String(validatingCString: $0) }
        }
        guard let here else { throw ZMQSocketError(.invalid, message: "path is relative to no directory there is") }
        return (here == "/" ? "" : here) + "/" + path
    }

    private func take(_ findings: KeyPlace.Findings, _ place: inout Place, number: Int) {
        let hasOtherKeys = found(number, findings.userIDs, place.endsLinks)
        if hasOtherKeys || place.unreadable != findings.unreadable { place.hasChanged = true }
        (place.isUnsettled, place.unreadable) = (findings.isUnsettled, findings.unreadable)
    }

    private func watch(_ place: inout Place) {
        // Before the watch: if another one comes between, it is looked at once more.
        let directory = KeyPlace.Directory(place.files.directory)
        let number = unsafe inotify_add_watch(descriptor, place.files.directory, Self.changes)
        place.watched = number >= 0 ? directory : nil
    }

    private func note(_ places: inout [Place]) {
        state.withLock { $0.unreadable = places.reduce(0) { $0 + $1.unreadable } }
        lookLater()
        guard places.contains(where: \.hasChanged) else { return }
        for index in places.indices { places[index].hasChanged = false }
        changed()
    }

    // MARK: Changes

    /// What has changed does not matter: what is the same is not read again.
    private func hear() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 8) { room in
            while unsafe LibC.read(descriptor, room.baseAddress, room.count) > 0 {}
        }
        look(atAll: true)
    }

    private func lookLater() {
        let isFirst = state.withLock { state in
            defer { state.hasAlarm = true }
            return !state.hasAlarm
        }
        guard isFirst else { return }
        let end = MonotonicInstant.now().advanced(byNanoseconds: Self.pause)
        _ = supervisor.schedule(at: end) { [weak self] in
            self?.state.withLock { $0.hasAlarm = false }
            self?.look(atAll: false)
        }
    }

    /// - Parameter atAll: also where the kernel would tell of a change.
    private func look(atAll: Bool) {
        let begins = state.withLock { state in
            guard !state.isClosed else { return false }
            state.isDue = true
            if atAll { state.hasChanged = true }
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard begins else { return }
        do throws(ZMQSocketError) {
            try OwnThread.start(named: "keys", of: supervisor, settings) { [self] in read() }
        } catch {
            state.withLock { $0.isLooking = false }
            lookLater()
        }
    }

    private func read() {
        while let atAll = takeDue() {
            places.withLock { places in
                for index in places.indices where atAll || !places[index].isWatchedWell {
                    // The directory may be another one by now.
                    watch(&places[index])
                    let findings = places[index].files.look(now: .now()) { [self] in !isClosed }
                    guard let findings else { return }
                    take(findings, &places[index], number: index + 1)
                }
                note(&places)
            }
        }
    }

    /// - Returns: nil if nothing is to be looked at; whether it is all there is.
    private func takeDue() -> Bool? {
        state.withLock { state in
            defer { (state.isDue, state.hasChanged) = (false, false) }
            if !state.isDue || state.isClosed { state.isLooking = false }
            return state.isLooking ? state.hasChanged : nil
        }
    }
}
