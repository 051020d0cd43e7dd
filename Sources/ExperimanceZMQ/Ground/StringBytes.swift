// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in UTF-8. Typed, which `withUTF8` is not.
    ///
    /// - Parameter body: must not keep the bytes.
    @safe
    mutating func withContiguousBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = withUTF8 { bytes in
            do throws(Failure) {
                return .success(try unsafe body(UnsafeRawBufferPointer(bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
