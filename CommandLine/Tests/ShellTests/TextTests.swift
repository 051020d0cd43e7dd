// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Shell

@Suite("Texts of the shell")
struct TextTests {
    @Test(
        "times",
        arguments: [
            ("2", 2_000), ("2s", 2_000), ("250ms", 250), ("1.5", 1_500), (".5s", 500), ("3m", 180_000),
            ("1h", 3_600_000),
            ("0", 0), ("2147483647ms", 2_147_483_647),
        ]
    )
    func times(text: String, milliseconds: Int) {
        #expect(TimeText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(
        "what is no time",
        arguments: [
            "", "s", "ms", "-1", "+1", "1 s", "1d", "nan", "inf", "0x10", "1e400", "2147483648ms", "25d", "597h",
        ]
    )
    func noTimes(text: String) {
        #expect(TimeText.parse(text) == nil)
    }

    @Test func timesWritten() {
        #expect(TimeText.write(.milliseconds(250)) == "250 ms")
        #expect(TimeText.write(.seconds(2)) == "2 s")
        #expect(TimeText.write(.milliseconds(1_050)) == "1.05 s")
    }

    @Test(
        "times as numbers",
        arguments: [
            (.zero, 0), (.nanoseconds(-1), 0), (.seconds(-5), 0), (.milliseconds(1_500), 1_500_000_000),
            (.seconds(18_446_744_073), 18_446_744_073_000_000_000), (.seconds(18_446_744_074), .max),
            (.seconds(Int64.max), .max),
        ] as [(Duration, UInt64)]
    )
    func numbers(time: Duration, nanoseconds: UInt64) {
        #expect(time.nanoseconds == nanoseconds)
        #expect(time.inSeconds == Double(nanoseconds) / 1e9)
    }

    @Test(
        "columns",
        arguments: [("ab", 4, "ab  ", "  ab"), ("é", 2, "é ", " é"), ("abc", 2, "abc", "abc"), ("a", -1, "a", "a")]
    )
    func columns(text: String, width: Int, left: String, right: String) {
        #expect(text.padded(to: width, at: .left) == left)
        #expect(text.padded(to: width, at: .right) == right)
    }

    @Test("colours are for terminals that want them")
    func colours() {
        #expect(Colours(isTerminal: true, noColor: nil, terminal: "xterm").isOn)
        #expect(Colours(isTerminal: true, noColor: "", terminal: "xterm").isOn)
        #expect(!Colours(isTerminal: true, noColor: "1", terminal: "xterm").isOn)
        #expect(!Colours(isTerminal: false, noColor: nil, terminal: "xterm").isOn)
        #expect(!Colours(isTerminal: true, noColor: nil, terminal: "dumb").isOn)
        #expect(Colours(isTerminal: false, noColor: nil, terminal: nil).paint("x", .red) == "x")
        #expect(Colours(isTerminal: true, noColor: nil, terminal: nil).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    }

    @Test("what is told stays in its line")
    func oneLine() {
        #expect(Notices.inOneLine("a\nb\u{1B}[2Jc\td") == "a b [2Jc d")
    }

    @Test(
        "what moves a cursor or turns a line around is not shown",
        arguments: [
            "\0", "\r", "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{200E}", "\u{202E}", "\u{2066}", "\u{2028}",
            "\u{2029}", "\u{FEFF}", "\u{E0041}",
        ]
    )
    func unprintable(scalar: String) {
        #expect(PrintableText.inOneLine("a\(scalar)b", substitute: "?") == "a?b")
        #expect(Notices.inOneLine("a\(scalar)b") == "a b")
    }

    @Test("letters of every script are shown", arguments: ["é", "日本", "עברית", "e\u{301}", "🌧", ""])
    func printable(text: String) {
        #expect(PrintableText.inOneLine(text, substitute: "?") == text)
    }

    @Test func json() {
        let value = JSONText.object([
            (name: "a\"", value: .array([.null, .bool(true), .integer(-1), .number(0.5), .number(.nan)])),
            (name: "b", value: .text("é\\\u{1}\u{7F}\n\u{9B}\u{2028}\u{202E}\u{A0}")),
        ])
        #expect(value.written == #"{"a\"":[null,true,-1,0.5,null],"b":"é\\\u0001\u007f\n\u009b\u2028\u202e\#u{A0}"}"#)
    }
}
