// SPDX-License-Identifier: Apache-2.0

import CExperimanceZMQ

/// The header's version, which is this library's.
private let version = (major: EXZ_VERSION_MAJOR, minor: EXZ_VERSION_MINOR, patch: EXZ_VERSION_PATCH)

/// "major.minor.patch" in memory that lives as long as the process.
nonisolated(unsafe) private let versionText: UnsafePointer<CChar> = {
    let text = "\(version.major).\(version.minor).\(version.patch)".utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
    unsafe text.withUnsafeBufferPointer {
        unsafe copy.initialize(from: $0.baseAddress ?? UnsafePointer(copy), count: $0.count)
    }
    return unsafe UnsafePointer(copy)
}()

@implementation @_cdecl("exz_version")
public func exz_version() -> Int32 {
    version.major * 10_000 + version.minor * 100 + version.patch
}

@implementation @_cdecl("exz_version_string")
public func exz_version_string() -> UnsafePointer<CChar>! {
    unsafe versionText
}
