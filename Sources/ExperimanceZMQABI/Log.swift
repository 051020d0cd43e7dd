// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import Logging

@implementation @_cdecl("exz_set_log")
public func exz_set_log(
    _ callback: exz_log_callback!,
    _ user: UnsafeMutableRawPointer!,
    _ level: exz_log_level
) -> exz_status {
    guard level >= EXZ_LOG_DEBUG, level <= EXZ_LOG_OFF else { return failed(.invalid) }
    return answer {
        unsafe use(
            callback.flatMap { callback in Logger.Level(number: level).map { unsafe LogBridge(callback, user, $0) } }
        )
        return .ok
    }
}
