// SPDX-License-Identifier: Apache-2.0

/// The version of this library: that of the C header, as the tests have it.
enum LibraryVersion {
    static let text = "0.1.0"
}
