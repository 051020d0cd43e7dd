// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ
import ExperimanceZMQFaults

/// The context behind a handle; the zeroed one is the process-wide context.
func context(of handle: exz_context) throws(ZMQSocketError) -> ContextCore {
    handle.id == 0 ? try ContextCore.processWide() : try contexts.value(of: handle.id)
}

@implementation @_cdecl("exz_context_open")
public func exz_context_open(_ out: UnsafeMutablePointer<exz_context>!) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        unsafe out.pointee = exz_context(id: try contexts.insert(ContextCore.open()) { $0.abandon() })
    }
}

@implementation @_cdecl("exz_context_open_with")
public func exz_context_open_with(
    _ out: UnsafeMutablePointer<exz_context>!,
    _ options: UnsafePointer<exz_context_options>!
) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard let out = unsafe out else { throw .invalid("out is NULL") }
        let core = try unsafe ContextCore.open(ZMQContextOptions(options))
        unsafe out.pointee = exz_context(id: try contexts.insert(core) { $0.abandon() })
    }
}

@implementation @_cdecl("exz_context_close")
public func exz_context_close(_ ctx: exz_context, _ linger_ms: Int32) -> exz_status {
    close(ctx, linger: linger_ms, goesOn: nil)
}

@implementation @_cdecl("exz_context_end_waits")
public func exz_context_end_waits(_ ctx: exz_context) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard ctx.id != 0 else { throw .invalid("the waits in the process-wide context are everybody's") }
        try contexts.value(of: ctx.id).endWaits()
    }
}

@implementation @_cdecl("exz_shutdown")
public func exz_shutdown(_ timeout_ms: Int32) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard timeout_ms >= -1 else { throw .invalid("timeout_ms is \(timeout_ms)") }
        do throws(ZMQSocketError) {
            try ContextCore.shutdown(timeout: timeout_ms < 0 ? usualTimeout : timeout_ms)
        } catch {
            if error.code == .timeout { letGo() }
            throw error
        }
        letGo()
    }
}

/// Of what has been shut down nothing is kept.
private func letGo() {
    // A program that is still being asked needs the handle to wait for that.
    authenticators.removeAll { $0.hasEnded }
    contexts.removeAll { $0.isClosing }
    faultProxies.removeAll { $0.isClosed }
    proxies.removeAll { $0.hasEnded }
    stopLog()
}

/// - Parameter goesOn: asked when a signal comes; false ends the wait with `interrupted`.
func close(_ ctx: exz_context, linger milliseconds: Int32, goesOn: (() -> Bool)?) -> exz_status {
    status { () throws(ZMQSocketError) in
        guard ctx.id != 0 else { throw .invalid("the process-wide context can not be closed") }
        guard milliseconds >= -1 else { throw .invalid("linger_ms is \(milliseconds)") }
        guard let core = try contexts.valueToClose(of: ctx.id) else { return }
        do throws(ZMQSocketError) {
            try core.close(linger: milliseconds < 0 ? usualTimeout : milliseconds, goesOn: goesOn)
        } catch {
            // A child's handle stays what it is: of the parent.
            if error.code == .interrupted { _ = try contexts.remove(ctx.id) }
            throw error
        }
        _ = try contexts.remove(ctx.id)
    }
}
