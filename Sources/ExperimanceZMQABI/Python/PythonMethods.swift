// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ

/// The list of what the Python package calls (see ``PythonCalls``).
enum PythonMethods {
    /// CPython's `PyMethodDef`.
    @safe
    private struct Method {
        let name: UnsafePointer<CChar>?
        let function: UnsafeMutableRawPointer?
        let flags: Int32
        let doc: UnsafePointer<CChar>?
    }

    /// `METH_O`: one argument.
    private static let takesOne: Int32 = 0x8
    /// `METH_FASTCALL`: an array of arguments, and their number.
    private static let takesSeveral: Int32 = 0x80

    /// What CPython makes functions of: an array that ends with a method without a name.
    nonisolated(unsafe) static let methods: UnsafeRawPointer? = {  // never written again
        guard PythonInterface.ofProcess != nil, PythonBuffers.ofProcess != nil, PythonTypes.ofProcess != nil,
            PythonLists.ofProcess != nil, PythonObjects.ofProcess != nil
        else { return nil }
        func one(_ name: StaticString, _ function: PythonFunction.OneArgument) -> Method {
            let address = unsafe unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
            return unsafe Method(name: name.cString, function: address, flags: takesOne, doc: nil)
        }
        func several(_ name: StaticString, _ function: PythonFunction.Arguments) -> Method {
            let address = unsafe unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
            return unsafe Method(name: name.cString, function: address, flags: takesSeveral, doc: nil)
        }
        let all = unsafe [
            one("send", PythonCalls.send),
            several("send_many", PythonCalls.sendMany),
            several("send_rest", PythonCalls.sendRest),
            one("send_parts", PythonCalls.sendParts),
            several("send_lent", PythonCalls.sendLent),
            several("send_message", PythonCalls.sendMessage),
            several("publish", PythonCalls.publish),
            several("publish_lent", PythonCalls.publishLent),
            one("receive", PythonCalls.receive),
            one("receive_parts", PythonCalls.receiveParts),
            several("receive_ahead", PythonCalls.receiveAhead),
            several("receive_published", PythonCalls.receivePublished),
            several("receive_message", PythonCalls.receiveMessage),
            several("request", PythonCalls.request),
            several("request_idempotent", PythonCalls.requestIdempotent),
            several("request_parts", PythonCalls.requestParts),
            one("close", PythonCalls.close),
            one("await_end", PythonCalls.awaitEnd),
            one("close_later", PythonCalls.closeLater),
            one("abandon_context", PythonCalls.abandonContext),
            one("close_context", PythonCalls.closeContext),
            one("hold_back", PythonSignals.holdBack),
            one("loans", PythonLoans.manage),
            one("message_type", PythonCalls.messageType),
            one("use_message_type", PythonCalls.useMessageType),
            one("message_of", PythonCalls.messageOf),
            one("message_parts", PythonCalls.messageParts),
            several("message_property", PythonCalls.messageProperty),
            one("exchange_type", PythonCalls.exchangeType),
            one("face_type", PythonCalls.faceType),
            one("message_frames", PythonCalls.messageFrames),
            several("message_metadata", PythonCalls.messageMetadata),
            one("keep_metadata", PythonCalls.keepMetadata),
            one("frame_type", PythonCalls.frameType),
            several("show_memory", PythonCalls.showMemory),
            Method(name: nil, function: nil, flags: 0, doc: nil),
        ]
        let array = UnsafeMutableBufferPointer<Method>.allocate(capacity: all.count)
        _ = unsafe array.initialize(from: all)
        return UnsafeRawPointer(array.baseAddress)
    }()
}

@implementation @_cdecl("exz_python_methods")
public func exz_python_methods() -> UnsafeRawPointer! {
    unsafe PythonMethods.methods
}
