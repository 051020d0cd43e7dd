# SPDX-License-Identifier: Apache-2.0
"""Whose a name is: two rooms, `Low` and `High`, and every arrow from `Low` is one too many."""

import unittest

from checkout import DOCUMENT, ENGINE, Checkout, table

_HIGH = """
struct Kind { var name: String { "" }; static let usual = Kind(); struct Part { var size: Int { 0 } } }
enum Mood { case merry, sad(Int), code(Int) }
protocol Walker { func walk(from start: Int) }
final class Core { var depth = 1; var kind = Kind(); func pump() {} }
extension Core { func dive(at place: Int) {}; func append(_ a: Int) {} }
func describe(errno number: Int32) -> String { "" }
let limitOfAll = 3
typealias Number = Int
extension Duration { var roundedUp: Int32 { 0 }; func cut(at limit: Int) -> Duration { self } }
extension Gauge { func pumpDry() {}; var isEmptyNow: Bool { true }; static func made() -> Gauge { Gauge() } }
extension Gauge { init(copying other: Int) { self.init() } }
extension UnsafeMutablePointer<Gauge> { func lockIt() {} }
"""

_LOW = """
struct Gauge { var level = 0; init() {} }
struct Other { static func made() {}; func pumpDry() {} }
func take(_ gauge: Gauge) {}
func with(_ owner: Owner, _ body: (Owner) -> Void) { body(owner) }
final class Owner { let gauge: Gauge; var many: [Gauge] = []; init() { gauge = Gauge() } }
"""


class Names(unittest.TestCase):
    def faults(self, code: str, high: str = _HIGH) -> list[str]:
        checkout = Checkout(self)
        checkout.write(DOCUMENT, table("Low: –", "High: Low"))
        checkout.write(f"{ENGINE}/Low/Gauge.swift", _LOW)
        checkout.write(f"{ENGINE}/Low/Under.swift", code)
        checkout.write(f"{ENGINE}/High/Upper.swift", high)
        return checkout.faults()

    def assert_arrow(self, code: str, name: str) -> None:
        found = [fault.split("uses ")[1].split(" (declared in ")[0] for fault in self.faults(code)]
        self.assertIn(name, found)

    def assert_none(self, code: str) -> None:
        self.assertEqual(self.faults(code), [])

    def test_the_whole_line(self) -> None:
        self.assertEqual(
            self.faults("\n\nfunc f(_ kind: Kind) {}\n"),
            [
                "Sources/ExperimanceZMQ/Low/Under.swift:3: Low → High: uses Kind "
                "(declared in Sources/ExperimanceZMQ/High/Upper.swift)"
            ],
        )

    def test_found(self) -> None:
        for code, name in [
            ("struct S { let kind: Kind? }", "Kind"),
            ("struct S: Walker { func walk(from start: Int) {} }", "Walker"),
            ("extension Core { func other() {} }", "Core"),
            ("func f() -> [String: Kind] { [:] }", "Kind"),
            ("func f() { let a = Kind.usual }", "Kind.usual"),
            ("func f(_ a: Kind.Part) {}", "Kind.Part"),
            ("func f() -> Number { 1 }", "Number"),
            # Functions and what is global.
            ("func f() { _ = describe(errno: 3) }", "describe(errno:)"),
            ('func f() { print("so: \\(describe(errno: 3))") }', "describe(errno:)"),
            ('func f() { print("""\n  \\(limitOfAll)\n  """) }', "limitOfAll"),
            ('func f() { print(#"no \\(x) but \\#(limitOfAll)"#) }', "limitOfAll"),
            ("func f(_ a: Int) { g(a, for: limitOfAll) { $0 } }", "limitOfAll"),
            # Members on foreign types and on our own.
            ("func f(_ timeout: Duration?) -> Int32 { timeout?.roundedUp ?? 0 }", "Duration.roundedUp"),
            ("func f() { _ = Duration.seconds(1).cut(at: 3) }", "Duration.cut(at:)"),
            ("extension Duration { var twice: Int32 { 2 * roundedUp } }", "Duration.roundedUp"),
            ("extension Gauge { func g() { pumpDry() } }", "Gauge.pumpDry()"),
            ("extension Gauge { func g() { if isEmptyNow { self.pumpDry() } } }", "Gauge.isEmptyNow"),
            ("func f() { Gauge.made().pumpDry() }", "Gauge.pumpDry()"),
            ("func f(_ owner: Owner) { owner.gauge.pumpDry() }", "Gauge.pumpDry()"),
            ("func f(_ owner: Owner) { for one in owner.many { one.pumpDry() } }", "Gauge.pumpDry()"),
            ("func f(_ owner: Owner?) { guard let owner else { return }; owner.gauge.pumpDry() }", "Gauge.pumpDry()"),
            ("func f() { _ = Gauge(copying: 3) }", "Gauge.init(copying:)"),
            ("func f(_ at: UnsafeMutablePointer<Gauge>) { at.lockIt() }", "UnsafeMutablePointer.lockIt()"),
            # What a closure gets, and what a parameter wants to have.
            ("func f(_ owner: Owner) { owner.many.forEach { $0.pumpDry() } }", "Gauge.pumpDry()"),
            ("func f(_ owner: Owner) { with(owner) { one in one.gauge.pumpDry() } }", "Gauge.pumpDry()"),
            ("func f() { take(.made()) }", "Gauge.made()"),
            ("func f(_ gauge: Gauge) { if gauge == .made() {} }", "Gauge.made()"),
            ("func f(_ mood: Mood) { if case .code(let a) = mood { _ = a } }", "Mood.code"),
            ("func f(_ mood: Mood?) { switch mood { case .code?: break }; default: break }", "Mood.code"),
            # Whose receiver nobody knows, but there is one of that name.
            ("func f() { unknown { $0.dive(at: 3) } }", "Core.dive(at:)"),
            ("func f() { unknown(.merry) }", "Mood.merry"),
            ("func f() { unknown { if case .sad(let x) = $0 { _ = x } } }", "Mood.sad"),
        ]:
            with self.subTest(code):
                self.assert_arrow(code, name)

    def test_not_invented(self) -> None:
        for code in [
            "// Kind\n/* describe(errno: 1) /* Kind */ Kind */ func f() {}",
            'func f() { print("Kind \\\\(limitOfAll) \\" Kind") }',
            # A name of its own.
            "func f(limitOfAll: Int) -> Int { limitOfAll }",
            "func f() { let limitOfAll = 1; print(limitOfAll) }",
            "func f(_ a: Int?) { if let limitOfAll = a { print(limitOfAll) } }",
            "func f(_ a: [Int]) { for limitOfAll in a { print(limitOfAll) } }",
            "func f(_ a: [Int]) { a.forEach { limitOfAll in print(limitOfAll) } }",
            "func f(_ a: Int) { switch a { case let limitOfAll: print(limitOfAll) } }",
            "func f() { func describe(errno: Int32) {}; describe(errno: 1) }",
            "struct S { let limitOfAll: Int; var twice: Int { limitOfAll } }",
            "struct S<Kind> { let kind: Kind }",
            "func f<Kind>(_ a: Kind) -> Kind { a as Kind }",
            "struct S { struct Kind {}; let kind: Kind }",
            # A label.
            "func f(_ a: Int) { g(limitOfAll: a) }",
            # Members of other types.
            "struct S { func pump() {} }\nfunc f(_ s: S) { s.pump() }",
            "struct S { func pump() {} }\nfunc f() { unknown.pump() }",
            "func f() { let info = c_call(); print(info.depth) }",
            "func f(_ a: [Int]) { a.dive(at: 3) }",
            "func f(_ at: UnsafeMutablePointer<Int>) { at.lockIt() }",
            "func f() { unknown { $0.dive(from: 3) } }",
            "func f() { unknown { $0.dive() } }",
            "func f() { unknown(.depth) }",
            "func f() { unknown().merry(3) }",
            "func f() { unknown { $0.dive(at: 3, of: 4) } }",
            "func f() { unknown { $0.append(3) } }",
            "func f() { let pairs = unknown { (depth: $0, size: 1) }; print(pairs.map(\\.depth)) }",
            # Private to its file.
            "func f() { hidden() }",
        ]:
            with self.subTest(code):
                self.assert_none(code + "\nprivate func hidden() {}")

    def test_names_of_several_files_are_nobodys(self) -> None:
        checkout = Checkout(self)
        checkout.write(DOCUMENT, table("Low: –", "High: Low"))
        checkout.write(f"{ENGINE}/Low/Under.swift", "func f() { unknown { $0.leap() } }")
        checkout.write(f"{ENGINE}/High/A.swift", "struct A { func leap() {} }")
        self.assertEqual(len(checkout.faults()), 1)
        checkout.write(f"{ENGINE}/High/B.swift", "struct B { func leap() {} }")
        self.assertEqual(checkout.faults(), [])

    def test_private_elsewhere_is_nobodys(self) -> None:
        high = "struct Kind { private func hide() {} }\nprivate let secret = 1"
        self.assertEqual(self.faults("func f() { unknown { $0.hide() }; print(secret) }", high), [])


if __name__ == "__main__":
    unittest.main()
