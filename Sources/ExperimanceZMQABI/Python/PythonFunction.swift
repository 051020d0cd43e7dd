// SPDX-License-Identifier: Apache-2.0

/// The forms of functions that the interpreter calls.
enum PythonFunction {
    /// `METH_O`
    typealias OneArgument = @convention(c) (PythonObject?, PythonObject?) -> PythonObject?
    /// `METH_FASTCALL`
    typealias Arguments = @convention(c) (PythonObject?, UnsafePointer<PythonObject?>?, Int) -> PythonObject?
    /// `METH_FASTCALL | METH_KEYWORDS`
    typealias NamedArguments =
        @convention(c) (PythonObject?, UnsafePointer<PythonObject?>?, Int, PythonObject?) -> PythonObject?
}
