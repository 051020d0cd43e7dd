// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ
import ExperimanceZMQ
import ExperimanceZMQFaults

/// Makes what a process has once, unless that has been done.
@inline(__always)
private func setUp() {
    ForkGuard.setUp {
        // Locked while others are taken.
        _ = (currentLog, authenticators, contexts, faultProxies, messages, proxies, schedules)
        ProcessGlobals.make()
        FaultProxyCore.prepare()
        LastError.prepare()
    }
}

/// Runs the body of a C function, from the beginning to the end: no thread is cancelled in it.
@inline(__always)
private func held(_ body: () -> Code) -> exz_status {
    // In a signal handler then, and the lock could be wanted again.
    guard !HeldLocks.isAny else { return Code.state.rawValue }
    setUp()
    return ThreadCancellation.held(body).rawValue
}

/// The same, with a failure noted.
@inline(__always)
func answer(_ body: () -> Code) -> exz_status {
    held {
        let code = body()
        if code != .ok { LastError.note(code) }
        return code
    }
}

/// The same where an error becomes a status.
@inline(__always)
func status(_ body: () throws(ZMQSocketError) -> Void) -> exz_status {
    held {
        do throws(ZMQSocketError) {
            try body()
            return .ok
        } catch {
            LastError.note(error)
            return error.code
        }
    }
}

/// The same for functions that give details.
///
/// - Parameter endpoint: what was passed in, for failures that come before anybody looks at it.
func status(
    _ details: UnsafeMutablePointer<exz_error>?,
    endpoint: UnsafePointer<CChar>? = nil,
    _ body: () throws(ZMQSocketError) -> Void
) -> exz_status {
    if let details = unsafe details, unsafe details.pointee.size != UInt32(MemoryLayout<exz_error>.size) {
        return failed(.invalid)
    }
    return held {
        do throws(ZMQSocketError) {
            try body()
            return .ok
        } catch {
            var error = error
            if error.endpoint == nil, let endpoint = unsafe endpoint {
                error.endpoint = unsafe beginning(of: endpoint, atMost: Endpoint.maximumLength)
            }
            unsafe details?.pointee.fill(with: error)
            LastError.note(error)
            return error.code
        }
    }
}

/// The status of a call that has gone through nothing of the above, with a failure noted.
@inline(__always)
func finished(_ code: Code) -> exz_status {
    // EXZ_OK, as a number: the name of the code is a global variable, behind a call.
    code.rawValue == 0 ? code.rawValue : failed(code)
}

/// The status of a failure that is noted.
@inline(never)
func failed(_ code: Code) -> exz_status {
    // A signal handler must not meddle with what it has interrupted.
    guard !HeldLocks.isAny else { return code.rawValue }
    setUp()
    LastError.note(code)
    return code.rawValue
}
