// SPDX-License-Identifier: Apache-2.0

// The contexts of this process that have not come to their end, for who ends them all.
extension ContextCore {
    private static let living: Guarded<[ObjectIdentifier: ContextCore]> = {
        ForkGuard.inChild { living.withLock { $0 = [:] } }
        let guarded = Guarded<[ObjectIdentifier: ContextCore]>([:])
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepareLiving() { _ = living }

    /// It is one of them from now on.
    func isAlive() { Self.living.withLock { $0[ObjectIdentifier(self)] = self } }

    /// It is none of them any more.
    func isOver() { _ = Self.living.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) } }

    /// Every context of this process, the process-wide one included.
    static var all: [ContextCore] { living.withLock { Array($0.values) } }

    /// The sockets of all contexts.
    static var allSockets: [UInt64] { all.flatMap { $0.socketsToReport.0 } }

    /// The owners of the threads of those that have not come to their end.
    static var ownersOfThreads: Set<ObjectIdentifier> {
        Set(
            all.flatMap { context in
                [ObjectIdentifier(context.supervisor), ObjectIdentifier(context.nameService)]
                    + [context.statistics?.threadOwner].compactMap(\.self)
            }
        )
    }
}
