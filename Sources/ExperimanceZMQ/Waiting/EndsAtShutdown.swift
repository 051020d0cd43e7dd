// SPDX-License-Identifier: Apache-2.0

/// What has threads of the library beside the contexts, and ends with them when everything is shut down.
package struct EndsAtShutdown: Sendable {
    /// Ends all of it, without a wait for its threads.
    private let end: @Sendable () -> Void
    /// The owners of the threads of what has been begun since.
    private let owners: @Sendable () -> Set<ObjectIdentifier>

    package init(end: @escaping @Sendable () -> Void, owners: @escaping @Sendable () -> Set<ObjectIdentifier>) {
        self.end = end
        self.owners = owners
    }

    private static let known: Guarded<[EndsAtShutdown]> = {
        let guarded = Guarded<[EndsAtShutdown]>([])
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = known }

    package static func add(_ new: EndsAtShutdown) { known.withLock { $0.append(new) } }

    static func endAll() {
        for each in known.withLock({ $0 }) { each.end() }
    }

    static var owners: Set<ObjectIdentifier> {
        known.withLock { $0 }.reduce(into: []) { $0.formUnion($1.owners()) }
    }
}
