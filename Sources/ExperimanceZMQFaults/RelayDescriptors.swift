// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

/// The descriptors of all proxies. A child of the process inherits them, and would keep ports and connections alive
/// that the parent has closed; so it closes its copies at once.
enum RelayDescriptors {
    private static let open: Guarded<Set<Int32>> = {
        let guarded = Guarded<Set<Int32>>([])
        ForkGuard.inChild {
            open.withLock { descriptors in
                for descriptor in descriptors { _ = LibC.close(descriptor) }
                descriptors = []
            }
        }
        ForkGuard.protect(guarded)
        return guarded
    }()

    static func prepare() { _ = open }

    static func add(_ descriptor: Int32) { open.withLock { _ = $0.insert(descriptor) } }

    static func close(_ descriptor: Int32) {
        // Not the other way round: its number may be somebody else's as soon as it is closed.
        open.withLock { _ = $0.remove(descriptor) }
        _ = LibC.close(descriptor)
    }
}
