// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The terminals that standard output and standard error may be.
public enum Terminal {
    /// Whether standard error is one whose lines can be written anew.
    public static var takesProgress: Bool {
        isatty(STDERR_FILENO) == 1 && !["", "dumb"].contains(variable("TERM") ?? "")
    }

    /// Columns of standard output; 80 where it is no terminal.
    public static var outputWidth: Int { width(of: STDOUT_FILENO) }

    /// Columns of standard error; 80 where it is no terminal.
    public static var errorWidth: Int { width(of: STDERR_FILENO) }

    private static func width(of descriptor: Int32) -> Int {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
