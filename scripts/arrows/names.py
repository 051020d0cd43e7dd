# SPDX-License-Identifier: Apache-2.0
"""What the names of all sources together mean."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from arrows.declarations import Declaration, TypeName
from arrows.tokens import Token, words

Path = tuple[str, ...]
_PRIVATE = ("private", "fileprivate")

# Names of the standard library, and of what else is imported, that the engine uses for members of its own: without the
# type of what is before the point they say nothing.
EVERYBODYS = words(
    """
    add advanced alignment allocate allSatisfy append assign assumingMemoryBound base baseAddress bindMemory
    bitPattern capacity close closed code compactMap compareExchange components contains copyMemory count
    customMirror data deallocate debug deinitialize description distance dropFirst dropLast elements elementsEqual
    endIndex enumerated error events exchange filter first firstIndex firstRange flatMap forEach formIntersection
    formUnion hash hasPrefix hasSuffix id index indices info init initialize initializeMemory insert intersection
    isDisjoint isEmpty isMultiple isSubset isSuperset joined key keys kind last lastIndex lazy leadingZeroBitCount
    level lexicographicallyPrecedes load lowercased magnitude map mapValues max merge merging message microseconds
    milliseconds min moveInitialize name nanoseconds negate next notice number offset open partition peek pointee
    pop popFirst popLast popMax popMin predecessor prefix push quotient random randomElement ranges rawValue read
    ready reduce remainder remove removeAll removeFirst removeLast removeMin removeValue replaceSubrange replacing
    reserveCapacity result reverse reversed rounded seconds shuffle signum size sort sorted split start startIndex
    starts state store stride string subtract subtracting successor suffix swap symmetricDifference timeout trace
    trailingZeroBitCount trimmingPrefix truncatingRemainder type unicodeScalars union unordered update updateValue
    uppercased utf16 utf8 value values version warning withContiguousStorageIfAvailable withLock withMemoryRebound
    withUnsafeBufferPointer withUnsafeBytes withUnsafeMutableBufferPointer withUnsafeMutableBytes withUTF8
    wrappedValue write yield
    """
)

_PROTOCOLS = {
    (name,)
    for name in words(
        """
        BidirectionalCollection BinaryFloatingPoint BinaryInteger Collection Comparable Equatable Error
        FixedWidthInteger FloatingPoint Hashable Identifiable IteratorProtocol MutableCollection Numeric
        OptionSet RandomAccessCollection RandomNumberGenerator RangeReplaceableCollection RawRepresentable
        Sequence SetAlgebra SignedInteger Strideable StringProtocol UnsignedInteger
        """
    )
}


class Names:
    """Declarations by their place. Private ones count in their own file only."""

    def __init__(self, declarations: Iterable[Declaration]) -> None:
        self.members: dict[Path, dict[str, list[Declaration]]] = defaultdict(lambda: defaultdict(list))
        self.types: dict[Path, Declaration] = {}
        self.named: dict[str, list[Declaration]] = defaultdict(list)
        self.supertypes: dict[Path, list[Path]] = defaultdict(list)
        everything = list(declarations)
        for declared in everything:
            if declared.kind in ("type", "alias"):
                self.members[declared.owner][declared.name].append(declared)
                self.types.setdefault((*declared.owner, declared.name), declared)
        for declared in everything:
            owner = self.canonical(declared.owner)
            self.supertypes[(*owner, declared.name) if declared.kind == "type" else owner] += [
                meant.path for name in declared.supertypes if (meant := self.meaning(name, owner))
            ]
            if declared.kind not in ("type", "alias", "conformance"):
                self.members[owner][declared.name].append(declared)
                if owner:
                    self.named[declared.name].append(declared)

    def canonical(self, owner: Path) -> Path:
        """The type behind the name that an extension gives it."""
        meant = self.meaning(TypeName(owner), ()) if owner else None
        return meant.path if meant else owner

    def is_ours(self, path: Path) -> bool:
        return path in self.types

    def meaning(self, name: TypeName | None, owner: Path, depth: int = 0) -> TypeName | None:
        """The type that a name means within another one; None if nobody knows, as of a generic parameter."""
        if name is None or not name.path or name.path == ("?",) or depth > 8:
            return None
        if name.path[0] == "Self":
            return name._replace(path=owner + name.path[1:]) if owner else None
        for length in range(len(owner), -1, -1):
            around = owner[:length]
            enclosing = self.types.get(around)
            if enclosing and name.path[0] in enclosing.generics:
                return None
            if (*around, name.path[0]) in self.types:
                return self.follow(name, around, depth)
        return name._replace(arguments=self.meanings(name.arguments, owner, depth))

    def follow(self, name: TypeName, around: Path, depth: int) -> TypeName | None:
        path = around
        for position, part in enumerate(name.path):
            declared = self.types.get((*path, part))
            if declared is None:
                return TypeName((*path, *name.path[position:]))
            path = (*path, part)
            if declared.kind == "alias":
                target = self.meaning(declared.type, declared.owner, depth + 1)
                if target is None:
                    return None
                if position + 1 == len(name.path):
                    return target._replace(is_type_itself=name.is_type_itself)
                path = target.path
        return TypeName(path, self.meanings(name.arguments, around, depth), name.is_type_itself)

    def meanings(self, names: tuple[TypeName | None, ...], owner: Path, depth: int) -> tuple[TypeName | None, ...]:
        return tuple(self.meaning(name, owner, depth + 1) for name in names)

    def member(self, receiver: TypeName, name: str, file: str) -> list[Declaration]:
        """The members of that name, its own and those of what it conforms to."""
        found: list[Declaration] = []
        for place in self.lineage(receiver.path):
            if place in self.members:
                found += self.members[place].get(name, ())
        return [one for one in visible(found, file) if self.is_extended(receiver, one)]

    def is_extended(self, receiver: TypeName, declared: Declaration) -> bool:
        """Whether an extension of `A<B>` is one of this type, which may be `A<C>`."""
        extended = self.meaning(declared.extended, ()) if declared.extended else None
        if not extended or extended.path != receiver.path:
            return True
        pairs = zip(extended.arguments, receiver.arguments, strict=False)
        return all(one is None or other is None or one.path == other.path for one, other in pairs)

    def lineage(self, path: Path) -> Iterator[Path]:
        seen, coming = set(), [path]
        while coming:
            place = coming.pop(0)
            if place not in seen:
                seen.add(place)
                yield place
                coming += self.supertypes.get(place, ())

    def bare(self, name: str, owner: Path, file: str) -> list[Declaration]:
        """What a name without a receiver means in code of a type: the nearest there is."""
        for length in range(len(owner), 0, -1):
            enclosing = self.types.get(owner[:length])
            if enclosing and name in enclosing.generics:
                return []
            if found := self.member(TypeName(owner[:length]), name, file):
                return found
        return visible(self.members[()].get(name, ()), file)

    def of_protocols(self, name: str, file: str) -> list[Declaration]:
        """Members of that name on protocols that a type which is not ours may have."""
        return [one for one in visible(self.named.get(name, ()), file) if one.owner in _PROTOCOLS]


def visible(found: Iterable[Declaration], file: str) -> list[Declaration]:
    return [one for one in found if one.file == file or one.access not in _PRIVATE]


def arguments(found: list[Token], pairs: dict[int, int], at: int) -> list[tuple[str, int]]:
    """The arguments in a parenthesis: the label, `_` for none, and where the value begins."""
    given: list[tuple[str, int]] = []
    index, end, is_first = at + 1, pairs[at], True
    while index < end:
        if is_first:
            is_labelled = found[index].is_name and found[index + 1].text == ":"
            given.append((found[index].text, index + 2) if is_labelled else ("_", index))
        is_first = found[index].text == ","
        index = pairs[index] + 1 if found[index].text in ("(", "[", "{") else index + 1
    return given


def takes(declared: Declaration, labels: list[str]) -> bool:
    """Whether a call with these labels can be one of the function."""
    if declared.parameters is None:
        return declared.kind in ("case", "property", "type", "alias")
    coming = list(labels)
    for parameter in declared.parameters:
        if coming and coming[0] == parameter.label:
            coming.pop(0)
        elif not parameter.may_be_left_out:
            return False
    return not coming
