// SPDX-License-Identifier: Apache-2.0

/// The sockets whose closing has begun with a linger and has not ended: to wait for what goes on in the background.
///
/// A close that a signal has ended has no caller any more, and no call finds the socket, so this is what keeps it.
enum ClosingSockets {
    private static let cores: Guarded<[UInt64: SocketCore]> = {
        let guarded = Guarded<[UInt64: SocketCore]>([:])
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = cores }

    static func begun(_ core: SocketCore) {
        cores.withLock { $0[core.id] = core }
    }

    static func ended(_ id: UInt64) {
        _ = cores.withLock { $0.removeValue(forKey: id) }
    }

    static func core(of id: UInt64) -> SocketCore? {
        cores.withLock { $0[id] }
    }
}
