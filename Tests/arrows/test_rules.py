# SPDX-License-Identifier: Apache-2.0
"""The table of the document, imports and circles."""

import unittest

from checkout import DOCUMENT, ENGINE, Checkout, table

_IMPORT = "\nMay import `CZeroMQ`: Low, High/Events.swift.\n"


class Rules(unittest.TestCase):
    def setUp(self) -> None:
        self.checkout = Checkout(self)
        self.checkout.write(DOCUMENT, table("Low: –", "High: Low", "ExperimanceZMQABI: all above"))
        self.checkout.write(f"{ENGINE}/Low/Base.swift", "package struct Base { package func use() {} }")
        self.checkout.write(f"{ENGINE}/High/Top.swift", "package struct Top { var base: Base }")
        self.checkout.write("Sources/ExperimanceZMQABI/Bridge.swift", "func bridge(_ base: Base, _ top: Top) {}")

    def assert_faults(self, *expected: str) -> None:
        self.assertEqual(self.checkout.faults(), list(expected))

    def assert_said(self, status: int, stdout: str, stderr: str) -> None:
        done = self.checkout.run()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def test_allowed(self) -> None:
        self.assert_said(0, "arrows: 3 rooms, 3 arrows, 0 not allowed, 0 circles\n", "")
        self.assert_faults()

    def test_not_allowed(self) -> None:
        self.checkout.write(f"{ENGINE}/Low/Back.swift", "// Up.\nlet top: Top? = nil")
        fault = f"{ENGINE}/Low/Back.swift:2: Low → High: uses Top (declared in {ENGINE}/High/Top.swift)"
        self.assert_said(1, "arrows: 3 rooms, 4 arrows, 1 not allowed, 0 circles\n", fault + "\n")
        self.assert_faults(fault)

    def test_graph(self) -> None:
        lines = ["ExperimanceZMQABI → High: 1", "ExperimanceZMQABI → Low: 1", "High → Low: 1"]
        self.assertEqual(self.checkout.run("--graph").stdout.splitlines(), lines)

    def test_follow(self) -> None:
        self.checkout.write(f"{ENGINE}/High/Way.swift", "func begin(_ base: Base) { step(base) }")
        self.checkout.write(f"{ENGINE}/High/Step.swift", "func step(_ base: Base) { base.use() }")
        said = self.checkout.run("--follow", "begin").stdout.split()
        self.assertEqual(
            said,
            [
                *("0", f"{ENGINE}/High/Way.swift:", "begin(_:)"),
                *("1", f"{ENGINE}/High/Step.swift:", "step(_:)"),
                *("2", f"{ENGINE}/Low/Base.swift:", "Base.use()"),
            ],
        )

    def test_no_document(self) -> None:
        (self.checkout.root / DOCUMENT).unlink()
        self.assert_faults(f'{DOCUMENT}: there is no table under the heading "Who may know whom"')

    def test_no_table(self) -> None:
        self.checkout.write(DOCUMENT, "## Who may know whom\n\n## Other\n\n| a | b |\n|---|---|\n| Low | – |\n")
        self.assert_faults(f'{DOCUMENT}: there is no table under the heading "Who may know whom"')

    def test_room_without_a_row(self) -> None:
        self.checkout.write(f"{ENGINE}/Attic/Box.swift", "struct Box {}")
        self.assert_faults(f"{DOCUMENT}: Attic has no row")

    def test_row_without_a_room(self) -> None:
        self.checkout.write(DOCUMENT, table("Low: –", "Cellar: –", "High: Low", "ExperimanceZMQABI: all above"))
        self.assert_faults(f"{DOCUMENT}: Cellar has a row, and no Swift source")

    def test_two_rows(self) -> None:
        self.checkout.write(DOCUMENT, table("Low: –", "High: Low", "Low: –", "ExperimanceZMQABI: all above"))
        self.assert_faults(f"{DOCUMENT}: Low has two rows")

    def test_row_that_names_a_later_one(self) -> None:
        self.checkout.write(DOCUMENT, table("Low: High", "High: Low", "ExperimanceZMQABI: all above"))
        self.assert_faults(f"{DOCUMENT}: Low may know High, which has no row above it")

    def test_file_in_no_room(self) -> None:
        self.checkout.write(f"{ENGINE}/Loose.swift", "struct Loose {}")
        self.assert_faults(f"{DOCUMENT}: Loose.swift has no row")
        rows = table("`Loose.swift`: –", "Low: –", "High: Low", "ExperimanceZMQABI: all above")
        self.checkout.write(DOCUMENT, rows)
        self.assert_faults()

    def test_rooms_of_the_other_module(self) -> None:
        self.checkout.write(DOCUMENT, table("Low: –", "High: Low", "ExperimanceZMQABI: Low"))
        self.assert_faults(
            "Sources/ExperimanceZMQABI/Bridge.swift:1: ExperimanceZMQABI → High: uses Top "
            f"(declared in {ENGINE}/High/Top.swift)"
        )

    # --- imports ------------------------------------------------------------------------------------------------------

    def test_imports(self) -> None:
        self.checkout.write(DOCUMENT, self.checkout.read(DOCUMENT) + _IMPORT)
        self.checkout.write(f"{ENGINE}/Low/Calls.swift", "import CZeroMQ\nimport CLinux\n")
        self.checkout.write(f"{ENGINE}/High/Events.swift", "public import struct CZeroMQ.zmq_msg_t\n")
        self.assert_faults()
        self.checkout.write(f"{ENGINE}/High/Other.swift", "// import CZeroMQ\nimport CLinux\n@_a import CZeroMQ\n")
        self.assert_faults(f"{ENGINE}/High/Other.swift:3: High may not import CZeroMQ")

    def test_exception_that_is_none(self) -> None:
        self.checkout.write(DOCUMENT, self.checkout.read(DOCUMENT) + _IMPORT)
        self.assert_faults(f"{DOCUMENT}: High/Events.swift may import CZeroMQ, and does not")

    # --- circles ------------------------------------------------------------------------------------------------------

    def plant_circle(self, size: int) -> None:
        for number in range(size):
            text = f"struct Round{number} {{ func go(_ next: Round{(number + 1) % size}) {{}} }}"
            self.checkout.write(f"{ENGINE}/High/Round{number}.swift", text)

    def test_circle_of_three(self) -> None:
        self.plant_circle(3)
        self.assert_faults()

    def test_circle_of_four(self) -> None:
        self.plant_circle(4)
        arrows = [
            f"  High/Round{one}.swift → High/Round{(one + 1) % 4}.swift: Round{(one + 1) % 4}" for one in range(4)
        ]
        self.assert_faults("circle of 4 files, where 3 are the most:", *arrows)
        self.assertEqual(self.checkout.run().stdout, "arrows: 3 rooms, 3 arrows, 0 not allowed, 1 circles\n")


if __name__ == "__main__":
    unittest.main()
