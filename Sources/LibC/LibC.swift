// SPDX-License-Identifier: Apache-2.0

// The C library, whichever it is: Glibc, or Musl for programs that are linked with everything they need.
#if canImport(Musl)
    @_exported public import Musl
#else
    @_exported public import Glibc
#endif
