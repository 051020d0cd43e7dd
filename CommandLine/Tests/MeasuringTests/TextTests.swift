// SPDX-License-Identifier: Apache-2.0

import Shell
import Testing

@testable import Measuring

private let plain = Colours(isTerminal: false, noColor: nil, terminal: nil)
private let coloured = Colours(isTerminal: true, noColor: nil, terminal: nil)

@Suite("Figures")
struct FigureTests {
    @Test(
        "times",
        arguments: [
            (0, "0 ns"), (999, "999 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"), (1_234, "1.23 µs"),
            (9_994, "9.99 µs"), (9_996, "10.0 µs"), (99_949, "99.9 µs"), (99_960, "100 µs"), (999_499, "999 µs"),
            (999_600, "1.00 ms"), (1.5e9, "1.50 s"), (3.6e12, "3600 s"), (.infinity, "-"), (-1, "-"),
        ] as [(Double, String)]
    )
    func times(nanoseconds: Double, text: String) {
        #expect(Figures.time(nanoseconds, .unicode) == text)
    }

    @Test(
        "counts",
        arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] as [(UInt64, String)]
    )
    func counts(number: UInt64, text: String) {
        #expect(Figures.count(number) == text)
    }

    @Test func words() {
        #expect(Figures.count(1, "byte") == "1 byte")
        #expect(Figures.count(2_000, "byte") == "2,000 bytes")
        #expect(Figures.time(1_234, .ascii) == "1.23 us")
        #expect(Figures.bytes(77_021_184) == "77.0 MB")
        #expect([0.5, 99.96, 1_234.5, .infinity].map(Figures.rate) == ["0.50", "100", "1,235", "-"])
    }

    @Test(
        "shares",
        arguments: [
            (0, 5, "0.0 %"), (1, 3, "33.3 %"), (1, 100_000, "<0.1 %"), (99_999, 100_000, ">99.9 %"),
            (4, 4, "100.0 %"), (0, 0, "-"),
        ] as [(UInt64, UInt64, String)]
    )
    func shares(part: UInt64, whole: UInt64, text: String) {
        #expect(Figures.share(part, of: whole) == text)
    }
}

@Suite("What a terminal shows")
struct DrawingTests {
    @Test(
        "which characters",
        arguments: [
            ([:], .ascii), (["LANG": "C"], .ascii), (["LANG": "de_DE.UTF-8"], .unicode),
            (["LANG": "de_DE.utf8"], .unicode), (["LC_ALL": "C", "LANG": "de_DE.UTF-8"], .ascii),
            (["LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"], .unicode), (["LANG": "de_DE@euro"], .ascii),
        ] as [([String: String], Glyphs)]
    )
    func glyphs(environment: [String: String], expected: Glyphs) {
        #expect(Glyphs { environment[$0] } == expected)
    }

    @Test(
        "bars",
        arguments: [
            (0, "", ""), (1, "████", "####"), (0.5, "██", "##"), (0.53, "██▏", "##"), (0.001, "▏", "#"),
            (7, "████", "####"), (-1, "", ""), (.nan, "", ""),
        ] as [(Double, String, String)]
    )
    func bars(share: Double, unicode: String, ascii: String) {
        #expect(Glyphs.unicode.bar(share, width: 4) == unicode)
        #expect(Glyphs.ascii.bar(share, width: 4) == ascii)
        #expect(Glyphs.ascii.bar(share, width: 0).isEmpty)
    }

    @Test func progress() {
        let text = ProgressText("latency", .time(4_000_000_000), done: 1_000, elapsed: 1_000_000_000)
        #expect(text.line(width: 48, .unicode, plain) == "latency  ███░░░░░░░░░░░  25 %  1,000/s  3 s left")
        #expect(text.line(width: 48, .ascii, plain) == "latency  ###...........  25 %  1,000/s  3 s left")
        #expect(text.line(width: 20, .ascii, plain) == "latency  #....  25 %")
        #expect(text.line(width: 15, .ascii, plain) == "latency  25 %")
        #expect(text.line(width: 3, .ascii, plain) == "lat")
        #expect(text.line(width: 48, .ascii, coloured).contains("\u{1B}[32m###...........\u{1B}[0m"))
    }

    @Test("the line fits, however narrow the terminal", arguments: 0...200)
    func width(width: Int) {
        for extent in [.count(7), .time(10)] as [Extent] {
            for (done, elapsed) in [(0, 0), (3, 5), (7, 10), (.max, .max)] as [(UInt64, UInt64)] {
                let line = ProgressText("throughput", extent, done: done, elapsed: elapsed)
                #expect(line.line(width: width, .unicode, plain).count <= width)
            }
        }
    }
}

@Suite("Results")
struct ResultTests {
    private let load = Load(endpoint: "ipc://x", size: 64, parts: 1)

    private func latency(_ times: [UInt64]) -> Latency {
        var latency = Latency(load)
        for time in times { latency.histogram.record(time) }
        (latency.elapsed, latency.isComplete, latency.faults) = (2_000_000_000, true, SequenceFaults())
        return latency
    }

    @Test func throughput() {
        var result = Throughput(Load(endpoint: "ipc://x", size: 64, parts: 2))
        (result.messages, result.elapsed, result.isComplete) = (2_000, 500_000_000, true)
        result.faults = SequenceFaults()
        let canvas = Canvas(width: 80, glyphs: .ascii, colours: plain)
        #expect(
            result.lines(canvas) == [
                "throughput  4,000 messages/s, 512 kB/s", "  2,000 messages of 2 parts of 64 bytes in 500 ms",
                "  none lost, doubled or out of order",
            ]
        )
        result.faults = SequenceFaults(lost: 3)
        result.isComplete = false
        #expect(result.lines(canvas)[1].hasSuffix("in 500 ms, stopped early"))
        #expect(result.lines(canvas)[2] == "  3 lost")
        #expect(
            result.json.written
                == #"{"measured":"throughput","endpoint":"ipc://x","size":64,"parts":2,"complete":false,"#
                + #""messages":2000,"seconds":0.5,"messages_per_second":4000.0,"bytes_per_second":512000.0,"#
                + #""lost":3,"doubled":0,"reordered":0}"#
        )
        let nothing = Throughput(load)
        #expect(nothing.lines(canvas)[0] == "throughput  nothing has arrived")
        #expect(nothing.lines(canvas)[2] == "  whether any were lost is not known")
        #expect(nothing.json.written.hasSuffix(#""lost":null,"doubled":null,"reordered":null}"#))
    }

    @Test func latencies() {
        let result = latency([1_000, 1_000, 1_000, 100_000])
        #expect(
            result.lines(Canvas(width: 30, glyphs: .ascii, colours: plain)) == [
                "latency  there and back", "  4 answers of 64 bytes in 2.00 s", "  none lost, doubled or out of order",
                "",
                "  shortest   1.00 us", "      mean   25.8 us", "      50 %   1.00 us", "   longest    100 us", "",
                "   1.00 us |########## 75.0 %", "   1.47 us |", "   2.15 us |", "   3.16 us |", "   4.64 us |",
                "   6.81 us |", "   10.0 us |", "   14.7 us |", "   21.5 us |", "   31.6 us |", "   46.4 us |",
                "   68.1 us |", "    100 us |### 25.0 %",
            ]
        )
    }

    @Test("no line is wider than the terminal, and what is not coloured has no escapes", arguments: [40, 57, 80, 200])
    func widths(width: Int) {
        let result = latency((1...5_000).map { UInt64($0 * $0) })
        for glyphs in [Glyphs.ascii, .unicode] {
            let lines = result.lines(Canvas(width: width, glyphs: glyphs, colours: plain))
            #expect(lines.allSatisfy { $0.count <= width && !$0.contains("\u{1B}") })
            #expect(glyphs == .unicode || lines.joined().utf8.allSatisfy { $0 < 128 })
        }
        #expect(
            result.lines(Canvas(width: width, glyphs: .ascii, colours: coloured)).last?.contains("\u{1B}[32m") == true
        )
    }

    @Test("only percentiles that so many answers can tell")
    func shares() {
        let lines = { (count: Int) in
            latency(Array(repeating: 1_000, count: count)).lines(Canvas(width: 80, glyphs: .ascii, colours: plain))
                .filter { $0.contains(" %  ") }.count
        }
        #expect([1, 2, 10, 100, 1_000, 10_000].map(lines) == [0, 1, 2, 3, 4, 5])
    }
}
