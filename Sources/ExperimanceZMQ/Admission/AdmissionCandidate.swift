// SPDX-License-Identifier: Apache-2.0

/// A connection that may be the one that libzmq asks for.
struct AdmissionCandidate: Equatable {
    let descriptor: Int32
    /// The kernel's name for it, as descriptors are used again.
    let cookie: UInt64
    /// Bytes that have been written to it; nil if that can not be known.
    let written: Int64?
}
