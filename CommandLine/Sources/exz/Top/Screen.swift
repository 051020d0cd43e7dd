// SPDX-License-Identifier: Apache-2.0

import Glibc
import Shell
import Synchronization
import Watching

/// A terminal's other screen, drawn anew again and again, and the keys that are pressed meanwhile. Whatever ends the
/// process, the terminal is as it was.
final class Screen: Sendable {
    /// What was pressed.
    enum Key: Equatable {
        case quit
        case order
        case other
    }

    private let output: Output
    private let colours = Colours.ofOutput
    /// As standard input was; nil where it is no terminal, or that has been put right.
    private let former: Mutex<termios?>
    private let isShown = Mutex(true)

    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    /// Whether there is a terminal that can have one.
    static var isPossible: Bool { isatty(STDOUT_FILENO) == 1 && variable("TERM") ?? "dumb" != "dumb" }

    init() throws(Failure) {
        output = try Output()
        var settings = termios()
        let readsKeys = unsafe isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &settings) == 0
        former = Mutex(readsKeys ? settings : nil)
        // Before anything is changed.
        Endings.add { [self] in restore() }
        if readsKeys {
            // Ctrl-C goes on to end it, also where no key is read. What else ends or stops it from the keyboard would
            // leave the terminal as it is now.
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            unsafe withUnsafeMutableBytes(of: &settings.c_cc) { characters in
                for index in [VSUSP, VQUIT] { unsafe characters[Int(index)] = 0 }
            }
            unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
        // It ends a wait for keys: the size is another one.
        _ = signal(SIGWINCH) { _ in }
        try output.write(Array(Self.enter.utf8))
    }

    /// Gives the terminal back. Again is nothing.
    func restore() {
        let wasShown = isShown.withLock { isShown in
            defer { isShown = false }
            return isShown
        }
        guard wasShown else { return }
        let leave = Array(Self.leave.utf8)
        // Not by `output`, which ends the process where it can not be written.
        _ = unsafe leave.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if var settings = former.withLock({ $0 }) { unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
    }

    /// Draws the lines that there is room for.
    func show(_ lines: [Table.Line]) throws(Failure) {
        // Not into the former one, where the process is about to end.
        guard isShown.withLock({ $0 }) else { return }
        let height = Terminal.outputHeight
        var text = "\u{1B}[H"
        for (index, line) in lines.prefix(height).enumerated() {
            if index > 0 { text += "\r\n" }
            text += (line.look.map { colours.paint(line.text, $0) } ?? line.text) + "\u{1B}[K"
        }
        text += "\u{1B}[J"
        try output.write(Array(text.utf8))
    }

    /// What keys are read from; nil where there are none.
    var keys: Int32? { former.withLock { $0 != nil } ? STDIN_FILENO : nil }

    /// Waits for a key, but no longer than for a time; nil if there was none, and where the size has changed.
    func key(within seconds: Double) -> Key? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
        let wait = Int32(max(0, min(2_000_000_000, seconds * 1_000)).rounded(.up))
        guard unsafe poll(&input, keys == nil ? 0 : 1, wait) > 0 else { return nil }
        var byte: UInt8 = 0
        guard unsafe read(STDIN_FILENO, &byte, 1) == 1 else { return .quit }
        switch byte {
        case UInt8(ascii: "q"), UInt8(ascii: "Q"), 4: return .quit
        case UInt8(ascii: "s"), UInt8(ascii: "S"): return .order
        default: return .other
        }
    }
}
