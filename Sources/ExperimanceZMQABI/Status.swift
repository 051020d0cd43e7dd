// SPDX-License-Identifier: Apache-2.0

public import CExperimanceZMQ
import ExperimanceZMQ

@implementation @_cdecl("exz_strerror")
public func exz_strerror(_ status: exz_status) -> UnsafePointer<CChar>! {
    ZMQSocketError.Code(rawValue: status).staticExplanation.cString
}

@implementation @_cdecl("exz_status_name")
public func exz_status_name(_ status: exz_status) -> UnsafePointer<CChar>! {
    ZMQSocketError.Code(rawValue: status).staticName.cString
}

extension StaticString {
    /// The literal as a C string.
    @safe
    var cString: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
