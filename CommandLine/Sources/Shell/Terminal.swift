// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The terminals that standard output and standard error may be.
public enum Terminal {
    /// Whether standard error is one whose lines can be written anew.
    public static var takesProgress: Bool {
        isatty(STDERR_FILENO) == 1 && !["", "dumb"].contains(variable("TERM") ?? "")
    }

    /// Columns of standard output; 80 where it is no terminal.
    public static var outputWidth: Int { size(of: STDOUT_FILENO).width }

    /// Lines of standard output; 24 where it is no terminal.
    public static var outputHeight: Int { size(of: STDOUT_FILENO).height }

    /// Columns of standard error; 80 where it is no terminal.
    public static var errorWidth: Int { size(of: STDERR_FILENO).width }

    private static func size(of descriptor: Int32) -> (width: Int, height: Int) {
        var size = winsize()
        let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        return (
            isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80, isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
        )
    }
}
