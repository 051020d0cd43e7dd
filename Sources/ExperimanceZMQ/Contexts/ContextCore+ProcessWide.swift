// SPDX-License-Identifier: Apache-2.0

// The context of those who name none.
extension ContextCore {
    private static let shared: Guarded<ContextCore?> = {
        ForkGuard.inChild { resumeInChild() }
        let guarded = Guarded<ContextCore?>(nil)
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() {
        _ = shared
        prepareLiving()
    }

    /// The process-wide context, and whether it has just been made, so that nobody may look at it yet.
    static func sharedContext() throws(ZMQSocketError) -> (context: ContextCore, isNew: Bool) {
        try shared.withLock { shared throws(ZMQSocketError) in
            // Whoever ends all contexts may have met this one just when it was made.
            if let shared, !shared.isClosing { return (shared, false) }
            let created = try ContextCore(nameService: NameService(), logTarget: .sharedContext)
            shared = created
            return (created, true)
        }
    }

    /// It is another one when it is next asked for.
    static func forgetProcessWide() { shared.withLock { $0 = nil } }

    private static func resumeInChild() {
        shared.withLock { context in
            // Its threads stayed in the parent. Letting it go would end in libzmq waiting for them.
            if let inherited = context { _ = unsafe Unmanaged.passRetained(inherited) }
            context = nil
        }
    }
}
