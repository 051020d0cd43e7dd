// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Bytes that somebody else has chosen, as a part of a line: what would end the line or a C string, or tell a
    /// terminal what to do, is written out.
    init(printable bytes: some Collection<UInt8>) {
        self.init()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: self += "\\u{\(String(scalar.value, radix: 16))}"
            default: unicodeScalars.append(scalar)
            }
        }
    }
}
