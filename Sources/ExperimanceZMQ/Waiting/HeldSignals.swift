// SPDX-License-Identifier: Apache-2.0

import CLinux
import LibC

/// Signals of the calling thread, kept back for the time of a few calls: none of its handlers runs meanwhile, on it or
/// on a thread that is started by it.
enum HeldSignals {
    static func during<Result>(_ body: () -> Result) -> Result {
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }
}
