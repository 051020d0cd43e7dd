// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import LibC

// C strings of the caller's. They may be of any length, and Swift ends the process where there is no memory for a copy:
// so no more is copied than somebody is going to look at.

/// An endpoint, which must be there, and be UTF-8: repaired it would be another one.
func endpointText(_ pointer: UnsafePointer<CChar>?, _ name: String = "endpoint") throws(ZMQSocketError) -> String {
    guard let pointer = unsafe pointer else { throw .invalid("\(name) is NULL") }
    guard unsafe strnlen(pointer, Endpoint.maximumLength + 1) <= Endpoint.maximumLength else {
        let shown = unsafe beginning(of: pointer, atMost: 80)
        throw .invalid("\(name) \"\(shown)…\": it has more than \(Endpoint.maximumLength) bytes")
    }
    guard let text = unsafe String(validatingCString: pointer) else { throw .invalid("\(name) is not UTF-8") }
    return text
}

/// The beginning of a text, to be shown or refused: what is not UTF-8 in it is repaired.
func beginning(of pointer: UnsafePointer<CChar>, atMost limit: Int) -> String {
    unsafe String(decoding: UnsafeRawBufferPointer(start: pointer, count: strnlen(pointer, limit)), as: UTF8.self)
}
