// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// How threads are to run, and what they are called.
package struct ThreadSettings: Hashable, Sendable {
    /// A policy of sched_setscheduler(2) with its priority; nil: as the thread that starts them.
    package struct Scheduling: Hashable, Sendable {
        let policy: Int32
        let priority: Int32

        package init(policy: Int32, priority: Int32) {
            self.policy = policy
            self.priority = priority
        }
    }

    var scheduling: Scheduling?
    /// The processors they may use; empty: those of the thread that starts them.
    var processors: [Int32] = []
    var namePrefix = Self.usualPrefix

    private static let usualPrefix = "exz"
    package static let usual = ThreadSettings()

    /// Whether there is anything that the system could refuse.
    var needTrial: Bool { scheduling != nil || !processors.isEmpty }

    /// Whether libzmq's threads are called what libzmq calls them.
    var keepForeignNames: Bool { namePrefix == Self.usualPrefix }

    func name(_ role: String) -> String { "\(namePrefix)-\(role)" }

    /// Has the calling thread, and those it starts from then on, run like this.
    ///
    /// - Throws: `invalid` for what there is not, `permission`.
    func apply() throws(ZMQSocketError) {
        if !processors.isEmpty {
            var missing: Int32 = 0
            let number = unsafe clinux_run_on(processors, processors.count, &missing)
            guard number != EDOM else {
                throw ZMQSocketError(.invalid, message: "there is no processor \(missing) for this process")
            }
            guard number == 0 else { throw ZMQSocketError(errno: number, doing: "can not choose processors") }
        }
        guard let scheduling else { return }
        var parameter = sched_param()
        parameter.sched_priority = scheduling.priority
        let number = unsafe pthread_setschedparam(pthread_self(), scheduling.policy, &parameter)
        guard number != 0 else { return }
        let what = "scheduling policy \(scheduling.policy) with priority \(scheduling.priority)"
        throw number == EINVAL
            ? ZMQSocketError(.invalid, systemErrno: number, message: "there is no \(what)")
            : ZMQSocketError(errno: number, doing: "can not have \(what)")
    }
}
